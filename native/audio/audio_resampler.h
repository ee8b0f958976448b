// AudioResampler: samples of one format in, of another out; a little faster or slower on demand.
// One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/status.h"

namespace streamgear {

class AudioResampler {
 public:
  [[nodiscard]] static Status Create(const AudioFormat& input, const AudioFormat& output,
                                     std::unique_ptr<AudioResampler>* resampler);

  /// Gives what comes out of `frame`, which may be nothing (null). Its first sample is the frame's
  /// first, then no sample is lost or added.
  [[nodiscard]] Status Convert(const AVFrame* frame, FramePtr* out);

  /// Gives what it still holds; then it is used up.
  [[nodiscard]] Status Drain(FramePtr* out) { return Convert(nullptr, out); }

  /// Samples of the output that it has taken and not given.
  [[nodiscard]] std::int64_t held() const;

  /// From now on: 0.001 is a thousandth faster.
  [[nodiscard]] Status SetSpeed(double faster);

 private:
  AudioResampler() = default;

  AudioFormat output_;
  SwrPtr context_;
};

}  // namespace streamgear
