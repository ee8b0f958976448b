#include "publishing/segment_packager.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/duration_text.h"
#include "container/codec_string.h"
#include "container/track_description.h"
#include "manifest/name_template.h"

namespace streamgear {
namespace {

/// The most ticks from sample to sample that libavformat's mp4 muxer believes.
constexpr std::int64_t kLongestSample = INT32_MAX - 1;

}  // namespace

SegmentPackager::SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink,
                                 WallClock wall_clock)
    : config_(config),
      packaging_(config.packaging),
      stats_(stats),
      sink_(std::move(sink)),
      wall_clock_(std::move(wall_clock)),
      grid_(config.grid.segment_duration, config.grid.gop_duration),
      output_(MakeOutputSink(packaging_.output, packaging_.io_options, sink_, &root_name_), sink_),
      uses_timeline_(packaging_.use_timeline) {}

SegmentPackager::~SegmentPackager() = default;

double SegmentPackager::Seconds(std::int64_t ticks) const {
  return static_cast<double>(ticks) / static_cast<double>(config_.input.ticks_per_second);
}

double SegmentPackager::Seconds(std::int64_t ticks, const Track& track) {
  return static_cast<double>(ticks) / static_cast<double>(track.model.timescale);
}

std::string SegmentPackager::Expand(const std::string& name, const Track& track,
                                    std::int64_t number, std::int64_t time) const {
  const NameValues values{.id = track.model.id,
                          .number = number,
                          .time = time,
                          .bandwidth = NominalBitrate(config_, track.stream)};
  return packaging_.format == ManifestFormat::kDash ? ExpandDashTemplate(name, values)
                                                    : ExpandHlsTemplate(name, values);
}

Status SegmentPackager::Open(std::vector<StreamInfo> streams) {
  std::ranges::sort(streams, {}, &StreamInfo::rendition);
  tracks_.resize(streams.size());
  for (StreamInfo& stream : streams) {
    Track& track = tracks_[static_cast<std::size_t>(stream.rendition)];
    track.stream = std::move(stream);
    track.bandwidth = BandwidthMeter(Seconds(grid_.segment_duration()));
    track.model = DescribeTrack(config_, track.stream);
    NameFiles(&track);
    if (track.is_audio()) ++audio_tracks_;
    if (NeedsExtradata(track.stream)) continue;  // libaom hands it out with the first packet
    if (Status status = OpenTrack(&track); !status.ok()) return status;
  }
  UpdateTargetDuration();
  return Status::Ok();
}

Status SegmentPackager::OpenTrack(Track* track) {
  AVCodecParameters* parameters = track->stream.parameters.get();
  if (parameters->codec_id == AV_CODEC_ID_VP9 && parameters->level < 0) {
    // libavformat 5.1 computes the vpcC box's level without the frame rate: given, it agrees with
    // our codecs string.
    parameters->level =
        Vp9Level(parameters->width, parameters->height, track->stream.frame_rate.value());
  }
  track->model.codecs = CodecsOf(track->stream, packaging_.segment_type);
  if (track->model.codecs.empty()) {
    sink_(WarningEvent{"CODECS_UNKNOWN",
                       "No RFC 6381 codecs string is known for " +
                           EncoderNameOf(config_, track->stream.rendition) +
                           ": the manifest leaves it out and players may refuse the rendition"});
  }
  return SegmentMuxer::Create(track->stream, packaging_.segment_type, track->model.timescale,
                              packaging_.metadata, packaging_.muxer_options, &track->muxer);
}

Status SegmentPackager::TakeExtradata(Track* track, const AVPacket* first) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(first, AV_PKT_DATA_NEW_EXTRADATA, &size);
  AVCodecParameters* parameters = track->stream.parameters.get();
  if (data != nullptr) {
    auto* copy = static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
    if (copy == nullptr) {
      return Status(
          Failure{.code = "OUT_OF_MEMORY",
                  .message = "Expected memory for a codec header but the system gave none",
                  .stage = "packager",
                  .averror = AVERROR(ENOMEM)});
    }
    std::memcpy(copy, data, size);
    av_freep(&parameters->extradata);
    parameters->extradata = copy;
    parameters->extradata_size = static_cast<int>(size);
  }
  if (Status status = OpenTrack(track); !status.ok()) return status;
  OpenedEvent opened{.codecs = Codecs()};
  for (const Track& other : tracks_) {
    if (other.is_audio()) opened.audio.push_back(AudioTrackOf(other.stream));
  }
  sink_(std::move(opened));
  return Status::Ok();
}

void SegmentPackager::NameFiles(Track* track) const {
  const std::int64_t bitrate = NominalBitrate(config_, track->stream);
  TrackModel& model = track->model;
  model.init_template = ExpandDashBandwidth(packaging_.init_name, bitrate);
  model.media_template = ExpandDashBandwidth(packaging_.segment_name, bitrate);
  if (packaging_.segment_type == SegmentType::kFmp4) {
    model.init_name = Expand(packaging_.init_name, *track, 0, 0);
  }
  model.playlist_name = Expand(packaging_.playlist_name, *track, 0, 0);
}

