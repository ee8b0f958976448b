// Single-Source Mode up to the scaler: what is decoded, when it is shown, how it ends.
#include "source/source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "source_fixture.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

TEST(Source, GivesEveryFrameAtItsTime) {
  const SourceRun run = RunClean(FromGraph("testsrc2=size=64x48:rate=30000/1001:duration=2"));
  ASSERT_EQ(run.pictures.size(), 60U);
  for (std::size_t i = 0; i < run.pictures.size(); ++i) {
    EXPECT_EQ(run.pictures[i].pts,
              static_cast<std::int64_t>(i) * run.ticks_per_second * 1001 / 30000);
  }
  EXPECT_EQ(run.origin, 0);
  EXPECT_TRUE(run.ends[0].complete);
  EXPECT_NEAR(run.ends[0].position, 60 * 1.001 / 30, 1e-6);
  EXPECT_TRUE(run.warnings.empty());
}

TEST(Source, StartsAtZeroWhereverTheSourceStarts) {
  const SourceRun run = RunClean(FromGraph("testsrc2=size=64x48:duration=1,setpts=PTS+7/TB"));
  ASSERT_EQ(run.pictures.size(), 25U);
  EXPECT_EQ(run.pictures[0].pts, 0);
  EXPECT_NEAR(run.Time(24), 24 / 25.0, 1e-9);
  EXPECT_NEAR(run.origin, 7, 1e-9);
}

TEST(Source, KeepsTheTimesOfAVariableFrameRate) {
  // Frames 10 to 19 come at half the rate, then there is a gap.
  const SourceRun run =
      RunClean(FromGraph("testsrc2=size=64x48:rate=20:duration=2,"
                         "setpts='(if(lt(N,10),N,if(lt(N,20),10+(N-10)*2,40+N)))/20/TB'"));
  ASSERT_EQ(run.pictures.size(), 40U);
  EXPECT_NEAR(run.Time(9), 9 / 20.0, 1e-6);
  EXPECT_NEAR(run.Time(15), 20 / 20.0, 1e-6);
  EXPECT_NEAR(run.Time(20), 60 / 20.0, 1e-6);
}

TEST(Source, MakesRoundedTimesExact) {
  // Matroska counts milliseconds.
  const std::string path = WriteClip("rounded.mkv", {.frames = 48, .rate = {24000, 1001}});
  const SourceRun run = RunClean({.url = path});
  ASSERT_EQ(run.pictures.size(), 48U);
  const MediaStream& stream = run.info.streams[0];
  EXPECT_EQ(stream.frame_rate.num, 24000);
  EXPECT_EQ(stream.frame_rate.den, 1001);
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_EQ(run.pictures[i].pts,
              static_cast<std::int64_t>(i) * run.ticks_per_second * 1001 / 24000);
  }
}

TEST(Source, CountsWhereTimestampsAreMissing) {
  const std::string path =
      WriteClip("raw.m2v", {.frames = 30, .rate = {30, 1}, .codec = "mpeg2video"});
  const SourceRun run = RunClean({.url = path});
  ASSERT_EQ(run.pictures.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(run.Time(i), static_cast<double>(i) / 30, 1e-6);
  }
}

struct RangeCase {
  const char* name;
  const char* codec;
  int b_frames;
};

class SourceRange : public testing::TestWithParam<RangeCase> {};

