// Decoded frames of every kind, as the pictures that a pipeline takes.
#include "source/picture_normalizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

extern "C" {
#include <libavfilter/avfilter.h>
}

namespace streamgear::test {
namespace {

constexpr std::int64_t kTicks = 90000;

InputConfig Target(int width, int height, const char* color_space = "bt709") {
  InputConfig target;
  target.width = width;
  target.height = height;
  target.pixel_format = PixelFormat::kYuv420p;
  target.color_space = color_space;
  return target;
}

/// A frame of one value per component, of 8 or more bits.
FramePtr MakeFrame(int width, int height, AVPixelFormat format, std::array<int, 3> values) {
  FramePtr frame = NewFrame(width, height, format);
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  for (int i = 0; i < std::min<int>(descriptor->nb_components, 3); ++i) {  // not the alpha
    const AVComponentDescriptor& component = descriptor->comp[i];
    const bool chroma = i > 0 && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) == 0;
    const int rows = chroma ? AV_CEIL_RSHIFT(height, descriptor->log2_chroma_h) : height;
    const int columns = chroma ? AV_CEIL_RSHIFT(width, descriptor->log2_chroma_w) : width;
    for (int y = 0; y < rows; ++y) {
      std::uint8_t* row = frame->data[component.plane] +
                          static_cast<std::ptrdiff_t>(y) * frame->linesize[component.plane];
      for (int x = 0; x < columns; ++x) {
        std::uint8_t* sample = row + x * component.step + component.offset;
        const int value = values[static_cast<std::size_t>(i)];
        *sample = static_cast<std::uint8_t>(value);
        if (component.depth > 8) sample[1] = static_cast<std::uint8_t>(value >> 8);
      }
    }
  }
  return frame;
}

class NormalizerTest : public testing::Test {
 protected:
  EventSink sink() {
    return [this](const Event& event) {
      if (const auto* warning = std::get_if<WarningEvent>(&event)) warnings_.push_back(*warning);
    };
  }

  /// One frame in, one picture out.
  FramePtr Convert(PictureNormalizer& normalizer, FramePtr frame) {
    const Status status = normalizer.Send(std::move(frame));
    EXPECT_TRUE(status.ok()) << status.failure().message;
    FramePtr picture = normalizer.Receive();
    EXPECT_NE(picture, nullptr);
    return picture == nullptr ? NewFrame(16, 16, AV_PIX_FMT_YUV420P) : std::move(picture);
  }

  FramePtr Convert(const InputConfig& target, FramePtr frame) {
    PictureNormalizer normalizer(target, {.url = "test"}, sink());
    return Convert(normalizer, std::move(frame));
  }

  static std::array<int, 3> PixelOf(const AVFrame& picture, int x = 8, int y = 8) {
    return {picture.data[0][y * picture.linesize[0] + x],
            picture.data[1][y / 2 * picture.linesize[1] + x / 2],
            picture.data[2][y / 2 * picture.linesize[2] + x / 2]};
  }

  static void ExpectNear(const std::array<int, 3>& actual, const std::array<int, 3>& expected,
                         int tolerance) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
  }

  std::vector<WarningEvent> warnings_;
};

TEST_F(NormalizerTest, HandsOnWhatNeedsNoChange) {
  FramePtr frame = MakeFrame(32, 16, AV_PIX_FMT_YUV420P, {50, 100, 150});
  frame->colorspace = AVCOL_SPC_BT709;
  frame->pts = 1234;
  const std::uint8_t* data = frame->data[0];
  const FramePtr picture = Convert(Target(32, 16), std::move(frame));
  EXPECT_EQ(picture->data[0], data) << "no copy";
  EXPECT_EQ(picture->pts, 1234);
}

TEST_F(NormalizerTest, KeepsTheTimeOfWhatItConverts) {
  FramePtr frame = MakeFrame(32, 16, AV_PIX_FMT_YUV422P, {50, 100, 150});
  frame->pts = 1234;
  frame->colorspace = AVCOL_SPC_BT709;
  const FramePtr picture = Convert(Target(32, 16), std::move(frame));
  EXPECT_EQ(picture->pts, 1234);
  EXPECT_EQ(PixelOf(*picture), (std::array<int, 3>{50, 100, 150}));
}

