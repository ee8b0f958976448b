#include "segment_packager.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "codec_string.h"
#include "name_template.h"

namespace streamgear {
namespace {

std::string CodecStringOf(const StreamInfo& stream) {
  const AVCodecParameters* parameters = stream.parameters.get();
  const std::uint8_t* extradata = parameters->extradata;
  const auto size = static_cast<std::size_t>(std::max(0, parameters->extradata_size));
  switch (parameters->codec_id) {
    case AV_CODEC_ID_H264:
      return AvcCodecString(extradata, size);
    case AV_CODEC_ID_HEVC:
      return HevcCodecString(extradata, size);
    case AV_CODEC_ID_AV1:
      return Av1CodecString(extradata, size);
    case AV_CODEC_ID_VP9: {
      const AVPixFmtDescriptor* format =
          av_pix_fmt_desc_get(static_cast<AVPixelFormat>(parameters->format));
      return Vp9CodecString(parameters->profile == kProfileUnknown ? 0 : parameters->profile,
                            parameters->width, parameters->height, stream.frame_rate.value(),
                            format == nullptr ? 8 : format->comp[0].depth);
    }
    default:
      return "";
  }
}

/// These describe themselves in extradata, without which neither a codecs string nor a sample entry
/// can be written.
bool NeedsExtradata(const StreamInfo& stream) {
  const AVCodecParameters* parameters = stream.parameters.get();
  const bool describes = parameters->codec_id == AV_CODEC_ID_H264 ||
                         parameters->codec_id == AV_CODEC_ID_HEVC ||
                         parameters->codec_id == AV_CODEC_ID_AV1;
  return describes && parameters->extradata_size == 0;
}

}  // namespace

SegmentPackager::SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink)
    : config_(config),
      packaging_(config.packaging),
      stats_(stats),
      sink_(std::move(sink)),
      grid_(config.grid.segment_duration, config.grid.gop_duration),
      output_(MakeOutputSink(packaging_.output, packaging_.io_options, sink_, &root_name_)) {}

SegmentPackager::~SegmentPackager() = default;

double SegmentPackager::Seconds(std::int64_t ticks) const {
  return static_cast<double>(ticks) / static_cast<double>(config_.input.ticks_per_second);
}

std::size_t SegmentPackager::IndexOf(const Track& track) const {
  return static_cast<std::size_t>(&track - tracks_.data());
}

std::string SegmentPackager::Expand(const std::string& name, const Track& track,
                                    std::int64_t number, std::int64_t time) const {
  const NameValues values{.id = track.model.id,
                          .number = number,
                          .time = time,
                          .bandwidth = config_.renditions[IndexOf(track)].bitrate};
  return packaging_.format == ManifestFormat::kDash ? ExpandDashTemplate(name, values)
                                                    : ExpandHlsTemplate(name, values);
}

