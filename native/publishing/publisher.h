// Publisher: what is written when, and what is deleted. Media first, then the manifests that name
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/status.h"
#include "config.h"
#include "container/segment_muxer.h"
#include "output/output_files.h"
#include "publishing/clock_watch.h"
#include "timeline/presentation_builder.h"
#include "timeline/window.h"

namespace streamgear {

class Publisher {
 public:
  /// All references outlive the publisher.
  Publisher(const PipelineConfig& config, PresentationBuilder& builder, ClockWatch& clock,
            EventSink sink);

  /// The builder has all its tracks.
  void Open();

  [[nodiscard]] Status PutInit(const TrackModel& track, const Bytes& bytes);
  [[nodiscard]] Status PutSegment(const TrackModel& track, const std::string& name,
                                  const Bytes& bytes);
  [[nodiscard]] std::string PathOf(const std::string& name) const { return files_.PathOf(name); }

  /// The builder has one segment more. It is announced when every video track has it: no manifest
  /// ever names what is not there, and all list the same. Audio comes to the list when it is there;
  /// the video does not wait for it.
  [[nodiscard]] Status Progress();

  /// Nothing comes any more: the final manifests.
  [[nodiscard]] Status Finish();

  /// No manifest needs a segment with a lower index.
  [[nodiscard]] std::int64_t first_needed() const { return first_needed_; }

  /// From any thread.
  void Abort() { files_.Abort(); }

 private:
  /// A root manifest and what it said when it was written last.
  struct Root {
    ManifestConfig config;  ///< with its name
    Window window;
    std::vector<SegmentRange> listed;  ///< per track; of HLS, what its playlist says
    std::size_t named = 0;             ///< tracks
  };

  [[nodiscard]] Status WriteManifests(bool ended);
  [[nodiscard]] Status WriteManifest(Root* root, const ManifestMoment& moment);
  [[nodiscard]] Status WritePlaylists(Root* root, const PresentationModel& model,
                                      const std::vector<bool>& changed);
  [[nodiscard]] Status PutManifest(const std::string& name, const std::string& text, int rendition,
                                   bool is_root);
  [[nodiscard]] bool IsGrowing(ManifestFormat format) const;
  [[nodiscard]] bool IsWaitingForAudio() const;
  [[nodiscard]] bool HasNewAudio() const;
  [[nodiscard]] Status SlideWindow();
  [[nodiscard]] Status RemoveSegment(const TrackModel& track, const SegmentEntry& entry);
  [[nodiscard]] Status RemoveEverything();
  void UpdateTargetDuration();
  void WarnMissingAudio(bool ended);

  const PipelineConfig& config_;
  const PackagingConfig& packaging_;
  PresentationBuilder& builder_;
  ClockWatch& clock_;
  const EventSink sink_;
  std::string root_name_;  ///< set by what makes files_
  OutputFiles files_;
  std::vector<Root> roots_;
  std::int64_t published_ = 0;  ///< segments that all video tracks have
  std::int64_t first_needed_ = 0;
  bool warned_missing_audio_ = false;
};

}  // namespace streamgear
