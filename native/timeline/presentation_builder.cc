#include "timeline/presentation_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace streamgear {
namespace {

/// What an audio encoder with a variable rate may take above its nominal rate for the length of a
/// segment.
constexpr std::int64_t kAudioPeakPercent = 120;

/// Samples of an audio frame whose codec does not say.
constexpr int kUsualFrame = 1152;

/// Ticks of the gaps from this index on, up to the next segment with a file.
std::int64_t GapsAt(const SegmentHistory& segments, std::int64_t index) {
  std::int64_t ticks = 0;
  for (; index < segments.count() && segments.At(index).gap; ++index) {
    ticks += segments.At(index).duration;
  }
  return ticks;
}

}  // namespace

PresentationBuilder::PresentationBuilder(const PipelineConfig& config)
    : config_(config),
      packaging_(config.packaging),
      has_dash_(packaging_.Has(ManifestFormat::kDash)),
      segment_duration_(static_cast<double>(config.grid.segment_duration) /
                        static_cast<double>(config.input.ticks_per_second)),
      uses_timeline_(packaging_.use_timeline) {}

void PresentationBuilder::AddTrack(TrackState track) {
  track.bandwidth = BandwidthMeter(segment_duration_);
  tracks_.push_back(std::move(track));
}

std::int64_t PresentationBuilder::NextNumber(const TrackState& track) const {
  const SegmentHistory& segments = track.segments;
  return packaging_.start_number + segments.count() - (has_dash_ ? segments.holes() : 0);
}

SegmentEntry PresentationBuilder::NextEntry(const TrackState& track, std::int64_t start,
                                            std::int64_t end, double availability_start) const {
  SegmentEntry entry;
  entry.number = NextNumber(track);
  entry.start = start;
  entry.duration = std::max<std::int64_t>(0, end - start);
  entry.discontinuity = packaging_.discontinuity_start && track.segments.count() == 0;
  if (packaging_.program_date_time) {
    entry.program_date_time = availability_start + track.Seconds(entry.start);
  }
  return entry;
}

void PresentationBuilder::Append(TrackState* track, SegmentEntry entry, std::int64_t payload) {
  track->bandwidth.Add(entry.bytes, payload, track->Seconds(entry.duration));
  track->bytes += entry.bytes;
  const double seconds = track->Seconds(entry.duration);
  max_segment_duration_ = std::max(max_segment_duration_, seconds);
  max_timeline_duration_ = std::max(max_timeline_duration_, seconds);
  track->timeline_duration = entry.duration;
  track->segments.Append(std::move(entry));
}

void PresentationBuilder::AppendGap(TrackState* track, SegmentEntry entry) {
  entry.gap = true;
  max_segment_duration_ = std::max(max_segment_duration_, track->Seconds(entry.duration));
  track->timeline_duration += entry.duration;
  max_timeline_duration_ =
      std::max(max_timeline_duration_, track->Seconds(track->timeline_duration));
  track->segments.Append(std::move(entry));
}

bool PresentationBuilder::NeedsTimeline(const TrackState& track, std::int64_t cell) {
  if (!has_dash_ || !packaging_.use_template || uses_timeline_) return false;
  if (cell == track.segments.files()) return false;
  uses_timeline_ = true;
  return true;
}

std::int64_t PresentationBuilder::complete() const {
  std::int64_t complete = tracks_.front().segments.count();
  for (const TrackState& track : tracks_) {
    if (!track.is_audio()) complete = std::min(complete, track.segments.count());
  }
  return complete;
}

/// Seconds by which a segment may be longer than the grid's: it ends with a whole frame.
double PresentationBuilder::LongestFrame() const {
  double longest = 1 / config_.picture_rate.value();
  for (const TrackState& track : tracks_) {
    if (!track.is_audio()) continue;
    const int samples = track.frame_samples > 0 ? track.frame_samples : kUsualFrame;
    longest = std::max(longest, track.Seconds(samples));
  }
  return longest;
}

double PresentationBuilder::longest() const {
  // EXT-X-TARGETDURATION must never change, so a live playlist starts with what the grid can make:
  // a segment and one frame. Only a gap in the frames' times can go beyond.
  const double nominal = segment_duration_ + LongestFrame() * 0.99;
  return packaging_.live ? std::max(max_segment_duration_, nominal) : max_segment_duration_;
}

bool PresentationBuilder::UpdateTargetDuration() {
  const int target = std::max(1, static_cast<int>(std::lround(longest())));
  if (target <= target_duration_) return false;
  target_duration_ = target;
  return true;
}

