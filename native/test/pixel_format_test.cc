#include "pixels/pixel_format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamgear {
namespace {

const std::vector<std::string> kNames{"gray", "ya8",     "bgr24", "rgb24",   "bgra",
                                      "rgba", "yuv420p", "nv12",  "yuyv422", "uyvy422"};

TEST(PixelFormat, EveryNameGoesThereAndBack) {
  for (const std::string& name : kNames) {
    const auto format = PixelFormatFromName(name);
    ASSERT_TRUE(format.has_value()) << name;
    EXPECT_EQ(PixelFormatName(*format), name);
  }
}

TEST(PixelFormat, OtherNamesAreUnknown) {
  for (const char* name : {"", "gray8", "BGR24", "yuv444p", "bgr24 "}) {
    EXPECT_FALSE(PixelFormatFromName(name).has_value()) << name;
  }
}

/// "row_bytes x rows" of each plane.
std::string Describe(const PlaneLayout& layout) {
  std::string text;
  for (int i = 0; i < layout.count; ++i) {
    const PlaneSize& plane = layout.planes[static_cast<std::size_t>(i)];
    text +=
        (i > 0 ? " + " : "") + std::to_string(plane.row_bytes) + "x" + std::to_string(plane.rows);
  }
  return text;
}

TEST(PixelFormat, LayoutsOfAnEvenSize) {
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kGray, 6, 4)), "6x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kYa8, 6, 4)), "12x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kBgr24, 6, 4)), "18x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kRgb24, 6, 4)), "18x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kBgra, 6, 4)), "24x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kRgba, 6, 4)), "24x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kYuv420p, 6, 4)), "6x4 + 3x2 + 3x2");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kNv12, 6, 4)), "6x4 + 6x2");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kYuyv422, 6, 4)), "12x4");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kUyvy422, 6, 4)), "12x4");
}

TEST(PixelFormat, ChromaOfAnOddSizeIsRoundedUp) {
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kYuv420p, 5, 3)), "5x3 + 3x2 + 3x2");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kNv12, 5, 3)), "5x3 + 6x2");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kYuyv422, 5, 3)), "12x3");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kUyvy422, 1, 1)), "4x1");
  EXPECT_EQ(Describe(LayoutOf(PixelFormat::kBgr24, 5, 3)), "15x3");
}

TEST(PixelFormat, NoPictureHasNoPlanes) {
  EXPECT_EQ(LayoutOf(PixelFormat::kBgr24, 0, 4).count, 0);
  EXPECT_EQ(LayoutOf(PixelFormat::kYuv420p, 4, -1).count, 0);
}

TEST(PixelFormat, OnlyYuvNeedsNoMatrix) {
  for (const std::string& name : kNames) {
    const bool yuv = name == "yuv420p" || name == "nv12" || name == "yuyv422" || name == "uyvy422";
    EXPECT_EQ(IsRgbLike(PixelFormatFromName(name).value()), !yuv) << name;
  }
}

}  // namespace
}  // namespace streamgear
