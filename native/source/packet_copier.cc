#include "source/packet_copier.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/cpu_meter.h"
#include "base/duration_text.h"

namespace streamgear {
namespace {

const MediaStream& VideoOf(const PipelineConfig& config, const MediaInfo& media) {
  return media.streams[static_cast<std::size_t>(config.source.video_stream)];
}

std::int64_t FrameTicks(const PipelineConfig& config) {
  const Rational rate = config.input.frame_rate;
  return std::max<std::int64_t>(1, config.input.ticks_per_second * rate.den / rate.num);
}

bool Takes(SegmentType type, AVCodecID codec) {
  if (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC) return true;
  return type == SegmentType::kFmp4 && (codec == AV_CODEC_ID_VP9 || codec == AV_CODEC_ID_AV1);
}

std::int64_t FirstPts(const StreamDescription& stream) {
  return stream.start == AV_NOPTS_VALUE ? 0 : stream.start;
}

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for a packet but the system gave none",
                        .stage = "reader",
                        .averror = AVERROR(ENOMEM)});
}

}  // namespace

PacketCopier::PacketCopier(const PipelineConfig& config, const MediaInfo& media, Demuxer& demuxer,
                           PacketQueue& output, PresentationClock& clock, PipelineStats& stats,
                           EventSink sink)
    : config_(config),
      stream_(VideoOf(config, media)),
      demuxer_(demuxer),
      description_(demuxer.video().stream()),
      output_(output),
      clock_(clock),
      stats_(stats),
      sink_(std::move(sink)),
      source_end_(config.source, media, demuxer.audio() != nullptr),
      frame_ticks_(FrameTicks(config)),
      sound_around_(config.source, demuxer, sink_),
      times_(av_q2d(description_.time_base), config.input.ticks_per_second, frame_ticks_,
             description_.parameters == nullptr ? 0 : description_.parameters->video_delay),
      gate_(description_.url, av_q2d(description_.time_base), sink_),
      watch_(description_.parameters.get()) {}

Status PacketCopier::Run() {
  Status status = CheckCodec();
  if (status.ok()) WarnOfOrientation();
  if (status.ok()) status = Announce();
  if (status.ok()) status = CopyAll();
  demuxer_.CloseVideo();
  return status;
}

Status PacketCopier::CheckCodec() const {
  const SegmentType type = config_.packaging.segment_type;
  if (description_.parameters == nullptr) return OutOfMemory();
  if (Takes(type, description_.parameters->codec_id)) return Status::Ok();
  const bool fmp4 = type == SegmentType::kFmp4;
  return Status(Failure{.code = "CODEC_NOT_IN_CONTAINER",
                        .message = std::string("Expected video that ") +
                                   (fmp4 ? "fMP4 segments take (h264, hevc, vp9, av1)"
                                         : "MPEG-TS segments take (h264, hevc)") +
                                   " to copy but \"" + description_.url + "\" is " + stream_.codec +
                                   ": encode it instead",
                        .stage = "reader",
                        .rendition = 0});
}

void PacketCopier::WarnOfOrientation() const {
  if (stream_.orientation.identity()) return;
  sink_(WarningEvent{.code = "ORIENTATION_NOT_COPIED",
                     .message = "\"" + description_.url +
                                "\" is to be shown turned or mirrored, which a copy of its video "
                                "does not say: encode it instead"});
}

Status PacketCopier::Announce() {
  StreamInfo info{.rendition = 0,
                  .parameters = CodecParametersPtr(avcodec_parameters_alloc()),
                  .ticks_per_second = config_.input.ticks_per_second,
                  .frame_rate = config_.input.frame_rate};
  if (info.parameters == nullptr ||
      avcodec_parameters_copy(info.parameters.get(), description_.parameters.get()) < 0) {
    return OutOfMemory();
  }
  info.parameters->sample_aspect_ratio = ToAv(stream_.sample_aspect_ratio);
  if (info.parameters->bit_rate <= 0) info.parameters->bit_rate = stream_.bitrate;
  cancelled_ = !output_.Push(std::move(info));
  return Status::Ok();
}

Status PacketCopier::CopyAll() {
  CpuMeter cpu(stats_.source_cpu_nanoseconds);
  const PacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return OutOfMemory();
  while (!cancelled_) {
    PacketReader::Result result = PacketReader::Result::kEnd;
    Status read = demuxer_.video().Read(packet.get(), &result);
    if (result == PacketReader::Result::kCancelled) return Status::Ok();
    if (!read.ok() || result == PacketReader::Result::kEnd) return End(read, false);
    if (Status status = Complete(packet.get()); !status.ok()) return status;
    if (!counts_ && (packet->flags & AV_PKT_FLAG_KEY) != 0) CountFrom(*packet);
    if (IsBehindRange(*packet)) return End(read, true);
    // What is damaged may look like another stream; a change that is real comes again.
    const bool damaged = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
    if (!damaged && watch_.Changes(*packet)) return End(Changed(*packet), false);
    PacketPtr own(av_packet_alloc());
    if (own == nullptr) return OutOfMemory();
    av_packet_move_ref(own.get(), packet.get());
    gate_.Send(std::move(own), &passed_);
    if (Status status = TakePassed(); !status.ok()) return status;
    cpu.Update();
  }
  return Status::Ok();
}

