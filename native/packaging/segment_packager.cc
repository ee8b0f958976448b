#include "packaging/segment_packager.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/wall_time.h"
#include "packaging/codec_string.h"
#include "packaging/name_template.h"
#include "packaging/track_description.h"

namespace streamgear {
namespace {

/// Seconds by which the frames' times may leave the wall clock before a live presentation warns.
constexpr double kWallClockTolerance = 10;

/// The most ticks from sample to sample that libavformat's mp4 muxer believes.
constexpr std::int64_t kLongestSample = INT32_MAX - 1;

}  // namespace

SegmentPackager::SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink)
    : config_(config),
      packaging_(config.packaging),
      stats_(stats),
      sink_(std::move(sink)),
      grid_(config.grid.segment_duration, config.grid.gop_duration),
      output_(MakeOutputSink(packaging_.output, packaging_.io_options, sink_, &root_name_), sink_) {
}

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
    const Status status = WriteHeld(track, pause ? track->held->duration : duration);
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
  const std::int64_t time = packet->pts;
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
  if (packaging_.fragment_duration > 0 &&
      Seconds(time - track->fragment_start, *track) >= Seconds(packaging_.fragment_duration)) {
    track->fragment_start = time;
    return track->muxer->CutFragment();
  }
  return Status::Ok();
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

void SegmentPackager::StartWallClock(std::int64_t first_pts, Clock::time_point first_frame) {
  const std::chrono::duration<double> before(Seconds(first_pts));
  presentation_begun_at_ = first_frame - std::chrono::duration_cast<Clock::duration>(before);
  const WallTime begin = WallTimeOf(first_frame);
  first_frame_at_ = std::chrono::duration<double>(begin.time_since_epoch() - before).count();
}

/// availabilityStartTime and the dates of segments are the first frame's time and go on with the
/// frames' own times. Where these do not keep up with the wall clock, no manifest can be right.
void SegmentPackager::CheckWallClock(std::int64_t pts, Clock::time_point pushed_at) {
  if (!packaging_.live || warned_wall_clock_) return;
  const double real = std::chrono::duration<double>(pushed_at - presentation_begun_at_).count();
  const double ahead = Seconds(pts) - real;
  if (std::abs(ahead) < kWallClockTolerance) return;
  warned_wall_clock_ = true;
  const std::string side = ahead > 0 ? " s ahead of" : " s behind";
  sink_(WarningEvent{
      "LIVE_CLOCK", "The frames' times are " + std::to_string(std::lround(std::abs(ahead))) + side +
                        " the wall clock, by which players follow a live presentation: "
                        "declare the rate at which frames really come, or give them timestamps"});
}

/// Entries of a playlist are numbered by what is listed. A timeline of DASH numbers its segments
/// one after the other; without one the number is the time.
SegmentEntry SegmentPackager::MakeEntry(const Track& track, std::int64_t end) const {
  const bool dash = packaging_.format == ManifestFormat::kDash;
  const bool by_time = dash && packaging_.use_template && !packaging_.use_timeline;
  const std::int64_t cell = track.is_audio() ? BorderAt(track.segment).cell : track.segment;
  SegmentEntry entry;
  entry.number =
      packaging_.start_number + (by_time ? cell : (dash ? track.files : track.finished_count));
  entry.start = track.start;
  entry.duration = std::max<std::int64_t>(0, end - track.start);
  entry.name = Expand(packaging_.segment_name, track, entry.number, entry.start);
  entry.discontinuity = packaging_.discontinuity_start && track.finished_count == 0;
  if (packaging_.program_date_time) {
    entry.program_date_time = first_frame_at_ + Seconds(entry.start, track);
  }
  return entry;
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
    if (Status status = WriteHeld(&track, end - decoded_at); !status.ok()) return status;
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
