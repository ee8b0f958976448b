// The pure parts of a source's times: the grid of decoded frames, the clock of copied packets, and
// how often is warned.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "base/tally.h"
#include "source/copy_clock.h"
#include "source/read_pace.h"
#include "video/frame_grid.h"

namespace streamgear {
namespace {

constexpr std::int64_t kTicks = 96000;  // a multiple of 24000
constexpr Rational kFilm{24000, 1001};

using std::chrono::milliseconds;

TEST(ReadPace, LetsPacketsThroughWhenTheyPlay) {
  ReadPace pace;
  const Clock::time_point begin{};
  EXPECT_EQ(pace.DueAt(-2, begin), begin) << "only to be decoded";
  EXPECT_EQ(pace.DueAt(0.5, begin + milliseconds(10)), begin + milliseconds(10)) << "the first";
  EXPECT_EQ(pace.DueAt(0.75, begin + milliseconds(10)), begin + milliseconds(260));
  // After a stall everything that is late is due, and then the old pace goes on.
  EXPECT_EQ(pace.DueAt(1, begin + milliseconds(5000)), begin + milliseconds(510));
  EXPECT_EQ(pace.DueAt(6, begin + milliseconds(5000)), begin + milliseconds(5510));
}

TEST(ReadPace, TakesTimesBeyondAll) {
  ReadPace pace;
  const Clock::time_point begin{};
  EXPECT_EQ(pace.DueAt(0, begin), begin);
  EXPECT_GT(pace.DueAt(1e300, begin), begin);
}

TEST(FrameGrid, MakesTimesOfMillisecondsExact) {
  FrameGrid grid(kFilm, 0.001, kTicks);
  for (int i = 0; i < 10000; ++i) {
    const double rounded = std::round(i * 1001.0 / 24) / 1000;
    EXPECT_EQ(grid.Next(rounded), i * kTicks * 1001 / 24000);
  }
}

TEST(FrameGrid, LeavesIrregularTimesAlone) {
  FrameGrid grid({25, 1}, 1.0 / 90000, 90000);
  EXPECT_EQ(grid.Next(0), 0);
  EXPECT_EQ(grid.Next(0.05), 4500);
  EXPECT_EQ(grid.Next(0.08 + 0.000005), 7200) << "less than a tick of the container";
  EXPECT_EQ(grid.Next(30.123), 2711070);
}

TEST(FrameGrid, GrowsAlways) {
  FrameGrid grid({25, 1}, 0.001, 90000);
  EXPECT_EQ(grid.Next(0.0400), 3600);
  EXPECT_EQ(grid.Next(0.0405), 3645) << "not the same frame of the grid again";
  EXPECT_EQ(grid.Next(0.0405), 3646);
  EXPECT_EQ(grid.Next(0.01), 3647);
}

TEST(CopyClock, BeginsAtTheFirstPresentation) {
  CopyClock clock(1.0 / 1000, 90000, 3600, 2);
  const CopyClock::Times key = clock.Next(5000, 4920);
  EXPECT_EQ(key.pts, 0);
  EXPECT_EQ(key.dts, -7200);
  const CopyClock::Times next = clock.Next(5120, 4960);
  EXPECT_EQ(next.pts, 10800);
  EXPECT_EQ(next.dts, -3600);
}

TEST(CopyClock, MakesMissingDecodingTimes) {
  CopyClock clock(1.0 / 25, 90000, 3600, 2);
  std::vector<std::int64_t> decoding;
  for (const std::int64_t pts : {10, 13, 11, 12, 16, 14, 15}) {
    const CopyClock::Times times = clock.Next(pts, std::nullopt);
    EXPECT_LE(times.dts, times.pts);
    EXPECT_EQ(times.pts, (pts - 10) * 3600);
    decoding.push_back(times.dts);
  }
  EXPECT_EQ(decoding.front(), -7200);
  for (std::size_t i = 1; i < decoding.size(); ++i) EXPECT_GT(decoding[i], decoding[i - 1]);
}

TEST(CopyClock, RepairsDecodingTimesThatDoNotGrow) {
  CopyClock clock(1.0 / 25, 90000, 3600, 0);
  EXPECT_EQ(clock.Next(0, 0).dts, 0);
  EXPECT_EQ(clock.Next(1, 0).dts, 1);
  EXPECT_EQ(clock.Next(2, 9).dts, 7200) << "never behind the presentation";
}

TEST(Tally, TellsTheFirstTheTenthTheHundredth) {
  Tally tally;
  std::vector<std::int64_t> told;
  for (int i = 0; i < 2000; ++i) {
    if (tally.Add()) told.push_back(tally.count());
  }
  EXPECT_EQ(told, (std::vector<std::int64_t>{1, 10, 100, 1000}));
}

}  // namespace
}  // namespace streamgear
