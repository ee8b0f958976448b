#include "audio/audio_decoder.h"

#include <utility>

#include "source/media_info.h"
#include "source/media_input.h"

namespace streamgear {
namespace {

/// A decoder that only ever repeats its error would never be drained.
constexpr int kMaxErrorsInARow = 100;

}  // namespace

Status AudioDecoder::Open() {
  const AVCodecParameters* parameters = stream_.parameters.get();
  const std::string name = CodecOf(parameters);
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (codec == nullptr) {
    return MediaInput::Fail(
        "DECODER_NOT_FOUND",
        "Expected audio that this libavcodec can decode but \"" + stream_.url + "\" has " + name,
        AVERROR_DECODER_NOT_FOUND);
  }
  context_.reset(avcodec_alloc_context3(codec));
  int error = AVERROR(ENOMEM);
  if (context_ != nullptr) error = avcodec_parameters_to_context(context_.get(), parameters);
  if (error >= 0) {
    context_->opaque = &log_;
    context_->thread_count = 1;
    // With it the decoder drops an encoder's priming and corrects the times for it.
    context_->pkt_timebase = stream_.time_base;
    error = avcodec_open2(context_.get(), codec, nullptr);
  }
  if (error < 0) {
    return MediaInput::Fail("DECODER_OPEN_FAILED",
                            "The " + name + " decoder could not be opened for \"" + stream_.url +
                                "\": " + AvErrorText(error),
                            error);
  }
  format_ = {.sample_format = context_->sample_fmt,
             .sample_rate = context_->sample_rate,
             .layout = UsableLayout(context_->ch_layout)};
  if (format_.valid()) return Status::Ok();
  return MediaInput::Fail(
      "DECODE_FAILED",
      "Expected audio that can be decoded but of \"" + stream_.url + "\" not even the format could",
      AVERROR_INVALIDDATA);
}

void AudioDecoder::Send(const AVPacket* packet) {
  errors_in_a_row_ = 0;
  const int error = avcodec_send_packet(context_.get(), packet);
  if (error < 0 && error != AVERROR_EOF) NoteError(AvErrorText(error));
}

FramePtr AudioDecoder::Receive(std::optional<double>* time) {
  FramePtr frame(av_frame_alloc());
  while (frame != nullptr && errors_in_a_row_ < kMaxErrorsInARow) {
    const int error = avcodec_receive_frame(context_.get(), frame.get());
    if (error == AVERROR_EOF || error == AVERROR(EAGAIN)) break;
    if (error < 0) {
      ++errors_in_a_row_;
      NoteError(AvErrorText(error));
      continue;
    }
    errors_in_a_row_ = 0;
    const ChannelLayout layout = UsableLayout(frame->ch_layout);
    if (frame->nb_samples <= 0 || frame->sample_rate <= 0 ||
        av_channel_layout_copy(&frame->ch_layout, &layout.raw()) < 0) {
      av_frame_unref(frame.get());
      continue;
    }
    any_frame_ = true;
    time->reset();
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE) {
      *time = static_cast<double>(frame->best_effort_timestamp) * av_q2d(stream_.time_base);
    }
    return frame;
  }
  return nullptr;
}

Status AudioDecoder::Verdict() const {
  if (any_frame_ || errors_.count() == 0) return Status::Ok();
  return MediaInput::Fail(
      "DECODE_FAILED",
      "Expected audio that can be decoded but nothing of \"" + stream_.url + "\" could be",
      AVERROR_INVALIDDATA);
}

void AudioDecoder::NoteError(const std::string& reason) {
  if (!errors_.Add()) return;
  sink_(WarningEvent{.code = "DECODE_ERROR",
                     .message = "Part of the audio of \"" + stream_.url +
                                "\" could not be decoded (" + std::to_string(errors_.count()) +
                                " so far): " + reason});
}

}  // namespace streamgear
