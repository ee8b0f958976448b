#include "segment_packager.h"

#include <algorithm>
#include <utility>

#include "base/duration_text.h"
#include "container/track_description.h"

namespace streamgear {

SegmentPackager::SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink,
                                 WallClock wall_clock)
    : config_(config),
      stats_(stats),
      sink_(std::move(sink)),
      names_(config.packaging),
      leader_(config.input.ticks_per_second),
      builder_(config),
      clock_(config.packaging, Availability(std::move(wall_clock)), sink_),
      publisher_(config, builder_, clock_, sink_) {}

double SegmentPackager::Seconds(std::int64_t ticks) const {
  return static_cast<double>(ticks) / static_cast<double>(config_.input.ticks_per_second);
}

Status SegmentPackager::Open(std::vector<StreamInfo> streams) {
  std::ranges::sort(streams, {}, &StreamInfo::rendition);
  for (StreamInfo& stream : streams) {
    AddTrack(std::move(stream));
    Track& track = tracks_.back();
    if (Status status = track.writer.Open(); !status.ok()) return status;
    if (track.writer.is_open()) DescribeCodec(track);
  }
  publisher_.Open();
  return Status::Ok();
}

void SegmentPackager::AddTrack(StreamInfo stream) {
  TrackState state{.model = DescribeTrack(config_, stream),
                   .nominal_bitrate = NominalBitrate(config_, stream),
                   .frame_samples = stream.parameters->frame_size};
  names_.NameTrack(state.nominal_bitrate, &state.model);
  LatencyHistogram* latency = state.is_audio() ? nullptr : &stats_.package_latency;
  const SegmentGrid grid(config_.grid.segment_duration, config_.grid.gop_duration);
  const Follower follower(leader_, state.model.timescale);
  const std::int64_t timescale = state.model.timescale;
  builder_.AddTrack(std::move(state));
  tracks_.push_back({.index = tracks_.size(),
                     .writer = TrackWriter(std::move(stream), timescale, config_.packaging,
                                           Seconds(config_.packaging.fragment_duration), latency),
                     .segmenter = Segmenter(grid),
                     .follower = follower,
                     .waiting = {}});
}

void SegmentPackager::DescribeCodec(const Track& track) {
  std::string& codecs = StateOf(track).model.codecs;
  codecs = CodecsOf(track.writer.stream(), config_.packaging.segment_type);
  if (!codecs.empty()) return;
  sink_(WarningEvent{"CODECS_UNKNOWN",
                     "No RFC 6381 codecs string is known for " +
                         EncoderNameOf(config_, track.writer.stream().rendition) +
                         ": the manifest leaves it out and players may refuse the rendition"});
}

/// Again, as a codec has described itself with its first packet.
void SegmentPackager::TellOpened() {
  OpenedEvent opened{.codecs = Codecs()};
  for (const Track& track : tracks_) {
    const StreamInfo& stream = track.writer.stream();
    if (stream.kind == MediaKind::kAudio) opened.audio.push_back(AudioTrackOf(stream));
  }
  sink_(std::move(opened));
}

Status SegmentPackager::Write(EncodedPacket encoded) {
  Track& track = tracks_[static_cast<std::size_t>(encoded.rendition)];
  if (StateOf(track).is_audio()) {
    track.waiting.push_back(std::move(encoded));
    return ReleaseAudio(&track);
  }
  const std::int64_t pts = encoded.packet->pts;
  const Clock::time_point pushed_at = encoded.pushed_at;
  if (Status status = WriteVideo(&track, std::move(encoded)); !status.ok()) return status;
  if (!IsLeader(track)) return Status::Ok();
  clock_.Check(Seconds(pts), pushed_at);
  leader_.Advance(pts);
  for (Track& other : tracks_) {
    if (!StateOf(other).is_audio()) continue;
    if (Status status = ReleaseAudio(&other); !status.ok()) return status;
  }
  return Status::Ok();
}

Status SegmentPackager::WriteVideo(Track* track, EncodedPacket encoded) {
  const std::int64_t pts = encoded.packet->pts;
  const Clock::time_point pushed_at = encoded.pushed_at;
  if (Status status = track->writer.WriteUntil(encoded.packet.get()); !status.ok()) return status;
  if (Status status = PutInit(track); !status.ok()) return status;
  if (Status status = BeginVideoSegment(track, encoded); !status.ok()) return status;
  const bool was_open = track->writer.is_open();
  if (Status status = track->writer.Hold(std::move(encoded)); !status.ok()) return status;
  if (!was_open) {
    DescribeCodec(*track);
    TellOpened();
  }
  clock_.Begin(Seconds(pts), pushed_at);
  return Status::Ok();
}

