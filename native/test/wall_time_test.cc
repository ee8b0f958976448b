#include "base/wall_time.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgear {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// Two clocks of one time, which goes on while they are read.
class WallTimeTest : public testing::Test {
 protected:
  /// The wall clock's time of a moment two seconds ago, when the thread is held up for a second
  /// after the reading of a clock with this number.
  WallTime Of(int held_up) {
    const auto read = [&] {
      const microseconds seen = now_;
      now_ += readings_++ == held_up ? microseconds(seconds(1)) : microseconds(1);
      return seen;
    };
    const Clock::time_point instant(now_ - seconds(2));
    return WallTimeOf(
        instant, [&] { return Clock::time_point(read()); },
        [&] { return WallTime(kOffset + read()); });
  }

  static constexpr seconds kOffset{1'700'000'000};
  microseconds now_ = seconds(10);
  int readings_ = 0;
};

TEST_F(WallTimeTest, IsThatOfTheInstantWhereverTheThreadIsHeldUp) {
  for (int held_up = 0; held_up < 15; ++held_up) {
    now_ = seconds(10);
    readings_ = 0;
    const auto error = Of(held_up) - WallTime(kOffset + seconds(8));
    EXPECT_GE(error, microseconds(0)) << held_up;
    EXPECT_LE(error, microseconds(1)) << held_up;
  }
}

TEST_F(WallTimeTest, IsNowForNow) {
  const WallTime before = std::chrono::system_clock::now();
  const WallTime time = WallTimeOf(Clock::now(), &Clock::now, &std::chrono::system_clock::now);
  EXPECT_GE(time, before - seconds(1));
  EXPECT_LE(time, std::chrono::system_clock::now() + seconds(1));
}

}  // namespace
}  // namespace streamgear
