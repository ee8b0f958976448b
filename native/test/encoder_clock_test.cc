// EncoderClock: exact times back, and decoding times that hold for any times of frames.
#include "video/encoder_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "pipeline_fixture.h"

namespace streamgear::test {
namespace {

using Numbers = EncoderClock::Numbers;

TEST(EncoderClockTest, ExactTicksComeBack) {
  EncoderClock clock(3003, kTicks);
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = 0; i < 5; ++i)
    numbers.push_back(clock.Enter(i * 3003 + (i == 2 ? 7 : 0), {}));
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  // I P B B P with a reordering delay of two frames, as x264 hands it out.
  clock.Begin(2, {0, -2}, false);
  const auto first = clock.Leave(0);
  EXPECT_EQ(first.pts, 0);
  EXPECT_EQ(first.dts, -(2 * 3003 + 7));  // as long as the first three frames take
  EXPECT_EQ(clock.Leave(3).pts, 3 * 3003);
  const auto third = clock.Leave(2);
  EXPECT_EQ(third.pts, 2 * 3003 + 7);
  EXPECT_EQ(third.dts, 0);
  EXPECT_EQ(clock.Leave(1).pts, 3003);
}

TEST(EncoderClockTest, TimesCloserThanAFrameStillGrow) {
  EncoderClock clock(3600, kTicks);
  EXPECT_EQ(clock.Enter(0, {}), 0);
  EXPECT_EQ(clock.Enter(10, {}), 1);
  EXPECT_EQ(clock.Enter(20, {}), 2);
  EXPECT_EQ(clock.Enter(36000, {}), 10);
  clock.Begin(0, {0, 0}, false);
  for (const auto& [number, ticks] :
       std::vector<std::pair<int, int>>{{0, 0}, {1, 10}, {2, 20}, {10, 36000}}) {
    const auto times = clock.Leave(number);
    EXPECT_EQ(times.pts, ticks);
    EXPECT_EQ(times.dts, ticks);
  }
}

TEST(EncoderClockTest, AFrameBehindAPauseIsNotWaitedForByThoseBeforeIt) {
  EncoderClock clock(kFrame, kTicks);
  for (int i = 0; i < 4; ++i) (void)clock.Enter(i * kFrame, {});
  (void)clock.Enter(5 * kTicks, {});
  clock.Begin(2, {0, -2}, false);
  EXPECT_EQ(clock.Leave(0).dts, -2 * kFrame);
  EXPECT_EQ(clock.Leave(2).dts, -1 * kFrame);
  EXPECT_EQ(clock.Leave(1).dts, 0);
  EXPECT_EQ(clock.Leave(125).dts, 1 * kFrame);  // one more comes before it in presentation order
  EXPECT_EQ(clock.Leave(3).dts, 3 * kFrame);
}

TEST(EncoderClockTest, WhatAnEncoderDoesNotSayItsFirstPacketTells) {
  const auto delay = [](Numbers first, int entered, std::int64_t step, bool draining) {
    EncoderClock clock(kFrame, kTicks);
    for (int i = 0; i < entered; ++i) (void)clock.Enter(i * step, {});
    clock.Begin(0, first, draining);
    return -clock.Leave(0).dts;
  };
  EXPECT_EQ(delay({0, -2}, 20, kFrame, false), 2 * kFrame);
  EXPECT_EQ(delay({0, -2}, 1, kFrame, false), 2 * kFrame);        // the encoder holds nothing back
  EXPECT_EQ(delay({0, -5}, 20, kTicks / 10, false), kTicks / 5);  // two frames in 200 ms
  EXPECT_EQ(delay({0, -50}, 20, kTicks, false), kTicks);          // two in two seconds: too long
  EXPECT_EQ(delay({0, 0}, 20, kFrame, false), 0);
  // x265 3.5 leaves the times of one or two frames unset.
  EXPECT_EQ(delay({0, -987654321}, 1, kFrame, true), 0);
  EXPECT_EQ(delay({0, -987654321}, 2, kFrame, true), 0);
  EXPECT_EQ(delay({0, INT64_C(1) << 40}, 2, kFrame, true), 0);
}

TEST(EncoderClockTest, AFrameThatTheEncoderDropsHoldsNothingBack) {
  EncoderClock clock(kFrame, kTicks);
  for (int i = 0; i < 200; ++i) (void)clock.Enter(i * kFrame, {});
  clock.Begin(1, {0, -1}, false);
  std::int64_t last = INT64_MIN;
  for (int i = 0; i < 200; ++i) {
    if (i == 20) continue;
    const auto times = clock.Leave(i);
    EXPECT_GT(times.dts, last);
    EXPECT_LE(times.dts, times.pts);
    last = times.dts;
  }
  EXPECT_EQ(last, 198 * kFrame);
}

/// Frames that distances of all sizes separate: bursts, pauses, jitter, ticks.
std::vector<std::int64_t> RandomTimes(std::mt19937& random, int count) {
  const std::vector<std::int64_t> steps{1,          2,          17,           kFrame / 7,
                                        kFrame - 5, kFrame + 5, kFrame,       kFrame,
                                        kFrame,     3 * kTicks, 3600 * kTicks};
  std::vector<std::int64_t> times{0};
  std::size_t kind = 0;
  for (int i = 1; i < count; ++i) {
    if (random() % 4 == 0) kind = random() % steps.size();
    times.push_back(times.back() + steps[kind]);
  }
  return times;
}

/// The frames from `first` on to `last` in the order in which a pyramid of B-frames `depth` deep is
/// decoded, the last one first.
void AddPyramid(int first, int last, int depth, std::vector<int>* order) {
  if (first > last) return;
  if (depth <= 0) {
    for (int i = first; i <= last; ++i) order->push_back(i);
    return;
  }
  const int middle = depth == 1 ? last : (first + last + 1) / 2;
  order->push_back(middle);
  AddPyramid(first, middle - 1, depth - 1, order);
  AddPyramid(middle + 1, last, depth - 1, order);
}

TEST(EncoderClockTest, AnyTimesMakeDecodingTimesThatHold) {
  std::mt19937 random(11);
  for (int round = 0; round < 400; ++round) {
    const int count = 1 + static_cast<int>(random() % 120);
    const int depth = static_cast<int>(random() % 5);
    const std::vector<std::int64_t> times = RandomTimes(random, count);
    std::vector<int> order;
    std::vector<bool> key(times.size(), false);
    for (int gop = 0; gop < count;) {
      const int end = std::min<int>(count, gop + 1 + static_cast<int>(random() % 40));
      key[static_cast<std::size_t>(gop)] = true;
      order.push_back(gop);
      for (int first = gop + 1; first < end;) {
        const int last = std::min<int>(end - 1, first + static_cast<int>(random() % 9));
        // The last frame of a group is a P frame, decoded first: one step of the depth.
        if (depth == 0) {
          AddPyramid(first, last, 0, &order);
        } else {
          order.push_back(last);
          AddPyramid(first, last - 1, depth - 1, &order);
        }
        first = last + 1;
      }
      gop = end;
    }

    EncoderClock clock(kFrame, kTicks);
    std::vector<std::int64_t> numbers;
    const int ahead = 10 + static_cast<int>(random() % 50);
    std::int64_t last = INT64_MIN;
    std::int64_t delay = -1;
    for (std::size_t n = 0; n < order.size(); ++n) {
      while (numbers.size() < times.size() &&
             numbers.size() < n + static_cast<std::size_t>(ahead)) {
        numbers.push_back(clock.Enter(times[numbers.size()], {}));
      }
      const auto frame = static_cast<std::size_t>(order[n]);
      clock.Begin(depth, {}, false);
      const auto left = clock.Leave(numbers[frame]);
      EXPECT_EQ(left.pts, times[frame]);
      EXPECT_LE(left.dts, left.pts) << "round " << round << ", packet " << n;
      EXPECT_GT(left.dts, last) << "round " << round << ", packet " << n;
      last = left.dts;
      if (!key[frame]) continue;
      if (delay < 0) delay = left.pts - left.dts;
      EXPECT_EQ(left.pts - left.dts, delay) << "round " << round << ", packet " << n;
    }
    EXPECT_GE(delay, depth * kFrame);
    EXPECT_LE(delay, kTicks);
  }
}

}  // namespace
}  // namespace streamgear::test
