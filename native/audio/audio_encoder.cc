#include "audio/audio_encoder.h"

#include <algorithm>
#include <utility>

#include "audio/audio_container.h"

namespace streamgear {
namespace {

/// For encoders that take frames of any size.
constexpr int kAnyFrameSize = 1024;

}  // namespace

AudioEncoder::AudioEncoder(const PipelineConfig& config, std::size_t index, PacketQueue& output,
                           PipelineStats& stats, LogRing& log)
    : config_(config),
      rendition_(config.audio.renditions[index]),
      index_(static_cast<int>(config.renditions.size() + index)),
      output_(output),
      stats_(*stats.renditions[static_cast<std::size_t>(index_)]),
      log_(log) {}

Status AudioEncoder::Fail(const std::string& code, const std::string& what, int error) const {
  return Status(Failure{.code = code,
                        .message = rendition_.codec + " " + what + " for the audio (rendition " +
                                   std::to_string(index_) + "): " + AvErrorText(error),
                        .stage = "audio",
                        .rendition = index_,
                        .averror = error});
}

int AudioEncoder::frame_size() const {
  return context_->frame_size > 0 ? context_->frame_size : kAnyFrameSize;
}

Status AudioEncoder::Open(const AudioTraits& traits) {
  const AVCodec* codec = avcodec_find_encoder_by_name(rendition_.codec.c_str());
  if (codec == nullptr || codec->type != AVMEDIA_TYPE_AUDIO) {
    return Fail("ENCODER_NOT_FOUND", "is no audio encoder of this libavcodec",
                AVERROR_ENCODER_NOT_FOUND);
  }
  if (Status status = CheckAudioCodec(codec->id, config_.packaging.segment_type, index_);
      !status.ok()) {
    return status;
  }
  if (Status status = Configure(codec, traits); !status.ok()) return status;
  Dict options(rendition_.options);
  const int error = avcodec_open2(context_.get(), codec, &options.raw);
  if (error < 0) return Fail("ENCODER_OPEN_FAILED", "could not be opened", error);
  if (const std::string left = options.FirstKey(); !left.empty()) {
    return Fail("ENCODER_OPTION_UNKNOWN", "does not know the option \"" + left + "\"",
                AVERROR_OPTION_NOT_FOUND);
  }
  return traits.continues == nullptr ? Announce(traits) : Continue(*traits.continues);
}

Status AudioEncoder::Configure(const AVCodec* codec, const AudioTraits& traits) {
  if (Status status = ChooseEncoderFormat(codec, traits.format, config_.audio, &chosen_);
      !status.ok()) {
    return status;
  }
  context_.reset(avcodec_alloc_context3(codec));
  if (context_ == nullptr) return Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM));
  AVCodecContext* context = context_.get();
  const AudioFormat& format = chosen_.format;
  context->opaque = &log_;
  context->thread_count = 1;
  context->sample_fmt = format.sample_format;
  context->sample_rate = format.sample_rate;
  context->time_base = {1, format.sample_rate};
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  context->bit_rate = ChooseBitrate(rendition_, traits.parameters, format.layout.channels());
  const int error = av_channel_layout_copy(&context->ch_layout, &format.layout.raw());
  return error < 0 ? Fail("OUT_OF_MEMORY", "has no memory", error) : Status::Ok();
}

Status AudioEncoder::Announce(const AudioTraits& traits) {
  StreamInfo info{.rendition = index_,
                  .kind = MediaKind::kAudio,
                  .parameters = CodecParametersPtr(avcodec_parameters_alloc()),
                  .ticks_per_second = chosen_.format.sample_rate,
                  .language = traits.language,
                  .name = traits.name};
  if (info.parameters == nullptr ||
      avcodec_parameters_from_context(info.parameters.get(), context_.get()) < 0) {
    return Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM));
  }
  if (!output_.Push(std::move(info))) cancelled_ = true;
  return Status::Ok();
}