TEST_P(SourceRange, GivesExactlyThePartThatIsWanted) {
  const std::string path =
      WriteClip(std::string("range-") + GetParam().name, {.width = 160,
                                                          .height = 96,
                                                          .frames = 150,
                                                          .codec = GetParam().codec,
                                                          .gop = 40,
                                                          .b_frames = GetParam().b_frames});
  const SourceRun whole = RunClean({.url = path});
  ASSERT_EQ(whole.pictures.size(), 150U);
  for (const int first : {1, 39, 41, 80, 149}) {
    const SourceRun part = RunClean({.url = path}, [first](PipelineConfig& config) {
      config.source.start = first / 25.0;
      config.source.duration = 10 / 25.0;
    });
    ASSERT_EQ(part.pictures.size(), std::min(10, 150 - first)) << "from " << first;
    EXPECT_NEAR(part.origin, whole.origin + first / 25.0, 0.0011);
    for (std::size_t i = 0; i < part.pictures.size(); ++i) {
      EXPECT_NEAR(part.Time(i), static_cast<double>(i) / 25, 1e-6);
      EXPECT_EQ(part.pictures[i].planes, whole.pictures[static_cast<std::size_t>(first) + i].planes)
          << "frame " << i << " from " << first;
    }
    EXPECT_TRUE(part.ends[0].complete);
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, SourceRange,
                         testing::Values(RangeCase{"a.mov", "ffv1", 0},
                                         RangeCase{"b.mp4", "mpeg4", 2},
                                         RangeCase{"c.mkv", "mpeg2video", 2},
                                         RangeCase{"d.ts", "mpeg2video", 2},
                                         RangeCase{"e.m2v", "mpeg2video", 0}),
                         [](const auto& info) { return std::string(info.param.name + 2); });

TEST(Source, SaysThatTheStartIsBehindTheEnd) {
  const SourceRun run = RunSource({.url = WriteClip("brief.mov", {.frames = 5})},
                                  [](PipelineConfig& config) { config.source.start = 10; });
  ASSERT_TRUE(run.failure.has_value());
  EXPECT_EQ(run.failure->code, "START_BEHIND_END");
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

constexpr std::size_t kTsPacket = 188;

std::string TsClip(const std::string& name, int frames) {
  return WriteClip(name, {.width = 160,
                          .height = 96,
                          .frames = frames,
                          .codec = "mpeg2video",
                          .gop = 10,
                          .b_frames = 2});
}

TEST(Source, BeginsWithTheFirstKeyFrame) {
  const std::string path = TsClip("whole.ts", 50);
  const SourceRun whole = RunClean({.url = path});
  const std::string bytes = FileBytes(path);
  const std::size_t cut = bytes.size() / kTsPacket / 10 * kTsPacket;
  const SourceRun part = RunClean({.url = SaveBytes("begins-late.ts", bytes.substr(cut))});
  ASSERT_GT(part.pictures.size(), 30U);
  ASSERT_LT(part.pictures.size(), 48U);
  EXPECT_EQ(part.pictures[0].pts, 0);
  EXPECT_EQ(part.CountWarnings("DECODE_ERROR"), 0) << "what lacks its references is left out";
  const std::size_t left_out = whole.pictures.size() - part.pictures.size();
  for (std::size_t i = 0; i < part.pictures.size(); ++i) {
    EXPECT_EQ(part.pictures[i].planes, whole.pictures[left_out + i].planes) << i;
  }
  EXPECT_TRUE(part.ends[0].complete);
}

TEST(Source, GoesOnBehindAJumpOfTheTimes) {
  const std::string bytes = FileBytes(TsClip("jump.ts", 75));
  const SourceRun run = RunClean({.url = SaveBytes("jumps.ts", bytes + bytes + bytes)});
  ASSERT_EQ(run.pictures.size(), 225U);
  for (std::size_t i = 1; i < run.pictures.size(); ++i) {
    EXPECT_NEAR(run.Time(i) - run.Time(i - 1), 1 / 25.0, 0.021) << i;
  }
  EXPECT_NEAR(run.Time(224), 224 / 25.0, 0.1);
  EXPECT_EQ(run.CountWarnings("TIMESTAMP_JUMP"), 1) << "of the first of two";
  EXPECT_TRUE(run.ends[0].complete);
}

TEST(Source, SaysWhereAFileIsCutOff) {
  const std::string bytes = FileBytes(WriteClip("cut.mkv", {.frames = 100}));
  const SourceRun run =
      RunClean({.url = SaveBytes("cut-off.mkv", bytes.substr(0, bytes.size() / 2))});
  ASSERT_GT(run.pictures.size(), 30U);
  ASSERT_LT(run.pictures.size(), 70U);
  const SourceEndEvent& end = run.ends[0];
  EXPECT_FALSE(end.complete);
  EXPECT_EQ(end.failure.code, "SOURCE_TRUNCATED");
  EXPECT_NE(end.failure.message.find("of 4.0 s"), std::string::npos) << end.failure.message;
  EXPECT_NEAR(end.position, static_cast<double>(run.pictures.size()) / 25, 1e-6);
  // As much as was wanted was there.
  const SourceRun part = RunClean({.url = ClipFolder::PathOf("cut-off.mkv")},
                                  [](PipelineConfig& config) { config.source.duration = 1; });
  EXPECT_TRUE(part.ends[0].complete);
  EXPECT_EQ(part.pictures.size(), 25U);
}

TEST(Source, GoesOnAfterBrokenFrames) {
  std::string bytes =
      FileBytes(WriteClip("sound.mov", {.frames = 30, .codec = "png", .format = AV_PIX_FMT_RGB24},
                          [](AVFrame* frame, int index) {
                            FillPlanes(frame, {index, 0, 0});
                          }));
  std::size_t found = 0;
  for (int i = 0; i < 30; ++i) {
    found = bytes.find("\x89PNG", found + 1);
    ASSERT_NE(found, std::string::npos);
    if (i >= 10 && i < 22) bytes[found + 1] = 'X';
  }
  const SourceRun run = RunClean({.url = SaveBytes("hurt.mov", bytes)});
  EXPECT_EQ(run.pictures.size(), 18U);
  EXPECT_EQ(run.CountWarnings("DECODE_ERROR"), 2) << "of the first and of the tenth";
  EXPECT_NEAR(run.Time(10), 22.0 / 25, 1e-6) << "the gap stays";
  EXPECT_TRUE(run.ends[0].complete);
}

TEST(Source, FailsWhenNothingCanBeDecoded) {
  std::string bytes =
      FileBytes(WriteClip("fine.mov", {.frames = 3, .codec = "png", .format = AV_PIX_FMT_RGB24}));
  for (std::size_t at = 0; (at = bytes.find("\x89PNG", at)) != std::string::npos;) bytes[at] = 'X';
  const SourceRun run = RunSource({.url = SaveBytes("hopeless.mov", bytes)});
  ASSERT_TRUE(run.failure.has_value());
  EXPECT_EQ(run.failure->code, "DECODE_FAILED");
  EXPECT_TRUE(run.ends.empty());
}

TEST(Source, FailsWithoutVideo) {
  const SourceRun run = RunSource(FromGraph("sine=duration=1"));
  ASSERT_TRUE(run.failure.has_value());
  EXPECT_EQ(run.failure->code, "NO_VIDEO");
}

TEST(Source, GivesUprightPictures) {
  // Left half dark, right half light; shown turned by 90 degrees clockwise: dark above light.
  const ClipSpec spec{.frames = 3,
                      .sample_aspect_ratio = {4, 3},
                      .display_matrix = {{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30}}};
  const std::string path = WriteClip("upright.mov", spec, [](AVFrame* frame, int) {
    FillPlanes(frame, {16, 128, 128});
    for (int y = 0; y < 48; ++y) std::memset(frame->data[0] + y * frame->linesize[0] + 32, 235, 32);
  });
  const SourceRun run = RunClean({.url = path});
  const DecodedPictures& pictures = run.info.streams[0].pictures;
  EXPECT_EQ(pictures.width, 48);
  EXPECT_EQ(pictures.height, 64);
  EXPECT_EQ(pictures.sample_aspect_ratio.num, 3);
  EXPECT_EQ(pictures.sample_aspect_ratio.den, 4);
  ASSERT_EQ(run.pictures.size(), 3U);
  EXPECT_EQ(run.pictures[1].planes[0][48 * 4 + 10], 16);
  EXPECT_EQ(run.pictures[1].planes[0][48 * 60 + 10], 235);
}

TEST(Source, DeinterlacesAsTheContainerSays) {
  const SourceRun run =
      RunClean(FromGraph("testsrc2=size=64x48:duration=2,interlace,setfield=tff"));
  // libavfilter's own frames say so themselves.
  EXPECT_EQ(run.pictures.size(), 25U);
  EXPECT_NEAR(run.Time(24), 24 / 12.5, 1e-6);
}

void WithSound(PipelineConfig& config) {
  config.audio.origin = AudioOrigin::kSource;
  config.audio.renditions.resize(1);
}

/// Pictures and sound of a minute.
std::string LongClip() {
  return WriteClip("long.mkv", {.width = 32, .height = 32, .frames = 1500, .sound = 60});
}

TEST(Source, GivesTheSoundBesideThePicture) {
  const std::string path = WriteClip("both.mkv", {.frames = 50, .sound = 3});
  const SourceRun run = SourceRunner({.url = path}, WithSound).Run();
  EXPECT_EQ(run.pictures.size(), 50U);
  ASSERT_EQ(run.audio.size(), 75U);
  EXPECT_NEAR(run.audio.front().first, 0, 1e-6);
  EXPECT_NEAR(run.audio.back().first + run.audio.back().second, 3, 0.002);
}

TEST(Source, StopsReadingWhenAllHaveEnough) {
  SourceRunner runner({.url = LongClip()}, [](PipelineConfig& config) {
    WithSound(config);
    config.source.duration = 1;
  });
  runner.audio_limit = 1.5;
  const SourceRun run = runner.Run();
  EXPECT_EQ(run.pictures.size(), 25U);
  EXPECT_LT(run.audio.size(), 40U);
  EXPECT_TRUE(run.ends[0].complete);
}

TEST(Source, LooksForSoundOnlySoFarBehindThePicture) {
  const std::string path = WriteClip(
      "late-sound.mkv", {.width = 32, .height = 32, .frames = 1500, .sound = 1, .sound_start = 50});
  const auto sound = [&path](double seconds) {
    return SourceRunner({.url = path},
                        [seconds](PipelineConfig& config) {
                          WithSound(config);
                          config.source.duration = seconds;
                        })
        .Run()
        .audio.size();
  };
  EXPECT_EQ(sound(1), 0U) << "49 s behind the picture's end";
  EXPECT_EQ(sound(40), 25U);
}

TEST(Source, CountsItsCpuTime) {
  SourceRunner runner(FromGraph("testsrc2=size=320x240:duration=2"), nullptr);
  (void)runner.Run();
  EXPECT_GT(runner.stats().source_cpu_nanoseconds.load(), 0);
}

TEST(Source, EndsSoonWhereverItIsCancelled) {
  const std::string path = LongClip();
  for (int delay = 0; delay < 60; delay += 4) {
    SourceRunner runner({.url = path}, WithSound);
    runner.picture_limit = 1000;  // so that it cannot end, however late the other thread is
    std::thread canceller([&runner, delay] {
      std::this_thread::sleep_for(std::chrono::milliseconds(delay));
      runner.Cancel();
    });
    // Every other time nobody takes the pictures: then the queues are full.
    const SourceRun run = runner.Run(delay % 8 == 0);
    canceller.join();
    EXPECT_TRUE(run.ends.empty());
    EXPECT_FALSE(run.failure.has_value());
  }
}

}  // namespace
}  // namespace streamgear::test
