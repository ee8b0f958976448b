// What the wall clock showed at an instant of the steady clock.
#pragma once

#include <chrono>
#include <functional>

#include "base/stats.h"

namespace streamgear {

using WallTime = std::chrono::system_clock::time_point;
using WallClock = std::function<WallTime()>;

/// The thread may be held up between its looks at the two clocks: of some pairs, the one that was
/// read fastest counts.
template <typename Steady, typename Wall>
[[nodiscard]] WallTime WallTimeOf(Clock::time_point instant, Steady steady_now, Wall wall_now) {
  constexpr int kPairs = 5;
  Clock::duration least = Clock::duration::max();
  WallTime time;
  for (int pair = 0; pair < kPairs; ++pair) {
    const Clock::time_point before = steady_now();
    const WallTime wall = wall_now();
    const Clock::duration taken = steady_now() - before;
    if (taken >= least) continue;
    least = taken;
    time = wall - std::chrono::duration_cast<WallTime::duration>(before - instant);
  }
  return time;
}

}  // namespace streamgear