std::vector<TimedHistory> PresentationBuilder::histories() const {
  std::vector<TimedHistory> histories;
  histories.reserve(tracks_.size());
  for (const TrackState& track : tracks_) {
    histories.push_back({&track.segments, track.model.timescale});
  }
  return histories;
}

SegmentRange PresentationBuilder::Listed(const TrackState& track, SegmentRange range) const {
  return {std::max(range.first, track.segments.first_kept()),
          std::min(range.last, track.segments.count())};
}

/// A playlist tells of each segment that is not there; in a timeline the one before is longer, by
/// what lies behind the range too: a rendition that is slower than the audio may not have closed
/// the segments of the hole yet, and what is announced never changes. Gaps in front are never
/// listed: hls.js does not begin to play at one.
TrackModel PresentationBuilder::ListedTrack(const TrackState& track, ManifestFormat format,
                                            SegmentRange range, bool ended) const {
  TrackModel listed = track.model;
  const SegmentRange kept = Listed(track, range);
  std::int64_t first = kept.first;
  listed.segments.reserve(
      static_cast<std::size_t>(std::max<std::int64_t>(0, kept.last - kept.first)));
  for (std::int64_t i = kept.first; i < kept.last; ++i) {
    const SegmentEntry& entry = track.segments.At(i);
    if (!entry.gap) {
      listed.segments.push_back(entry);
    } else if (listed.segments.empty()) {
      ++first;
    } else if (format == ManifestFormat::kHls) {
      listed.segments.push_back(entry);
    } else {
      listed.segments.back().duration += entry.duration;
    }
  }
  if (format == ManifestFormat::kDash && !listed.segments.empty()) {
    listed.segments.back().duration += GapsAt(track.segments, kept.last);
  }
  listed.media_sequence = packaging_.start_number + first;
  listed.discontinuity_sequence = packaging_.discontinuity_start && first > 0 ? 1 : 0;
  DeclareRates(track, ended, &listed);
  return listed;
}

/// While live, what is declared is what the rate control allows at most, and on average; in the end
/// it is what was measured. The container's share is measured from the first segment on.
void PresentationBuilder::DeclareRates(const TrackState& track, bool ended,
                                       TrackModel* listed) const {
  listed->peak_bandwidth = track.bandwidth.peak();
  listed->average_bandwidth = track.bandwidth.average();
  const std::int64_t nominal = track.nominal_bitrate;
  if (!packaging_.live || nominal <= 0) return;
  const std::int64_t overhead = track.bandwidth.overhead();
  const std::int64_t highest =
      track.is_audio()
          ? nominal * kAudioPeakPercent / 100 + overhead
          : config_.renditions[static_cast<std::size_t>(track.model.rendition)].declared_peak;
  listed->peak_bandwidth = std::max(highest, listed->peak_bandwidth);
  if (!ended) listed->average_bandwidth = nominal + overhead;
}

PresentationModel PresentationBuilder::Snapshot(const ManifestConfig& manifest, SegmentRange range,
                                                const ManifestMoment& moment) const {
  PresentationModel model;
  model.live = packaging_.live;
  model.ended = moment.ended;
  model.segment_duration = segment_duration_;
  // Live: fixed in advance, as the target duration is.
  model.max_segment_duration =
      packaging_.live ? std::max(max_timeline_duration_, segment_duration_ + LongestFrame())
                      : max_timeline_duration_;
  model.availability_start_time = moment.availability_start;
  model.publish_time = moment.publish_time;
  model.clock_stepped = moment.clock_stepped;
  model.time_shift_buffer_depth = manifest.window * segment_duration_;
  model.manifest_name = manifest.name;
  model.utc_timing_url = packaging_.utc_timing_url;
  model.base_url = packaging_.base_url;
  model.playlist_type = packaging_.playlist_type;
  model.target_duration = target_duration_;
  model.independent_segments = !config_.source.copy_video;
  model.use_timeline = uses_timeline_;
  model.use_template = packaging_.use_template;
  model.omit_endlist = packaging_.omit_endlist;
  model.round_durations = packaging_.round_durations;
  const RenditionConfig& first = config_.renditions.front();
  model.display_aspect_ratio = Rational{first.width * first.sample_aspect_ratio.num,
                                        first.height * first.sample_aspect_ratio.den}
                                   .reduced();
  for (const TrackState& track : tracks_) {
    TrackModel listed = ListedTrack(track, manifest.format, range, moment.ended);
    if (track.is_audio() && listed.segments.empty()) continue;
    model.tracks.push_back(std::move(listed));
  }
  return model;
}

}  // namespace streamgear
