// clock: what tells the time to whoever waits no longer than so long, so that a test can let it
// pass.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/stats.h"

namespace streamgear {

/// A clock that never goes back, and waits by it. From any thread.
class TickClock {
 public:
  virtual ~TickClock() = default;

  [[nodiscard]] virtual Clock::time_point Now() const = 0;

  /// Waits until `done()` is true, which `changed` tells of, or until `deadline`. `lock` is held,
  /// as with std::condition_variable.
  ///
  /// @returns what `done()` says in the end.
  template <typename Done>
  bool WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                 Clock::time_point deadline, Done done) const {
    while (!done()) {
      if (Now() >= deadline) return done();
      Doze(changed, lock, deadline);
    }
    return true;
  }

 protected:
  /// Waits once: until `changed` is notified, or the deadline, or for no reason.
  virtual void Doze(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                    Clock::time_point deadline) const = 0;
};

/// The system's own.
class SteadyClock final : public TickClock {
 public:
  /// For all who are given no other one.
  [[nodiscard]] static const SteadyClock& Get() {
    static const SteadyClock clock;
    return clock;
  }

  [[nodiscard]] Clock::time_point Now() const override { return Clock::now(); }

 protected:
  void Doze(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Clock::time_point deadline) const override {
    // Clock::time_point::max() is too far away for some systems' waits.
    changed.wait_until(lock, std::min(deadline, Clock::now() + std::chrono::hours(1)));
  }
};

}  // namespace streamgear
