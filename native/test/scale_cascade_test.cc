// The tree of sizes, for any shape of picture: it ends, and each step is one that PlaneScaler can
// do.
#include "pixels/scale_cascade.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace streamgear::test {
namespace {

using Size = ScaleCascade::Size;

/// Even sides from 2 to 16384, as many small ones as large ones.
Size RandomSize(std::mt19937& random) {
  std::uniform_real_distribution<double> exponent(1, 14);
  const auto side = [&] { return std::max(2, static_cast<int>(std::exp2(exponent(random))) & ~1); };
  const int width = side();
  return {width, side()};
}

std::vector<Size> RandomLadder(std::mt19937& random) {
  std::vector<Size> ladder(std::uniform_int_distribution<std::size_t>(1, 8)(random));
  for (Size& size : ladder) size = RandomSize(random);
  std::ranges::sort(ladder, std::greater(),
                    [](Size size) { return std::int64_t{size.width} * size.height; });
  return ladder;
}

int Halvings(int from, int to) {
  int count = 0;
  for (; 2 * to < from; from = (from / 2 + 1) & ~1) ++count;
  return count;
}

std::vector<std::size_t> PathToTop(const ScaleCascade& cascade, std::size_t step) {
  std::vector<std::size_t> path{step};
  while (path.back() != 0) path.push_back(cascade.steps()[path.back()].parent);
  return path;
}

void ExpectTree(const ScaleCascade& cascade) {
  for (std::size_t i = 1; i < cascade.steps().size(); ++i) {
    const ScaleCascade::Step& step = cascade.steps()[i];
    ASSERT_LT(step.parent, i);
    EXPECT_TRUE(PlaneScaler::CanScale(cascade.steps()[step.parent].size, step.size));
    EXPECT_EQ(step.size.width % 2 + step.size.height % 2, 0);
    EXPECT_EQ(std::ranges::count(cascade.steps(), step.size, &ScaleCascade::Step::size), 1);
  }
}

/// Nothing that the target needs is lost on its way, and no picture is larger than it must be.
void ExpectPathKeepsDetail(const ScaleCascade& cascade, std::size_t step) {
  const Size top = cascade.steps().front().size;
  const Size target = cascade.steps()[step].size;
  for (const std::size_t i : PathToTop(cascade, step)) {
    const Size size = cascade.steps()[i].size;
    EXPECT_GE(size.width, std::min(top.width, target.width));
    EXPECT_GE(size.height, std::min(top.height, target.height));
    if (i == step) continue;
    EXPECT_LE(size.width, top.width);
    EXPECT_LE(size.height, top.height);
  }
}

TEST(ScaleCascadeTest, EveryLadderOfEverySourceIsATreeOfFewSteps) {
  std::mt19937 random(8);
  for (int round = 0; round < 20'000; ++round) {
    const Size top = RandomSize(random);
    const std::vector<Size> ladder = RandomLadder(random);
    for (const Scaling scaling : {Scaling::kFast, Scaling::kBalanced}) {
      ScaleCascade cascade(top, scaling);
      std::size_t most = 1;
      for (const Size target : ladder) {
        const std::size_t step = cascade.Add(target);
        ASSERT_EQ(cascade.steps()[step].size, target);
        ExpectPathKeepsDetail(cascade, step);
        most += 1 + static_cast<std::size_t>(std::max(Halvings(top.width, target.width),
                                                      Halvings(top.height, target.height)));
      }
      ExpectTree(cascade);
      EXPECT_LE(cascade.steps().size(), most);
      if (HasFailure()) {
        FAIL() << "from " << top.width << "x" << top.height << " to " << ladder.front().width << "x"
               << ladder.front().height << " …";
      }
    }
  }
}

TEST(ScaleCascadeTest, APortraitSourceOfALandscapeLadderIsHalvedInHeightOnly) {
  ScaleCascade cascade({1080, 1920}, Scaling::kBalanced);
  const std::size_t wide = cascade.Add({1280, 720});
  const std::vector<std::size_t> path = PathToTop(cascade, wide);
  ASSERT_EQ(path.size(), 3U);
  EXPECT_EQ(cascade.steps()[path[1]].size, (Size{1080, 960}));
  // The next one needs no picture of its own in between.
  EXPECT_EQ(cascade.steps()[cascade.Add({854, 480})].parent, path[1]);
}

TEST(ScaleCascadeTest, BalancedTakesTheFewestStepsAndFastTheSmallestParent) {
  for (const auto& [scaling, parent] :
       {std::pair{Scaling::kBalanced, Size{1280, 720}}, {Scaling::kFast, Size{854, 480}}}) {
    ScaleCascade cascade({1920, 1080}, scaling);
    cascade.Add({1280, 720});
    cascade.Add({854, 480});
    const std::size_t small = cascade.Add({640, 360});
    EXPECT_EQ(cascade.steps()[cascade.steps()[small].parent].size, parent);
  }
}

}  // namespace
}  // namespace streamgear::test
