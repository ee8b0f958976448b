#include "source/frame_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "read_all.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

ReadResult ReadClean(const FrameReaderConfig& config) {
  ReadResult result = ReadAll(config);
  EXPECT_FALSE(result.failure.has_value())
      << result.failure->message << " | " << result.failure->log;
  EXPECT_EQ(result.ends, 1);
  EXPECT_TRUE(result.closed_last);
  return result;
}

ReadResult ReadFailing(const FrameReaderConfig& config) {
  ReadResult result = ReadAll(config);
  EXPECT_EQ(result.ends, 0);
  EXPECT_TRUE(result.closed_last);
  if (!result.failure) {
    ADD_FAILURE() << config.source << " was read";
    result.failure = Failure{};
  }
  EXPECT_EQ(result.failure->stage, "reader");
  return result;
}

std::string FileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string SaveBytes(const std::string& name, const std::string& bytes) {
  const std::string path = ClipFolder::PathOf(name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

/// The real clip, else one that is as long as the tests need.
std::string RealClip() {
  if (const char* path = std::getenv("STREAMGEAR_TEST_CLIP"); path != nullptr) return path;
  return WriteClip("real.mp4", {.width = 1920,
                                .height = 1080,
                                .frames = 120,
                                .rate = {24, 1},
                                .codec = "mpeg4",
                                .gop = 24,
                                .b_frames = 2});
}

TEST(FrameReader, GivesEveryFrameWithItsExactTime) {
  const ReadResult result = ReadClean(Lavfi("testsrc2=size=160x90:rate=30000/1001:duration=2"));
  ASSERT_TRUE(result.info.has_value());
  EXPECT_EQ(result.info->width, 160);
  EXPECT_EQ(result.info->height, 90);
  EXPECT_EQ(result.info->frame_rate.num, 30000);
  EXPECT_EQ(result.info->frame_rate.den, 1001);
  EXPECT_EQ(result.info->buffer_bytes, 160 * 90 * 3);
  EXPECT_EQ(result.info->color_range, "pc");
  ASSERT_EQ(result.frames.size(), 60U);
  for (std::size_t i = 0; i < result.frames.size(); ++i) {
    EXPECT_NEAR(result.frames[i].timestamp, static_cast<double>(i) * 1001 / 30000, 1e-9);
  }
  EXPECT_NE(result.frames[0].bytes, result.frames[30].bytes);
}

TEST(FrameReader, GivesTheSameFramesWhateverTheNumberOfBuffers) {
  const FrameReaderConfig config = Lavfi("testsrc2=size=64x36:rate=10:duration=1");
  const ReadResult one = ReadAll(config, 1);
  const ReadResult many = ReadAll(config, 32);
  ASSERT_EQ(one.frames.size(), 10U);
  ASSERT_EQ(many.frames.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(one.frames[i].bytes, many.frames[i].bytes);
}

TEST(FrameReader, DescribesARealClip) {
  const ReadResult result = ReadClean(
      {.source = RealClip(), .pixel_format = PixelFormat::kYuv420p, .width = 320, .duration = 1});
  ASSERT_TRUE(result.info.has_value());
  EXPECT_EQ(result.info->width, 320);
  EXPECT_EQ(result.info->height, 180);
  EXPECT_EQ(result.info->frame_rate.num, 24);
  EXPECT_EQ(result.info->frame_rate.den, 1);
  EXPECT_EQ(result.info->duration, 1);
  EXPECT_EQ(result.info->frame_count, 24);
  EXPECT_EQ(result.info->sample_aspect_ratio.num, 1);
  EXPECT_EQ(result.info->sample_aspect_ratio.den, 1);
  EXPECT_EQ(result.info->rotation, 0);
  EXPECT_EQ(result.info->source_pixel_format, "yuv420p");
  EXPECT_EQ(result.info->color_space, "bt709");
  EXPECT_EQ(result.info->color_range, "tv");
  ASSERT_EQ(result.frames.size(), 24U);
  EXPECT_TRUE(result.frames[0].key_frame);
  EXPECT_FALSE(result.frames[1].key_frame);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(result.frames[i].timestamp, static_cast<double>(i) / 24, 1e-6);
  }
}

TEST(FrameReader, CountsWhatTheContainerCounts) {
  const ReadResult result = ReadClean({.source = WriteClip("count.mov", {.frames = 33})});
  EXPECT_EQ(result.info->frame_count, 33);
  EXPECT_NEAR(result.info->duration, 33.0 / 25, 1e-6);
  EXPECT_EQ(result.frames.size(), 33U);
}

TEST(FrameReader, CopiesPlanesOfTheWantedFormat) {
  const std::string path = WriteClip("planes.mov", {.frames = 2}, [](AVFrame* frame, int index) {
    FillPlanes(frame, {40 + index, 90, 180});
  });
  const ReadResult result = ReadClean({.source = path, .pixel_format = PixelFormat::kYuv420p});
  ASSERT_EQ(result.frames.size(), 2U);
  std::vector<std::uint8_t> expected(64 * 48, 41);
  expected.insert(expected.end(), 32 * 24, 90);
  expected.insert(expected.end(), 32 * 24, 180);
  EXPECT_EQ(result.frames[1].bytes, expected);
}

TEST(FrameReader, KeepsTheDisplayAspect) {
  const std::string path = WriteClip(
      "aspect.mov", {.width = 720, .height = 576, .frames = 1, .sample_aspect_ratio = {64, 45}});
  const ReadResult whole = ReadClean({.source = path});
  EXPECT_EQ(whole.info->width, 720);
  EXPECT_EQ(whole.info->sample_aspect_ratio.num, 64);
  EXPECT_EQ(whole.info->sample_aspect_ratio.den, 45);
  const ReadResult by_height = ReadClean({.source = path, .height = 360});
  EXPECT_EQ(by_height.info->width, 640);
  EXPECT_EQ(by_height.info->sample_aspect_ratio.num, 1);
  const ReadResult by_width = ReadClean({.source = path, .width = 426});
  EXPECT_EQ(by_width.info->height, 240);
  EXPECT_EQ(by_width.frames[0].bytes.size(), 426U * 240 * 3);
  // 426x240 is not quite 16:9: the sample aspect says by how much.
  EXPECT_EQ(by_width.info->sample_aspect_ratio.num, 640);
  EXPECT_EQ(by_width.info->sample_aspect_ratio.den, 639);
}

TEST(FrameReader, TurnsPicturesUpright) {
  // Left half dark, right half light; shown turned by 90 degrees clockwise: dark above light.
  const ClipSpec spec{.frames = 1, .display_matrix = {{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30}}};
  const std::string path = WriteClip("turned.mov", spec, [](AVFrame* frame, int) {
    FillPlanes(frame, {16, 128, 128});
    for (int y = 0; y < 48; ++y) std::memset(frame->data[0] + y * frame->linesize[0] + 32, 235, 32);
  });
  for (const PixelFormat format : {PixelFormat::kBgr24, PixelFormat::kYuv420p}) {
    const ReadResult result = ReadClean({.source = path, .pixel_format = format});
    EXPECT_EQ(result.info->rotation, 90);
    EXPECT_EQ(result.info->width, 48);
    EXPECT_EQ(result.info->height, 64);
    ASSERT_EQ(result.frames.size(), 1U);
    const int step = format == PixelFormat::kBgr24 ? 3 : 1;
    const auto& bytes = result.frames[0].bytes;
    EXPECT_LE(bytes[static_cast<std::size_t>(48 * 4 * step)], 17);
    EXPECT_GE(bytes[static_cast<std::size_t>(48 * 60 * step)], 233);
  }
}

struct SeekCase {
  const char* name;
  const char* codec;
  int b_frames;
};

class FrameReaderSeek : public testing::TestWithParam<SeekCase> {};

/// A part of a source is byte for byte what a whole reading gives there, in containers with and
/// without an index.
TEST_P(FrameReaderSeek, GivesExactlyThePartThatIsWanted) {
  const std::string path = WriteClip(GetParam().name, {.width = 160,
                                                       .height = 96,
                                                       .frames = 200,
                                                       .codec = GetParam().codec,
                                                       .gop = 40,
                                                       .b_frames = GetParam().b_frames});
  const ReadResult whole = ReadClean({.source = path});
  ASSERT_EQ(whole.frames.size(), 200U);
  for (const int first : {1, 39, 40, 41, 100, 199}) {
    const ReadResult part =
        ReadClean({.source = path, .start = first / 25.0, .duration = 10 / 25.0});
    ASSERT_EQ(part.frames.size(), std::min<std::size_t>(10, 200 - static_cast<std::size_t>(first)))
        << "from " << first;
    for (std::size_t i = 0; i < part.frames.size(); ++i) {
      EXPECT_NEAR(part.frames[i].timestamp, static_cast<double>(i) / 25, 0.0011);
      EXPECT_EQ(part.frames[i].bytes, whole.frames[static_cast<std::size_t>(first) + i].bytes)
          << "frame " << i << " from " << first;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, FrameReaderSeek,
                         testing::Values(SeekCase{"seek.mov", "ffv1", 0},
                                         SeekCase{"seek.mp4", "mpeg4", 2},
                                         SeekCase{"seek.mkv", "mpeg2video", 2},
                                         SeekCase{"seek.ts", "mpeg2video", 2},
                                         SeekCase{"seek.m2v", "mpeg2video", 0}),
                         [](const auto& info) { return std::string(info.param.name + 5); });

TEST(FrameReader, StartsInsideASourceThatCannotSeek) {
  FrameReaderConfig config = Lavfi("testsrc2=size=64x36:rate=25:duration=2");
  config.start = 1;
  config.duration = 0.2;
  const ReadResult part = ReadClean(config);
  const ReadResult whole = ReadClean(Lavfi("testsrc2=size=64x36:rate=25:duration=2"));
  ASSERT_EQ(part.frames.size(), 5U);
  EXPECT_EQ(part.frames[0].timestamp, 0);
  EXPECT_EQ(part.frames[0].bytes, whole.frames[25].bytes);
}

TEST(FrameReader, StartsAfterTheEndWithNoFrame) {
  const ReadResult result =
      ReadClean({.source = WriteClip("short.mov", {.frames = 5}), .start = 10});
  EXPECT_TRUE(result.frames.empty());
  EXPECT_EQ(result.info->duration, 0);
}

TEST(FrameReader, WarnsOfHdr) {
  const std::string path = WriteClip("hdr.mkv",
                                     {.frames = 1,
                                      .format = AV_PIX_FMT_YUV420P10,
                                      .space = AVCOL_SPC_BT2020_NCL,
                                      .transfer = AVCOL_TRC_SMPTE2084},
                                     [](AVFrame* frame, int) {
                                       FillPlanes(frame, {1, 2, 2});
                                     });
  const ReadResult result = ReadClean({.source = path, .pixel_format = PixelFormat::kYuv420p});
  EXPECT_EQ(result.CountWarnings("HDR_SOURCE"), 1);
  EXPECT_EQ(result.info->color_space, "bt2020nc");
  EXPECT_EQ(ReadClean({.source = WriteClip("sdr.mov", {.frames = 1})}).warnings.size(), 0U);
}

TEST(FrameReader, GoesOnAfterBrokenFrames) {
  const std::string path =
      WriteClip("whole.mov", {.frames = 30, .codec = "png", .format = AV_PIX_FMT_RGB24},
                [](AVFrame* frame, int index) {
                  FillPlanes(frame, {index, 0, 0});
                });
  std::string bytes = FileBytes(path);
  // The first bytes of a PNG are its signature: without it a frame cannot be decoded.
  std::size_t found = 0;
  for (int i = 0; i < 30; ++i) {
    found = bytes.find("\x89PNG", found + 1);
    ASSERT_NE(found, std::string::npos);
    if (i >= 10 && i < 22) bytes[found + 1] = 'X';
  }
  const ReadResult result = ReadClean({.source = SaveBytes("broken.mov", bytes)});
  EXPECT_EQ(result.frames.size(), 18U);
  EXPECT_EQ(result.CountWarnings("DECODE_ERROR"), 2) << "of the first and of the tenth";
  EXPECT_NEAR(result.frames[10].timestamp, 22.0 / 25, 1e-6) << "the gap stays";
}

TEST(FrameReader, FailsWhenNothingCanBeDecoded) {
  std::string bytes =
      FileBytes(WriteClip("good.mov", {.frames = 3, .codec = "png", .format = AV_PIX_FMT_RGB24}));
  for (std::size_t at = 0; (at = bytes.find("\x89PNG", at)) != std::string::npos;) bytes[at] = 'X';
  const ReadResult result = ReadFailing({.source = SaveBytes("bad.mov", bytes)});
  EXPECT_EQ(result.failure->code, "DECODE_FAILED");
}

TEST(FrameReader, ScalesWhenTheSizeChanges) {
  const ClipSpec small{.width = 32,
                       .height = 24,
                       .frames = 3,
                       .codec = "mjpeg",
                       .format = AV_PIX_FMT_YUVJ420P,
                       .range = AVCOL_RANGE_JPEG};
  ClipSpec large = small;
  large.width = 64;
  large.height = 48;
  const std::string bytes =
      FileBytes(WriteClip("large.mjpeg", large)) + FileBytes(WriteClip("small.mjpeg", small));
  const ReadResult result = ReadClean({.source = SaveBytes("both.mjpeg", bytes)});
  EXPECT_EQ(result.info->width, 64);
  ASSERT_EQ(result.frames.size(), 6U);
  EXPECT_EQ(result.frames[5].bytes.size(), 64U * 48 * 3);
  EXPECT_EQ(result.CountWarnings("SIZE_CHANGED"), 1);
}

TEST(FrameReader, TakesDemuxerOptions) {
  const std::string path = SaveBytes("raw.bin", std::string(32 * 16 * 4, '\x7f'));
  FrameReaderConfig config{.source = path,
                           .format = "rawvideo",
                           .options = {{"video_size", "32x16"}, {"pixel_format", "gray"}},
                           .pixel_format = PixelFormat::kGray};
  const ReadResult result = ReadClean(config);
  ASSERT_EQ(result.frames.size(), 4U);
  EXPECT_EQ(result.frames[3].bytes, std::vector<std::uint8_t>(32 * 16, 0x7f));
  config.options.emplace_back("video_syze", "1x1");
  const ReadResult wrong = ReadFailing(config);
  EXPECT_EQ(wrong.failure->code, "UNKNOWN_OPTION");
  EXPECT_NE(wrong.failure->message.find("video_syze"), std::string::npos);
}

TEST(FrameReader, SaysWhyASourceCannotBeOpened) {
  const ReadResult missing = ReadFailing({.source = "/no/such/file.mp4"});
  EXPECT_EQ(missing.failure->code, "SOURCE_OPEN_FAILED");
  EXPECT_EQ(missing.failure->averror, AVERROR(ENOENT));
  EXPECT_NE(missing.failure->message.find("/no/such/file.mp4"), std::string::npos);
  EXPECT_FALSE(missing.info.has_value());

  const ReadResult garbage =
      ReadFailing({.source = SaveBytes("garbage.mp4", std::string(5000, 'x'))});
  EXPECT_EQ(garbage.failure->code, "SOURCE_OPEN_FAILED");
  EXPECT_NE(garbage.failure->log, "");

  const ReadResult format = ReadFailing({.source = "x", .format = "lavfy"});
  EXPECT_EQ(format.failure->code, "SOURCE_OPEN_FAILED");
  EXPECT_NE(format.failure->message.find("lavfy"), std::string::npos);

  const ReadResult sound = ReadFailing(Lavfi("sine=duration=1"));
  EXPECT_EQ(sound.failure->code, "NO_VIDEO");
}

}  // namespace
}  // namespace streamgear::test
