// AudioFramer: samples in, frames of exactly the size and format that an encoder wants out. Shared
// by the encoders that want the same. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "audio/audio_resampler.h"
#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/status.h"

namespace streamgear {

class AudioFramer {
 public:
  /// `frame_size`: samples of each frame.
  AudioFramer(AudioFormat format, int frame_size)
      : format_(std::move(format)), frame_size_(frame_size) {}

  [[nodiscard]] const AudioFormat& format() const { return format_; }
  [[nodiscard]] int frame_size() const { return frame_size_; }

  /// Takes samples with pts in samples of their own rate; without pts they go on. Between them may
  /// be a gap: then what is left before it is filled up with silence to a whole frame.
  [[nodiscard]] Status Add(const AVFrame& samples);

  /// No more samples: what is left becomes a last, shorter frame.
  [[nodiscard]] Status Finish();

  /// The next frame, with pts in samples; null when there is none yet.
  [[nodiscard]] FramePtr Next();

 private:
  [[nodiscard]] Status AddFirst(const AVFrame& samples, const AudioFormat& input);
  [[nodiscard]] Status Feed(const AVFrame& samples);
  [[nodiscard]] Status BeginRun(const AudioFormat& input);
  [[nodiscard]] Status EndRun();
  [[nodiscard]] Status LeaveGap(std::int64_t gap);
  [[nodiscard]] Status Store(const AVFrame* samples);
  [[nodiscard]] Status Cut(bool all);
  [[nodiscard]] std::int64_t End() const;
  [[nodiscard]] std::int64_t NextBegin() const;

  const AudioFormat format_;
  const int frame_size_;

  // A run: samples of one format without a gap.
  AudioFormat input_;
  std::unique_ptr<AudioResampler> resampler_;  ///< null when the formats are the same
  std::int64_t run_begin_ = 0;                 ///< where it begins
  std::int64_t run_taken_ = 0;                 ///< samples of the input that it has had
  std::int64_t shift_ = 0;                     ///< added to the times of what comes

  AudioFifoPtr fifo_;            ///< null before the first sample
  std::int64_t fifo_begin_ = 0;  ///< pts of its first sample
  std::deque<FramePtr> ready_;
};

}  // namespace streamgear