TEST_F(NormalizerTest, BringsEveryFormatToTheSameColour) {
  struct Case {
    AVPixelFormat format;
    std::array<int, 3> values;
    AVColorRange range;
    int tolerance;
  };
  // BT.709 red of 75 %, as each format says it.
  const std::vector<Case> cases{{AV_PIX_FMT_YUV444P, {51, 109, 212}, AVCOL_RANGE_MPEG, 0},
                                {AV_PIX_FMT_YUV422P, {51, 109, 212}, AVCOL_RANGE_UNSPECIFIED, 0},
                                {AV_PIX_FMT_NV12, {51, 109, 212}, AVCOL_RANGE_MPEG, 0},
                                {AV_PIX_FMT_YUV420P10, {204, 436, 848}, AVCOL_RANGE_MPEG, 1},
                                {AV_PIX_FMT_YUV422P12, {816, 1744, 3392}, AVCOL_RANGE_MPEG, 1},
                                {AV_PIX_FMT_YUVJ420P, {41, 106, 224}, AVCOL_RANGE_JPEG, 1},
                                {AV_PIX_FMT_YUV444P, {41, 106, 224}, AVCOL_RANGE_JPEG, 1},
                                {AV_PIX_FMT_GBRP, {191, 0, 0}, AVCOL_RANGE_JPEG, 1},
                                {AV_PIX_FMT_RGB24, {191, 0, 0}, AVCOL_RANGE_UNSPECIFIED, 1},
                                {AV_PIX_FMT_BGRA, {191, 0, 0}, AVCOL_RANGE_UNSPECIFIED, 1}};
  for (const Case& test : cases) {
    FramePtr frame = MakeFrame(64, 32, test.format, test.values);
    frame->colorspace = IsRgb(test.format) ? AVCOL_SPC_RGB : AVCOL_SPC_BT709;
    frame->color_range = test.range;
    const FramePtr picture = Convert(Target(64, 32), std::move(frame));
    SCOPED_TRACE(av_get_pix_fmt_name(test.format));
    ExpectNear(PixelOf(*picture), {51, 109, 212}, test.tolerance);
  }
}

TEST_F(NormalizerTest, TakesGrayAsItIsTagged) {
  FramePtr luma = MakeFrame(32, 16, AV_PIX_FMT_GRAY8, {100, 0, 0});
  luma->color_range = AVCOL_RANGE_MPEG;
  ExpectNear(PixelOf(*Convert(Target(32, 16), std::move(luma))), {100, 128, 128}, 0);
  FramePtr gray = MakeFrame(32, 16, AV_PIX_FMT_GRAY8, {255, 0, 0});
  ExpectNear(PixelOf(*Convert(Target(32, 16), std::move(gray))), {235, 128, 128}, 1);
}

TEST_F(NormalizerTest, ConvertsTheMatrix) {
  // BT.601 red of 75 % becomes BT.709 red of 75 %.
  FramePtr frame = MakeFrame(32, 16, AV_PIX_FMT_YUV420P, {65, 100, 212});
  frame->colorspace = AVCOL_SPC_SMPTE170M;
  ExpectNear(PixelOf(*Convert(Target(32, 16), std::move(frame))), {51, 109, 212}, 2);
  // Untagged at this size is BT.601.
  FramePtr untagged = MakeFrame(32, 16, AV_PIX_FMT_YUV420P, {65, 100, 212});
  const std::uint8_t* data = untagged->data[0];
  EXPECT_EQ(Convert(Target(32, 16, "smpte170m"), std::move(untagged))->data[0], data);
}

TEST_F(NormalizerTest, MovesChromaToItsPlace) {
  // An edge of colour in the middle of a picture whose chroma is centred: left-sited, it is to come
  // a quarter of a chroma sample earlier.
  FramePtr frame = MakeFrame(32, 16, AV_PIX_FMT_YUV420P, {100, 128, 128});
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 16; ++x) {
      frame->data[1][y * frame->linesize[1] + x] = static_cast<std::uint8_t>(60 + x * 8);
    }
  }
  frame->colorspace = AVCOL_SPC_BT709;
  frame->chroma_location = AVCHROMA_LOC_CENTER;
  const FramePtr picture = Convert(Target(32, 16), std::move(frame));
  EXPECT_NEAR(picture->data[1][4 * picture->linesize[1] + 8], 60 + 8 * 8 - 2, 1);
}

/// swscale's bicubic, widened by 2, in double precision.
double Bicubic(double distance) {
  const double d = std::abs(distance) / 2;
  if (d >= 2) return 0;
  if (d >= 1) return (-0.6 * d * d * d + 3 * d * d - 4.8 * d + 2.4);
  return 1.4 * d * d * d - 2.4 * d * d + 1;
}

