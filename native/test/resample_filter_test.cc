// The weights of a scaler: that they add up, reach no further than they must, and lie where the
// samples do.
#include "pixels/resample_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace streamgear {
namespace {

struct Case {
  int source;
  int target;
  FilterShape shape;
  Siting siting;
};

/// Up to a half, and up.
std::vector<Case> Cases() {
  std::vector<Case> cases;
  const std::vector<std::pair<int, int>> sizes{{2, 1},   {7, 4},    {4, 7},      {90, 60},
                                               {90, 89}, {90, 300}, {1081, 541}, {1920, 1280}};
  for (const auto& [source, target] : sizes) {
    for (const FilterShape shape : {FilterShape::kTriangle, FilterShape::kBicubic}) {
      for (const Siting siting : {Siting::kCentered, Siting::kLeft}) {
        cases.push_back({source, target, shape, siting});
      }
    }
  }
  return cases;
}

double Weight(const ResampleFilter& filter, int column, int tap) {
  return filter.weights[static_cast<std::size_t>(column * filter.taps + tap)] /
         static_cast<double>(1 << ResampleFilter::kFractionBits);
}

TEST(ResampleFilter, AddsUpToOneWithEightSamplesAtMost) {
  for (const auto& [source, target, shape, siting] : Cases()) {
    const ResampleFilter filter = MakeResampleFilter(source, target, shape, siting);
    EXPECT_LE(filter.taps, 8) << source << " to " << target;
    EXPECT_EQ(filter.taps % 2, 0);
    for (int k = 0; k < target; ++k) {
      double sum = 0;
      for (int i = 0; i < filter.taps; ++i) sum += Weight(filter, k, i);
      ASSERT_EQ(sum, 1) << source << " to " << target << ": " << k;
    }
  }
}

/// The centre of the weights is where the new sample lies. (A cubic that is widened keeps it only
/// nearly.)
TEST(ResampleFilter, LiesWhereTheSampleDoes) {
  for (const auto& [source, target, shape, siting] : Cases()) {
    const ResampleFilter filter = MakeResampleFilter(source, target, shape, siting);
    const double ratio = static_cast<double>(source) / target;
    for (int k = 0; k < target; ++k) {
      double center = 0;
      for (int i = 0; i < filter.taps; ++i) {
        center += Weight(filter, k, i) * (filter.starts[static_cast<std::size_t>(k)] + i);
      }
      // Of full resolution, chroma sample c lies on column 2c; luma sample l on its own column.
      const double expected =
          siting == Siting::kLeft ? ((2 * k + 0.5) * ratio - 0.5) / 2 : (k + 0.5) * ratio - 0.5;
      ASSERT_NEAR(center, expected, 0.07 * std::max(1.0, ratio)) << source << " to " << target;
    }
  }
}

TEST(ResampleFilter, EqualSizesCopy) {
  const ResampleFilter filter = MakeResampleFilter(9, 9, FilterShape::kBicubic, Siting::kCentered);
  EXPECT_EQ(filter.taps, 2);
  for (int k = 0; k < 9; ++k) {
    EXPECT_EQ(filter.starts[static_cast<std::size_t>(k)], k);
    EXPECT_EQ(filter.weights[static_cast<std::size_t>(2 * k)], 1 << ResampleFilter::kFractionBits);
  }
}

TEST(ResampleFilter, HalvesWithTheTriangleOfTheTextbooks) {
  const ResampleFilter filter = MakeResampleFilter(8, 4, FilterShape::kTriangle, Siting::kCentered);
  ASSERT_EQ(filter.taps, 4);
  for (int k = 0; k < 4; ++k) {
    EXPECT_EQ(filter.starts[static_cast<std::size_t>(k)], 2 * k - 1);
    EXPECT_EQ((std::vector(filter.weights.begin() + 4 * k, filter.weights.begin() + 4 * k + 4)),
              (std::vector<std::int16_t>{2048, 6144, 6144, 2048}));
  }
}

}  // namespace
}  // namespace streamgear
