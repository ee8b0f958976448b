// Where samples belong, and how they are kept there: pure.
#include "audio/audio_timeline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace streamgear::test {
namespace {

constexpr int kRate = 48000;
constexpr std::int64_t kBlock = 1024;
constexpr double kSeconds = static_cast<double>(kBlock) / kRate;

using Placement = AudioTimeline::Placement;

/// Adds one block for which an answer is expected at once.
Placement AddOne(AudioTimeline& timeline, std::optional<double> time, std::int64_t count = kBlock) {
  const std::vector<Placement> placements = timeline.Add(time, count);
  EXPECT_EQ(placements.size(), 1U);
  return placements.empty() ? Placement{} : placements.front();
}

TEST(AudioTimeline, CountsFromTheFirstTimestamp) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  const Placement first = AddOne(timeline, 0.5);
  EXPECT_EQ(first.begin, 24000);
  EXPECT_EQ(first.gap, 24000);
  EXPECT_EQ(first.skip, 0);
  for (int i = 1; i < 100; ++i) {
    // Milliseconds, as Matroska rounds them.
    const double time = std::round((0.5 + i * kSeconds) * 1000) / 1000;
    const Placement placement = AddOne(timeline, time);
    EXPECT_EQ(placement.begin, 24000 + i * kBlock);
    EXPECT_EQ(placement.gap, 0);
  }
  EXPECT_EQ(timeline.drift().correction(), 0);
}

TEST(AudioTimeline, DropsWhatLiesBeforeZero) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  EXPECT_EQ(AddOne(timeline, -1500.0 / kRate).skip, 1024);
  const Placement second = AddOne(timeline, (-1500.0 + 1024) / kRate);
  EXPECT_EQ(second.begin, -476);
  EXPECT_EQ(second.skip, 476);
  EXPECT_EQ(second.gap, 0);
  EXPECT_EQ(timeline.end(), 548);
}

TEST(AudioTimeline, CountsWithoutTimestampsFromTheStart) {
  AudioTimeline timeline(ContainerRules(), kRate, -0.01);
  EXPECT_EQ(AddOne(timeline, std::nullopt).skip, 480);
  EXPECT_EQ(AddOne(timeline, std::nullopt).begin, 544);
  // A timestamp that comes late agrees, more or less.
  EXPECT_EQ(AddOne(timeline, 1570.0 / kRate).begin, 1568);
}

TEST(AudioTimeline, LeavesAGapThatTheNextTimestampConfirms) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  AddOne(timeline, 0);
  EXPECT_TRUE(timeline.Add(2.0, kBlock).empty());
  const std::vector<Placement> placements = timeline.Add(2.0 + kSeconds, kBlock);
  ASSERT_EQ(placements.size(), 2U);
  EXPECT_EQ(placements[0].begin, 96000);
  EXPECT_EQ(placements[0].gap, 96000 - kBlock);
  EXPECT_EQ(placements[1].begin, 96000 + kBlock);
  EXPECT_EQ(placements[1].gap, 0);
}

TEST(AudioTimeline, PassesOverASingleWrongTimestamp) {
  for (const double wrong : {2.0, 95443.7, -5.0}) {
    AudioTimeline timeline(ContainerRules(), kRate, 0);
    AddOne(timeline, 0);
    EXPECT_TRUE(timeline.Add(wrong, kBlock).empty());
    const std::vector<Placement> placements = timeline.Add(2 * kSeconds, kBlock);
    ASSERT_EQ(placements.size(), 2U);
    EXPECT_EQ(placements[0].begin, kBlock);
    EXPECT_EQ(placements[1].begin, 2 * kBlock);
    EXPECT_EQ(timeline.end(), 3 * kBlock);
  }
}

TEST(AudioTimeline, AnyPatternOfGapsKeepsItsTime) {
  // Each block may be followed by a gap of any length, also every one of them; times are rounded as
  // Matroska does it.
  std::mt19937 random(20261130);
  const auto number = [&](double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random);
  };
  for (int round = 0; round < 300; ++round) {
    AudioTimeline timeline(ContainerRules(), kRate, 0);
    const double often = number(0, 1.2);
    const double longest = number(0.05, 3);
    std::vector<double> times;
    std::vector<Placement> placements;
    double time = 0;
    for (int block = 0; block < 200; ++block) {
      times.push_back(time);
      const double told = std::round(time * 1000) / 1000;
      for (const Placement& placement : timeline.Add(told, kBlock)) placements.push_back(placement);
      time += kSeconds;
      if (number(0, 1) < often) time += number(0.002, longest);
    }
    for (const Placement& placement : timeline.Flush()) placements.push_back(placement);
    ASSERT_EQ(placements.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      // What is less than the tolerance may add up to twice of it, before it counts as a gap.
      ASSERT_NEAR(static_cast<double>(placements[i].begin) / kRate, times[i], 0.081)
          << "round " << round << ", block " << i;
      ASSERT_LT(placements[i].skip, 0.081 * kRate);
    }
  }
}