Status PacketCopier::Complete(AVPacket* packet) const {
  // Without reordering one time tells the other.
  if (packet->pts == AV_NOPTS_VALUE && description_.parameters->video_delay == 0) {
    packet->pts = packet->dts;
  }
  if (packet->pts != AV_NOPTS_VALUE) return Status::Ok();
  return Status(Failure{.code = "TIMESTAMPS_MISSING",
                        .message = "Expected presentation times to copy the video of \"" +
                                   description_.url +
                                   "\" but its packets have none: encode it instead",
                        .stage = "reader",
                        .rendition = 0});
}

/// The range is counted from the first picture that is shown. A key frame that an edit list hides
/// is none: what it shows begins with the stream.
void PacketCopier::CountFrom(const AVPacket& key_frame) {
  counts_ = true;
  const double tick = av_q2d(description_.time_base);
  const std::int64_t shown = std::max(key_frame.pts, FirstPts(description_));
  const std::optional<double> first = demuxer_.video().first_picture();
  const double start = std::max(config_.source.start, 0.0);
  const auto pts_of = [&](double seconds) {
    return (first ? std::llround(*first / tick) : shown) + std::llround(seconds / tick);
  };
  if (start > 0) start_pts_ = pts_of(start);
  if (config_.source.duration >= 0) end_pts_ = pts_of(start + config_.source.duration);
}

bool PacketCopier::IsBehindRange(const AVPacket& packet) const {
  return origin_.has_value() && TimeOf(packet) >= end_pts_;
}

std::int64_t PacketCopier::TimeOf(const AVPacket& packet) {
  return packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
}

Status PacketCopier::Changed(const AVPacket& packet) const {
  const double seconds =
      static_cast<double>(packet.pts - FirstPts(description_)) * av_q2d(description_.time_base);
  return Status(Failure{
      .code = kSourceChanged,
      .message = "The video of \"" + description_.url + "\" becomes another one at " +
                 DurationText(seconds, 2) +
                 " (size, profile or other parameters), which a copy cannot follow: encode it "
                 "instead",
      .stage = "reader",
      .rendition = 0});
}

Status PacketCopier::TakePassed() {
  for (PacketPtr& packet : std::exchange(passed_, {})) {
    if (Status status = Take(std::move(packet)); !status.ok()) return status;
  }
  return Status::Ok();
}

Status PacketCopier::Take(PacketPtr packet) {
  if (!origin_.has_value()) return Hold(std::move(packet));
  return packet->pts >= *origin_ ? Limit(std::move(packet)) : Status::Ok();
}

Status PacketCopier::Hold(PacketPtr packet) {
  const bool key_frame = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  if (key_frame && packet->pts <= start_pts_) held_.clear();
  if (held_.empty() && !key_frame) return Status::Ok();
  const bool begins = TimeOf(*packet) >= start_pts_;
  held_.push_back(std::move(packet));
  return begins ? Begin() : Status::Ok();
}

Status PacketCopier::Begin() {
  origin_ = held_.front()->pts;
  const double origin = static_cast<double>(*origin_) * av_q2d(description_.time_base);
  (void)sound_around_.HoldBefore(origin);  // it only tells: there are no pictures to hold
  clock_.Begin(origin, Clock::now());
  for (PacketPtr& packet : std::exchange(held_, {})) {
    if (packet->pts < *origin_ || cancelled_) continue;
    if (Status status = Limit(std::move(packet)); !status.ok()) return status;
  }
  return Status::Ok();
}

/// A picture behind the end is wanted only when one before the end follows, which may refer to it;
/// then so are those between, or the copy would end with a hole.
Status PacketCopier::Limit(PacketPtr packet) {
  if (packet->pts >= end_pts_) {
    late_.push_back(std::move(packet));
    return Status::Ok();
  }
  for (PacketPtr& late : std::exchange(late_, {})) {
    end_pts_ = std::max(end_pts_, late->pts);
    if (Status status = Lead(std::move(late)); !status.ok()) return status;
  }
  return Lead(std::move(packet));
}

