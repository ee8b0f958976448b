// A copy of a source's video: packets as they are, in the pipeline's time.
#include "source/packet_copier.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "source_fixture.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

void Copying(PipelineConfig& config) { config.source.copy_video = true; }

std::string H264(const std::string& name, int frames = 100) {
  return WriteClip(name, {.frames = frames, .codec = "libx264", .gop = 20, .b_frames = 2});
}

std::vector<double> KeyTimes(const SourceRun& run) {
  std::vector<double> times;
  for (const EncodedPacket& copied : run.packets) {
    if ((copied.packet->flags & AV_PKT_FLAG_KEY) == 0) continue;
    times.push_back(static_cast<double>(copied.packet->pts) /
                    static_cast<double>(run.ticks_per_second));
  }
  return times;
}

void ExpectOrder(const SourceRun& run) {
  for (std::size_t i = 0; i < run.packets.size(); ++i) {
    const AVPacket& packet = *run.packets[i].packet;
    EXPECT_LE(packet.dts, packet.pts);
    EXPECT_GE(packet.pts, 0);
    if (i > 0) {
      EXPECT_GT(packet.dts, run.packets[i - 1].packet->dts);
    }
  }
}

TEST(PacketCopier, CopiesEveryPacket) {
  for (const char* name : {"copy.mp4", "copy.mkv", "copy.ts"}) {
    SCOPED_TRACE(name);
    const SourceRun run = RunClean({.url = H264(name)}, Copying);
    ASSERT_EQ(run.streams.size(), 1U);
    EXPECT_EQ(run.streams[0].parameters->codec_id, AV_CODEC_ID_H264);
    EXPECT_GT(run.streams[0].parameters->extradata_size, 0);
    EXPECT_EQ(run.streams[0].ticks_per_second, run.ticks_per_second);
    ASSERT_EQ(run.packets.size(), 100U);
    EXPECT_EQ(run.packets[0].packet->pts, 0);
    ExpectOrder(run);
    EXPECT_NEAR(run.end, 4, 0.002);
    EXPECT_NEAR(run.ends[0].position, 4, 0.002);
    EXPECT_TRUE(run.ends[0].complete);
    const std::vector<double> keys = KeyTimes(run);
    ASSERT_EQ(keys.size(), 5U);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_NEAR(keys[i], static_cast<double>(i) * 0.8, 0.002);
    }
  }
}

TEST(PacketCopier, BeginsAtTheKeyFrameBeforeTheStart) {
  for (const char* name : {"part.mp4", "part.mkv", "part.ts"}) {
    SCOPED_TRACE(name);
    const SourceRun run = RunClean({.url = H264(name)}, [](PipelineConfig& config) {
      Copying(config);
      config.source.start = 1;
      config.source.duration = 1;
    });
    ASSERT_FALSE(run.packets.empty());
    EXPECT_NE(run.packets[0].packet->flags & AV_PKT_FLAG_KEY, 0);
    EXPECT_EQ(run.packets[0].packet->pts, 0);
    EXPECT_NEAR(run.origin - run.info.streams[0].start, 0.8, 0.002);
    ExpectOrder(run);
    // From 0.8 to 2, and the pictures that those refer to.
    EXPECT_GE(run.end, 1.2 - 0.002);
    EXPECT_LE(run.end, 1.2 + 0.12 + 0.002);
    EXPECT_TRUE(run.ends[0].complete);
  }
}

TEST(PacketCopier, BeginsInTheLastGroupOfPictures) {
  const std::string path = H264("last.mp4");
  const auto from = [&path](double start) {
    return RunSource({.url = path}, [start](PipelineConfig& config) {
      Copying(config);
      config.source.start = start;
    });
  };
  const SourceRun last = from(3.97);
  EXPECT_EQ(last.packets.size(), 20U);
  EXPECT_NEAR(last.origin, 3.2, 0.002);
  const SourceRun behind = from(4.1);
  ASSERT_TRUE(behind.failure.has_value());
  EXPECT_EQ(behind.failure->code, "START_BEHIND_END");
}

TEST(PacketCopier, LeavesOutWhatComesBeforeTheFirstKeyFrame) {
  std::ifstream file(H264("begins.ts"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string path = ClipFolder::PathOf("begins-late-copy.ts");
  std::ofstream(path, std::ios::binary) << bytes.substr(bytes.size() / 188 / 10 * 188);
  const SourceRun run = RunClean({.url = path}, Copying);
  ASSERT_EQ(run.packets.size(), 80U);
  EXPECT_NE(run.packets[0].packet->flags & AV_PKT_FLAG_KEY, 0);
  EXPECT_EQ(run.packets[0].packet->pts, 0);
  ExpectOrder(run);
}

TEST(PacketCopier, RefusesWhatTheSegmentsCannotHold) {
  const std::string mpeg4 = WriteClip("refused.mp4", {.codec = "mpeg4"});
  const SourceRun fmp4 = RunSource({.url = mpeg4}, Copying);
  ASSERT_TRUE(fmp4.failure.has_value());
  EXPECT_EQ(fmp4.failure->code, "CODEC_NOT_IN_CONTAINER");
  EXPECT_NE(fmp4.failure->message.find("mpeg4"), std::string::npos);
  const std::string vp9 = WriteClip("refused.webm", {.codec = "libvpx-vp9"});
  EXPECT_FALSE(RunSource({.url = vp9}, Copying).failure.has_value());
  const SourceRun ts = RunSource({.url = vp9}, [](PipelineConfig& config) {
    Copying(config);
    config.packaging.segment_type = SegmentType::kMpegTs;
  });
  ASSERT_TRUE(ts.failure.has_value());
  EXPECT_EQ(ts.failure->code, "CODEC_NOT_IN_CONTAINER");
}

TEST(PacketCopier, SaysThatItCannotTurnPictures) {
  ClipSpec spec{.frames = 10, .codec = "libx264"};
  spec.display_matrix = {{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30}};
  const SourceRun run = RunClean({.url = WriteClip("turned-copy.mp4", spec)}, Copying);
  EXPECT_EQ(run.CountWarnings("ORIENTATION_NOT_COPIED"), 1);
}

TEST(PacketCopier, NeedsPresentationTimes) {
  const SourceRun run = RunSource({.url = H264("untimed.h264")}, Copying);
  ASSERT_TRUE(run.failure.has_value());
  EXPECT_EQ(run.failure->code, "TIMESTAMPS_MISSING");
}

}  // namespace
}  // namespace streamgear::test