Status SegmentPackager::Open(std::vector<StreamInfo> streams) {
  std::sort(streams.begin(), streams.end(),
            [](const StreamInfo& a, const StreamInfo& b) { return a.rendition < b.rendition; });
  tracks_.resize(streams.size());
  for (StreamInfo& stream : streams) {
    Track& track = tracks_[static_cast<std::size_t>(stream.rendition)];
    track.stream = std::move(stream);
    track.bandwidth = BandwidthMeter(Seconds(grid_.segment_duration()));
    Describe(&track);
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
  track->model.codecs = CodecStringOf(track->stream);
  if (track->model.codecs.empty()) {
    sink_(WarningEvent{"CODECS_UNKNOWN",
                       "No RFC 6381 codecs string is known for " +
                           config_.renditions[IndexOf(*track)].codec +
                           ": the manifest leaves it out and players may refuse the rendition"});
  }
  return SegmentMuxer::Create(track->stream, packaging_.segment_type,
                              config_.input.ticks_per_second, packaging_.metadata,
                              packaging_.muxer_options, &track->muxer);
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
  sink_(OpenedEvent{Codecs()});
  return Status::Ok();
}

void SegmentPackager::Describe(Track* track) const {
  const RenditionConfig& rendition = config_.renditions[IndexOf(*track)];
  const bool fmp4 = packaging_.segment_type == SegmentType::kFmp4;
  TrackModel& model = track->model;
  model.id = std::to_string(track->stream.rendition);
  model.timescale = config_.input.ticks_per_second;
  model.mime_type = fmp4 ? "video/mp4" : "video/mp2t";
  model.init_template = ExpandDashBandwidth(packaging_.init_name, rendition.bitrate);
  model.media_template = ExpandDashBandwidth(packaging_.segment_name, rendition.bitrate);
  if (fmp4) model.init_name = Expand(packaging_.init_name, *track, 0, 0);
  model.playlist_name = Expand(packaging_.playlist_name, *track, 0, 0);
  model.width = rendition.width;
  model.height = rendition.height;
  model.sample_aspect_ratio = rendition.sample_aspect_ratio;
  model.frame_rate = track->stream.frame_rate;
}

Status SegmentPackager::Write(EncodedPacket encoded) {
  Track& track = tracks_[static_cast<std::size_t>(encoded.rendition)];
  AVPacket* packet = encoded.packet.get();
  if (track.held != nullptr) {
    if (Status status = WriteHeld(&track, packet->dts - track.held->dts); !status.ok())
      return status;
  }
  if (Status status = BeginSegment(&track, packet); !status.ok()) return status;
  if (track.muxer == nullptr) {
    if (Status status = TakeExtradata(&track, packet); !status.ok()) return status;
  }
  if (!track.started) {
    track.started = true;
    track.reordering_delay = packet->pts - packet->dts;
    if (first_frame_at_ == 0) StartWallClock(encoded.pushed_at);
  }
  track.held = std::move(encoded.packet);
  track.held_since = encoded.pushed_at;
  return Status::Ok();
}

Status SegmentPackager::WriteHeld(Track* track, std::int64_t duration) {
  PacketPtr packet = std::move(track->held);
  packet->duration = std::max<std::int64_t>(1, duration);
  const std::int64_t time = packet->pts;
  if (Status status = track->muxer->Write(packet.get()); !status.ok()) return status;
  stats_.package_latency.Record(Clock::now() - track->held_since);
  if (const Bytes init = track->muxer->TakeInit(); !init.empty()) {
    const Status status = output_->Put(track->model.init_name, init.data(), init.size());
    if (!status.ok()) return status;
  }
  if (packaging_.fragment_duration > 0 &&
      time - track->fragment_start >= packaging_.fragment_duration) {
    track->fragment_start = time;
    return track->muxer->CutFragment();
  }
  return Status::Ok();
}

/// Called with a packet that is not written yet: ends the segment before it when it starts a new
/// grid cell.
Status SegmentPackager::BeginSegment(Track* track, const AVPacket* packet) {
  const std::int64_t segment = grid_.At(std::max<std::int64_t>(0, packet->pts)).segment;
  if (track->has_segment && segment <= track->segment) return Status::Ok();
  const bool key_frame = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  if (track->has_segment && !key_frame) {
    WarnMissedKeyFrame(*track);
    return Status::Ok();
  }
  if (track->has_segment) {
    if (Status status = CloseSegment(track, packet->pts); !status.ok()) return status;
  }
  track->has_segment = true;
  track->segment = segment;
  track->start = packet->pts;
  track->fragment_start = packet->pts;
  return Status::Ok();
}

void SegmentPackager::WarnMissedKeyFrame(const Track& track) {
  if (warned_missed_key_) return;
  warned_missed_key_ = true;
  sink_(WarningEvent{"KEY_FRAME_MISSED",
                     config_.renditions[IndexOf(track)].codec +
                         " did not make a key frame at a segment border: segments of rendition " +
                         track.model.id + " do not align with the others"});
}

void SegmentPackager::StartWallClock(Clock::time_point first_frame) {
  const auto now = std::chrono::system_clock::now() - (Clock::now() - first_frame);
  first_frame_at_ = std::chrono::duration<double>(now.time_since_epoch()).count();
}

Status SegmentPackager::CloseSegment(Track* track, std::int64_t end) {
  Bytes bytes;
  if (Status status = track->muxer->CutSegment(&bytes); !status.ok()) return status;
  SegmentEntry entry;
  entry.number = packaging_.start_number + track->finished_count;
  entry.start = track->start;
  entry.duration = end - track->start;
  entry.bytes = static_cast<std::int64_t>(bytes.size());
  entry.name = Expand(packaging_.segment_name, *track, entry.number, entry.start);
  entry.discontinuity = packaging_.discontinuity_start && track->finished_count == 0;
  if (packaging_.program_date_time) {
    entry.program_date_time = first_frame_at_ + Seconds(entry.start);
  }
  if (Status status = output_->Put(entry.name, bytes.data(), bytes.size()); !status.ok()) {
    return status;
  }
  const std::size_t index = IndexOf(*track);
  const double duration = Seconds(entry.duration);
  track->bandwidth.Add(entry.bytes, duration);
  track->bytes += entry.bytes;
  ++track->finished_count;
  RenditionStats& stats = *stats_.renditions[index];
  stats.bytes.store(track->bytes, std::memory_order_relaxed);
  stats.segments.store(track->finished_count, std::memory_order_relaxed);
  stats.peak_bitrate.store(track->bandwidth.peak(), std::memory_order_relaxed);
  stats.average_bitrate.store(track->bandwidth.average(), std::memory_order_relaxed);
  max_segment_duration_ = std::max(max_segment_duration_, duration);
  sink_(SegmentEvent{static_cast<int>(index), output_->PathOf(entry.name), Seconds(entry.start),
                     duration, entry.bytes});
  track->finished.push_back(std::move(entry));
  return PublishIfComplete();
}

Status SegmentPackager::Finish(std::int64_t end) {
  for (Track& track : tracks_) {
    if (track.held == nullptr) continue;
    // The last sample lasts until the end of the presentation, on the decoding time line that
    // starts at 0.
    const std::int64_t decoded_at = track.held->dts + track.reordering_delay;
    if (Status status = WriteHeld(&track, end - decoded_at); !status.ok()) return status;
    if (Status status = CloseSegment(&track, end); !status.ok()) return status;
    track.has_segment = false;
  }
  return Publish(true);
}

void SegmentPackager::Abort() { output_->Abort(); }

std::vector<std::string> SegmentPackager::Codecs() const {
  std::vector<std::string> codecs;
  codecs.reserve(tracks_.size());
  for (const Track& track : tracks_) codecs.push_back(track.model.codecs);
  return codecs;
}

}  // namespace streamgear