/// Colour that waves from left to right and from top to bottom.
double Wave(int x, int y) { return 128 + 50 * std::sin(x * 0.7) + 40 * std::sin(y * 0.5); }

/// Wave where chroma `x`, `y` of 4:2:0 lies: on every other column, between two rows.
double HalvedWave(int x, int y) {
  double sum = 0;
  double weights = 0;
  for (int v = 2 * y - 4; v <= 2 * y + 5; ++v) {
    for (int u = 2 * x - 4; u <= 2 * x + 4; ++u) {
      const double weight = Bicubic(u - 2 * x) * Bicubic(v - 2 * y - 0.5);
      sum += weight * Wave(u, v);
      weights += weight;
    }
  }
  return sum / weights;
}

TEST_F(NormalizerTest, HalvesChromaOfOddSizesWhereItIs) {
  for (const auto& [width, height] : {std::pair{161, 91}, {161, 90}, {160, 91}, {160, 90}}) {
    FramePtr frame = MakeFrame(width, height, AV_PIX_FMT_YUV444P, {100, 128, 128});
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        frame->data[1][y * frame->linesize[1] + x] =
            static_cast<std::uint8_t>(std::lround(Wave(x, y)));
      }
    }
    frame->colorspace = AVCOL_SPC_BT709;
    const FramePtr picture = Convert(Target(width, height), std::move(frame));
    double furthest = 0;
    for (int y = 2; y < 43; ++y) {
      for (int x = 2; x < 78; ++x) {
        const double chroma = picture->data[1][y * picture->linesize[1] + x];
        furthest = std::max(furthest, std::abs(chroma - HalvedWave(x, y)));
      }
    }
    EXPECT_LT(furthest, 1.5) << width << "x" << height;
  }
}

/// The corner that is dark, of a frame that is dark at the top left, for each way of turning it.
TEST_F(NormalizerTest, TurnsInAllEightWays) {
  for (const bool swap : {false, true}) {
    for (const bool flip_x : {false, true}) {
      for (const bool flip_y : {false, true}) {
        FramePtr frame = MakeFrame(64, 32, AV_PIX_FMT_YUV420P, {200, 90, 160});
        for (int y = 0; y < 8; ++y) std::memset(frame->data[0] + y * frame->linesize[0], 20, 16);
        frame->colorspace = AVCOL_SPC_BT709;
        const Orientation orientation{.swap_axes = swap, .flip_x = flip_x, .flip_y = flip_y};
        const InputConfig target = swap ? Target(32, 64) : Target(64, 32);
        PictureNormalizer normalizer(target, {.url = "test", .orientation = orientation}, sink());
        const FramePtr picture = Convert(normalizer, std::move(frame));
        for (const bool right : {false, true}) {
          for (const bool bottom : {false, true}) {
            const int x = right ? target.width - 4 : 4;
            const int y = bottom ? target.height - 4 : 4;
            const bool dark = right == flip_x && bottom == flip_y;
            ExpectNear(PixelOf(*picture, x, y), {dark ? 20 : 200, 90, 160}, 1);
          }
        }
      }
    }
  }
}

TEST_F(NormalizerTest, ScalesToTheFirstSizeAndSaysSo) {
  PictureNormalizer normalizer(Target(32, 16), {.url = "test"}, sink());
  for (const int width : {32, 32, 64, 64}) {
    FramePtr frame = MakeFrame(width, width / 2, AV_PIX_FMT_YUV420P, {80, 128, 128});
    frame->colorspace = AVCOL_SPC_BT709;
    const FramePtr picture = Convert(normalizer, std::move(frame));
    EXPECT_EQ(picture->width, 32);
    EXPECT_EQ(PixelOf(*picture)[0], 80);
  }
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0].code, "SIZE_CHANGED");
}

/// An edge that moves to the right by 8 in each frame, by 4 in each field.
FramePtr MakeFields(int index, bool interlaced) {
  FramePtr frame = MakeFrame(128, 64, AV_PIX_FMT_YUV420P, {40, 128, 128});
  for (int y = 0; y < 64; ++y) {
    std::memset(frame->data[0] + y * frame->linesize[0], 200,
                static_cast<std::size_t>(16 + index * 8 + (y % 2) * 4));
  }
  frame->colorspace = AVCOL_SPC_BT709;
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  if (interlaced) frame->flags |= AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame->interlaced_frame = interlaced ? 1 : 0;
  frame->top_field_first = interlaced ? 1 : 0;
#endif
  return frame;
}

