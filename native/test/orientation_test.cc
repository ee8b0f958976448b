#include "source/orientation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace streamgear {
namespace {

constexpr std::int32_t kOne = 1 << 16;

std::array<std::int32_t, 9> Matrix(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
  return {a, b, 0, c, d, 0, 0, 0, 1 << 30};
}

/// Turns "abc/def" (rows of one-byte pixels) and gives the rows that come out.
std::string Turn(Orientation orientation) {
  const std::string picture = "abcdef";
  const int columns = orientation.swap_axes ? 2 : 3;
  std::vector<std::uint8_t> out(6);
  OrientPlane({reinterpret_cast<const std::uint8_t*>(picture.data()), 3, 3, 2, 1}, orientation,
              out.data(), columns);
  std::string text(out.begin(), out.end());
  text.insert(static_cast<std::size_t>(columns), "/");
  if (columns == 2) text.insert(5, "/");
  return text;
}

TEST(Orientation, ReadsTheFourRotationsFromADisplayMatrix) {
  EXPECT_EQ(OrientationFromMatrix(Matrix(kOne, 0, 0, kOne)), (Orientation{}));
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(0, kOne, -kOne, 0))), "da/eb/fc");
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(-kOne, 0, 0, -kOne))), "fed/cba");
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(0, -kOne, kOne, 0))), "cf/be/ad");
}

TEST(Orientation, ReadsMirroredPictures) {
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(-kOne, 0, 0, kOne))), "cba/fed");
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(kOne, 0, 0, -kOne))), "def/abc");
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(0, kOne, kOne, 0))), "ad/be/cf");
  EXPECT_EQ(Turn(OrientationFromMatrix(Matrix(0, -kOne, -kOne, 0))), "fc/eb/da");
}

TEST(Orientation, TakesTheNearestRightAngle) {
  EXPECT_TRUE(OrientationFromMatrix(Matrix(65000, 4000, -4000, 65000)).identity());
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(4000, 65000, -65000, 4000))), 90);
  EXPECT_TRUE(OrientationFromMatrix(Matrix(0, 0, 0, 0)).identity());
  EXPECT_TRUE(OrientationFromMatrix(Matrix(INT32_MIN, INT32_MIN, 0, kOne)).flip_x);
}

TEST(Orientation, NamesTheAngle) {
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(kOne, 0, 0, kOne))), 0);
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(0, kOne, -kOne, 0))), 90);
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(-kOne, 0, 0, -kOne))), 180);
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(0, -kOne, kOne, 0))), 270);
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(-kOne, 0, 0, kOne))), 0);
  EXPECT_EQ(ClockwiseDegrees(OrientationFromMatrix(Matrix(kOne, 0, 0, -kOne))), 180);
}

/// Sizes around the tiles, every pixel size, rows with padding: each pixel must land where a plain
/// formula says.
TEST(Orientation, MovesEveryPixelOfEverySize) {
  for (const int bytes : {1, 2, 3, 4}) {
    for (const auto& [width, height] : {std::pair{1, 1}, {31, 33}, {32, 64}, {65, 7}}) {
      const std::ptrdiff_t stride = width * bytes + 5;
      std::vector<std::uint8_t> source(static_cast<std::size_t>(stride * height));
      for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<std::uint8_t>(i * 7);
      for (int bits = 0; bits < 8; ++bits) {
        const Orientation way{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
        const int columns = way.swap_axes ? height : width;
        const int rows = way.swap_axes ? width : height;
        std::vector<std::uint8_t> out(static_cast<std::size_t>(columns * rows * bytes));
        OrientPlane({source.data(), stride, width, height, bytes}, way, out.data(),
                    static_cast<std::ptrdiff_t>(columns) * bytes);
        for (int y = 0; y < rows; ++y) {
          for (int x = 0; x < columns; ++x) {
            const int u = way.flip_x ? columns - 1 - x : x;
            const int v = way.flip_y ? rows - 1 - y : y;
            const std::uint8_t* from =
                source.data() + (way.swap_axes ? u : v) * stride + (way.swap_axes ? v : u) * bytes;
            const std::uint8_t* to = out.data() + (y * columns + x) * bytes;
            ASSERT_TRUE(std::equal(from, from + bytes, to)) << x << "," << y << " way " << bits;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace streamgear
