#include "source/picture_writer.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "test_clip.h"

namespace streamgear::test {
namespace {

constexpr std::array kAllFormats = {
    PixelFormat::kGray,    PixelFormat::kYa8,    PixelFormat::kBgr24,   PixelFormat::kRgb24,
    PixelFormat::kBgra,    PixelFormat::kRgba,   PixelFormat::kYuv420p, PixelFormat::kNv12,
    PixelFormat::kYuyv422, PixelFormat::kUyvy422};

constexpr std::array<int, 3> kRgb = {200, 50, 100};

/// Y'CbCr of kRgb by the definition in ITU-T H.273, from the two weights of a matrix.
std::array<int, 3> YuvOf(double kr, double kb, bool full_range = false) {
  const double r = kRgb[0] / 255.0;
  const double g = kRgb[1] / 255.0;
  const double b = kRgb[2] / 255.0;
  const double y = kr * r + (1 - kr - kb) * g + kb * b;
  const double u = (b - y) / (2 * (1 - kb));
  const double v = (r - y) / (2 * (1 - kr));
  const auto round = [](double value) { return static_cast<int>(std::lround(value)); };
  if (full_range) return {round(255 * y), round(128 + 255 * u), round(128 + 255 * v)};
  return {round(16 + 219 * y), round(128 + 224 * u), round(128 + 224 * v)};
}

const std::array<int, 3> kBt709 = YuvOf(0.2126, 0.0722);
const std::array<int, 3> kBt601 = YuvOf(0.299, 0.114);
const std::array<int, 3> kBt2020 = YuvOf(0.2627, 0.0593);

FramePtr MakeFrame(int width, int height, AVPixelFormat format,
                   const std::array<int, 3>& values = {126, 128, 128}) {
  FramePtr frame(av_frame_alloc());
  frame->width = width;
  frame->height = height;
  frame->format = format;
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  FillPlanes(frame.get(), values);
  return frame;
}

std::vector<std::uint8_t> Write(const AVFrame& frame, const PictureWriter::Target& target) {
  PictureWriter writer(target);
  std::vector<std::uint8_t> bytes(writer.size());
  const Status status = writer.Write(frame, bytes.data());
  EXPECT_TRUE(status.ok()) << status.failure().message;
  return bytes;
}

void ExpectNear(const std::vector<std::uint8_t>& bytes, std::size_t at,
                const std::vector<int>& expected, int tolerance) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(bytes[at + i], expected[i], tolerance) << "byte " << i;
  }
}

void ExpectBgr(const AVFrame& frame, int tolerance = 2) {
  const auto bytes = Write(frame, {.width = frame.width, .height = frame.height});
  ExpectNear(bytes, 0, {kRgb[2], kRgb[1], kRgb[0]}, tolerance);
  ExpectNear(bytes, bytes.size() - 3, {kRgb[2], kRgb[1], kRgb[0]}, tolerance);
}

TEST(PictureWriterColor, TakesBt709ForUntaggedHdAndBt601ForSd) {
  ExpectBgr(*MakeFrame(1280, 720, AV_PIX_FMT_YUV420P, kBt709));
  ExpectBgr(*MakeFrame(64, 578, AV_PIX_FMT_YUV420P, kBt709));
  ExpectBgr(*MakeFrame(720, 576, AV_PIX_FMT_YUV420P, kBt601));
}

TEST(PictureWriterColor, TakesTheMatrixOfTheTag) {
  for (const auto& [space, values] : {std::pair{AVCOL_SPC_BT709, kBt709},
                                      {AVCOL_SPC_SMPTE170M, kBt601},
                                      {AVCOL_SPC_BT470BG, kBt601},
                                      {AVCOL_SPC_BT2020_NCL, kBt2020},
                                      {AVCOL_SPC_SMPTE240M, YuvOf(0.212, 0.087)},
                                      {AVCOL_SPC_FCC, YuvOf(0.30, 0.11)}}) {
    for (const int height : {48, 720}) {
      const FramePtr frame = MakeFrame(64, height, AV_PIX_FMT_YUV444P, values);
      frame->colorspace = space;
      SCOPED_TRACE(std::string(av_color_space_name(space)) + " " + std::to_string(height));
      ExpectBgr(*frame);
    }
  }
}