/// Called with a packet that is not written yet: ends the segment before it when it starts one.
Status SegmentPackager::BeginVideoSegment(Track* track, const EncodedPacket& encoded) {
  const AVPacket* packet = encoded.packet.get();
  Segmenter& segmenter = track->segmenter;
  const Segmenter::Step step = segmenter.At(packet->pts, (packet->flags & AV_PKT_FLAG_KEY) != 0);
  if (step == Segmenter::Step::kMissed && !config_.source.copy_video) WarnMissedKeyFrame(*track);
  if (step != Segmenter::Step::kBegin) return Status::Ok();
  const std::int64_t start = encoded.first_shown.value_or(packet->pts);
  if (segmenter.begun()) {
    if (Status status = CloseVideoSegment(track, start); !status.ok()) return status;
  }
  segmenter.Begin(packet->pts, start);
  track->writer.BeginSegment(start);
  if (IsLeader(*track)) leader_.Begin({.start = start, .cell = segmenter.cell()});
  return Status::Ok();
}

Status SegmentPackager::CloseVideoSegment(Track* track, std::int64_t end) {
  const Segmenter& segmenter = track->segmenter;
  const Status status = PutSegment(track, segmenter.start(), end, segmenter.cell());
  return status.ok() ? Publish() : status;
}

void SegmentPackager::WarnMissedKeyFrame(const Track& track) {
  if (std::exchange(warned_missed_key_, true)) return;
  sink_(WarningEvent{"KEY_FRAME_MISSED",
                     EncoderNameOf(config_, track.writer.stream().rendition) +
                         " did not make a key frame at a segment border: segments of rendition " +
                         std::to_string(track.index) + " do not align with the others"});
}

/// Writes what the video has reached.
Status SegmentPackager::ReleaseAudio(Track* track) {
  while (!track->waiting.empty() && track->follower.MayCome(track->waiting.front().packet->pts)) {
    EncodedPacket next = std::move(track->waiting.front());
    track->waiting.pop_front();
    if (Status status = WriteAudio(track, std::move(next)); !status.ok()) return status;
  }
  return Status::Ok();
}

Status SegmentPackager::WriteAudio(Track* track, EncodedPacket encoded) {
  const std::int64_t pts = encoded.packet->pts;
  Follower& follower = track->follower;
  TrackWriter::AudioStep step;
  if (Status status = track->writer.WriteAudioUntil(encoded.packet.get(), &step); !status.ok()) {
    return status;
  }
  if (Status status = PutInit(track); !status.ok()) return status;
  const std::int64_t index = follower.IndexAt(pts);
  const bool cuts = follower.Cuts(index);
  if (cuts) {
    const std::int64_t end = follower.EndOf(follower.segment(), step.end);
    if (Status status = CloseAudioSegment(track, end); !status.ok()) return status;
  }
  if (step.hole) {
    if (Status status = track->writer.BreakTime(follower.filling()); !status.ok()) return status;
  }
  if (!follower.filling()) {
    SkipAudioSegments(track, index);
    // The priming before 0 is not presented. Later segments are listed one after the other, even
    // when the first sample of one comes later.
    const SegmentHistory& segments = StateOf(*track).segments;
    follower.Begin(index, segments.files() == 0 ? std::max<std::int64_t>(0, pts) : segments.end());
    track->writer.BeginSegment(pts);
  }
  // With the holes that are known now: what is announced of a segment never changes.
  if (cuts) {
    if (Status status = Publish(); !status.ok()) return status;
  }
  return track->writer.Hold(std::move(encoded));
}

Status SegmentPackager::CloseAudioSegment(Track* track, std::int64_t end) {
  Follower& follower = track->follower;
  follower.Close();
  return PutSegment(track, follower.start(), end, follower.cell());
}

/// Entries without a file for the video's segments in which the audio has nothing. Those before its
/// first one are never listed, so they last no time.
void SegmentPackager::SkipAudioSegments(Track* track, std::int64_t index) {
  TrackState& state = StateOf(*track);
  const SegmentHistory& segments = state.segments;
  while (segments.count() < index) {
    const std::int64_t start = segments.end();
    const std::int64_t end =
        segments.files() > 0 ? leader_.TimeOf(segments.count() + 1, state.model.timescale) : start;
    SegmentEntry entry = builder_.NextEntry(state, start, end, clock_.start());
    entry.number = config_.packaging.start_number + segments.count();
    entry.name = names_.GapOf(state.model, state.nominal_bitrate, entry.number, entry.start);
    builder_.AppendGap(&state, std::move(entry));
  }
}

Status SegmentPackager::PutInit(Track* track) {
  const Bytes init = track->writer.TakeInit();
  return init.empty() ? Status::Ok() : publisher_.PutInit(StateOf(*track).model, init);
}

