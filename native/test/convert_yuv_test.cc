// YUV layouts to I420: what is copied is copied, what is computed is rounded exactly.
#include <gtest/gtest.h>

#include <cmath>

#include "pictures.h"
#include "pixels/pixel_convert.h"

namespace streamgear {
namespace {

using test::RandomPicture;
using test::Result;

int LimitedLuma(int full) { return static_cast<int>(std::lround(16 + 219.0 * full / 255)); }

/// `full` is the value or the mean of two.
int LimitedChroma(double full) {
  return static_cast<int>(std::lround(128 + 224.0 * (full - 128) / 255));
}

int Sample(const SourcePicture& source, std::size_t plane, int offset, int y) {
  return source.data[plane][y * source.stride[plane] + offset];
}

TEST(ConvertYuv, LimitedPlanarIsCopied) {
  for (const int width : {2, 7, 66}) {
    const RandomPicture random(PixelFormat::kYuv420p, width, 5, 3, 1);
    const SourcePicture& source = random.picture();
    const Result result(source, ColorMatrix::kBt709, false);
    for (int y = 0; y < 4; ++y) {
      for (int x = 0; x < result.width(); ++x) {
        ASSERT_EQ(result.at(0, x, y), Sample(source, 0, x, y));
        ASSERT_EQ(result.at(1, x / 2, y / 2), Sample(source, 1, x / 2, y / 2));
        ASSERT_EQ(result.at(2, x / 2, y / 2), Sample(source, 2, x / 2, y / 2));
      }
    }
  }
}

TEST(ConvertYuv, Nv12IsTakenApart) {
  for (const bool full_range : {false, true}) {
    const RandomPicture random(PixelFormat::kNv12, 67, 7, 3, 2);
    const SourcePicture& source = random.picture();
    const Result result(source, ColorMatrix::kBt709, full_range);
    for (int y = 0; y < 6; ++y) {
      for (int x = 0; x < 66; ++x) {
        const int luma = Sample(source, 0, x, y);
        const int cb = Sample(source, 1, x / 2 * 2, y / 2);
        const int cr = Sample(source, 1, x / 2 * 2 + 1, y / 2);
        ASSERT_EQ(result.at(0, x, y), full_range ? LimitedLuma(luma) : luma);
        ASSERT_EQ(result.at(1, x / 2, y / 2), full_range ? LimitedChroma(cb) : cb);
        ASSERT_EQ(result.at(2, x / 2, y / 2), full_range ? LimitedChroma(cr) : cr);
      }
    }
  }
}

TEST(ConvertYuv, EveryFullRangeValueIsBroughtToLimited) {
  test::ExactBuffer luma(512);
  test::ExactBuffer chroma(128);
  for (int half = 0; half < 2; ++half) {
    for (int i = 0; i < 512; ++i) luma.data()[i] = static_cast<std::uint8_t>(i);
    for (int i = 0; i < 128; ++i) chroma.data()[i] = static_cast<std::uint8_t>(128 * half + i);
    const SourcePicture source{PixelFormat::kYuv420p,
                               256,
                               2,
                               {luma.data(), chroma.data(), chroma.data()},
                               {256, 128, 128}};
    const Result result(source, ColorMatrix::kBt709, true);
    for (int i = 0; i < 256; ++i) ASSERT_EQ(result.at(0, i, 1), LimitedLuma(i)) << i;
    for (int i = 0; i < 128; ++i) {
      ASSERT_EQ(result.at(1, i, 0), LimitedChroma(128 * half + i)) << i;
      ASSERT_EQ(result.at(2, i, 0), LimitedChroma(128 * half + i)) << i;
    }
  }
}

/// Two rows of packed 4:2:2, 512 columns: Cb runs over all values, in the second row Cr does,
/// against one constant.
class PackedPicture {
 public:
  PackedPicture(PixelFormat format, int constant) : bytes_(512 * 2 * 2) {
    const int luma = format == PixelFormat::kYuyv422 ? 0 : 1;
    for (int row = 0; row < 2; ++row) {
      for (int pair = 0; pair < 256; ++pair) {
        std::uint8_t* group = bytes_.data() + row * 1024 + pair * 4;
        group[luma] = static_cast<std::uint8_t>(pair);
        group[luma + 2] = static_cast<std::uint8_t>(255 - pair);
        group[1 - luma] = static_cast<std::uint8_t>(row == 0 ? pair : constant);
        group[3 - luma] = static_cast<std::uint8_t>(row == 0 ? constant : pair);
      }
    }
    source_ = {format, 512, 2, {bytes_.data()}, {1024}};
  }

  [[nodiscard]] const SourcePicture& source() const { return source_; }

 private:
  test::ExactBuffer bytes_;
  SourcePicture source_;
};

TEST(ConvertYuv, PackedChromaIsTheMeanOfTwoRows) {
  for (const PixelFormat format : {PixelFormat::kYuyv422, PixelFormat::kUyvy422}) {
    for (int constant = 0; constant < 256;
         ++constant) {  // with all 256 of a row: every pair there is
      const PackedPicture picture(format, constant);
      const Result limited(picture.source(), ColorMatrix::kBt709, false);
      const Result full(picture.source(), ColorMatrix::kBt709, true);
      for (int i = 0; i < 256; ++i) {
        ASSERT_EQ(limited.at(1, i, 0), (i + constant + 1) / 2);
        ASSERT_EQ(limited.at(2, i, 0), (i + constant + 1) / 2);
        ASSERT_EQ(full.at(1, i, 0), LimitedChroma((i + constant) / 2.0));
        ASSERT_EQ(full.at(2, i, 0), LimitedChroma((i + constant) / 2.0));
        ASSERT_EQ(limited.at(0, 2 * i, 1), i);
        ASSERT_EQ(limited.at(0, 2 * i + 1, 0), 255 - i);
        ASSERT_EQ(full.at(0, 2 * i, 0), LimitedLuma(i));
      }
    }
  }
}

TEST(ConvertYuv, PackedCbComesBeforeCr) {
  const std::array<std::uint8_t, 8> yuyv{10, 50, 20, 90, 30, 50, 40, 90};
  const std::array<std::uint8_t, 8> uyvy{50, 10, 90, 20, 50, 30, 90, 40};
  const std::vector<std::uint8_t> expected{10, 20, 30, 40, 50, 90};
  const SourcePicture first{PixelFormat::kYuyv422, 2, 2, {yuyv.data()}, {4}};
  const SourcePicture second{PixelFormat::kUyvy422, 2, 2, {uyvy.data()}, {4}};
  EXPECT_EQ(Result(first, ColorMatrix::kBt709, false).bytes(), expected);
  EXPECT_EQ(Result(second, ColorMatrix::kBt709, false).bytes(), expected);
}

TEST(ConvertYuv, TheMatrixHasNoMeaning) {
  for (const PixelFormat format : {PixelFormat::kYuv420p, PixelFormat::kUyvy422}) {
    const RandomPicture random(format, 18, 4, 0, 6);
    EXPECT_EQ(Result(random.picture(), ColorMatrix::kBt709, true).bytes(),
              Result(random.picture(), ColorMatrix::kBt601, true).bytes());
  }
}

}  // namespace
}  // namespace streamgear
