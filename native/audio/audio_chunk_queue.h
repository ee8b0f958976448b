// AudioChunkQueue: samples from writeAudio() on their way to the audio thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include "base/av.h"
#include "base/clock.h"
#include "base/stats.h"

namespace streamgear {

/// Samples of one writeAudio(): a copy, so that the caller's memory is free at once.
struct AudioChunk {
  std::uint64_t id = 0;
  FramePtr samples = nullptr;  ///< in the pushed format, layout and rate
  double timestamp = -1;       ///< seconds of presentation; negative: goes on where the last ended
};

/// Not bounded: a caller that awaits has one chunk in here, and one that does not keeps its own
/// memory busy, as with frames. Unlike a BoundedQueue it can be told when to give up.
class AudioChunkQueue {
 public:
  /// `tick_clock` measures the deadline, and outlives this.
  explicit AudioChunkQueue(const TickClock& tick_clock) : tick_clock_(tick_clock) {}

  /// Never waits. False: it was closed or cancelled.
  [[nodiscard]] bool Push(AudioChunk chunk) {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return false;
      chunks_.push_back(std::move(chunk));
    }
    changed_.notify_one();
    return true;
  }

  enum class Result { kChunk, kEnd, kCancelled, kExpired };

  /// Waits for a chunk, until the queue is closed and drained, cancelled, or the deadline passes.
  [[nodiscard]] Result Pop(AudioChunk* chunk) {
    std::unique_lock lock(mutex_);
    const auto settled = [this] { return !chunks_.empty() || closed_; };
    while (!settled() && tick_clock_.Now() < deadline_) {
      const Clock::time_point deadline = deadline_;
      tick_clock_.WaitUntil(changed_, lock, deadline,
                            [&] { return settled() || deadline_ != deadline; });
    }
    if (cancelled_) return Result::kCancelled;
    if (chunks_.empty()) return closed_ ? Result::kEnd : Result::kExpired;
    *chunk = std::move(chunks_.front());
    chunks_.pop_front();
    return Result::kChunk;
  }

  /// No more chunks: what is queued is still given.
  void Close() { End(false); }

  /// Nobody wants the rest.
  void Cancel() { End(true); }

  /// A Pop() that still waits then gives up. Moves with every call.
  void SetDeadline(Clock::time_point deadline) {
    {
      std::lock_guard lock(mutex_);
      deadline_ = deadline;
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return chunks_.size();
  }

 private:
  void End(bool cancel) {
    std::deque<AudioChunk> dropped;  // destroyed outside the lock
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      if (cancel) {
        cancelled_ = true;
        dropped.swap(chunks_);
      }
    }
    changed_.notify_all();
  }

  const TickClock& tick_clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<AudioChunk> chunks_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool closed_ = false;
  bool cancelled_ = false;
};

}  // namespace streamgear