TEST(AudioTimeline, EveryBlockMayBeFollowedByAGap) {
  // One packet of four is there.
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  std::vector<Placement> placements;
  for (int i = 0; i < 94; ++i) {
    for (const Placement& placement : timeline.Add(4 * i * kSeconds, kBlock)) {
      placements.push_back(placement);
    }
  }
  for (const Placement& placement : timeline.Flush()) placements.push_back(placement);
  ASSERT_EQ(placements.size(), 94U);
  for (int i = 0; i < 94; ++i)
    EXPECT_EQ(placements[static_cast<std::size_t>(i)].begin, 4LL * i * kBlock);
}

TEST(AudioTimeline, BlocksThatAllOverlapAreCounted) {
  // Timestamps that grow half as fast as the samples are wrong, all of them.
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  std::int64_t skipped = 0;
  for (int i = 0; i < 400; ++i) {
    for (const Placement& placement : timeline.Add(i * kSeconds / 2, kBlock)) {
      skipped += placement.skip;
    }
  }
  EXPECT_LT(skipped, 4 * kBlock);
}

TEST(AudioTimeline, DropsAnOverlapOnce) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  for (int i = 0; i < 47; ++i) AddOne(timeline, i * kSeconds);
  // Half a second again.
  const double again = 47 * kSeconds - 0.5;
  EXPECT_TRUE(timeline.Add(again, kBlock).empty());
  std::vector<Placement> placements = timeline.Add(again + kSeconds, kBlock);
  for (int i = 2; i < 30; ++i) placements.push_back(AddOne(timeline, again + i * kSeconds));
  std::int64_t skipped = 0;
  for (const Placement& placement : placements) {
    skipped += placement.skip;
    EXPECT_EQ(placement.gap, 0);
  }
  EXPECT_EQ(skipped, 24000);
  EXPECT_EQ(timeline.end(), 47 * kBlock + 30 * kBlock - 24000);
}

TEST(AudioTimeline, AnHourIsAGapToo) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  AddOne(timeline, 0);
  EXPECT_TRUE(timeline.Add(3600.0, kBlock).empty());
  const std::vector<Placement> placements = timeline.Flush();
  ASSERT_EQ(placements.size(), 1U);
  EXPECT_EQ(placements[0].begin, 3600LL * kRate);
}

TEST(AudioTimeline, HoldsNoMoreThanASecondForASecondOpinion) {
  AudioTimeline timeline(ContainerRules(), kRate, 0);
  AddOne(timeline, 0);
  EXPECT_TRUE(timeline.Add(5.0, kBlock).empty());
  std::size_t settled = 0;
  int blocks = 1;
  while (settled == 0 && blocks < 100) {
    settled = timeline.Add(std::nullopt, kBlock).size();
    ++blocks;
  }
  EXPECT_EQ(settled, static_cast<std::size_t>(blocks));
  EXPECT_LE(blocks * kSeconds, 1.1);
  EXPECT_EQ(timeline.end(), 5 * kRate + blocks * kBlock);
}

TEST(AudioTimeline, BelievesTheCallerOfWriteAudioAtOnce) {
  AudioTimeline timeline(PushRules(), kRate, 0);
  EXPECT_EQ(AddOne(timeline, std::nullopt).begin, 0);
  const Placement gap = AddOne(timeline, 1.0);
  EXPECT_EQ(gap.begin, kRate);
  EXPECT_EQ(gap.gap, kRate - kBlock);
  const Placement overlap = AddOne(timeline, 1.0 - 0.1);
  EXPECT_EQ(overlap.skip, kBlock);
  EXPECT_EQ(timeline.end(), kRate + kBlock);
  // Jitter is none of it.
  const Placement jitter = AddOne(timeline, static_cast<double>(timeline.next()) / kRate + 0.03);
  EXPECT_EQ(jitter.gap, 0);
}

