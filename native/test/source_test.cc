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

}  // namespace
}  // namespace streamgear::test
