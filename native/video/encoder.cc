#include "video/encoder.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/size_text.h"
#include "base/worker.h"
#include "pixels/picture_scaler.h"
#include "video/hw_device.h"

namespace streamgear {
namespace {

/// No encoder may place key frames by itself: the segment grid does. Large, but safe to add to a
/// frame number.
constexpr int kEndlessGop = 1 << 20;

/// So few may come in a burst at any rate.
constexpr double kFewFrames = 25;

Rational RateOf(const PipelineConfig& config, const RenditionConfig& rendition) {
  return rendition.frame_rate.valid() ? rendition.frame_rate : config.picture_rate;
}

/// These are opened anew for each GOP, which makes key frames exact whatever the rate: SVT-AV1
/// takes forced ones with a constant quality only, not with a bit rate; OpenMAX and, before
/// FFmpeg 7.1, AMF take none.
bool CannotForceKeyFrames(const AVCodec* codec) {
  const std::string_view name = codec->name;
  if (name == "libsvtav1" || name.ends_with("_omx")) return true;
  const AVClass* options = codec->priv_class;
  return name.ends_with("_amf") &&
         av_opt_find(&options, "forced_idr", nullptr, 0, AV_OPT_SEARCH_FAKE_OBJ) == nullptr;
}

/// SVT-AV1 1.4 sets up globals of the process when an encoder opens and frees them when one closes,
/// without a lock.
std::unique_lock<std::mutex> LockForOpening(const std::string& codec) {
  static std::mutex mutex;
  return codec == "libsvtav1" ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
}

/// What wrappers say of an option inside `-x264-params` and the like, and go on without it.
bool IsRefusedOption(const std::string& line) {
  constexpr std::array<std::string_view, 3> kBegins = {"Error parsing option", "Unknown option",
                                                       "Invalid value for"};
  return std::ranges::any_of(kBegins,
                             [&](std::string_view begin) { return line.starts_with(begin); });
}

std::int64_t FrameTicks(const PipelineConfig& config, Rational rate) {
  return config.input.ticks_per_second * rate.den / rate.num;
}

/// One that leaves nothing out tells for all.
bool TellsDensity(const PipelineConfig& config, int index) {
  const auto first = std::ranges::find_if(config.renditions, [](const RenditionConfig& rendition) {
    return !rendition.frame_rate.valid();
  });
  return first - config.renditions.begin() == index;
}

}  // namespace

Encoder::Encoder(const PipelineConfig& config, int index, BoundedQueue<Picture>& input,
                 PacketQueue& output, RenditionStats& stats, LogRing& log, EventSink sink)
    : config_(config),
      rendition_(config.renditions[static_cast<std::size_t>(index)]),
      index_(index),
      frame_rate_(RateOf(config, rendition_)),
      input_(input),
      output_(output),
      stats_(stats),
      log_(log),
      sink_(std::move(sink)),
      tells_density_(TellsDensity(config, index)),
      packet_(av_packet_alloc()),
      clock_(FrameTicks(config, frame_rate_), config.input.ticks_per_second) {}

std::string Encoder::Subject(const std::string& what) const {
  return codec() + " " + what + " for rendition " + std::to_string(index_) + " (" +
         SizeText(rendition_.width, rendition_.height) + "): ";
}

Failure Encoder::Fail(const std::string& code, const std::string& what, int error) const {
  return {.code = code,
          .message = Subject(what) + AvErrorText(error),
          .stage = "encoder",
          .rendition = index_,
          .averror = error};
}

/// A failure of what stands before the encoder, as one of this rendition.
Failure Encoder::Blame(Failure failure, const std::string& what) const {
  failure.message = Subject(what) + failure.message;
  failure.rendition = index_;
  return failure;
}

Status Encoder::Run() {
  Status status = Loop();
  Close();  // on the thread that opened it, whatever the way out
  return status;
}

Status Encoder::Loop() {
  if (packet_ == nullptr) return Status(Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM)));
  if (Status status = Open(); !status.ok()) return status;
  if (Status status = Announce(); !status.ok()) return status;
  while (!cancelled_) {
    std::optional<Picture> picture = input_.Pop();
    if (!picture.has_value()) break;
    if (Status status = Encode(std::move(*picture)); !status.ok()) return status;
    stats_.cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  if (cancelled_) return Status::Ok();
  return Flush();
}

void Encoder::Configure() {
  const ColorTags tags = ColorTagsOf(config_.input.color_space);
  AVCodecContext* context = context_.get();
  context->opaque = &log_;
  context->width = rendition_.width;
  context->height = rendition_.height;
  context->framerate = ToAv(frame_rate_);
  context->time_base = av_inv_q(context->framerate);
  // The bitstream has 16 bits for each side of the ratio (H.264 Table E-1); the container keeps it
  // exact.
  av_reduce(&context->sample_aspect_ratio.num, &context->sample_aspect_ratio.den,
            rendition_.sample_aspect_ratio.num, rendition_.sample_aspect_ratio.den, 65535);
  context->colorspace = tags.space;
  context->color_primaries = tags.primaries;
  context->color_trc = tags.transfer;
  context->color_range = AVCOL_RANGE_MPEG;
  context->chroma_sample_location = AVCHROMA_LOC_LEFT;
  context->gop_size = kEndlessGop;
  context->keyint_min = 1;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
}

