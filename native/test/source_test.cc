// Single-Source Mode up to the scaler: what is decoded, when it is shown, how it ends.
#include "../source.h"

#include <gtest/gtest.h>

#include <cmath>

#include "source_fixture.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

TEST(Source, GivesEveryFrameAtItsTime) {
  const SourceRun run = RunClean(FromGraph("testsrc2=size=64x48:rate=30000/1001:duration=2"));
  ASSERT_EQ(run.pictures.size(), 60U);
  for (std::size_t i = 0; i < run.pictures.size(); ++i) {
    EXPECT_EQ(run.pictures[i].pts,
              static_cast<std::int64_t>(i) * run.ticks_per_second * 1001 / 30000);
  }
  EXPECT_EQ(run.origin, 0);
  EXPECT_TRUE(run.ends[0].complete);
  EXPECT_NEAR(run.ends[0].position, 60 * 1.001 / 30, 1e-6);
  EXPECT_TRUE(run.warnings.empty());
}

TEST(Source, StartsAtZeroWhereverTheSourceStarts) {
  const SourceRun run = RunClean(FromGraph("testsrc2=size=64x48:duration=1,setpts=PTS+7/TB"));
  ASSERT_EQ(run.pictures.size(), 25U);
  EXPECT_EQ(run.pictures[0].pts, 0);
  EXPECT_NEAR(run.Time(24), 24 / 25.0, 1e-9);
  EXPECT_NEAR(run.origin, 7, 1e-9);
}

TEST(Source, KeepsTheTimesOfAVariableFrameRate) {
  // Frames 10 to 19 come at half the rate, then there is a gap.
  const SourceRun run =
      RunClean(FromGraph("testsrc2=size=64x48:rate=20:duration=2,"
                         "setpts='(if(lt(N,10),N,if(lt(N,20),10+(N-10)*2,40+N)))/20/TB'"));
  ASSERT_EQ(run.pictures.size(), 40U);
  EXPECT_NEAR(run.Time(9), 9 / 20.0, 1e-6);
  EXPECT_NEAR(run.Time(15), 20 / 20.0, 1e-6);
  EXPECT_NEAR(run.Time(20), 60 / 20.0, 1e-6);
}

TEST(Source, MakesRoundedTimesExact) {
  // Matroska counts milliseconds.
  const std::string path = WriteClip("rounded.mkv", {.frames = 48, .rate = {24000, 1001}});
  const SourceRun run = RunClean({.url = path});
  ASSERT_EQ(run.pictures.size(), 48U);
  const MediaStream& stream = run.info.streams[0];
  EXPECT_EQ(stream.frame_rate.num, 24000);
  EXPECT_EQ(stream.frame_rate.den, 1001);
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_EQ(run.pictures[i].pts,
              static_cast<std::int64_t>(i) * run.ticks_per_second * 1001 / 24000);
  }
}

TEST(Source, CountsWhereTimestampsAreMissing) {
  const std::string path =
      WriteClip("raw.m2v", {.frames = 30, .rate = {30, 1}, .codec = "mpeg2video"});
  const SourceRun run = RunClean({.url = path});
  ASSERT_EQ(run.pictures.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(run.Time(i), static_cast<double>(i) / 30, 1e-6);
  }
}

struct RangeCase {
  const char* name;
  const char* codec;
  int b_frames;
};

class SourceRange : public testing::TestWithParam<RangeCase> {};

TEST_P(SourceRange, GivesExactlyThePartThatIsWanted) {
  const std::string path =
      WriteClip(std::string("range-") + GetParam().name, {.width = 160,
                                                          .height = 96,
                                                          .frames = 150,
                                                          .codec = GetParam().codec,
                                                          .gop = 40,
                                                          .b_frames = GetParam().b_frames});
  const SourceRun whole = RunClean({.url = path});
  ASSERT_EQ(whole.pictures.size(), 150U);
  for (const int first : {1, 39, 41, 80, 149}) {
    const SourceRun part = RunClean({.url = path}, [first](PipelineConfig& config) {
      config.source.start = first / 25.0;
      config.source.duration = 10 / 25.0;
    });
    ASSERT_EQ(part.pictures.size(), std::min(10, 150 - first)) << "from " << first;
    EXPECT_NEAR(part.origin, whole.origin + first / 25.0, 0.0011);
    for (std::size_t i = 0; i < part.pictures.size(); ++i) {
      EXPECT_NEAR(part.Time(i), static_cast<double>(i) / 25, 1e-6);
      EXPECT_EQ(part.pictures[i].planes, whole.pictures[static_cast<std::size_t>(first) + i].planes)
          << "frame " << i << " from " << first;
    }
    EXPECT_TRUE(part.ends[0].complete);
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, SourceRange,
                         testing::Values(RangeCase{"a.mov", "ffv1", 0},
                                         RangeCase{"b.mp4", "mpeg4", 2},
                                         RangeCase{"c.mkv", "mpeg2video", 2},
                                         RangeCase{"d.ts", "mpeg2video", 2},
                                         RangeCase{"e.m2v", "mpeg2video", 0}),
                         [](const auto& info) { return std::string(info.param.name + 2); });

TEST(Source, SaysThatTheStartIsBehindTheEnd) {
  const SourceRun run = RunSource({.url = WriteClip("brief.mov", {.frames = 5})},
                                  [](PipelineConfig& config) { config.source.start = 10; });
  ASSERT_TRUE(run.failure.has_value());
  EXPECT_EQ(run.failure->code, "START_BEHIND_END");
}

}  // namespace
}  // namespace streamgear::test