/// What comes out must be what the announced header says. Its priming has no place there.
Status AudioEncoder::Continue(const AVCodecParameters& announced) {
  const auto same_aac = [&] {
    // The object type, the rate and the channels (ISO/IEC 14496-3, 1.6.2.1).
    return announced.extradata_size >= 2 && context_->extradata_size >= 2 &&
           announced.extradata[0] == context_->extradata[0] &&
           (announced.extradata[1] & 0xF8) == (context_->extradata[1] & 0xF8);
  };
  adts_ = announced.codec_id == AV_CODEC_ID_AAC && announced.extradata_size == 0;
  const bool fits = context_->sample_rate == announced.sample_rate &&
                    chosen_.format.layout.channels() == ChannelsOf(&announced) &&
                    (announced.codec_id != AV_CODEC_ID_AAC || adts_ || same_aac());
  if (!fits) return Fail("ENCODER_OPEN_FAILED", "cannot go on with this stream", AVERROR(EINVAL));
  const double begin = -config_.audio.start * context_->sample_rate;
  first_pts_ = static_cast<std::int64_t>(begin) - frame_size() / 2;
  return Status::Ok();
}

/// ISO/IEC 14496-3, 1.A.2.2: without a checksum.
Status AudioEncoder::WrapInAdts(AVPacket* packet) const {
  constexpr int kHeader = 7;
  const int size = packet->size;
  if (av_grow_packet(packet, kHeader) < 0 || av_packet_make_writable(packet) < 0) {
    return Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM));
  }
  std::copy_backward(packet->data, packet->data + size, packet->data + size + kHeader);
  const unsigned type = context_->extradata[0] >> 3;
  const unsigned rate = (context_->extradata[0] & 7U) << 1 | context_->extradata[1] >> 7;
  const unsigned channels = (context_->extradata[1] >> 3) & 15U;
  const auto length = static_cast<unsigned>(packet->size);
  const unsigned bytes[kHeader] = {0xFF,
                                   0xF1,
                                   (type - 1) << 6 | rate << 2 | channels >> 2,
                                   (channels & 3) << 6 | length >> 11,
                                   (length >> 3) & 0xFF,
                                   (length & 7) << 5 | 0x1F,
                                   0xFC};
  std::copy_n(bytes, kHeader, packet->data);
  return Status::Ok();
}

Status AudioEncoder::Encode(const AVFrame* frame) {
  const int error = avcodec_send_frame(context_.get(), frame);
  if (error < 0) return Fail("ENCODER_FAILED", "refused samples", error);
  has_frames_ = true;
  return Receive();
}

Status AudioEncoder::Receive() {
  while (!cancelled_) {
    EncodedPacket out{
        .rendition = index_, .packet = PacketPtr(av_packet_alloc()), .pushed_at = Clock::now()};
    if (out.packet == nullptr) return Fail("OUT_OF_MEMORY", "has no memory", AVERROR(ENOMEM));
    const int error = avcodec_receive_packet(context_.get(), out.packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return Status::Ok();
    if (error < 0) return Fail("ENCODER_FAILED", "failed", error);
    // FLAC ends with nothing but a header that is better informed.
    if (out.packet->size == 0) continue;
    if (out.packet->pts < first_pts_) continue;
    if (adts_) {
      if (Status status = WrapInAdts(out.packet.get()); !status.ok()) return status;
    }
    if (out.packet->duration <= 0) out.packet->duration = frame_size();
    out.packet->dts = out.packet->pts;
    stats_.frames_encoded.fetch_add(1, std::memory_order_relaxed);
    if (!output_.Push(std::move(out))) cancelled_ = true;
  }
  return Status::Ok();
}

Status AudioEncoder::Finish() {
  if (cancelled_) return Status::Ok();
  // An encoder that never got a frame has nothing to flush, and some crash when asked to.
  if (has_frames_) {
    const int error = avcodec_send_frame(context_.get(), nullptr);
    if (error < 0 && error != AVERROR_EOF) {
      return Fail("ENCODER_FAILED", "could not be flushed", error);
    }
    if (Status status = Receive(); !status.ok()) return status;
  }
  if (!cancelled_ && !output_.Push(StreamEnd{index_})) cancelled_ = true;
  return Status::Ok();
}

}  // namespace streamgear