TEST(AudioTimeline, CaptureMovesOnlyWhatIsOffForSeconds) {
  AudioTimeline timeline(CaptureRules(), kRate, 0);
  double now = 0;
  const auto add = [&](double late) {
    const Placement placement = AddOne(timeline, now + late);
    now += kSeconds;
    return placement;
  };
  for (int i = 0; i < 100; ++i) EXPECT_EQ(add(0).gap, 0);
  // A hiccup of a second is none of the samples' business.
  for (int i = 0; i < 47; ++i) EXPECT_EQ(add(0.5).gap, 0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(add(0).gap, 0);
  std::int64_t gap = 0;
  double waited = 0;
  while (gap == 0 && waited < 5) {
    gap = add(0.5).gap;
    waited += kSeconds;
  }
  EXPECT_NEAR(waited, 2, 0.05);
  EXPECT_NEAR(static_cast<double>(gap), 0.5 * kRate, 2000);
}

TEST(AudioTimeline, CopiedPacketsKeepTheirTimes) {
  AudioTimeline timeline(CopyRules(), kRate, 0);
  EXPECT_EQ(AddOne(timeline, -kSeconds).begin, -kBlock);
  EXPECT_EQ(AddOne(timeline, 0.0004).begin, 0);  // rounded by its container
  EXPECT_EQ(AddOne(timeline, kSeconds + 0.010).begin, kBlock + 480);
  EXPECT_EQ(AddOne(timeline, 2 * kSeconds + 0.010).begin, 2 * kBlock + 480);
}

TEST(AudioTimeline, ChangesItsRate) {
  AudioTimeline timeline(ContainerRules(), 48000, 0);
  AddOne(timeline, 0, 48000);
  timeline.ChangeRate(24000);
  EXPECT_EQ(timeline.next(), 24000);
  EXPECT_EQ(AddOne(timeline, 1.0, 512).begin, 24000);
}

TEST(AudioTimeline, MissedSamplesLeaveAGap) {
  AudioTimeline timeline(CaptureRules(), kRate, 0);
  AddOne(timeline, 0);
  timeline.Miss(kRate);
  EXPECT_EQ(AddOne(timeline, std::nullopt).gap, kRate);
}

/// Plays blocks whose clock runs fast (> 0) by `drift` against their timestamps and gives the
/// largest offset after `settled` seconds.
double LargestOffset(TimelineRules rules, double drift, double jitter, double seconds,
                     double settled) {
  AudioTimeline timeline(rules, kRate, 0);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> noise(-jitter, jitter);
  double largest = 0;
  double leftover = 0;
  for (double time = 0; time < seconds; time += kSeconds / (1 + drift)) {
    const Placement placement = AddOne(timeline, time + (time > 0 ? noise(random) : 0));
    EXPECT_EQ(placement.gap, 0) << time;
    EXPECT_EQ(placement.skip, 0) << time;
    const double offset = static_cast<double>(placement.begin) / kRate - time;
    if (time >= settled) largest = std::max(largest, std::abs(offset));
    leftover -= static_cast<double>(kBlock) * timeline.drift().correction();
    const auto whole = static_cast<std::int64_t>(leftover);
    leftover -= static_cast<double>(whole);
    timeline.Stretch(whole);
  }
  return largest;
}

TEST(AudioTimeline, FollowsTimestampsThatDrift) {
  for (const double drift : {0.0001, -0.0001, 0.001, -0.001, 0.004, -0.004}) {
    EXPECT_LT(LargestOffset(ContainerRules(), drift, 0.002, 600, 0), 0.020) << drift;
    EXPECT_LT(LargestOffset(ContainerRules(), drift, 0.002, 600, 120), 0.004) << drift;
  }
}

TEST(AudioTimeline, FollowsACaptureClockThatDrifts) {
  for (const double drift : {0.0001, -0.0001, 0.001, -0.001, 0.003, -0.003}) {
    EXPECT_LT(LargestOffset(CaptureRules(), drift, 0.030, 600, 0), 0.045) << drift;
    EXPECT_LT(LargestOffset(CaptureRules(), drift, 0.030, 600, 120), 0.010) << drift;
  }
}

TEST(DriftController, LeavesJitterAlone) {
  DriftController controller(ContainerRules().drift);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> noise(-0.010, 0.010);
  controller.Update(0, kSeconds);
  for (int i = 0; i < 30000; ++i) EXPECT_EQ(controller.Update(noise(random), kSeconds), 0);
}

TEST(DriftController, NeverCorrectsMoreThanNobodyHears) {
  DriftController controller(ContainerRules().drift);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(std::abs(controller.Update(0.039, kSeconds)), DriftController::kMaxCorrection);
  }
  EXPECT_EQ(controller.correction(), DriftController::kMaxCorrection);
}

TEST(DriftController, EndsWhenThereIsNothingMoreToCorrect) {
  DriftController controller(ContainerRules().drift);
  double offset = 0.015;
  for (int i = 0; i < 47 * 300; ++i) offset -= controller.Update(offset, kSeconds) * kSeconds;
  EXPECT_EQ(controller.correction(), 0);
  EXPECT_LT(std::abs(offset), 0.001);
}

}  // namespace
}  // namespace streamgear::test
