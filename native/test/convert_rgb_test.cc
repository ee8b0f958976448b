// RGB and gray to I420, against a reference in double precision that is written from the standards'
// formulas.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "instruction_sets.h"
#include "pictures.h"
#include "pixels/pixel_convert.h"

namespace streamgear {
namespace {

using test::Result;

/// Half a step is what exact rounding costs; the rest is what products of 16 bits lose.
constexpr double kTolerance = 0.5 + 0.02;

constexpr std::array kMatrices{ColorMatrix::kBt709, ColorMatrix::kBt601, ColorMatrix::kBt2020};
constexpr std::array kRgbFormats{PixelFormat::kBgr24, PixelFormat::kRgb24, PixelFormat::kBgra,
                                 PixelFormat::kRgba};

struct Rgb {
  double r = 0;
  double g = 0;
  double b = 0;
  Rgb operator+(const Rgb& o) const { return {r + o.r, g + o.g, b + o.b}; }
  Rgb operator*(double k) const { return {r * k, g * k, b * k}; }
};

struct Yuv {
  double y = 0;
  double cb = 0;
  double cr = 0;
};

/// ITU-R BT.709, BT.601 and BT.2020: 8-bit limited range, before rounding.
Yuv Exact(const Rgb& color, ColorMatrix matrix) {
  const double kr = matrix == ColorMatrix::kBt709   ? 0.2126
                    : matrix == ColorMatrix::kBt601 ? 0.299
                                                    : 0.2627;
  const double kb = matrix == ColorMatrix::kBt709   ? 0.0722
                    : matrix == ColorMatrix::kBt601 ? 0.114
                                                    : 0.0593;
  const double y = kr * color.r + (1 - kr - kb) * color.g + kb * color.b;
  return {16 + 219 * y / 255, 128 + 224 * (color.b - y) / (2 * (1 - kb)) / 255,
          128 + 224 * (color.r - y) / (2 * (1 - kr)) / 255};
}

/// An RGB picture in one of the four orders.
class RgbPicture {
 public:
  RgbPicture(PixelFormat format, int width, int height,
             const std::function<Rgb(int x, int y)>& color)
      : step_(format == PixelFormat::kBgr24 || format == PixelFormat::kRgb24 ? 3 : 4),
        red_(format == PixelFormat::kBgr24 || format == PixelFormat::kBgra ? 2 : 0),
        bytes_(static_cast<std::size_t>(width * height * step_)) {
    source_.format = format;
    source_.width = width;
    source_.height = height;
    source_.data[0] = bytes_.data();
    source_.stride[0] = width * step_;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) Put(x, y, color(x, y));
    }
  }

  [[nodiscard]] Rgb at(int x, int y) const {
    const std::uint8_t* pixel = source_.data[0] + y * source_.stride[0] + x * step_;
    return {double(pixel[red_]), double(pixel[1]), double(pixel[2 - red_])};
  }

  /// Chroma siting: 1-2-1 around the even column, the first column replicated, and the mean of two
  /// rows.
  [[nodiscard]] Rgb ChromaAt(int column, int row) const {
    const int x = 2 * column;
    const int left = x > 0 ? x - 1 : 0;
    Rgb sum;
    for (const int y : {2 * row, 2 * row + 1}) {
      sum = sum + at(left, y) + at(x, y) * 2 + at(x + 1, y);
    }
    return sum * 0.125;
  }

  [[nodiscard]] const SourcePicture& source() const { return source_; }

 private:
  void Put(int x, int y, const Rgb& color) {
    std::uint8_t* pixel = bytes_.data() + y * source_.stride[0] + x * step_;
    pixel[red_] = static_cast<std::uint8_t>(color.r);
    pixel[1] = static_cast<std::uint8_t>(color.g);
    pixel[2 - red_] = static_cast<std::uint8_t>(color.b);
    if (step_ == 4) pixel[3] = static_cast<std::uint8_t>(x * 7 + y);  // alpha must not matter
  }

  int step_;
  int red_;
  SourcePicture source_;
  test::ExactBuffer bytes_;
};

/// The largest error of every sample, in steps of 8 bits. The test fails once, not per pixel.
double WorstError(const RgbPicture& picture, ColorMatrix matrix) {
  const Result result(picture.source(), matrix, false);
  double worst = 0;
  for (int y = 0; y < result.height(); ++y) {
    for (int x = 0; x < result.width(); ++x) {
      worst = std::max(worst, std::abs(result.at(0, x, y) - Exact(picture.at(x, y), matrix).y));
    }
  }
  for (int row = 0; row < result.height() / 2; ++row) {
    for (int column = 0; column < result.width() / 2; ++column) {
      const Yuv exact = Exact(picture.ChromaAt(column, row), matrix);
      worst = std::max(worst, std::abs(result.at(1, column, row) - exact.cb));
      worst = std::max(worst, std::abs(result.at(2, column, row) - exact.cr));
    }
  }
  return worst;
}