Status Encoder::Open() {
  Status status = OpenCodec();
  const bool unavailable = !status.ok() && status.failure().code == "HARDWARE_UNAVAILABLE";
  // Another encoder needs another init segment: once that is out, it is too late.
  const bool can_fall_back = !fell_back_ && !described_ && !rendition_.fallback_codec.empty();
  if (!unavailable || !can_fall_back) return status;
  FallBack(status.failure());
  return OpenCodec();
}

void Encoder::FallBack(const Failure& failure) {
  Close();
  fell_back_ = true;
  stats_.fell_back.store(true, std::memory_order_relaxed);
  sink_(WarningEvent{"HARDWARE_FALLBACK", failure.message + ". " + codec() + " encodes instead"});
}

Status Encoder::OpenCodec() {
  const AVCodec* found = avcodec_find_encoder_by_name(codec().c_str());
  if (found == nullptr) {
    return Status(
        Fail("ENCODER_NOT_FOUND", "does not exist in this libavcodec", AVERROR_ENCODER_NOT_FOUND));
  }
  // The lines in which libav says what is missing or wrong, and no other encoder's.
  std::string refused;
  LogRing lines(
      [this, &refused](Event event) {
        auto& line = std::get<LogEvent>(event);
        if (!described_ && IsRefusedOption(line.message)) {
          sink_(WarningEvent{"OPTION_REFUSED", Subject("goes without an option") + line.message});
          refused = line.message;
        }
        log_.Append(line.level, std::move(line.message));
      },
      log_.max_level() > AV_LOG_INFO);
  const LogScope scope(&lines);
  Status status = OpenContext(found);
  if (status.ok()) return status;
  Failure failure = status.failure();
  if (failure.code != "HARDWARE_UNAVAILABLE" && failure.code != "ENCODER_OPEN_FAILED") {
    return status;
  }
  failure.log = refused.empty() ? lines.LastComplaint() : refused;
  if (!failure.log.empty()) failure.message += " (" + failure.log + ")";
  if (!IsHardwareEncoder(found)) return Status(std::move(failure));
  failure.code = "HARDWARE_UNAVAILABLE";
  failure.message += ". " + HardwareAdvice(found);
  return Status(std::move(failure));
}

Status Encoder::OpenContext(const AVCodec* codec) {
  context_.reset(avcodec_alloc_context3(codec));
  if (context_ == nullptr) return Status(Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM)));
  Configure();
  if (Status status = EncoderInput::Create(codec, context_.get(), EncoderPixelFormat(rendition_),
                                           config_.hardware, &encoder_input_);
      !status.ok()) {
    return Status(Blame(status.failure(), "cannot run"));
  }
  Dict options(fell_back_ ? rendition_.fallback_options : rendition_.options);
  const auto lock = LockForOpening(codec->name);
  const int error = avcodec_open2(context_.get(), codec, &options.raw);
  if (error < 0) return Status(Fail("ENCODER_OPEN_FAILED", "could not be opened", error));
  if (const std::string left = options.FirstKey(); !left.empty()) {
    return Status(Fail("ENCODER_OPTION_UNKNOWN", "does not know the option \"" + left + "\"",
                       AVERROR_OPTION_NOT_FOUND));
  }
  return Status::Ok();
}

void Encoder::Close() {
  const auto lock = LockForOpening(codec());
  context_.reset();
  encoder_input_.reset();
  has_frames_ = false;
  draining_ = false;
}

Status Encoder::Announce() {
  StreamInfo info{.rendition = index_,
                  .parameters = CodecParametersPtr(avcodec_parameters_alloc()),
                  .frame_rate = frame_rate_};
  if (info.parameters == nullptr ||
      avcodec_parameters_from_context(info.parameters.get(), context_.get()) < 0) {
    return Status(Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM)));
  }
  info.parameters->sample_aspect_ratio = ToAv(rendition_.sample_aspect_ratio);
  if (info.parameters->bit_rate <= 0) info.parameters->bit_rate = rendition_.bitrate;
  if (!output_.Push(std::move(info))) cancelled_ = true;
  return Status::Ok();
}

Status Encoder::Reopen() {
  if (Status status = Drain(); !status.ok() || cancelled_) return status;
  Close();
  return Open();
}

