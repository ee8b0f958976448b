// segment_packager: cuts every track on the segment grid, writes segments and manifests, and slides
// the live window.
//
// Not libavformat's `dash` and `hls` muxers: those decide themselves where to cut and say in their
// manifests what they were told, not what they wrote (docs/design.md, "Why our own packager"). The
// segments' bytes are libavformat's.
//
// Video cuts itself, at the key frames that the grid asked for. Audio is cut where the first video
// track was: it waits here until the video has come as far, so its segments have the video's
// numbers and borders, gaps included. No video waits for audio.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/stats.h"
#include "base/wall_time.h"
#include "config.h"
#include "container/segment_muxer.h"
#include "output/output_files.h"
#include "publishing/packager.h"
#include "timeline/bandwidth.h"
#include "timeline/presentation.h"
#include "timeline/segment_grid.h"

namespace streamgear {

class SegmentPackager final : public Packager {
 public:
  /// All references outlive the packager.
  SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink,
                  WallClock wall_clock = &std::chrono::system_clock::now);
  ~SegmentPackager() override;

  Status Open(std::vector<StreamInfo> streams) override;
  Status Write(EncodedPacket packet) override;
  Status Finish(std::int64_t end) override;
  void Abort() override;
  [[nodiscard]] std::vector<std::string> Codecs() const override;

 private:
  /// Entries of a track, by index.
  struct Window {
    std::int64_t first = 0;
    std::int64_t last = 0;  ///< before here
    [[nodiscard]] bool empty() const { return first >= last; }
    bool operator==(const Window&) const = default;
  };

  /// Times are ticks of the track: the pipeline's for video, samples for audio. Every track has one
  /// entry in `finished` for each segment of the video, so that an index means the same in all.
  struct Track {
    StreamInfo stream;
    std::unique_ptr<SegmentMuxer> muxer;  ///< null until the codec's extradata is known
    TrackModel model;
    BandwidthMeter bandwidth{1};
    std::deque<EncodedPacket> waiting;  ///< audio that is ahead of the video
    PacketPtr held;  ///< the newest packet: its duration is known when the next one comes
    Clock::time_point held_since;       ///< when its frame was pushed
    bool started = false;               ///< the first packet came
    bool has_init = false;              ///< its initialization is written
    std::int64_t reordering_delay = 0;  ///< of the first packet: pts - dts
    std::int64_t priming = 0;           ///< audio: what lies before 0, which the edit list tells
    std::int64_t shift = 0;             ///< of times in a muxer that does not know the priming
    bool has_segment = false;           ///< a segment is being filled
    std::int64_t segment = 0;           ///< video: its grid cell; audio: the index of the video's
    std::int64_t start = 0;             ///< its first presentation time
    std::int64_t fragment_start = 0;
    std::int64_t payload = 0;  ///< bytes of its packets
    std::int64_t end = 0;      ///< of the newest finished segment
    std::int64_t files = 0;    ///< entries ever made that have a file
    std::deque<SegmentEntry>
        finished;  ///< written, not removed yet; listed ones and the ones behind the window
    std::int64_t finished_count = 0;  ///< entries ever made
    std::int64_t bytes = 0;
    Window listed;  ///< what its playlist said when it was written last

    [[nodiscard]] bool is_audio() const { return stream.kind == MediaKind::kAudio; }
    [[nodiscard]] std::int64_t first_kept() const {
      return finished_count - static_cast<std::int64_t>(finished.size());
    }
  };

  /// A segment of the first video track, begun.
  struct Border {
    std::int64_t start = 0;  ///< ticks of the pipeline
    std::int64_t cell = 0;   ///< of the grid
  };

  [[nodiscard]] Status OpenTrack(Track* track);
  [[nodiscard]] Status TakeExtradata(Track* track, const AVPacket* first);
  void NameFiles(Track* track) const;
  [[nodiscard]] Status WriteVideo(Track* track, EncodedPacket encoded);
  [[nodiscard]] bool IsLongPause(const Track& track, const AVPacket* next) const;
  [[nodiscard]] Status GoOnAfterPause(Track* track);
  [[nodiscard]] Status WriteHeld(Track* track, std::int64_t duration);
  [[nodiscard]] Status CutFragment(Track* track, std::int64_t next);
  [[nodiscard]] Status BeginSegment(Track* track, const EncodedPacket& encoded);
  [[nodiscard]] Status CloseSegment(Track* track, std::int64_t end);
  void Measure(Track* track, const SegmentEntry& entry);
  [[nodiscard]] SegmentEntry MakeEntry(const Track& track, std::int64_t end) const;
  void KeepTimeline(const Track& track);
  void Append(Track* track, SegmentEntry entry);
  void WarnMissedKeyFrame(const Track& track);
  [[nodiscard]] std::string Expand(const std::string& name, const Track& track, std::int64_t number,
                                   std::int64_t time) const;
  [[nodiscard]] double Seconds(std::int64_t ticks) const;
  [[nodiscard]] static double Seconds(std::int64_t ticks, const Track& track);

