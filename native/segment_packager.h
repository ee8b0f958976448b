// segment_packager: cuts every track on the segment grid, writes segments and manifests, and slides
// the live window.
//
// Not libavformat's `dash` and `hls` muxers: those decide themselves where to cut and say in their
// manifests what they were told, not what they wrote (docs/design.md, "Why our own packager"). The
// segments' bytes are libavformat's.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bandwidth.h"
#include "config.h"
#include "event.h"
#include "output_sink.h"
#include "packager.h"
#include "presentation.h"
#include "segment_grid.h"
#include "segment_muxer.h"
#include "stats.h"

namespace streamgear {

class SegmentPackager final : public Packager {
 public:
  /// All references outlive the packager.
  SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink);
  ~SegmentPackager() override;

  Status Open(std::vector<StreamInfo> streams) override;
  Status Write(EncodedPacket packet) override;
  Status Finish(std::int64_t end) override;
  void Abort() override;
  [[nodiscard]] std::vector<std::string> Codecs() const override;

 private:
  struct Track {
    StreamInfo stream;
    std::unique_ptr<SegmentMuxer> muxer;  ///< null until the codec's extradata is known
    TrackModel model;
    BandwidthMeter bandwidth{1};
    PacketPtr held;  ///< the newest packet: its duration is known when the next one comes
    Clock::time_point held_since;       ///< when its frame was pushed
    bool started = false;               ///< the first packet came
    std::int64_t reordering_delay = 0;  ///< of the first packet: pts - dts
    bool has_segment = false;           ///< a segment is being filled
    std::int64_t segment = 0;           ///< its grid cell
    std::int64_t start = 0;             ///< its first presentation time
    std::int64_t fragment_start = 0;
    std::deque<SegmentEntry>
        finished;  ///< written, not removed yet; listed ones and the ones behind the window
    std::int64_t finished_count = 0;  ///< segments ever written
    std::int64_t bytes = 0;
  };

  [[nodiscard]] Status OpenTrack(Track* track);
  [[nodiscard]] Status TakeExtradata(Track* track, const AVPacket* first);
  void Describe(Track* track) const;
  [[nodiscard]] Status WriteHeld(Track* track, std::int64_t duration);
  [[nodiscard]] Status BeginSegment(Track* track, const AVPacket* packet);
  [[nodiscard]] Status CloseSegment(Track* track, std::int64_t end);
  void WarnMissedKeyFrame(const Track& track);
  void StartWallClock(Clock::time_point first_frame);
  [[nodiscard]] std::string Expand(const std::string& name, const Track& track, std::int64_t number,
                                   std::int64_t time) const;
  [[nodiscard]] std::size_t IndexOf(const Track& track) const;
  [[nodiscard]] double Seconds(std::int64_t ticks) const;

  // segment_window.cc: what is listed, what is deleted, what the manifests say.
  [[nodiscard]] Status PublishIfComplete();
  [[nodiscard]] Status Publish(bool ended);
  [[nodiscard]] Status WriteManifests(bool ended);
  [[nodiscard]] Status PutText(const std::string& name, const std::string& text, bool is_root);
  [[nodiscard]] Status SlideWindow();
  [[nodiscard]] Status RemoveEverything();
  [[nodiscard]] PresentationModel Model(bool ended) const;
  [[nodiscard]] std::int64_t WidenWindow(const Track& track, std::int64_t first,
                                         std::int64_t last) const;
  [[nodiscard]] TrackModel ListedTrack(const Track& track, bool ended) const;
  void UpdateTargetDuration();

  const PipelineConfig& config_;
  const PackagingConfig& packaging_;
  PipelineStats& stats_;
  const EventSink sink_;
  const SegmentGrid grid_;
  std::string root_name_;  ///< set by what makes output_
  std::unique_ptr<OutputSink> output_;
  std::vector<Track> tracks_;
  std::int64_t published_ = 0;       ///< segments that all tracks have and the manifests know
  double max_segment_duration_ = 0;  ///< seconds, over all tracks
  int target_duration_ = 0;
  double first_frame_at_ = 0;  ///< Unix seconds of presentation time 0
  bool root_written_ = false;
  bool warned_missed_key_ = false;
};

}  // namespace streamgear