std::vector<FramePtr> RunFields(PictureNormalizer& normalizer,
                                const std::vector<bool>& interlaced) {
  std::vector<FramePtr> pictures;
  const auto drain = [&] {
    while (FramePtr picture = normalizer.Receive()) pictures.push_back(std::move(picture));
  };
  for (std::size_t i = 0; i < interlaced.size(); ++i) {
    FramePtr frame = MakeFields(static_cast<int>(i), interlaced[i]);
    frame->pts = static_cast<std::int64_t>(i) * kTicks / 25;
    EXPECT_TRUE(normalizer.Send(std::move(frame)).ok());
    drain();
  }
  EXPECT_TRUE(normalizer.Send(nullptr).ok());
  drain();
  return pictures;
}

TEST_F(NormalizerTest, DeinterlacesWhatIsFlagged) {
  PictureNormalizer normalizer(Target(128, 64), {.url = "test"}, sink());
  const std::vector<bool> flags{false, false, true, true, true, false, false};
  const std::vector<FramePtr> pictures = RunFields(normalizer, flags);
  ASSERT_EQ(pictures.size(), flags.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(pictures[i]->pts, static_cast<std::int64_t>(i) * kTicks / 25);
    const int x = 16 + static_cast<int>(i) * 8 + 2;  // between the edges of the two fields
    const int contrast =
        std::abs(PixelOf(*pictures[i], x, 32)[0] - PixelOf(*pictures[i], x, 33)[0]);
    if (flags[i]) {
      EXPECT_LT(contrast, 40);
    } else {
      EXPECT_EQ(contrast, 160) << "a progressive frame passes as it is";
    }
  }
}

TEST_F(NormalizerTest, LeavesFieldsAloneWhenTold) {
  PictureNormalizer normalizer(Target(128, 64), {.url = "test", .deinterlace = false}, sink());
  const std::vector<FramePtr> pictures = RunFields(normalizer, {true, true, true});
  ASSERT_EQ(pictures.size(), 3U);
  EXPECT_EQ(PixelOf(*pictures[1], 26, 32)[0], 40);
  EXPECT_EQ(PixelOf(*pictures[1], 26, 33)[0], 200);
}

TEST_F(NormalizerTest, MapsHdrToSdr) {
  if (avfilter_get_by_name("zscale") == nullptr) GTEST_SKIP() << "this libavfilter has no zscale";
  for (const auto transfer : {AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67}) {
    PictureNormalizer normalizer(Target(64, 32), {.url = "test"}, sink());
    std::vector<int> luma;
    // Black, gray, the white of paper (203 cd/m2 in PQ), and far above.
    for (const int level : {64, 400, 573, 710}) {
      FramePtr frame = MakeFrame(64, 32, AV_PIX_FMT_YUV420P10, {level, 512, 512});
      frame->color_trc = transfer;
      frame->colorspace = AVCOL_SPC_BT2020_NCL;
      frame->color_primaries = AVCOL_PRI_BT2020;
      const FramePtr picture = Convert(normalizer, std::move(frame));
      luma.push_back(PixelOf(*picture)[0]);
      ExpectNear(PixelOf(*picture), {luma.back(), 128, 128}, 1);
    }
    EXPECT_NEAR(luma[0], 16, 1);
    EXPECT_GT(luma[1], luma[0] + 10);
    EXPECT_GT(luma[2], luma[1] + 10);
    EXPECT_GT(luma[3], luma[2] + 10) << "what is brighter than white is not cut off";
    EXPECT_LE(luma[3], 236);
    if (transfer == AVCOL_TRC_SMPTE2084) {
      EXPECT_NEAR(luma[2], 182, 4);
    }
  }
  ASSERT_EQ(warnings_.size(), 2U);
  EXPECT_EQ(warnings_[0].code, "HDR_TONE_MAPPED");
}

TEST_F(NormalizerTest, ConvertsMatricesThatSwscaleDoesNotKnow) {
  if (avfilter_get_by_name("zscale") == nullptr) GTEST_SKIP() << "this libavfilter has no zscale";
  // Red of 75 % in YCgCo of full range: Y = R/4, Cg = -R/4, Co = R/2.
  FramePtr frame = MakeFrame(64, 32, AV_PIX_FMT_YUV444P, {48, 80, 224});
  frame->colorspace = AVCOL_SPC_YCGCO;
  frame->color_range = AVCOL_RANGE_JPEG;
  const FramePtr picture = Convert(Target(64, 32), std::move(frame));
  ExpectNear(PixelOf(*picture), {51, 109, 212}, 3);
}

}  // namespace
}  // namespace streamgear::test
