// Availability: when presentation time 0 was, and what time it is for those who watch. Both clocks
// are handed in.
#pragma once

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/stats.h"
#include "base/wall_time.h"

namespace streamgear {

class Availability {
 public:
  /// `steady` outlives what is made.
  explicit Availability(WallClock wall, const TickClock& steady = SteadyClock::Get())
      : wall_(std::move(wall)), steady_(&steady) {}

  /// The first frame, which is shown at `seconds`, was pushed at `first_frame`.
  void Begin(double seconds, Clock::time_point first_frame) {
    const std::chrono::duration<double> before(seconds);
    begun_at_ = first_frame - std::chrono::duration_cast<Clock::duration>(before);
    const WallTime begin = WallTimeAt(first_frame);
    start_ = std::chrono::duration<double>(begin.time_since_epoch() - before).count();
  }

  [[nodiscard]] bool begun() const { return start_ != 0; }

  /// Unix seconds of presentation time 0; 0 before the first frame.
  [[nodiscard]] double start() const { return start_; }

  struct Time {
    double now = 0;   ///< Unix seconds, as if nobody had set the wall clock since the first frame
    double step = 0;  ///< seconds by which it was set ahead (> 0) or back
  };

  [[nodiscard]] Time Now() const {
    const Clock::time_point now = steady_->Now();
    const double real = std::chrono::duration<double>(WallTimeAt(now).time_since_epoch()).count();
    if (!begun()) return {real, 0};
    const double steady = start_ + std::chrono::duration<double>(now - begun_at_).count();
    return {steady, real - steady};
  }

  /// Seconds by which a frame that is shown at `seconds` and was pushed at `pushed_at` is ahead of
  /// the clock.
  [[nodiscard]] double LeadOf(double seconds, Clock::time_point pushed_at) const {
    return seconds - std::chrono::duration<double>(pushed_at - begun_at_).count();
  }

 private:
  [[nodiscard]] WallTime WallTimeAt(Clock::time_point instant) const {
    return WallTimeOf(
        instant, [this] { return steady_->Now(); }, wall_);
  }

  WallClock wall_;
  const TickClock* steady_;
  double start_ = 0;
  Clock::time_point begun_at_{};  ///< presentation time 0 on the steady clock
};

}  // namespace streamgear