Rgb RandomColor(std::mt19937& random) {
  const std::uint32_t bits = static_cast<std::uint32_t>(random());
  return {double(bits & 255), double(bits >> 8 & 255), double(bits >> 16 & 255)};
}

/// All 2^24 colours, each in a block of 4x2 so that its chroma is met unmixed: one row of all reds
/// for each green and blue, read twice.
void CheckAllColors(ColorMatrix matrix) {
  constexpr int kWidth = 256 * 4;
  std::vector<std::uint8_t> row(kWidth * 3);
  const SourcePicture source{PixelFormat::kRgb24, kWidth, 2, {row.data()}, {0}};
  test::Result result(kWidth, 2);
  // The formula is linear: a part for each colour.
  const Yuv black = Exact({}, matrix);
  const Yuv red_step = Exact({1, 0, 0}, matrix);
  double worst = 0;
  for (int x = 0; x < kWidth; ++x)
    row[static_cast<std::size_t>(3 * x)] = static_cast<std::uint8_t>(x / 4);
  for (int green = 0; green < 256; ++green) {
    for (std::size_t x = 0; x < kWidth; ++x) row[3 * x + 1] = static_cast<std::uint8_t>(green);
    for (int blue = 0; blue < 256; ++blue) {
      for (std::size_t x = 0; x < kWidth; ++x) row[3 * x + 2] = static_cast<std::uint8_t>(blue);
      result.Convert(source, matrix, false);
      const Yuv base = Exact({0, double(green), double(blue)}, matrix);
      for (int red = 0; red < 256; ++red) {
        const double luma = base.y + red * (red_step.y - black.y);
        const double cb = base.cb + red * (red_step.cb - black.cb);
        const double cr = base.cr + red * (red_step.cr - black.cr);
        worst = std::max(worst, std::abs(result.at(0, 4 * red, 0) - luma));
        worst = std::max(worst, std::abs(result.at(1, 2 * red + 1, 0) - cb));
        worst = std::max(worst, std::abs(result.at(2, 2 * red + 1, 0) - cr));
      }
    }
  }
  EXPECT_LE(worst, kTolerance);
}

TEST(ConvertRgb, EveryColorIsRoundedExactlyInBt709) { CheckAllColors(ColorMatrix::kBt709); }
TEST(ConvertRgb, EveryColorIsRoundedExactlyInBt601) { CheckAllColors(ColorMatrix::kBt601); }
TEST(ConvertRgb, EveryColorIsRoundedExactlyInBt2020) { CheckAllColors(ColorMatrix::kBt2020); }

TEST(ConvertRgb, EveryInstructionSetMakesTheSameBits) {
  for (const PixelFormat format : kRgbFormats) {
    for (const int width : {2, 30, 66, 512, 578, 1026}) {
      const test::RandomPicture picture(format, width, 4, 5, static_cast<unsigned>(width));
      const auto first = Result(picture.picture(), ColorMatrix::kBt709, false).bytes();
      test::ForEachInstructionSet([&] {
        EXPECT_EQ(Result(picture.picture(), ColorMatrix::kBt709, false).bytes(), first)
            << PixelFormatName(format) << " " << width;
      });
    }
  }
}

TEST(ConvertRgb, AMillionRandomPixelsAreRoundedExactly) {
  std::mt19937 random(1);
  const RgbPicture picture(PixelFormat::kRgb24, 1000, 1000,
                           [&](int, int) { return RandomColor(random); });
  for (const ColorMatrix matrix : kMatrices) EXPECT_LE(WorstError(picture, matrix), kTolerance);
}

TEST(ConvertRgb, EveryWidthAroundTheBlockSizes) {
  for (const PixelFormat format : kRgbFormats) {
    for (const int width :
         {2, 3, 4, 5, 30, 63, 64, 65, 254, 255, 256, 257, 258, 259, 511, 512, 514}) {
      std::mt19937 random(static_cast<unsigned>(width));
      const RgbPicture picture(format, width, 4, [&](int, int) { return RandomColor(random); });
      EXPECT_LE(WorstError(picture, ColorMatrix::kBt709), kTolerance)
          << PixelFormatName(format) << " " << width;
    }
  }
}

TEST(ConvertRgb, GrayStaysGray) {
  for (const PixelFormat format : kRgbFormats) {
    const RgbPicture picture(format, 512, 2, [](int x, int) {
      const double value = x / 2;
      return Rgb{value, value, value};
    });
    for (const ColorMatrix matrix : kMatrices) {
      const Result result(picture.source(), matrix, false);
      for (int x = 0; x < 512; ++x) {
        ASSERT_EQ(result.at(0, x, 0), std::lround(16 + 219.0 * (x / 2) / 255)) << x;
      }
      for (int x = 0; x < 256; ++x) {
        ASSERT_EQ(result.at(1, x, 0), 128) << x;
        ASSERT_EQ(result.at(2, x, 0), 128) << x;
      }
    }
  }
}

