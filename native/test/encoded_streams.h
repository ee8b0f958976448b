// Packets of real encoders, with the times that a test wants, for the tests of what comes behind
// the encoders.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "media/packet.h"
#include "pipeline_fixture.h"

namespace streamgear::test {

struct EncodedStream {
  StreamInfo info;
  std::vector<EncodedPacket> packets;
};

/// What every encoder does: all frames in, all packets out.
template <typename NextFrame>
void EncodeAll(AVCodecContext* context, NextFrame next_frame, EncodedStream* stream) {
  for (bool flushed = false; !flushed;) {
    const FramePtr frame = next_frame();
    flushed = frame == nullptr;
    ASSERT_GE(avcodec_send_frame(context, frame.get()), 0);
    for (;;) {
      PacketPtr packet(av_packet_alloc());
      if (avcodec_receive_packet(context, packet.get()) < 0) break;
      stream->packets.push_back({.rendition = stream->info.rendition, .packet = std::move(packet)});
    }
  }
}

inline void Describe(AVCodecContext* context, EncodedStream* stream) {
  stream->info.parameters.reset(avcodec_parameters_alloc());
  avcodec_parameters_from_context(stream->info.parameters.get(), context);
}

/// H.264 in 64x48, one frame at each of `times` (ticks of kTicks), with an IDR frame at the first
/// and in each new second.
inline EncodedStream EncodeVideo(const std::vector<std::int64_t>& times, int rendition = 0) {
  EncodedStream stream;
  stream.info.rendition = rendition;
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  CodecContextPtr context(avcodec_alloc_context3(codec));
  context->width = 64;
  context->height = 48;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, static_cast<int>(kTicks)};
  context->framerate = {25, 1};
  context->gop_size = 1000;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  Dict options({{"preset", "ultrafast"}, {"tune", "zerolatency"}, {"forced-idr", "1"}});
  EXPECT_GE(avcodec_open2(context.get(), codec, &options.raw), 0);
  Describe(context.get(), &stream);
  std::size_t index = 0;
  std::int64_t second = -1;
  const auto next_frame = [&]() -> FramePtr {
    if (index == times.size()) return nullptr;
    FramePtr frame(av_frame_alloc());
    frame->width = 64;
    frame->height = 48;
    frame->format = AV_PIX_FMT_YUV420P;
    av_frame_get_buffer(frame.get(), 0);
    for (int plane = 0; plane < 3; ++plane) {
      const int rows = plane == 0 ? 48 : 24;
      std::memset(frame->data[plane], static_cast<int>(index % 200) + 20,
                  static_cast<std::size_t>(frame->linesize[plane] * rows));
    }
    frame->pts = times[index++];
    const bool key = std::exchange(second, frame->pts / kTicks) != frame->pts / kTicks;
    frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    return frame;
  };
  EncodeAll(context.get(), next_frame, &stream);
  const Clock::time_point begin = Clock::now();
  for (EncodedPacket& packet : stream.packets) {
    packet.pushed_at = begin + std::chrono::microseconds(packet.packet->pts * 1'000'000 / kTicks);
  }
  return stream;
}

/// Times of `count` frames at 25 fps.
inline std::vector<std::int64_t> FrameTimes(int count, std::int64_t start = 0) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < count; ++i) times.push_back(start + i * kFrame);
  return times;
}

struct SoundSpec {
  const char* codec = "aac";
  AVSampleFormat format = AV_SAMPLE_FMT_FLTP;  ///< or FLT, or S16
  int sample_rate = 48000;
  int channels = 2;
  double seconds = 3;
  int rendition = 2;
  std::int64_t bitrate = 64000;
  double start = 0;  ///< seconds of presentation
};

/// 440 Hz, the same in every channel.
inline void FillTone(AVFrame* frame, std::int64_t position) {
  const int channels = frame->ch_layout.nb_channels;
  for (int i = 0; i < frame->nb_samples; ++i) {
    const double time = static_cast<double>(position + i) / frame->sample_rate;
    const auto value = static_cast<float>(0.5 * std::sin(2 * 3.14159265 * 440 * time));
    for (int channel = 0; channel < channels; ++channel) {
      if (frame->format == AV_SAMPLE_FMT_FLTP) {
        reinterpret_cast<float*>(frame->extended_data[channel])[i] = value;
      } else if (frame->format == AV_SAMPLE_FMT_FLT) {
        reinterpret_cast<float*>(frame->data[0])[i * channels + channel] = value;
      } else {
        reinterpret_cast<std::int16_t*>(frame->data[0])[i * channels + channel] =
            static_cast<std::int16_t>(value * 32767);
      }
    }
  }
}

/// A tone. Its packets have the times that the audio stage gives: the priming lies before `start`.
inline EncodedStream EncodeTone(const SoundSpec& spec) {
  EncodedStream stream;
  stream.info.rendition = spec.rendition;
  stream.info.kind = MediaKind::kAudio;
  stream.info.ticks_per_second = spec.sample_rate;
  const AVCodec* codec = avcodec_find_encoder_by_name(spec.codec);
  CodecContextPtr context(avcodec_alloc_context3(codec));
  context->sample_rate = spec.sample_rate;
  av_channel_layout_default(&context->ch_layout, spec.channels);
  context->sample_fmt = spec.format;
  context->bit_rate = spec.bitrate;
  context->time_base = {1, spec.sample_rate};
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  EXPECT_GE(avcodec_open2(context.get(), codec, nullptr), 0) << spec.codec;
  Describe(context.get(), &stream);
  const auto total = static_cast<std::int64_t>(spec.seconds * spec.sample_rate);
  const std::int64_t begin = std::llround(spec.start * spec.sample_rate);
  std::int64_t position = 0;
  const auto next_frame = [&]() -> FramePtr {
    if (position >= total) return nullptr;
    FramePtr frame(av_frame_alloc());
    frame->format = context->sample_fmt;
    frame->sample_rate = spec.sample_rate;
    av_channel_layout_copy(&frame->ch_layout, &context->ch_layout);
    frame->nb_samples = static_cast<int>(std::min<std::int64_t>(
        context->frame_size > 0 ? context->frame_size : 1024, total - position));
    av_frame_get_buffer(frame.get(), 0);
    FillTone(frame.get(), position);
    frame->pts = begin + position;
    position += frame->nb_samples;
    return frame;
  };
  EncodeAll(context.get(), next_frame, &stream);
  return stream;
}

}  // namespace streamgear::test