  // segment_clock.cc: the wall clock of a live presentation.
  void StartWallClock(std::int64_t first_pts, Clock::time_point first_frame);
  [[nodiscard]] double SteadyWallTime();
  void WarnClockStep(double step);
  void CheckWallClock(std::int64_t pts, Clock::time_point pushed_at);

  // segment_audio.cc: audio follows the first video track.
  void AddBorder(std::int64_t start, std::int64_t cell);
  [[nodiscard]] Status ReleaseAudio(Track* track);
  [[nodiscard]] Status WriteAudio(Track* track, EncodedPacket encoded);
  [[nodiscard]] Status CloseAudioSegment(Track* track, std::int64_t end, std::int64_t next);
  void SkipAudioSegments(Track* track, std::int64_t segment);
  [[nodiscard]] Status FinishAudio(Track* track, std::int64_t end);
  [[nodiscard]] std::int64_t BorderIndexAt(const Track& track, std::int64_t pts) const;
  [[nodiscard]] const Border& BorderAt(std::int64_t index) const;
  [[nodiscard]] std::int64_t BorderTime(const Track& track, std::int64_t index) const;
  [[nodiscard]] bool IsWaitingForAudio() const;
  [[nodiscard]] bool HasNewAudio() const;
  void WarnMissingAudio(bool ended);

  // segment_window.cc: what is listed, what is deleted, what the manifests say.
  [[nodiscard]] Status PublishProgress();
  [[nodiscard]] Status Publish(bool ended);
  [[nodiscard]] Status WriteManifests(bool ended);
  [[nodiscard]] Status WritePlaylists(const PresentationModel& model,
                                      const std::vector<bool>& changed, bool root);
  [[nodiscard]] Status PutManifest(const std::string& name, const std::string& text, int rendition,
                                   bool is_root);
  [[nodiscard]] Status SlideWindow();
  [[nodiscard]] Status RemoveSegment(const Track& track, const SegmentEntry& entry);
  [[nodiscard]] Status RemoveEverything();
  [[nodiscard]] PresentationModel Model(bool ended) const;
  [[nodiscard]] Window ListedWindow(bool ended);
  [[nodiscard]] std::int64_t WidenWindow(const Track& track, Window window) const;
  [[nodiscard]] TrackModel ListedTrack(const Track& track, const Window& window, bool ended) const;
  void DeclareRates(const Track& track, bool ended, TrackModel* listed) const;
  void UpdateTargetDuration();
  [[nodiscard]] double LongestFrame() const;

  const PipelineConfig& config_;
  const PackagingConfig& packaging_;
  PipelineStats& stats_;
  const EventSink sink_;
  const WallClock wall_clock_;
  const SegmentGrid grid_;
  std::string root_name_;  ///< set by what makes output_
  OutputFiles output_;
  std::vector<Track> tracks_;  ///< video first
  std::size_t audio_tracks_ = 0;
  std::deque<Border> borders_;        ///< with audio: the newest ones
  std::int64_t first_border_ = 0;     ///< index of borders_.front()
  std::int64_t video_position_ = -1;  ///< highest pts of the first track; -1 = none yet
  std::int64_t published_ = 0;        ///< segments that all video tracks have
  std::int64_t window_first_ = 0;     ///< of what is listed; never goes back
  double max_segment_duration_ = 0;   ///< seconds, over all tracks
  int target_duration_ = 0;
  double first_frame_at_ = 0;                  ///< Unix seconds of presentation time 0
  Clock::time_point presentation_begun_at_{};  ///< the same on the steady clock
  double published_at_ = 0;                    ///< Unix seconds of the last manifests
  std::size_t root_tracks_ = 0;                ///< that the written root manifest names
  bool warned_missed_key_ = false;
  bool warned_wall_clock_ = false;
  bool warned_clock_step_ = false;
  bool clock_stepped_ = false;  ///< since the first frame
  bool uses_timeline_ = true;   ///< DASH: SegmentTimeline
  bool warned_missing_audio_ = false;
};

}  // namespace streamgear
