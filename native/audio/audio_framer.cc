#include "audio/audio_framer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace streamgear {
namespace {

/// Fractions of a second by which samples may be off without being moved: filters round.
constexpr int kTolerance = 100;

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for samples but the system gave none",
                        .stage = "audio",
                        .averror = AVERROR(ENOMEM)});
}

}  // namespace

/// Where what is in the queue ends.
std::int64_t AudioFramer::End() const { return fifo_begin_ + av_audio_fifo_size(fifo_.get()); }

/// Where the next sample of the run belongs: exact, however long the run.
std::int64_t AudioFramer::NextBegin() const {
  return run_begin_ + av_rescale(run_taken_, format_.sample_rate, input_.sample_rate);
}

Status AudioFramer::Add(const AVFrame& samples) {
  const AudioFormat input = FormatOf(&samples);
  if (fifo_ == nullptr) return AddFirst(samples, input);
  const std::int64_t expected = NextBegin();
  std::int64_t gap = 0;
  if (samples.pts != AV_NOPTS_VALUE) {
    gap = shift_ + av_rescale(samples.pts, format_.sample_rate, input.sample_rate) - expected;
  }
  const std::int64_t tolerance = format_.sample_rate / kTolerance;
  if (gap < -tolerance) {
    // A filter has gone back. What was sent cannot be unsent: from here on it is that much later.
    shift_ -= gap;
    gap = 0;
  }
  if (gap > tolerance || !(input == input_)) {
    if (Status status = EndRun(); !status.ok()) return status;
    if (gap > tolerance) {
      if (Status status = LeaveGap(expected + gap - End()); !status.ok()) return status;
    }
    if (Status status = BeginRun(input); !status.ok()) return status;
  }
  return Feed(samples);
}

/// What filters have moved before 0 is cut off.
Status AudioFramer::AddFirst(const AVFrame& samples, const AudioFormat& input) {
  const std::int64_t early = samples.pts == AV_NOPTS_VALUE ? 0 : -samples.pts;
  if (early >= samples.nb_samples) return Status::Ok();
  fifo_.reset(av_audio_fifo_alloc(format_.sample_format, format_.layout.channels(), frame_size_));
  if (fifo_ == nullptr) return OutOfMemory();
  if (early <= 0) {
    fifo_begin_ = av_rescale(-early, format_.sample_rate, input.sample_rate);
    if (Status status = BeginRun(input); !status.ok()) return status;
    return Feed(samples);
  }
  const auto first = static_cast<int>(early);
  const FramePtr rest = CutSamples(&samples, first, samples.nb_samples - first);
  if (rest == nullptr) return OutOfMemory();
  if (Status status = BeginRun(input); !status.ok()) return status;
  return Feed(*rest);
}

Status AudioFramer::Feed(const AVFrame& samples) {
  run_taken_ += samples.nb_samples;
  if (resampler_ == nullptr) return Store(&samples);
  FramePtr converted;
  if (Status status = resampler_->Convert(&samples, &converted); !status.ok()) return status;
  return converted == nullptr ? Status::Ok() : Store(converted.get());
}

/// What comes next goes on behind what is there.
Status AudioFramer::BeginRun(const AudioFormat& input) {
  input_ = input;
  run_begin_ = End();
  run_taken_ = 0;
  if (input == format_) return Status::Ok();
  return AudioResampler::Create(input, format_, &resampler_);
}

Status AudioFramer::EndRun() {
  if (resampler_ == nullptr) return Status::Ok();
  FramePtr rest;
  if (Status status = resampler_->Drain(&rest); !status.ok()) return status;
  resampler_.reset();
  return rest == nullptr ? Status::Ok() : Store(rest.get());
}

/// Frames are whole: silence goes up to the end of the frame in which the gap begins. A gap that
/// leaves less than a frame is silence altogether.
Status AudioFramer::LeaveGap(std::int64_t gap) {
  if (gap <= 0) return Status::Ok();
  const std::int64_t filled = av_audio_fifo_size(fifo_.get()) % frame_size_;
  std::int64_t silence = filled == 0 ? 0 : std::min(gap, frame_size_ - filled);
  if (gap - silence < frame_size_) silence = gap;
  if (silence > 0) {
    const FramePtr frame = MakeSilence(format_, static_cast<int>(silence));
    if (frame == nullptr) return OutOfMemory();
    if (Status status = Store(frame.get()); !status.ok()) return status;
  }
  fifo_begin_ += gap - silence;
  return Status::Ok();
}

Status AudioFramer::Store(const AVFrame* samples) {
  auto** data = reinterpret_cast<void**>(samples->extended_data);
  if (av_audio_fifo_write(fifo_.get(), data, samples->nb_samples) < samples->nb_samples) {
    return OutOfMemory();
  }
  return Cut(false);
}

Status AudioFramer::Cut(bool all) {
  for (;;) {
    const int size = std::min(av_audio_fifo_size(fifo_.get()), frame_size_);
    if (size == 0 || (size < frame_size_ && !all)) return Status::Ok();
    FramePtr frame = MakeSamples(format_, size);
    if (frame == nullptr) return OutOfMemory();
    auto** data = reinterpret_cast<void**>(frame->extended_data);
    if (av_audio_fifo_read(fifo_.get(), data, size) < size) return OutOfMemory();
    frame->pts = fifo_begin_;
    fifo_begin_ += size;
    ready_.push_back(std::move(frame));
  }
}

Status AudioFramer::Finish() {
  if (fifo_ == nullptr) return Status::Ok();
  if (Status status = EndRun(); !status.ok()) return status;
  return Cut(true);
}

FramePtr AudioFramer::Next() {
  if (ready_.empty()) return nullptr;
  FramePtr frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

}  // namespace streamgear