TEST(PictureWriterColor, TakesTheRangeOfTheTagAndOfTheFormat) {
  const std::array<int, 3> full = YuvOf(0.299, 0.114, true);
  const FramePtr tagged = MakeFrame(64, 48, AV_PIX_FMT_YUV420P, full);
  tagged->color_range = AVCOL_RANGE_JPEG;
  ExpectBgr(*tagged);
  ExpectBgr(*MakeFrame(64, 48, AV_PIX_FMT_YUVJ420P, full));
}

TEST(PictureWriterColor, KeepsTheMatrixOfYuvAndBringsItToLimitedRange) {
  const FramePtr frame = MakeFrame(64, 48, AV_PIX_FMT_YUV420P, YuvOf(0.2126, 0.0722, true));
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_range = AVCOL_RANGE_JPEG;
  const PictureWriter::Target target{
      .format = PixelFormat::kYuv420p, .width = 64, .height = 48, .matrix = AVCOL_SPC_BT709};
  const auto bytes = Write(*frame, target);
  EXPECT_NEAR(bytes[0], kBt709[0], 1);
  EXPECT_NEAR(bytes[64 * 48], kBt709[1], 1);
  EXPECT_NEAR(bytes.back(), kBt709[2], 1);
}

TEST(PictureWriterColor, ConvertsAnUnusualMatrixToTheYieldedOne) {
  EXPECT_EQ(YieldedMatrix(AV_PIX_FMT_YUV420P, AVCOL_SPC_SMPTE240M, 720), AVCOL_SPC_BT709);
  EXPECT_EQ(YieldedMatrix(AV_PIX_FMT_YUV420P, AVCOL_SPC_BT2020_NCL, 48), AVCOL_SPC_BT2020_NCL);
  EXPECT_EQ(YieldedMatrix(AV_PIX_FMT_RGB24, AVCOL_SPC_RGB, 576), AVCOL_SPC_SMPTE170M);
  const FramePtr frame = MakeFrame(64, 48, AV_PIX_FMT_YUV420P, kBt2020);
  frame->colorspace = AVCOL_SPC_BT2020_NCL;
  const PictureWriter::Target target{
      .format = PixelFormat::kYuv420p, .width = 64, .height = 48, .matrix = AVCOL_SPC_BT709};
  const auto bytes = Write(*frame, target);
  EXPECT_NEAR(bytes[0], kBt709[0], 2);
  EXPECT_NEAR(bytes[64 * 48], kBt709[1], 2);
  EXPECT_NEAR(bytes.back(), kBt709[2], 2);
}

TEST(PictureWriterColor, ConvertsRgbWithTheYieldedMatrix) {
  for (const auto& [height, expected] : {std::pair{720, kBt709}, {48, kBt601}}) {
    // GBRP: planes are green, blue, red.
    const FramePtr frame = MakeFrame(64, height, AV_PIX_FMT_GBRP, {kRgb[1], kRgb[2], kRgb[0]});
    frame->colorspace = AVCOL_SPC_RGB;
    const PictureWriter::Target target{
        .format = PixelFormat::kYuv420p,
        .width = 64,
        .height = height,
        .matrix = YieldedMatrix(AV_PIX_FMT_GBRP, AVCOL_SPC_RGB, height)};
    const auto bytes = Write(*frame, target);
    EXPECT_NEAR(bytes[0], expected[0], 1);
    EXPECT_NEAR(bytes[static_cast<std::size_t>(64 * height)], expected[1], 1);
    EXPECT_NEAR(bytes.back(), expected[2], 1);
  }
}