Status SegmentPackager::Write(EncodedPacket encoded) {
  Track& track = tracks_[static_cast<std::size_t>(encoded.rendition)];
  if (track.is_audio()) {
    track.waiting.push_back(std::move(encoded));
    return ReleaseAudio(&track);
  }
  const std::int64_t pts = encoded.packet->pts;
  const Clock::time_point pushed_at = encoded.pushed_at;
  if (Status status = WriteVideo(&track, std::move(encoded)); !status.ok()) return status;
  if (&track != &tracks_.front()) return Status::Ok();
  CheckWallClock(pts, pushed_at);
  video_position_ = std::max(video_position_, pts);
  for (Track& other : tracks_) {
    if (!other.is_audio()) continue;
    if (Status status = ReleaseAudio(&other); !status.ok()) return status;
  }
  return Status::Ok();
}

Status SegmentPackager::WriteVideo(Track* track, EncodedPacket encoded) {
  const AVPacket* packet = encoded.packet.get();
  bool pause = false;
  if (track->held != nullptr) {
    const std::int64_t duration = packet->dts - track->held->dts;
    pause = IsLongPause(*track, packet);
    const std::int64_t last = std::min(track->held->duration, kLongestSample);
    const Status status = WriteHeld(track, pause ? last : duration);
    if (!status.ok()) return status;
  }
  if (Status status = BeginSegment(track, encoded); !status.ok()) return status;
  if (pause) {
    if (Status status = GoOnAfterPause(track); !status.ok()) return status;
  }
  if (track->muxer == nullptr) {
    if (Status status = TakeExtradata(track, packet); !status.ok()) return status;
  }
  if (!track->started) {
    track->started = true;
    track->reordering_delay = packet->pts - packet->dts;
    if (first_frame_at_ == 0) StartWallClock(packet->pts, encoded.pushed_at);
  }
  track->held = std::move(encoded.packet);
  track->held_since = encoded.pushed_at;
  return Status::Ok();
}

/// Hours without a packet: the mp4 muxer would take the time of the next one, with which a segment
/// begins, for a mistake, whatever it is told. Another one can go on where the edit list stays
/// true.
bool SegmentPackager::IsLongPause(const Track& track, const AVPacket* next) const {
  return packaging_.segment_type == SegmentType::kFmp4 &&
         next->dts - track.held->dts > kLongestSample && (next->flags & AV_PKT_FLAG_KEY) != 0 &&
         next->pts - next->dts == track.reordering_delay;
}

/// The initialization stays what it was.
Status SegmentPackager::GoOnAfterPause(Track* track) {
  track->shift = track->priming;
  if (Status status = OpenTrack(track); !status.ok()) return status;
  return track->muxer->BreakTime();
}

Status SegmentPackager::WriteHeld(Track* track, std::int64_t duration) {
  PacketPtr packet = std::move(track->held);
  packet->duration = std::max<std::int64_t>(1, duration);
  const std::int64_t next = packet->dts + track->reordering_delay + packet->duration;
  packet->pts += track->shift;
  packet->dts += track->shift;
  track->payload += packet->size;
  if (Status status = track->muxer->Write(packet.get()); !status.ok()) return status;
  if (!track->is_audio()) stats_.package_latency.Record(Clock::now() - track->held_since);
  const Bytes init = track->muxer->TakeInit();
  if (!init.empty() && !std::exchange(track->has_init, true)) {
    const Status status = output_.Put({.name = track->model.init_name,
                                       .role = FileRole::kInit,
                                       .rendition = track->stream.rendition},
                                      init.data(), init.size());
    if (!status.ok()) return status;
  }
  return CutFragment(track, next);
}

/// Called before the packet at `next`, a decoding time on the time line that starts at 0: with it
/// the fragment would be longer than it may be.
Status SegmentPackager::CutFragment(Track* track, std::int64_t next) {
  constexpr double kNoise = 1e-9;  // seconds: audio counts in samples
  if (packaging_.fragment_duration <= 0 || Seconds(next - track->fragment_start, *track) + kNoise <
                                               Seconds(packaging_.fragment_duration)) {
    return Status::Ok();
  }
  track->fragment_start = next;
  return track->muxer->CutFragment();
}

/// Called with a packet that is not written yet: ends the segment before it when it starts a new
/// grid cell. A stream copy has its key frames where its source has them: the first one at or after
/// a border starts the segment.
Status SegmentPackager::BeginSegment(Track* track, const EncodedPacket& encoded) {
  const AVPacket* packet = encoded.packet.get();
  const std::int64_t start = encoded.first_shown.value_or(packet->pts);
  const std::int64_t segment = grid_.At(std::max<std::int64_t>(0, packet->pts)).segment;
  if (track->has_segment && segment <= track->segment) return Status::Ok();
  const bool key_frame = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  if (track->has_segment && !key_frame) {
    if (!config_.source.copy_video) WarnMissedKeyFrame(*track);
    return Status::Ok();
  }
  if (track->has_segment) {
    if (Status status = CloseSegment(track, start); !status.ok()) return status;
  }
  track->has_segment = true;
  track->segment = segment;
  track->start = start;
  track->fragment_start = start;
  if (track == &tracks_.front()) AddBorder(start, segment);
  return Status::Ok();
}