/// A segment that begins with a key frame of an open group of pictures begins, in presentation,
/// with the pictures that are decoded behind it and shown before it. They are waited for.
Status PacketCopier::Lead(PacketPtr packet) {
  const bool key_frame = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  const bool leads = !key_frame && !led_.empty() && packet->pts < led_.front()->pts;
  if (!leads) {
    if (Status status = ReleaseLed(); !status.ok()) return status;
  }
  if (!leads && !key_frame) return Copy(packet.get(), packet->pts);
  led_.push_back(std::move(packet));
  return Status::Ok();
}

Status PacketCopier::ReleaseLed() {
  const std::vector<PacketPtr> led = std::exchange(led_, {});
  if (led.empty()) return Status::Ok();
  const auto pts_of = [](const PacketPtr& packet) { return packet->pts; };
  const std::int64_t first = (*std::ranges::min_element(led, {}, pts_of))->pts;
  for (const PacketPtr& packet : led) {
    if (cancelled_) break;
    const std::int64_t first_shown = packet == led.front() ? first : packet->pts;
    if (Status status = Copy(packet.get(), first_shown); !status.ok()) return status;
  }
  return Status::Ok();
}

Status PacketCopier::Copy(AVPacket* packet, std::int64_t first_shown) {
  EncodedPacket copy{
      .rendition = 0, .packet = PacketPtr(av_packet_alloc()), .pushed_at = Clock::now()};
  if (copy.packet == nullptr) return OutOfMemory();
  const std::optional<std::int64_t> dts =
      packet->dts == AV_NOPTS_VALUE ? std::nullopt : std::optional(packet->dts);
  const CopyClock::Times times = times_.Next(packet->pts, dts);
  const double duration = static_cast<double>(packet->duration) * av_q2d(description_.time_base);
  const std::int64_t ticks =
      std::llround(duration * static_cast<double>(config_.input.ticks_per_second));
  av_packet_move_ref(copy.packet.get(), packet);
  copy.packet->pts = times.pts;
  copy.packet->dts = times.dts;
  copy.packet->duration = ticks > 0 ? ticks : frame_ticks_;
  copy.first_shown = std::min(times_.At(first_shown), times.pts);
  end_ = std::max(end_, times.pts + copy.packet->duration);
  clock_.Advance(end_, copy.pushed_at);
  stats_.frames_in.fetch_add(1, std::memory_order_relaxed);
  stats_.renditions[0]->frames_encoded.fetch_add(1, std::memory_order_relaxed);
  stats_.duration.store(Seconds(end_), std::memory_order_relaxed);
  cancelled_ = !output_.Push(std::move(copy));
  return Status::Ok();
}

Status PacketCopier::NothingKept() const {
  if (demuxer_.stopped() || !gate_.hides()) return source_end_.NothingKept(demuxer_.stopped());
  return Status(Failure{.code = "COPY_WOULD_REVEAL",
                        .message = "Expected a key frame in the part of \"" + description_.url +
                                   "\" that its edit list shows, without which a copy would show "
                                   "what it hides: encode it instead",
                        .stage = "reader",
                        .rendition = 0});
}

Status PacketCopier::End(const Status& read, bool range_reached) {
  gate_.Finish(!read.ok() && read.failure().code == kSourceChanged, &passed_);
  if (Status status = TakePassed(); !status.ok()) return status;
  // The start may lie in the last group of pictures.
  if (!held_.empty() && held_.back()->pts + held_.back()->duration > start_pts_) {
    if (Status status = Begin(); !status.ok()) return status;
  }
  if (!origin_.has_value()) return read.ok() ? NothingKept() : read;
  if (Status status = ReleaseLed(); !status.ok()) return status;
  if (cancelled_) return Status::Ok();
  const double first =
      static_cast<double>(*origin_ - FirstPts(description_)) * av_q2d(description_.time_base);
  clock_.End(end_);
  if (read.ok() && !range_reached && !demuxer_.stopped()) {
    const double tick = av_q2d(description_.time_base);
    const double end = static_cast<double>(*origin_) * tick + Seconds(end_);
    const double wanted =
        config_.source.duration >= 0 ? static_cast<double>(end_pts_) * tick - end : HUGE_VAL;
    (void)sound_around_.HoldBehind(end, wanted);
  }
  sink_(source_end_.Tell({.video_end = first + Seconds(end_),
                          .furthest = demuxer_.furthest(),
                          .position = Seconds(end_),
                          .range_reached = range_reached || demuxer_.stopped(),
                          .status = read}));
  cancelled_ = !output_.Push(StreamEnd{0});
  return Status::Ok();
}

double PacketCopier::Seconds(std::int64_t ticks) const {
  return static_cast<double>(ticks) / static_cast<double>(config_.input.ticks_per_second);
}

}  // namespace streamgear
