#include "audio/audio_samples.h"

#include <array>
#include <climits>
#include <cmath>
#include <cstring>

extern "C" {
#include <libavutil/samplefmt.h>
}

namespace streamgear {
namespace {

/// Full scale is 1. What is louder than this was never sound.
constexpr double kLoudest = 1e6;

Status Refused(const std::string& code, const std::string& message) {
  return Status(Failure{.code = code, .message = message, .stage = "audio"});
}

/// Planes that a frame's samples lie in, and samples in each.
struct Planes {
  int count = 0;
  std::size_t values = 0;
};

Planes PlanesOf(const AVFrame* frame) {
  const int channels = frame->ch_layout.nb_channels;
  const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame->format)) != 0;
  const auto samples = static_cast<std::size_t>(frame->nb_samples);
  if (planar) return {channels, samples};
  return {1, samples * static_cast<std::size_t>(channels)};
}

template <typename T>
bool IsNonsense(T value) {
  return !(std::abs(value) <= static_cast<T>(kLoudest));
}

template <typename T>
bool HasNonsense(const AVFrame* frame) {
  const Planes planes = PlanesOf(frame);
  for (int plane = 0; plane < planes.count; ++plane) {
    const T* values = reinterpret_cast<const T*>(frame->extended_data[plane]);
    for (std::size_t i = 0; i < planes.values; ++i) {
      if (IsNonsense(values[i])) return true;
    }
  }
  return false;
}

template <typename T>
bool Silence(FramePtr* frame) {
  if (!HasNonsense<T>(frame->get())) return true;
  if (av_frame_make_writable(frame->get()) < 0) return false;
  const Planes planes = PlanesOf(frame->get());
  for (int plane = 0; plane < planes.count; ++plane) {
    T* values = reinterpret_cast<T*>((*frame)->extended_data[plane]);
    for (std::size_t i = 0; i < planes.values; ++i) {
      if (IsNonsense(values[i])) values[i] = 0;
    }
  }
  return true;
}

}  // namespace

ChannelLayout ChannelLayout::Default(int channels) {
  ChannelLayout layout;
  av_channel_layout_default(&layout.raw_, channels);
  return layout;
}

std::string ChannelLayout::name() const {
  std::array<char, 256> text{};
  if (av_channel_layout_describe(&raw_, text.data(), text.size()) < 0) return "";
  return text.data();
}

ChannelLayout UsableLayout(const AVChannelLayout& layout) {
  if (layout.order == AV_CHANNEL_ORDER_NATIVE) return ChannelLayout(layout);
  return ChannelLayout::Default(layout.nb_channels);
}

AudioFormat FormatOf(const AVFrame* frame) {
  return {.sample_format = static_cast<AVSampleFormat>(frame->format),
          .sample_rate = frame->sample_rate,
          .layout = ChannelLayout(frame->ch_layout)};
}

FramePtr MakeSamples(const AudioFormat& format, int count) {
  FramePtr frame(av_frame_alloc());
  if (frame == nullptr) return nullptr;
  frame->format = format.sample_format;
  frame->sample_rate = format.sample_rate;
  frame->nb_samples = count;
  if (av_channel_layout_copy(&frame->ch_layout, &format.layout.raw()) < 0) return nullptr;
  if (count > 0 && av_frame_get_buffer(frame.get(), 0) < 0) return nullptr;
  return frame;
}

FramePtr MakeSilence(const AudioFormat& format, int count) {
  FramePtr frame = MakeSamples(format, count);
  if (frame != nullptr && count > 0) {
    av_samples_set_silence(frame->extended_data, 0, count, format.layout.channels(),
                           format.sample_format);
  }
  return frame;
}

FramePtr CutSamples(const AVFrame* frame, int first, int count) {
  const AudioFormat format = FormatOf(frame);
  FramePtr cut = MakeSamples(format, count);
  if (cut != nullptr && count > 0) {
    av_samples_copy(cut->extended_data, frame->extended_data, 0, first, count,
                    format.layout.channels(), format.sample_format);
  }
  return cut;
}

bool SilenceNonsense(FramePtr* frame) {
  switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>((*frame)->format))) {
    case AV_SAMPLE_FMT_FLT:
      return Silence<float>(frame);
    case AV_SAMPLE_FMT_DBL:
      return Silence<double>(frame);
    default:
      return true;
  }
}

AudioFormat PushFormat(const AudioConfig& config) {
  AVSampleFormat sample_format = AV_SAMPLE_FMT_FLT;
  if (config.push_format == SampleFormat::kFloat32Planar) sample_format = AV_SAMPLE_FMT_FLTP;
  if (config.push_format == SampleFormat::kInt16) sample_format = AV_SAMPLE_FMT_S16;
  return {.sample_format = sample_format,
          .sample_rate = config.push_sample_rate,
          .layout = ChannelLayout::Default(config.push_channels)};
}

Status MakeAudioFrame(const AudioConfig& config, const PixelView* planes, std::size_t plane_count,
                      std::size_t sample_count, FramePtr* frame) {
  const AudioFormat format = PushFormat(config);
  const bool planar = av_sample_fmt_is_planar(format.sample_format) != 0;
  const auto channels = static_cast<std::size_t>(format.layout.channels());
  const std::size_t expected_planes = planar ? channels : 1;
  if (plane_count != expected_planes) {
    return Refused("AUDIO_PLANES", "Expected " + std::to_string(expected_planes) +
                                       " planes of samples but received " +
                                       std::to_string(plane_count));
  }
  const std::size_t sample_bytes =
      static_cast<std::size_t>(av_get_bytes_per_sample(format.sample_format)) *
      (planar ? 1 : channels);
  for (std::size_t i = 0; i < plane_count; ++i) {
    const std::size_t available = planes[i].data == nullptr ? 0 : planes[i].size / sample_bytes;
    if (available < sample_count || sample_count > INT_MAX / sample_bytes) {
      return Refused("AUDIO_TOO_SHORT", "Expected " + std::to_string(sample_count) +
                                            " samples in plane " + std::to_string(i) +
                                            " of the audio but received " +
                                            std::to_string(available));
    }
  }
  *frame = MakeSamples(format, static_cast<int>(sample_count));
  if (*frame == nullptr) {
    return Refused("OUT_OF_MEMORY", "Expected memory for " + std::to_string(sample_count) +
                                        " samples but the system gave none");
  }
  for (std::size_t i = 0; i < plane_count && sample_count > 0; ++i) {
    std::memcpy((*frame)->extended_data[i], planes[i].data, sample_count * sample_bytes);
  }
  return Status::Ok();
}

}  // namespace streamgear