TEST(PictureWriterColor, OrdersTheChannelsAndFillsAlpha) {
  const FramePtr frame = MakeFrame(64, 48, AV_PIX_FMT_YUV420P, kBt601);
  const auto [r, g, b] = kRgb;
  for (const auto& [format, expected] : {std::pair{PixelFormat::kBgr24, std::vector<int>{b, g, r}},
                                         {PixelFormat::kRgb24, {r, g, b}},
                                         {PixelFormat::kBgra, {b, g, r, 255}},
                                         {PixelFormat::kRgba, {r, g, b, 255}}}) {
    SCOPED_TRACE(std::string(PixelFormatName(format)));
    ExpectNear(Write(*frame, {.format = format, .width = 64, .height = 48}), 0, expected, 2);
  }
}

TEST(PictureWriterColor, GivesGrayInFullRange) {
  for (const auto& [luma, expected] : {std::pair{16, 0}, {126, 128}, {235, 255}}) {
    const FramePtr frame = MakeFrame(64, 48, AV_PIX_FMT_YUV420P, {luma, 90, 200});
    const auto gray = Write(*frame, {.format = PixelFormat::kGray, .width = 64, .height = 48});
    EXPECT_NEAR(gray[0], expected, 1);
    ExpectNear(Write(*frame, {.format = PixelFormat::kYa8, .width = 64, .height = 48}), 0,
               {expected, 255}, 1);
  }
}

TEST(PictureWriterColor, PacksPairsOfPixels) {
  const FramePtr frame = MakeFrame(5, 2, AV_PIX_FMT_YUV422P, {0, 90, 200});
  for (int x = 0; x < 5; ++x) frame->data[0][x] = static_cast<std::uint8_t>(50 + x);
  const auto write = [&frame](PixelFormat format) {
    return Write(*frame,
                 {.format = format, .width = 5, .height = 2, .matrix = AVCOL_SPC_SMPTE170M});
  };
  const auto yuyv = write(PixelFormat::kYuyv422);
  ASSERT_EQ(yuyv.size(), 24U);
  ExpectNear(yuyv, 0, {50, 90, 51, 200, 52, 90, 53, 200, 54, 90, 54, 200}, 0);
  ExpectNear(write(PixelFormat::kUyvy422), 0, {90, 50, 200, 51, 90, 52, 200, 53, 90, 54, 200, 54},
             0);
}

TEST(PictureWriterColor, KeepsTheAlphaOfASourceThatHasIt) {
  const FramePtr frame = MakeFrame(4, 2, AV_PIX_FMT_RGBA);
  for (int x = 0; x < 4; ++x) {
    const std::array<std::uint8_t, 4> pixel = {200, 50, 100, static_cast<std::uint8_t>(60 * x)};
    std::copy(pixel.begin(), pixel.end(), frame->data[0] + 4 * x);
  }
  const auto bytes = Write(*frame, {.format = PixelFormat::kBgra, .width = 4, .height = 2});
  ExpectNear(bytes, 0, {100, 50, 200, 0, 100, 50, 200, 60, 100, 50, 200, 120}, 0);
}

/// A ramp of blueness across the picture, sampled where left-sited chroma lies: half a pixel off
/// would show.
TEST(PictureWriterColor, TakesChromaAsLeftSitedUnlessTagged) {
  const FramePtr frame = MakeFrame(32, 16, AV_PIX_FMT_YUV420P);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 16; ++x) {
      frame->data[1][y * frame->linesize[1] + x] = static_cast<std::uint8_t>(64 + 8 * x);
    }
  }
  const auto blue = [&frame](int column) {
    return static_cast<int>(Write(
        *frame, {.width = 32, .height = 16})[static_cast<std::size_t>((8 * 32 + column) * 3)]);
  };
  const auto expected = [](double cb) { return 255.0 / 219 * (126 - 16) + 2.018 * (cb - 128); };
  for (const int column : {8, 15, 20}) EXPECT_NEAR(blue(column), expected(64 + 4.0 * column), 2.5);
  frame->chroma_location = AVCHROMA_LOC_CENTER;
  for (const int column : {8, 15, 20}) {
    EXPECT_NEAR(blue(column), expected(64 + 4.0 * (column - 0.5)), 2.5);
  }
}

