// ManualClock: time that passes when the test says so.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace streamgear::test {

/// How long a test waits in real time for what must come: only a hang takes it.
inline constexpr std::chrono::seconds kHangs{60};

/// Who waits by it looks at it again every millisecond, so that it needs to know none of them.
class ManualClock final : public TickClock {
 public:
  [[nodiscard]] Clock::time_point Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  /// Time passes.
  void Advance(Clock::duration duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
  }

  /// Waits until somebody waits by this clock for a time that has not come.
  ///
  /// @returns how long it will do so; zero, and a failure of the test, when nobody did.
  [[nodiscard]] Clock::duration AwaitWait() {
    std::unique_lock lock(mutex_);
    const bool waits =
        changed_.wait_for(lock, kHangs, [this] { return waiting_ > 0 && deadline_ > now_; });
    EXPECT_TRUE(waits) << "nobody waits";
    return waits ? deadline_ - now_ : Clock::duration::zero();
  }

 protected:
  void Doze(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Clock::time_point deadline) const override {
    Note(1, deadline);
    changed.wait_for(lock, std::chrono::milliseconds(1));
    Note(-1, deadline);
  }

 private:
  void Note(int change, Clock::time_point deadline) const {
    {
      const std::lock_guard lock(mutex_);
      waiting_ += change;
      deadline_ = deadline;
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Clock::time_point now_{std::chrono::hours(1)};
  mutable int waiting_ = 0;
  mutable Clock::time_point deadline_{};  ///< of who began to wait last
};

}  // namespace streamgear::test