void SegmentPackager::WarnMissedKeyFrame(const Track& track) {
  if (warned_missed_key_) return;
  warned_missed_key_ = true;
  sink_(WarningEvent{"KEY_FRAME_MISSED",
                     EncoderNameOf(config_, track.stream.rendition) +
                         " did not make a key frame at a segment border: segments of rendition " +
                         track.model.id + " do not align with the others"});
}

/// Entries of a playlist are numbered by what is listed, those of DASH one after the other.
SegmentEntry SegmentPackager::MakeEntry(const Track& track, std::int64_t end) const {
  const bool dash = packaging_.format == ManifestFormat::kDash;
  SegmentEntry entry;
  entry.number = packaging_.start_number + (dash ? track.files : track.finished_count);
  entry.start = track.start;
  entry.duration = std::max<std::int64_t>(0, end - track.start);
  entry.name = Expand(packaging_.segment_name, track, entry.number, entry.start);
  entry.discontinuity = packaging_.discontinuity_start && track.finished_count == 0;
  if (packaging_.program_date_time) {
    entry.program_date_time = first_frame_at_ + Seconds(entry.start, track);
  }
  return entry;
}

/// Without a timeline clients find a segment by its number, which is its time: that holds as long
/// as no cell of the grid is empty. From the first one that is on, the MPD has a timeline.
void SegmentPackager::KeepTimeline(const Track& track) {
  const bool by_number =
      packaging_.format == ManifestFormat::kDash && packaging_.use_template && !uses_timeline_;
  if (!by_number) return;
  const std::int64_t cell = track.is_audio() ? BorderAt(track.segment).cell : track.segment;
  if (cell == track.files) return;
  uses_timeline_ = true;
  sink_(WarningEvent{"TIMELINE_NEEDED",
                     "Nothing came for the length of a segment before " +
                         DurationText(Seconds(track.start, track)) +
                         ", so that segments cannot be found by their number: the MPD has a "
                         "SegmentTimeline all the same"});
}

void SegmentPackager::Append(Track* track, SegmentEntry entry) {
  max_segment_duration_ = std::max(max_segment_duration_, Seconds(entry.duration, *track));
  track->end = entry.start + entry.duration;
  track->finished.push_back(std::move(entry));
  ++track->finished_count;
}

Status SegmentPackager::CloseSegment(Track* track, std::int64_t end) {
  Bytes bytes;
  if (Status status = track->muxer->CutSegment(&bytes); !status.ok()) return status;
  KeepTimeline(*track);
  SegmentEntry entry = MakeEntry(*track, end);
  entry.bytes = static_cast<std::int64_t>(bytes.size());
  const OutputFile file{
      .name = entry.name, .role = FileRole::kSegment, .rendition = track->stream.rendition};
  if (Status status = output_.Put(file, bytes.data(), bytes.size()); !status.ok()) return status;
  Measure(track, entry);
  sink_(SegmentEvent{track->stream.rendition, output_.PathOf(entry.name),
                     Seconds(entry.start, *track), Seconds(entry.duration, *track), entry.bytes});
  Append(track, std::move(entry));
  track->has_segment = false;
  return PublishProgress();
}

void SegmentPackager::Measure(Track* track, const SegmentEntry& entry) {
  track->bandwidth.Add(entry.bytes, std::exchange(track->payload, 0),
                       Seconds(entry.duration, *track));
  track->bytes += entry.bytes;
  ++track->files;
  RenditionStats& stats = *stats_.renditions[static_cast<std::size_t>(track->stream.rendition)];
  stats.bytes.store(track->bytes, std::memory_order_relaxed);
  stats.segments.store(track->files, std::memory_order_relaxed);
  stats.peak_bitrate.store(track->bandwidth.peak(), std::memory_order_relaxed);
  stats.average_bitrate.store(track->bandwidth.average(), std::memory_order_relaxed);
}

Status SegmentPackager::Finish(std::int64_t end) {
  for (Track& track : tracks_) {
    if (track.is_audio()) {
      if (Status status = FinishAudio(&track, end); !status.ok()) return status;
      continue;
    }
    if (track.held == nullptr) continue;
    // The last sample lasts until the end of the presentation, on the decoding time line that
    // starts at 0.
    const std::int64_t decoded_at = track.held->dts + track.reordering_delay;
    const std::int64_t rest = std::min(end - decoded_at, kLongestSample);
    if (Status status = WriteHeld(&track, rest); !status.ok()) return status;
    if (Status status = CloseSegment(&track, end); !status.ok()) return status;
  }
  return Publish(true);
}

void SegmentPackager::Abort() { output_.Abort(); }

std::vector<std::string> SegmentPackager::Codecs() const {
  std::vector<std::string> codecs;
  codecs.reserve(tracks_.size());
  for (const Track& track : tracks_) codecs.push_back(track.model.codecs);
  return codecs;
}

}  // namespace streamgear