/// Four quarters of different brightness and colour, each looked up where the turned picture must
/// have it.
TEST(PictureWriterTurn, PutsEveryQuarterInItsPlace) {
  const FramePtr frame = MakeFrame(64, 32, AV_PIX_FMT_YUV420P);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 64; ++x) {
      const int quarter = (y / 16) * 2 + x / 32;
      frame->data[0][y * frame->linesize[0] + x] = static_cast<std::uint8_t>(40 + 50 * quarter);
    }
  }
  const auto luma_of = [](int quarter) { return 40 + 50 * quarter; };
  for (int bits = 0; bits < 8; ++bits) {
    const Orientation way{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    const int width = way.swap_axes ? 32 : 64;
    const int height = way.swap_axes ? 64 : 32;
    for (const PixelFormat format : kAllFormats) {
      const auto bytes =
          Write(*frame, {.format = format, .width = width, .height = height, .orientation = way});
      const PlaneLayout layout = LayoutOf(format, width, height);
      const std::size_t row = layout.planes[0].row_bytes;
      const std::size_t pixel = row / static_cast<std::size_t>(width);
      for (int quarter = 0; quarter < 4; ++quarter) {
        const bool right = quarter % 2 == 1;
        const bool below = quarter / 2 == 1;
        const int u = (way.flip_x ? !right : right) ? 1 : 0;
        const int v = (way.flip_y ? !below : below) ? 1 : 0;
        const int source = way.swap_axes ? u * 2 + v : v * 2 + u;
        const auto x = static_cast<std::size_t>(right ? width - 8 : 7);
        const auto y = static_cast<std::size_t>(below ? height - 8 : 7);
        const std::size_t luma = format == PixelFormat::kUyvy422 ? 1 : 0;
        const int value = bytes[y * row + x * pixel + luma];
        const int expected =
            IsRgbLike(format) ? (luma_of(source) - 16) * 255 / 219 : luma_of(source);
        EXPECT_NEAR(value, expected, 2)
            << PixelFormatName(format) << " way " << bits << " quarter " << quarter;
      }
    }
  }
}

TEST(PictureWriter, FollowsAFrameThatChanges) {
  PictureWriter writer({.width = 64, .height = 48});
  std::vector<std::uint8_t> bytes(writer.size());
  for (const auto& [width, height] : {std::pair{64, 48}, {128, 96}, {64, 48}, {30, 20}}) {
    for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P}) {
      ASSERT_TRUE(writer.Write(*MakeFrame(width, height, format, kBt601), bytes.data()).ok());
      ExpectNear(bytes, bytes.size() - 3, {kRgb[2], kRgb[1], kRgb[0]}, 2);
    }
  }
}

TEST(PictureWriter, FailsForWhatSwscaleCannotRead) {
  const FramePtr frame = MakeFrame(64, 48, AV_PIX_FMT_YUV420P);
  frame->format = AV_PIX_FMT_VAAPI;
  PictureWriter writer({.width = 64, .height = 48});
  std::vector<std::uint8_t> bytes(writer.size());
  const Status status = writer.Write(*frame, bytes.data());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "CONVERT_FAILED");
  EXPECT_EQ(status.failure().stage, "reader");
}

/// Memory that ends, and begins, exactly at a page that may not be touched.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t size)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        size_(size),
        room_((size + page_ - 1) / page_ * page_),
        memory_(static_cast<std::uint8_t*>(
            mmap(nullptr, room_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    EXPECT_EQ(mprotect(memory_ + page_, room_, PROT_READ | PROT_WRITE), 0);
  }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;
  ~GuardedBuffer() { munmap(memory_, room_ + 2 * page_); }

  [[nodiscard]] std::uint8_t* AtStart() { return memory_ + page_; }
  [[nodiscard]] std::uint8_t* AtEnd() { return memory_ + page_ + room_ - size_; }

 private:
  std::size_t page_;
  std::size_t size_;
  std::size_t room_;
  std::uint8_t* memory_;
};

constexpr int kUnwritten = 7;

/// A middle gray is 125..130 in every byte of every format but alpha. What was not written holds
/// kUnwritten.
void ExpectGray(const std::uint8_t* data, std::size_t size, PixelFormat format) {
  const std::size_t alpha = format == PixelFormat::kYa8                                    ? 2
                            : format == PixelFormat::kBgra || format == PixelFormat::kRgba ? 4
                                                                                           : 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (alpha != 0 && i % alpha == alpha - 1) {
      ASSERT_EQ(data[i], 255) << "alpha at " << i;
    } else {
      ASSERT_GE(data[i], 125) << "byte " << i << " of " << size;
      ASSERT_LE(data[i], 130) << "byte " << i << " of " << size;
    }
  }
}