TEST(ConvertRgb, PrimariesHaveTheValuesOfTheStandard) {
  struct Case {
    Rgb color;
    std::array<int, 3> yuv;
  };
  // The 100 % colour bars of BT.709.
  const std::vector<Case> bars{{{255, 255, 255}, {235, 128, 128}}, {{255, 255, 0}, {219, 16, 138}},
                               {{0, 255, 255}, {188, 154, 16}},    {{0, 255, 0}, {173, 42, 26}},
                               {{255, 0, 255}, {78, 214, 230}},    {{255, 0, 0}, {63, 102, 240}},
                               {{0, 0, 255}, {32, 240, 118}},      {{0, 0, 0}, {16, 128, 128}}};
  for (const Case& bar : bars) {
    const RgbPicture picture(PixelFormat::kBgra, 2, 2, [&](int, int) { return bar.color; });
    const Result result(picture.source(), ColorMatrix::kBt709, false);
    EXPECT_EQ((std::array{result.at(0, 0, 0), result.at(1, 0, 0), result.at(2, 0, 0)}), bar.yuv);
  }
}

TEST(ConvertRgb, ChromaIsSitedLeftAndBetweenTheRows) {
  const auto cr = [](const std::function<bool(int x, int y)>& is_red) {
    const RgbPicture picture(PixelFormat::kRgb24, 6, 2, [&](int x, int y) {
      return is_red(x, y) ? Rgb{255, 0, 0} : Rgb{};
    });
    const Result result(picture.source(), ColorMatrix::kBt709, false);
    return std::array{result.at(2, 0, 0), result.at(2, 1, 0), result.at(2, 2, 0)};
  };
  // Full red is 128 + 112. An even column gives half of itself to its sample, an odd one a quarter
  // to each neighbour.
  EXPECT_EQ(cr([](int x, int) { return x == 2; }), (std::array{128, 128 + 56, 128}));
  EXPECT_EQ(cr([](int x, int) { return x == 3; }), (std::array{128, 128 + 28, 128 + 28}));
  EXPECT_EQ(cr([](int x, int) { return x == 0; }), (std::array{128 + 84, 128, 128}));
  EXPECT_EQ(cr([](int x, int) { return x == 5; }), (std::array{128, 128, 128 + 28}));
  EXPECT_EQ(cr([](int x, int y) { return x == 2 && y == 1; }), (std::array{128, 128 + 28, 128}));
}

TEST(ConvertRgb, OddLastColumnAndRowAreCropped) {
  std::mt19937 random(3);
  const RgbPicture odd(PixelFormat::kBgr24, 7, 5, [&](int, int) { return RandomColor(random); });
  const RgbPicture even(PixelFormat::kBgr24, 6, 4, [&](int x, int y) { return odd.at(x, y); });
  Result from_odd(odd.source(), ColorMatrix::kBt601, false);
  Result from_even(even.source(), ColorMatrix::kBt601, false);
  EXPECT_EQ(from_odd.bytes(), from_even.bytes());
}

TEST(ConvertRgb, FullRangeHasNoMeaning) {
  std::mt19937 random(4);
  const RgbPicture picture(PixelFormat::kRgba, 34, 6,
                           [&](int, int) { return RandomColor(random); });
  EXPECT_EQ(Result(picture.source(), ColorMatrix::kBt709, true).bytes(),
            Result(picture.source(), ColorMatrix::kBt709, false).bytes());
}

TEST(ConvertGray, EveryValueIsRoundedExactlyAndHasNoColor) {
  for (const PixelFormat format : {PixelFormat::kGray, PixelFormat::kYa8}) {
    const int step = format == PixelFormat::kGray ? 1 : 2;
    test::ExactBuffer bytes(static_cast<std::size_t>(256 * 2 * step));
    for (int i = 0; i < 512 * step; ++i) {
      const bool alpha = step == 2 && i % 2 == 1;
      bytes.data()[i] = static_cast<std::uint8_t>(alpha ? 255 - i : i / step);
    }
    const SourcePicture source{format, 256, 2, {bytes.data()}, {256 * step}};
    const Result result(source, ColorMatrix::kBt709, false);
    for (int x = 0; x < 256; ++x) {
      ASSERT_EQ(result.at(0, x, 0), std::lround(16 + 219.0 * x / 255)) << x;
      ASSERT_EQ(result.at(0, x, 1), result.at(0, x, 0)) << x;
      ASSERT_EQ(result.at(1, x / 2, 0), 128);
      ASSERT_EQ(result.at(2, x / 2, 0), 128);
    }
  }
}

}  // namespace
}  // namespace streamgear
