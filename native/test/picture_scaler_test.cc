// The picture scaler with real libswscale: shared pictures, the cascade, other pixel formats, and
// colours that stay.
#include "pixels/picture_scaler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "pipeline_fixture.h"

namespace streamgear::test {
namespace {

InputConfig Input(PixelFormat format, int width, int height, const std::string& color_space) {
  InputConfig input;
  input.pixel_format = format;
  input.width = width;
  input.height = height;
  input.color_space = color_space;
  return input;
}

std::vector<std::uint8_t> Solid(const InputConfig& input, std::array<std::uint8_t, 3> bgr) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(input.width * input.height) * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = bgr[i % 3];
  return pixels;
}

/// Y'CbCr of an RGB colour in limited range, from the definition (ITU-T H.273).
std::array<double, 3> Reference(double red, double green, double blue, double kr, double kb) {
  const double luma = kr * red + (1 - kr - kb) * green + kb * blue;
  return {16 + luma * 219 / 255, 128 + (blue - luma) / (2 * (1 - kb)) * 224 / 255,
          128 + (red - luma) / (2 * (1 - kr)) * 224 / 255};
}

struct Case {
  const char* color_space;
  double kr;
  double kb;
};

class PictureScalerColorTest : public ::testing::TestWithParam<Case> {};

TEST_P(PictureScalerColorTest, EveryTargetHasTheReferenceColour) {
  const auto [color_space, kr, kb] = GetParam();
  const InputConfig input = Input(PixelFormat::kBgr24, 130, 74, color_space);
  const std::vector<PictureTarget> targets{{130, 74},
                                           {64, 36},
                                           {32, 18},
                                           {200, 120},
                                           {130, 74, AV_PIX_FMT_YUV444P},
                                           {64, 36, AV_PIX_FMT_YUV422P}};
  std::unique_ptr<PictureScaler> scaler;
  ASSERT_TRUE(PictureScaler::Create(input, targets, Scaling::kBalanced, &scaler).ok());
  const std::vector<std::array<std::uint8_t, 3>> colours{
      {0, 0, 255}, {0, 255, 0}, {255, 0, 0}, {30, 200, 90}, {255, 255, 255}, {0, 0, 0}};
  for (const auto& bgr : colours) {
    const std::vector<std::uint8_t> pixels = Solid(input, bgr);
    ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
    const auto expected = Reference(bgr[2], bgr[1], bgr[0], kr, kb);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      FramePtr picture;
      ASSERT_TRUE(scaler->Get(i, &picture).ok());
      EXPECT_EQ(picture->width, targets[i].width);
      EXPECT_EQ(picture->format, targets[i].format);
      for (std::size_t plane = 0; plane < 3; ++plane) {
        const int middle =
            picture->linesize[plane] * (targets[i].height / 4) + targets[i].width / 4;
        EXPECT_NEAR(picture->data[plane][middle], expected[plane], 1.01)
            << color_space << " target " << i << " plane " << plane;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Matrices, PictureScalerColorTest,
                         ::testing::Values(Case{"bt709", 0.2126, 0.0722},
                                           Case{"smpte170m", 0.299, 0.114},
                                           Case{"bt2020nc", 0.2627, 0.0593}));

TEST(PictureScalerTest, EqualTargetsShareOnePicture) {
  const InputConfig input = Input(PixelFormat::kBgr24, 64, 48, "bt709");
  std::unique_ptr<PictureScaler> scaler;
  ASSERT_TRUE(PictureScaler::Create(input, {{64, 48}, {32, 24}, {64, 48}, {32, 24}},
                                    Scaling::kBalanced, &scaler)
                  .ok());
  const std::vector<std::uint8_t> pixels = MakePixels(input, 0);
  ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
  std::array<FramePtr, 4> pictures;
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(scaler->Get(i, &pictures[i]).ok());
  EXPECT_EQ(pictures[0]->data[0], pictures[2]->data[0]);
  EXPECT_EQ(pictures[1]->data[0], pictures[3]->data[0]);
  EXPECT_NE(pictures[0].get(), pictures[2].get());
}

TEST(PictureScalerTest, PicturesHandedOutOutliveTheNextFrame) {
  const InputConfig input = Input(PixelFormat::kGray, 64, 48, "bt709");
  std::unique_ptr<PictureScaler> scaler;
  ASSERT_TRUE(PictureScaler::Create(input, {{64, 48}}, Scaling::kBalanced, &scaler).ok());
  std::vector<FramePtr> pictures(5);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::vector<std::uint8_t> pixels(64 * 48, static_cast<std::uint8_t>(i * 50));
    ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
    ASSERT_TRUE(scaler->Get(0, &pictures[i]).ok());
  }
  scaler.reset();  // the pool lives as long as its last picture
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const double gray = static_cast<double>(i) * 50;
    EXPECT_EQ(pictures[i]->data[0][0], std::lround(16 + gray * 219 / 255));
  }
}

TEST(PictureScalerTest, OddSizesOfEveryFormatFromExactBuffers) {
  for (const PixelFormat format :
       {PixelFormat::kGray, PixelFormat::kYa8, PixelFormat::kBgr24, PixelFormat::kRgb24,
        PixelFormat::kBgra, PixelFormat::kRgba, PixelFormat::kYuv420p, PixelFormat::kNv12,
        PixelFormat::kYuyv422, PixelFormat::kUyvy422}) {
    const InputConfig input = Input(format, 67, 35, "bt709");
    // One target in the caller's own format path (4:4:4), so that its copy is checked by ASan as
    // well.
    const std::vector<PictureTarget> targets{{66, 34}, {32, 16}, {66, 34, AV_PIX_FMT_YUV444P}};
    std::unique_ptr<PictureScaler> scaler;
    ASSERT_TRUE(PictureScaler::Create(input, targets, Scaling::kBalanced, &scaler).ok());
    const std::vector<std::uint8_t> pixels = MakePixels(input, 3);
    ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      FramePtr picture;
      EXPECT_TRUE(scaler->Get(i, &picture).ok()) << PixelFormatName(format) << " " << i;
    }
  }
}

