// PresentationBuilder: the facts of a presentation as they come, and what a manifest says of them
// at a moment. It knows no bytes and no files. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config.h"
#include "timeline/bandwidth.h"
#include "timeline/leader.h"
#include "timeline/presentation.h"
#include "timeline/segment_history.h"
#include "timeline/window.h"

namespace streamgear {

/// One track, as far as it has come.
struct TrackState {
  TrackModel model;                  ///< without segments and rates
  std::int64_t nominal_bitrate = 0;  ///< bit/s, without the container; 0 = unknown
  int frame_samples = 0;             ///< audio: of a packet; 0 = its codec does not say
  SegmentHistory segments{};
  BandwidthMeter bandwidth{1};
  std::int64_t bytes = 0;              ///< of all its segments
  std::int64_t timeline_duration = 0;  ///< ticks: the newest segment, with the gap behind it

  [[nodiscard]] bool is_audio() const { return model.kind == TrackKind::kAudio; }
  [[nodiscard]] double Seconds(std::int64_t ticks) const {
    return static_cast<double>(ticks) / static_cast<double>(model.timescale);
  }
};

/// What is true of the moment at which a manifest is written.
struct ManifestMoment {
  bool ended = false;
  double availability_start = 0;  ///< Unix seconds
  double publish_time = 0;        ///< Unix seconds
  bool clock_stepped = false;
};

class PresentationBuilder {
 public:
  /// `config` outlives the builder.
  explicit PresentationBuilder(const PipelineConfig& config);

  /// Video first, the leader in front.
  void AddTrack(TrackState track);

  [[nodiscard]] const std::vector<TrackState>& tracks() const { return tracks_; }
  [[nodiscard]] TrackState& track(std::size_t index) { return tracks_[index]; }

  /// The number of the next segment of a track: its index and the start number. The entries of a
  /// DASH timeline are counted one by one, so there a hole has no number.
  [[nodiscard]] std::int64_t NextNumber(const TrackState& track) const;

  /// A segment that has begun and ends with `end`, without its name.
  [[nodiscard]] SegmentEntry NextEntry(const TrackState& track, std::int64_t start,
                                       std::int64_t end, double availability_start) const;

  /// The segment was written: `payload` bytes of it are the encoder's.
  void Append(TrackState* track, SegmentEntry entry, std::int64_t payload);

  /// There is nothing for the time of this segment.
  void AppendGap(TrackState* track, SegmentEntry entry);

  /// Without a timeline clients find a segment by its number, which is its time: that holds as long
  /// as no cell of the grid is empty, the first ones included. True: from the segment of this cell
  /// on, which is about to be appended, or before which the track ends, the MPD has a timeline.
  [[nodiscard]] bool NeedsTimeline(const TrackState& track, std::int64_t cell);

  /// Segments that all video tracks have.
  [[nodiscard]] std::int64_t complete() const;

  /// EXT-X-TARGETDURATION for what was appended. True when it has grown.
  [[nodiscard]] bool UpdateTargetDuration();
  [[nodiscard]] int target_duration() const { return target_duration_; }
  /// Seconds of the longest segment, or what the grid can make when live.
  [[nodiscard]] double longest() const;

  /// For a Window.
  [[nodiscard]] std::vector<TimedHistory> histories() const;

  /// What a track lists of a range.
  [[nodiscard]] SegmentRange Listed(const TrackState& track, SegmentRange range) const;

  /// What a manifest says of a range. Audio that has nothing in it, as it comes late or ended long
  /// ago, is not offered.
  [[nodiscard]] PresentationModel Snapshot(const ManifestConfig& manifest, SegmentRange range,
                                           const ManifestMoment& moment) const;

  [[nodiscard]] double segment_duration() const { return segment_duration_; }

 private:
  [[nodiscard]] double LongestFrame() const;
  [[nodiscard]] TrackModel ListedTrack(const TrackState& track, ManifestFormat format,
                                       SegmentRange range, bool ended) const;
  void DeclareRates(const TrackState& track, bool ended, TrackModel* listed) const;

  const PipelineConfig& config_;
  const PackagingConfig& packaging_;
  const bool has_dash_;
  const double segment_duration_;  ///< nominal, seconds
  std::vector<TrackState> tracks_;
  double max_segment_duration_ = 0;   ///< seconds, over all tracks
  double max_timeline_duration_ = 0;  ///< the same of a DASH timeline: with the gap behind it
  int target_duration_ = 0;
  bool uses_timeline_ = true;
};

}  // namespace streamgear
