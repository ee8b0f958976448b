// The scaler of planes, against the same filters in double precision, on every instruction set.
#include "pixels/plane_scaler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "instruction_sets.h"

namespace streamgear {
namespace {

using Size = PlaneScaler::Size;

struct Plane {
  explicit Plane(Size of) : size(of), stride((of.width + 63) / 64 * 64) {
    samples.resize(static_cast<std::size_t>(stride * of.height));
  }

  [[nodiscard]] std::uint8_t& at(int x, int y) {
    return samples[static_cast<std::size_t>(y * stride + x)];
  }
  [[nodiscard]] std::uint8_t at(int x, int y) const {
    return samples[static_cast<std::size_t>(y * stride + x)];
  }

  Size size;
  int stride;
  std::vector<std::uint8_t> samples;
};

Plane Noise(Size size, unsigned seed) {
  Plane plane(size);
  std::mt19937 random(seed);
  // Black and white beside each other are what overshoots most.
  for (std::uint8_t& sample : plane.samples) {
    const auto bits = static_cast<std::uint32_t>(random());
    sample = static_cast<std::uint8_t>(bits & 256 ? bits & 255 : (bits & 512 ? 255 : 0));
  }
  return plane;
}

Plane Scaled(const Plane& source, Size target, FilterShape shape, Siting siting) {
  Plane result(target);
  PlaneScaler scaler(source.size, target, shape, siting);
  // In two parts, as of a source that is not yet all there.
  const int middle = scaler.Scale(source.samples.data(), source.stride, source.size.height / 2,
                                  result.samples.data(), result.stride, 0);
  EXPECT_LE(middle, target.height);
  const int end = scaler.Scale(source.samples.data(), source.stride, source.size.height,
                               result.samples.data(), result.stride, middle);
  EXPECT_EQ(end, target.height);
  return result;
}

/// Without any rounding but that of the weights.
class Exact {
 public:
  Exact(const Plane& source, Size target, FilterShape shape, Siting siting)
      : source_(source),
        columns_(MakeResampleFilter(source.size.width, target.width, shape, siting)),
        rows_(MakeResampleFilter(source.size.height, target.height, shape, Siting::kCentered)) {}

  [[nodiscard]] double at(int x, int y) const {
    double sum = 0;
    for (int i = 0; i < rows_.taps; ++i) {
      const int row = std::clamp(Start(rows_, y) + i, 0, source_.size.height - 1);
      sum += Weight(rows_, y, i) * Row(x, row);
    }
    return std::clamp(sum, 0.0, 255.0);
  }

 private:
  [[nodiscard]] double Row(int x, int row) const {
    double sum = 0;
    for (int i = 0; i < columns_.taps; ++i) {
      const int column = std::clamp(Start(columns_, x) + i, 0, source_.size.width - 1);
      sum += Weight(columns_, x, i) * source_.at(column, row);
    }
    return sum;
  }

  static int Start(const ResampleFilter& filter, int k) {
    return filter.starts[static_cast<std::size_t>(k)];
  }
  static double Weight(const ResampleFilter& filter, int k, int tap) {
    return filter.weights[static_cast<std::size_t>(k * filter.taps + tap)] /
           static_cast<double>(1 << ResampleFilter::kFractionBits);
  }

  const Plane& source_;
  const ResampleFilter columns_;
  const ResampleFilter rows_;
};

constexpr std::array kShapes{FilterShape::kTriangle, FilterShape::kBicubic};
constexpr std::array kSitings{Siting::kCentered, Siting::kLeft};

struct Step {
  Size source;
  Size target;
};

/// Halves, thirds, odd ratios, enlargements, one axis alone, pictures smaller than any vector.
const std::vector<Step> kSteps{
    {{192, 108}, {128, 72}}, {{128, 72}, {96, 54}}, {{96, 54}, {48, 27}},  {{200, 30}, {101, 29}},
    {{70, 40}, {70, 20}},    {{70, 40}, {35, 40}},  {{70, 40}, {140, 90}}, {{33, 17}, {64, 64}},
    {{2, 2}, {1, 1}},        {{1, 1}, {5, 3}},      {{3, 5}, {2, 3}},      {{520, 4}, {516, 2}}};

TEST(PlaneScaler, IsWhatDoublePrecisionMakes) {
  for (const auto& [source, target] : kSteps) {
    const Plane plane = Noise(source, static_cast<unsigned>(source.width));
    for (const FilterShape shape : kShapes) {
      for (const Siting siting : kSitings) {
        const Plane result = Scaled(plane, target, shape, siting);
        const Exact exact(plane, target, shape, siting);
        double worst = 0;
        for (int y = 0; y < target.height; ++y) {
          for (int x = 0; x < target.width; ++x) {
            worst = std::max(worst, std::abs(result.at(x, y) - exact.at(x, y)));
          }
        }
        // Half a step of rounding, and the 6 bits between the passes.
        EXPECT_LE(worst, 0.56) << source.width << "x" << source.height << " to " << target.width
                               << "x" << target.height;
      }
    }
  }
}

TEST(PlaneScaler, EveryInstructionSetMakesTheSameBits) {
  for (const auto& [source, target] : kSteps) {
    const Plane plane = Noise(source, 7);
    for (const FilterShape shape : kShapes) {
      const Plane first = Scaled(plane, target, shape, Siting::kLeft);
      test::ForEachInstructionSet([&, to = target] {
        const Plane result = Scaled(plane, to, shape, Siting::kLeft);
        for (int y = 0; y < to.height; ++y) {
          for (int x = 0; x < to.width; ++x) ASSERT_EQ(result.at(x, y), first.at(x, y));
        }
      });
    }
  }
}

TEST(PlaneScaler, FlatStaysFlat) {
  for (int value = 0; value < 256; ++value) {
    Plane plane({64, 36});
    std::ranges::fill(plane.samples, static_cast<std::uint8_t>(value));
    for (const Size target : {Size{44, 25}, Size{90, 50}}) {
      const Plane result = Scaled(plane, target, FilterShape::kBicubic, Siting::kCentered);
      for (int y = 0; y < target.height; ++y) {
        for (int x = 0; x < target.width; ++x) ASSERT_EQ(result.at(x, y), value);
      }
    }
  }
}

TEST(PlaneScaler, EqualSizesAreCopied) {
  const Plane plane = Noise({67, 35}, 3);
  const Plane result = Scaled(plane, {67, 35}, FilterShape::kBicubic, Siting::kLeft);
  for (int y = 0; y < 35; ++y) {
    for (int x = 0; x < 67; ++x) ASSERT_EQ(result.at(x, y), plane.at(x, y));
  }
}

TEST(PlaneScaler, TakesHalfAtMost) {
  EXPECT_TRUE(PlaneScaler::CanScale({1920, 1080}, {960, 540}));
  EXPECT_TRUE(PlaneScaler::CanScale({101, 101}, {51, 51}));
  EXPECT_FALSE(PlaneScaler::CanScale({1920, 1080}, {958, 540}));
  EXPECT_FALSE(PlaneScaler::CanScale({101, 101}, {51, 50}));
}

}  // namespace
}  // namespace streamgear
