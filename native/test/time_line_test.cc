#include "source/time_line.h"

#include <gtest/gtest.h>

namespace streamgear {
namespace {

constexpr double kFrame = 0.04;

/// Places packets of `count` frames from `start` on, and gives the time of the last one.
double PlaceFrames(TimeLine& line, std::size_t stream, double start, int count,
                   bool far_is_jump = true) {
  double placed = 0;
  for (int i = 0; i < count; ++i) {
    const double time = start + i * kFrame;
    placed = time + line.Place(stream, time, kFrame, far_is_jump).shift;
  }
  return placed;
}

TEST(TimeLine, LeavesTimesAlone) {
  TimeLine line(2);
  EXPECT_NEAR(PlaceFrames(line, 0, 100, 50), 100 + 49 * kFrame, 1e-9);
  EXPECT_NEAR(PlaceFrames(line, 1, 99.5, 50), 99.5 + 49 * kFrame, 1e-9);
}

TEST(TimeLine, GoesOnByOneFrameBehindAJump) {
  for (const double to : {0.0, 5000.0, 95443.7}) {
    TimeLine line(1);
    const double last = PlaceFrames(line, 0, 1000, 25);
    const TimeLine::Placement placement = line.Place(0, to, kFrame, true);
    EXPECT_TRUE(placement.jump);
    EXPECT_NEAR(placement.from, last + kFrame, 1e-6);
    EXPECT_NEAR(to + placement.shift, last + kFrame, 1e-6);
    EXPECT_NEAR(PlaceFrames(line, 0, to + kFrame, 10), last + 11 * kFrame, 1e-6);
  }
}

TEST(TimeLine, MendsOneWrongTime) {
  TimeLine line(1);
  const double last = PlaceFrames(line, 0, 1, 25);
  EXPECT_NEAR(5000 + line.Mend(0, 5000, kFrame).shift, last + kFrame, 1e-9);
  EXPECT_NEAR(line.furthest(), last + 2 * kFrame, 1e-9);
  EXPECT_NEAR(PlaceFrames(line, 0, last + 2 * kFrame, 10), last + 11 * kFrame, 1e-9);
}

TEST(TimeLine, ShiftsAllStreamsAlike) {
  TimeLine line(2);
  PlaceFrames(line, 0, 0, 25);
  PlaceFrames(line, 1, 0, 20);  // the sound is 0.2 s behind
  const double shift = line.Place(0, 500, kFrame, true).shift;
  // Sound of the old time still comes …
  EXPECT_EQ(line.Place(1, 20 * kFrame, kFrame, true).shift, 0);
  // … then that of the new one, which begins a little earlier than the picture.
  const TimeLine::Placement sound = line.Place(1, 499.9, kFrame, true);
  EXPECT_FALSE(sound.jump);
  EXPECT_EQ(sound.shift, shift);
}

TEST(TimeLine, KeepsGapsAndSmallStepsBack) {
  TimeLine line(1);
  PlaceFrames(line, 0, 0, 25);
  EXPECT_EQ(line.Place(0, 9, kFrame, true).shift, 0);
  EXPECT_EQ(line.Place(0, 8.5, kFrame, true).shift, 0);
  EXPECT_TRUE(line.IsFarAhead(0, 60));
  EXPECT_EQ(line.Place(0, 60, kFrame, false).shift, 0) << "a real gap";
  EXPECT_FALSE(line.IsFarAhead(0, 61));
}

TEST(TimeLine, TakesTheOthersShiftWhereItIsNotKnownThatFarIsAJump) {
  TimeLine line(2);
  PlaceFrames(line, 0, 0, 25);
  PlaceFrames(line, 1, 0, 25);
  const double shift = line.Place(0, 40, kFrame, true).shift;
  EXPECT_EQ(line.Place(1, 40, kFrame, false).shift, shift);
}

TEST(TimeLine, PutsAStreamThatComesLateWhereTheOthersAre) {
  TimeLine line(2);
  PlaceFrames(line, 0, 0, 25);
  const double shift = line.Place(0, 500, kFrame, true).shift;
  EXPECT_EQ(line.Place(1, 500.1, kFrame, true).shift, shift);
}

TEST(TimeLine, ForgetsOldShiftsOnly) {
  TimeLine line(1);
  double last = PlaceFrames(line, 0, 0, 1);
  for (int i = 1; i <= 30; ++i) {
    const double time = i % 2 == 0 ? 0 : i * 1000.0;
    const double placed = time + line.Place(0, time, kFrame, true).shift;
    EXPECT_NEAR(placed, last + kFrame, 1e-6);
    last = placed;
  }
}

}  // namespace
}  // namespace streamgear