/// A picture as a smooth surface, which every filter keeps as it is but at the edges.
TEST(PictureScalerTest, EveryModeScalesByAnyRatioWithoutAShift) {
  const InputConfig input = Input(PixelFormat::kGray, 640, 360, "bt709");
  std::vector<std::uint8_t> pixels(640 * 360);
  for (std::size_t y = 0; y < 360; ++y) {
    for (std::size_t x = 0; x < 640; ++x) {
      pixels[y * 640 + x] = static_cast<std::uint8_t>(x / 4 + y / 6);
    }
  }
  const std::vector<PictureTarget> targets{{640, 360}, {426, 240}, {256, 144}, {90, 50},
                                           {16, 16},   {640, 90},  {960, 540}};
  for (const Scaling scaling : {Scaling::kFast, Scaling::kBalanced, Scaling::kBest}) {
    std::unique_ptr<PictureScaler> scaler;
    ASSERT_TRUE(PictureScaler::Create(input, targets, scaling, &scaler).ok());
    ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      FramePtr picture;
      ASSERT_TRUE(scaler->Get(i, &picture).ok());
      const auto [width, height, format] = targets[i];
      ASSERT_EQ(picture->width, width);
      ASSERT_EQ(picture->height, height);
      for (const auto& [x, y] : {std::pair{width / 4, height / 4}, {width / 2, height / 2}}) {
        const double across = (x + 0.5) * 640 / width - 0.5;
        const double down = (y + 0.5) * 360 / height - 0.5;
        // The steps of the surface's own rounding lie half a value lower on average.
        const double gray = across / 4 - 0.375 + down / 6 - 0.42;
        EXPECT_NEAR(picture->data[0][y * picture->linesize[0] + x], 16 + gray * 219 / 255, 1.2)
            << width << "x" << height << " at " << x << "," << y;
      }
    }
  }
}

TEST(PictureScalerTest, WhatIsWantedBeforehandIsTheSame) {
  for (const PixelFormat format :
       {PixelFormat::kBgr24, PixelFormat::kYuv420p, PixelFormat::kNv12, PixelFormat::kUyvy422}) {
    const InputConfig input = Input(format, 323, 183, "bt709");
    const std::vector<PictureTarget> targets{{322, 182}, {200, 120}, {90, 50}, {400, 300}};
    const std::vector<std::uint8_t> pixels = MakePixels(input, 3);
    std::unique_ptr<PictureScaler> scaler;
    std::unique_ptr<PictureScaler> other;
    ASSERT_TRUE(PictureScaler::Create(input, targets, Scaling::kBalanced, &scaler).ok());
    ASSERT_TRUE(PictureScaler::Create(input, targets, Scaling::kBalanced, &other).ok());
    for (std::size_t i = 0; i < targets.size(); ++i) scaler->Want(i);
    ASSERT_TRUE(scaler->Convert(MakeFrame(input, pixels, 0)).ok());
    ASSERT_TRUE(other->Convert(MakeFrame(input, pixels, 0)).ok());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      FramePtr wanted;
      FramePtr asked;
      ASSERT_TRUE(scaler->Get(i, &wanted).ok());
      ASSERT_TRUE(other->Get(i, &asked).ok());
      for (std::size_t plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        for (int y = 0; y < targets[i].height >> shift; ++y) {
          const std::uint8_t* one = wanted->data[plane] + y * wanted->linesize[plane];
          const std::uint8_t* two = asked->data[plane] + y * asked->linesize[plane];
          ASSERT_TRUE(std::equal(one, one + (targets[i].width >> shift), two))
              << PixelFormatName(format) << " target " << i << " plane " << plane << " row " << y;
        }
      }
    }
  }
}

}  // namespace
}  // namespace streamgear::test