Status Encoder::Encode(Picture picture) {
  if (picture.key_frame && has_frames_ && CannotForceKeyFrames(context_->codec)) {
    if (Status status = Reopen(); !status.ok() || cancelled_) return status;
  }
  if (Status status = encoder_input_->Prepare(&picture.frame); !status.ok()) {
    return Status(Blame(status.failure(), "failed"));
  }
  AVFrame* frame = picture.frame.get();
  frame->pts = clock_.Enter(picture.pts, picture.pushed_at);
  CheckDensity(picture.pts, frame->pts);
  SetDuration(frame, 1);
  frame->pict_type = picture.key_frame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  frame->sample_aspect_ratio = context_->sample_aspect_ratio;
  for (;;) {
    const int error = avcodec_send_frame(context_.get(), frame);
    if (error >= 0) break;
    if (error != AVERROR(EAGAIN)) return Status(Fail("ENCODER_FAILED", "refused a frame", error));
    if (Status status = Receive(); !status.ok() || cancelled_) return status;
  }
  has_frames_ = true;
  return Receive();
}

/// Encoders are given one number for each frame. Where these run ahead of the frames' times by a
/// second, more frames come than was declared, and each takes the bits of a declared one.
void Encoder::CheckDensity(std::int64_t ticks, std::int64_t number) {
  const auto frames = static_cast<double>(number);
  const double seconds =
      static_cast<double>(ticks) / static_cast<double>(config_.input.ticks_per_second);
  const double declared = frame_rate_.value();
  if (!tells_density_ || frames < kFewFrames || frames < (seconds + 1) * declared) return;
  tells_density_ = false;
  const double real = seconds > 0 ? frames / seconds : frames;
  sink_(WarningEvent{"TIMESTAMPS_DENSER_THAN_FRAME_RATE",
                     "About " + std::to_string(std::lround(real)) +
                         " frames per second come where " + std::to_string(std::lround(declared)) +
                         " are declared. Rate control counts frames, so the bitrate will be " +
                         "higher by as much: declare the real frame rate"});
}

Status Encoder::Receive() {
  while (!cancelled_) {
    const int error = avcodec_receive_packet(context_.get(), packet_.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return Status::Ok();
    if (error < 0) return Status(Fail("ENCODER_FAILED", "failed", error));
    if (!described_) {
      described_ = true;
      if (Status status = Describe(packet_.get()); !status.ok()) return status;
    }
    const std::int64_t decoding = packet_->dts == AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    clock_.Begin(context_->has_b_frames, {packet_->pts, decoding}, draining_);
    const EncoderClock::Times times = clock_.Leave(packet_->pts);
    EncodedPacket out{
        .rendition = index_, .packet = PacketPtr(av_packet_alloc()), .pushed_at = times.pushed_at};
    if (out.packet == nullptr)
      return Status(Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM)));
    av_packet_move_ref(out.packet.get(), packet_.get());
    out.packet->pts = times.pts;
    out.packet->dts = times.dts;
    out.packet->duration = FrameTicks(config_, frame_rate_);
    stats_.frames_encoded.fetch_add(1, std::memory_order_relaxed);
    stats_.encode_latency.Record(Clock::now() - times.pushed_at);
    if (!output_.Push(std::move(out))) cancelled_ = true;
  }
  return Status::Ok();
}

/// An encoder without a global header (V4L2's, and some drivers') has its parameter sets in the
/// stream only: they go along with the first packet, as libaom does it by itself.
Status Encoder::Describe(AVPacket* first) const {
  const AVCodecID id = context_->codec_id;
  const bool can_be_found =
      id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC || id == AV_CODEC_ID_AV1;
  const bool is_there =
      context_->extradata_size > 0 ||
      av_packet_get_side_data(first, AV_PKT_DATA_NEW_EXTRADATA, nullptr) != nullptr;
  if (is_there || !can_be_found) return Status::Ok();
  AVBSFContext* raw = nullptr;
  int error = av_bsf_alloc(av_bsf_get_by_name("extract_extradata"), &raw);
  const BsfPtr filter(raw);
  if (error >= 0) error = avcodec_parameters_from_context(raw->par_in, context_.get());
  if (error >= 0) error = av_bsf_init(raw);
  if (error >= 0) error = av_bsf_send_packet(raw, first);
  if (error >= 0) error = av_bsf_receive_packet(raw, first);
  return error < 0 ? Status(Fail("ENCODER_FAILED", "gave no parameter sets", error)) : Status::Ok();
}

Status Encoder::Drain() {
  // An encoder that never got a frame has nothing to flush, and some crash when asked to.
  if (!has_frames_) return Status::Ok();
  draining_ = true;
  const int error = avcodec_send_frame(context_.get(), nullptr);
  if (error < 0 && error != AVERROR_EOF) {
    return Status(Fail("ENCODER_FAILED", "could not be flushed", error));
  }
  return Receive();
}

Status Encoder::Flush() {
  if (Status status = Drain(); !status.ok()) return status;
  stats_.cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  if (!cancelled_ && !output_.Push(StreamEnd{index_})) cancelled_ = true;
  return Status::Ok();
}

}  // namespace streamgear
