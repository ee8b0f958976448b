#include "video/frame_clock.h"

#include <gtest/gtest.h>

namespace streamgear {
namespace {

constexpr Rational kMilliseconds{1, 1000};
constexpr Rational kRate25{25, 1};

TEST(FrameClock, CountsFromTheOrigin) {
  FrameClock clock(kMilliseconds, kRate25, 1000);
  EXPECT_DOUBLE_EQ(clock.Next(1000), 0);
  EXPECT_DOUBLE_EQ(clock.Next(1040), 0.04);
  EXPECT_DOUBLE_EQ(clock.Next(3000), 2);  // a gap stays a gap
}

TEST(FrameClock, KeepsALateFirstFrameLate) {
  FrameClock clock(kMilliseconds, kRate25, 1000);
  EXPECT_DOUBLE_EQ(clock.Next(1500), 0.5);
}

TEST(FrameClock, TakesTheFirstFrameWhereTheOriginIsMissingOrLater) {
  FrameClock without(kMilliseconds, kRate25, std::nullopt);
  EXPECT_DOUBLE_EQ(without.Next(700), 0);
  EXPECT_DOUBLE_EQ(without.Next(740), 0.04);
  FrameClock later(kMilliseconds, kRate25, 900);
  EXPECT_DOUBLE_EQ(later.Next(700), 0);
  EXPECT_DOUBLE_EQ(later.Next(740), 0.04);
}

TEST(FrameClock, FillsInMissingTimes) {
  FrameClock clock(kMilliseconds, kRate25, 0);
  EXPECT_DOUBLE_EQ(clock.Next(std::nullopt), 0);
  EXPECT_DOUBLE_EQ(clock.Next(std::nullopt), 0.04);
  EXPECT_DOUBLE_EQ(clock.Next(100), 0.1);
  EXPECT_DOUBLE_EQ(clock.Next(std::nullopt), 0.14);
}

TEST(FrameClock, JoinsTimesThatComeLateToAnUnknownOrigin) {
  FrameClock clock(kMilliseconds, kRate25, std::nullopt);
  EXPECT_DOUBLE_EQ(clock.Next(std::nullopt), 0);
  EXPECT_DOUBLE_EQ(clock.Next(std::nullopt), 0.04);
  EXPECT_NEAR(clock.Next(5000), 0.08, 0.001);
  EXPECT_NEAR(clock.Next(5040), 0.12, 0.001);
}

TEST(FrameClock, AlwaysGrows) {
  FrameClock clock(kMilliseconds, kRate25, 0);
  double last = -1;
  for (const int ticks : {0, 40, 40, 20, 200, 100, -500, 240, 1000}) {
    const double time = clock.Next(ticks);
    EXPECT_GT(time, last);
    last = time;
  }
  EXPECT_DOUBLE_EQ(last, 1);
}

TEST(FrameClock, IsExactFarFromZero) {
  // A capture device that stamps with microseconds of the wall clock, in the year 2026.
  const std::int64_t now = 1'780'000'000'000'000;
  FrameClock clock({1, 1'000'000}, {60, 1}, now);
  EXPECT_DOUBLE_EQ(clock.Next(now), 0);
  EXPECT_DOUBLE_EQ(clock.Next(now + 16'667), 0.016667);
}

}  // namespace
}  // namespace streamgear