class PictureWriterBounds : public testing::TestWithParam<PixelFormat> {};

TEST_P(PictureWriterBounds, WritesExactlyThePicture) {
  const PixelFormat format = GetParam();
  const std::array<Orientation, 3> ways = {Orientation{}, Orientation{true, true, false},
                                           Orientation{false, true, true}};
  for (const auto& [width, height] :
       {std::pair{2, 2}, {3, 3}, {17, 5}, {33, 9}, {64, 4}, {101, 37}, {321, 3}, {1922, 2}}) {
    for (const Orientation way : ways) {
      PictureWriter writer({.format = format,
                            .width = width,
                            .height = height,
                            .orientation = way,
                            .matrix = AVCOL_SPC_SMPTE170M});
      GuardedBuffer buffer(writer.size());
      const int stored_width = way.swap_axes ? height : width;
      const int stored_height = way.swap_axes ? width : height;
      for (const auto& [source_width, source_height, source_format] :
           {std::tuple{stored_width, stored_height, AV_PIX_FMT_YUV420P},
            {stored_width * 2 + 1, stored_height + 3, AV_PIX_FMT_YUV420P},
            {stored_width, stored_height, AV_PIX_FMT_YUV422P}}) {
        const FramePtr frame = MakeFrame(source_width, source_height, source_format);
        for (std::uint8_t* data : {buffer.AtEnd(), buffer.AtStart()}) {
          SCOPED_TRACE(std::to_string(source_width) + "x" + std::to_string(source_height) + " to " +
                       std::to_string(width) + "x" + std::to_string(height));
          std::memset(data, kUnwritten, writer.size());
          const Status status = writer.Write(*frame, data);
          ASSERT_TRUE(status.ok()) << status.failure().message;
          ExpectGray(data, writer.size(), format);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, PictureWriterBounds, testing::ValuesIn(kAllFormats),
                         [](const auto& info) { return std::string(PixelFormatName(info.param)); });

/// The same as above for planes that are only copied: each target format as its own source.
TEST(PictureWriter, CopiesExactlyThePlanes) {
  for (const PixelFormat format : kAllFormats) {
    const FramePtr frame = MakeFrame(101, 37, ToAv(format));
    const PlaneLayout layout = LayoutOf(format, 101, 37);
    for (int i = 0; i < layout.count; ++i) {
      const PlaneSize& plane = layout.planes[static_cast<std::size_t>(i)];
      for (int at = 0; at < plane.rows * frame->linesize[i]; ++at) {
        frame->data[i][at] = static_cast<std::uint8_t>(at * 7 + i * 50);
      }
    }
    PictureWriter writer(
        {.format = format, .width = 101, .height = 37, .matrix = AVCOL_SPC_SMPTE170M});
    GuardedBuffer buffer(writer.size());
    std::uint8_t* data = buffer.AtEnd();
    ASSERT_TRUE(writer.Write(*frame, data).ok());
    for (int i = 0; i < layout.count; ++i) {
      const PlaneSize& plane = layout.planes[static_cast<std::size_t>(i)];
      for (int y = 0; y < plane.rows; ++y, data += plane.row_bytes) {
        const std::uint8_t* row =
            frame->data[i] + static_cast<std::ptrdiff_t>(y) * frame->linesize[i];
        ASSERT_EQ(std::memcmp(data, row, plane.row_bytes), 0)
            << PixelFormatName(format) << " row " << y;
      }
    }
  }
}

}  // namespace
}  // namespace streamgear::test
