#include "audio/audio_aligner.h"

#include <algorithm>
#include <string>
#include <utility>

namespace streamgear {
namespace {

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for samples but the system gave none",
                        .stage = "audio",
                        .averror = AVERROR(ENOMEM)});
}

void Add(std::atomic<double>& sum, double value) {
  sum.store(sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

}  // namespace

double AudioAligner::position() const {
  if (!timeline_.has_value()) return options_.start;
  return static_cast<double>(timeline_->next()) / format_.sample_rate;
}

Status AudioAligner::Add(FramePtr frame, std::optional<double> time) {
  if (!SilenceNonsense(&frame)) return OutOfMemory();
  if (Status status = SetFormat(FormatOf(frame.get())); !status.ok()) return status;
  const std::int64_t count = frame->nb_samples;
  waiting_.push_back(std::move(frame));
  const std::vector<AudioTimeline::Placement> placements = timeline_->Add(time, count);
  TellDrift();
  return Settle(placements);
}

Status AudioAligner::Miss(const AVFrame* frame) {
  if (Status status = SetFormat(FormatOf(frame)); !status.ok()) return status;
  timeline_->Miss(frame->nb_samples);
  stats_.dropped_samples.fetch_add(frame->nb_samples, std::memory_order_relaxed);
  return Status::Ok();
}

Status AudioAligner::Finish() {
  if (!timeline_.has_value()) return Status::Ok();
  if (Status status = Settle(timeline_->Flush()); !status.ok()) return status;
  return EndRun();
}

Status AudioAligner::AddSilence() {
  FramePtr silence = MakeSilence(format_, format_.sample_rate);
  if (silence == nullptr) return OutOfMemory();
  waiting_.push_back(std::move(silence));
  return Settle(timeline_->Add(std::nullopt, format_.sample_rate));
}

Status AudioAligner::Next(FramePtr* frame) {
  frame->reset();
  if (ready_.empty()) return Status::Ok();
  Piece& piece = ready_.front();
  if (piece.count <= piece.frame->nb_samples) {
    piece.frame->nb_samples = static_cast<int>(piece.count);
    piece.frame->pts = piece.begin;
    *frame = std::move(piece.frame);
    ready_.pop_front();
    return Status::Ok();
  }
  FramePtr part = ShareFrame(piece.frame.get());
  if (part == nullptr) return OutOfMemory();
  part->pts = piece.begin;
  piece.begin += part->nb_samples;
  piece.count -= part->nb_samples;
  *frame = std::move(part);
  return Status::Ok();
}

/// Decoders may change what they give in the middle.
Status AudioAligner::SetFormat(const AudioFormat& format) {
  if (timeline_.has_value() && format == format_) return Status::Ok();
  if (!timeline_.has_value()) {
    timeline_.emplace(options_.rules, format.sample_rate, options_.start);
  } else {
    if (Status status = Settle(timeline_->Flush()); !status.ok()) return status;
    if (Status status = EndRun(); !status.ok()) return status;
    timeline_->ChangeRate(format.sample_rate);
  }
  format_ = format;
  return Status::Ok();
}

Status AudioAligner::Settle(const std::vector<AudioTimeline::Placement>& placements) {
  for (const AudioTimeline::Placement& placement : placements) {
    FramePtr frame = std::move(waiting_.front());
    waiting_.pop_front();
    if (Status status = Emit(std::move(frame), placement); !status.ok()) return status;
  }
  return Status::Ok();
}

Status AudioAligner::Emit(FramePtr frame, const AudioTimeline::Placement& placement) {
  const auto skip = static_cast<int>(placement.skip);
  if (skip > 0) {
    stats_.dropped_samples.fetch_add(skip, std::memory_order_relaxed);
    if (skip == frame->nb_samples) return Status::Ok();
    frame = CutSamples(frame.get(), skip, frame->nb_samples - skip);
    if (frame == nullptr) return OutOfMemory();
  }
  if (begun_ && (placement.gap > 0 || skip > 0)) {
    stats_.gaps.fetch_add(1, std::memory_order_relaxed);
  }
  begun_ = true;
  frame->pts = placement.begin + skip;
  if (placement.gap > 0) {
    if (Status status = EndRun(); !status.ok()) return status;
    const std::int64_t gap_begin = frame->pts - placement.gap;
    if (Status status = Fill(gap_begin, placement.gap); !status.ok()) return status;
  }
  if (stretcher_ == nullptr && timeline_->drift().correction() == 0) {
    Give(std::move(frame));
    return Status::Ok();
  }
  return Stretch(std::move(frame));
}

/// A second of it at most is made, however long the gap.
Status AudioAligner::Fill(std::int64_t begin, std::int64_t count) {
  const double rate = format_.sample_rate;
  const double seconds = static_cast<double>(count) / rate;
  const bool filled = options_.fill_gaps && seconds <= options_.longest_fill;
  const double from = static_cast<double>(begin) / rate;
  gaps_.Tell(from, from + seconds, filled ? AudioGaps::Kind::kFilled : AudioGaps::Kind::kLeft);
  if (!filled) return Status::Ok();
  const std::int64_t second = std::min<std::int64_t>(count, format_.sample_rate);
  FramePtr silence = MakeSilence(format_, static_cast<int>(second));
  if (silence == nullptr) return OutOfMemory();
  ready_.push_back({.frame = std::move(silence), .begin = begin, .count = count});
  return Status::Ok();
}

void AudioAligner::Give(FramePtr frame) {
  const std::int64_t begin = frame->pts;
  const std::int64_t count = frame->nb_samples;
  ready_.push_back({.frame = std::move(frame), .begin = begin, .count = count});
}

/// From the first correction on everything goes through it, until a gap: so nothing is cut where it
/// begins or ends.
Status AudioAligner::Stretch(FramePtr frame) {
  if (stretcher_ == nullptr) {
    Status status = AudioResampler::Create(format_, format_, &stretcher_);
    if (!status.ok()) return status;
    run_begin_ = frame->pts;
    run_count_ = 0;
    run_taken_ = 0;
  }
  const std::int64_t stretched_before = run_count_ + stretcher_->held() - run_taken_;
  const double correction = timeline_->drift().correction();
  if (Status status = stretcher_->SetSpeed(correction); !status.ok()) return status;
  FramePtr samples;
  if (Status status = stretcher_->Convert(frame.get(), &samples); !status.ok()) return status;
  run_taken_ += frame->nb_samples;
  if (samples != nullptr) {
    samples->pts = run_begin_ + run_count_;
    run_count_ += samples->nb_samples;
    Give(std::move(samples));
  }
  const std::int64_t stretched = run_count_ + stretcher_->held() - run_taken_ - stretched_before;
  timeline_->Stretch(stretched);
  streamgear::Add(stats_.corrected, static_cast<double>(stretched) / format_.sample_rate);
  return Status::Ok();
}

/// The samples that come next do not follow on those that came.
Status AudioAligner::EndRun() {
  if (stretcher_ == nullptr) return Status::Ok();
  FramePtr rest;
  if (Status status = stretcher_->Drain(&rest); !status.ok()) return status;
  stretcher_.reset();
  if (rest == nullptr) return Status::Ok();
  rest->pts = run_begin_ + run_count_;
  Give(std::move(rest));
  return Status::Ok();
}

void AudioAligner::TellDrift() {
  stats_.offset.store(timeline_->drift().offset(), std::memory_order_relaxed);
  stats_.correction.store(timeline_->drift().correction(), std::memory_order_relaxed);
}

}  // namespace streamgear