Status SegmentPackager::PutSegment(Track* track, std::int64_t start, std::int64_t end,
                                   std::int64_t cell) {
  Bytes bytes;
  std::int64_t payload = 0;
  if (Status status = track->writer.CutSegment(&bytes, &payload); !status.ok()) return status;
  TrackState& state = StateOf(*track);
  CheckTimeline(state, state.Seconds(start), cell);
  SegmentEntry entry = builder_.NextEntry(state, start, end, clock_.start());
  entry.name = names_.SegmentOf(state.model, state.nominal_bitrate, entry.number, entry.start);
  entry.bytes = static_cast<std::int64_t>(bytes.size());
  if (Status status = publisher_.PutSegment(state.model, entry.name, bytes); !status.ok()) {
    return status;
  }
  const SegmentEvent event{state.model.rendition, publisher_.PathOf(entry.name),
                           state.Seconds(entry.start), state.Seconds(entry.duration), entry.bytes};
  builder_.Append(&state, std::move(entry), payload);
  TellStats(state);
  sink_(event);
  return Status::Ok();
}

/// `seconds`: when this cell begins in the track.
void SegmentPackager::CheckTimeline(const TrackState& state, double seconds, std::int64_t cell) {
  if (!builder_.NeedsTimeline(state, cell)) return;
  sink_(WarningEvent{"TIMELINE_NEEDED",
                     "Nothing came for the length of a segment before " + DurationText(seconds) +
                         ", so that segments cannot be found by their number: the MPD has a "
                         "SegmentTimeline all the same"});
}

Status SegmentPackager::Publish() {
  if (Status status = publisher_.Progress(); !status.ok()) return status;
  leader_.Forget(publisher_.first_needed());
  return Status::Ok();
}

void SegmentPackager::TellStats(const TrackState& state) {
  RenditionStats& stats = *stats_.renditions[static_cast<std::size_t>(state.model.rendition)];
  stats.bytes.store(state.bytes, std::memory_order_relaxed);
  stats.segments.store(state.segments.files(), std::memory_order_relaxed);
  stats.peak_bitrate.store(state.bandwidth.peak(), std::memory_order_relaxed);
  stats.average_bitrate.store(state.bandwidth.average(), std::memory_order_relaxed);
}

Status SegmentPackager::FinishVideo(Track* track, std::int64_t end) {
  if (!track->writer.holds()) return Status::Ok();
  if (Status status = track->writer.WriteLast(end); !status.ok()) return status;
  if (Status status = PutInit(track); !status.ok()) return status;
  return CloseVideoSegment(track, end);
}

/// The presentation ends with the video: the last sample is shortened to it, and what is later is
/// dropped.
Status SegmentPackager::FinishAudio(Track* track, std::int64_t end) {
  std::deque<EncodedPacket> waiting = std::move(track->waiting);
  track->waiting.clear();
  if (!leader_.has_begun()) return Status::Ok();  // no frame of video came
  const AVRational video{1, static_cast<int>(config_.input.ticks_per_second)};
  const AVRational audio{1, static_cast<int>(StateOf(*track).model.timescale)};
  for (EncodedPacket& encoded : waiting) {
    if (av_compare_ts(encoded.packet->pts, audio, end, video) >= 0) break;
    if (Status status = WriteAudio(track, std::move(encoded)); !status.ok()) return status;
  }
  if (!track->writer.holds()) return Status::Ok();
  std::int64_t own_end = 0;
  const std::int64_t presentation_end = av_rescale_q(end, video, audio);
  if (Status status = track->writer.WriteLastAudio(presentation_end, &own_end); !status.ok()) {
    return status;
  }
  if (Status status = PutInit(track); !status.ok()) return status;
  if (Status status = CloseAudioSegment(track, own_end); !status.ok()) return status;
  return Publish();
}

/// Without a timeline clients ask for audio until the video ends.
void SegmentPackager::CheckEndOfAudio() {
  const TrackState& video = builder_.tracks().front();
  const std::int64_t cell = tracks_.front().segmenter.cell() + 1;
  for (const TrackState& state : builder_.tracks()) {
    if (!state.is_audio() || state.segments.files() == 0) continue;
    CheckTimeline(state, video.Seconds(video.segments.end()), cell);
  }
}

Status SegmentPackager::Finish(std::int64_t end) {
  for (Track& track : tracks_) {
    const Status status =
        StateOf(track).is_audio() ? FinishAudio(&track, end) : FinishVideo(&track, end);
    if (!status.ok()) return status;
  }
  CheckEndOfAudio();
  return publisher_.Finish();
}

void SegmentPackager::Abort() { publisher_.Abort(); }

std::vector<std::string> SegmentPackager::Codecs() const {
  std::vector<std::string> codecs;
  codecs.reserve(tracks_.size());
  for (const TrackState& track : builder_.tracks()) codecs.push_back(track.model.codecs);
  return codecs;
}

}  // namespace streamgear
