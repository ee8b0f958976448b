// audio_samples: what samples look like, and frames of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/av.h"
#include "base/status.h"
#include "config.h"
#include "pixels/frame.h"

namespace streamgear {

/// An AVChannelLayout that frees itself.
class ChannelLayout {
 public:
  ChannelLayout() = default;
  explicit ChannelLayout(const AVChannelLayout& layout) { av_channel_layout_copy(&raw_, &layout); }
  ChannelLayout(const ChannelLayout& other) : ChannelLayout(other.raw_) {}
  ChannelLayout& operator=(const ChannelLayout& other) {
    av_channel_layout_copy(&raw_, &other.raw_);
    return *this;
  }
  ~ChannelLayout() { av_channel_layout_uninit(&raw_); }

  /// The usual one of so many channels; without names when there is none.
  [[nodiscard]] static ChannelLayout Default(int channels);

  [[nodiscard]] const AVChannelLayout& raw() const { return raw_; }
  [[nodiscard]] int channels() const { return raw_.nb_channels; }
  /// Its channels have names, by which they can be mixed.
  [[nodiscard]] bool named() const { return raw_.order == AV_CHANNEL_ORDER_NATIVE; }
  /// AV_CH_*; 0 when not named.
  [[nodiscard]] std::uint64_t mask() const { return named() ? raw_.u.mask : 0; }
  /// "stereo", "5.1(side)", "16 channels"
  [[nodiscard]] std::string name() const;
  bool operator==(const ChannelLayout& other) const {
    return av_channel_layout_compare(&raw_, &other.raw_) == 0;
  }

 private:
  AVChannelLayout raw_{};
};

struct AudioFormat {
  AVSampleFormat sample_format = AV_SAMPLE_FMT_NONE;
  int sample_rate = 0;
  ChannelLayout layout{};

  [[nodiscard]] bool valid() const {
    return sample_format != AV_SAMPLE_FMT_NONE && sample_rate > 0 && layout.channels() > 0;
  }
  bool operator==(const AudioFormat&) const = default;
};

/// A layout that is usable for mixing where there is one: what a file leaves unsaid is the default
/// of its number of channels.
[[nodiscard]] ChannelLayout UsableLayout(const AVChannelLayout& layout);

[[nodiscard]] AudioFormat FormatOf(const AVFrame* frame);

/// Room for `count` samples, at least one; null when memory is out.
[[nodiscard]] FramePtr MakeSamples(const AudioFormat& format, int count);

/// `count` samples of nothing; null when memory is out.
[[nodiscard]] FramePtr MakeSilence(const AudioFormat& format, int count);

/// A copy of the frame's samples from `first` on; null when memory is out.
[[nodiscard]] FramePtr CutSamples(const AVFrame* frame, int first, int count);

/// Turns NaN, infinity and what is absurdly loud into silence: encoders refuse it and would end
/// everything. `*frame` is replaced by a copy when it must not be written. False: memory is out.
[[nodiscard]] bool SilenceNonsense(FramePtr* frame);

/// What writeAudio() pushes.
[[nodiscard]] AudioFormat PushFormat(const AudioConfig& config);

/// Lays samples from JavaScript out as a frame. `planes` has one entry per channel for planar
/// formats, else one. Fails when a plane is too short for `sample_count`. JavaScript's lengths are
/// never trusted. A frame of 0 samples has no memory.
[[nodiscard]] Status MakeAudioFrame(const AudioConfig& config, const PixelView* planes,
                                    std::size_t plane_count, std::size_t sample_count,
                                    FramePtr* frame);

}  // namespace streamgear
