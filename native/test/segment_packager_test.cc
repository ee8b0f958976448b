// Real packets through the real packager to a real folder.
#include "segment_packager.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "pipeline.h"
#include "pipeline_fixture.h"
#include "written_files.h"

namespace streamgear::test {
namespace {

namespace fs = std::filesystem;

std::set<std::string> Names(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

class SegmentPackagerTest : public ::testing::Test {
 protected:
  /// Runs `frames` frames through a pipeline with this config.
  void Run(const PipelineConfig& config, int frames) {
    Pipeline pipeline(config, events_.sink());
    pipeline.Start();
    std::deque<std::vector<std::uint8_t>> pixels;
    for (int i = 0; i < frames; ++i) {
      pixels.push_back(MakePixels(config.input, i));
      if (!pipeline.Write(MakeFrame(config.input, pixels.back(), i))) break;
    }
    pipeline.Finish();
    ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  }

  /// Frames at these times, which must do well.
  void RunAt(const PipelineConfig& config, const std::vector<std::int64_t>& times) {
    Pipeline pipeline(config, events_.sink());
    pipeline.Start();
    const std::vector<std::uint8_t> pixels = MakePixels(config.input, 0);
    for (const std::int64_t pts : times) {
      InputFrame frame = MakeFrame(config.input, pixels, 0);
      frame.pts = pts;
      ASSERT_TRUE(pipeline.Write(frame));
    }
    pipeline.Finish();
    ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
    const auto failures = events_.All<FailedEvent>();
    ASSERT_TRUE(failures.empty()) << failures[0].failure.message << ": " << failures[0].failure.log;
    EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  }

  PipelineConfig HlsConfig(SegmentType type) {
    PipelineConfig config = MakeConfig(folder_.path());
    config.packaging.manifests[0].format = ManifestFormat::kHls;
    config.packaging.segment_type = type;
    config.packaging.output = (folder_.path() / "master.m3u8").string();
    config.packaging.init_name = "init_%v.mp4";
    config.packaging.segment_name =
        type == SegmentType::kFmp4 ? "chunk-stream%v-%03d.m4s" : "chunk-stream%v-%03d.ts";
    config.packaging.playlist_name = "stream_%v.m3u8";
    config.packaging.playlist_type = "vod";
    config.packaging.start_number = 0;
    return config;
  }

  TemporaryFolder folder_;
  EventRecorder events_;
};

TEST_F(SegmentPackagerTest, DashOnDemand) {
  Run(MakeConfig(folder_.path()), 60);
  const std::set<std::string> expected{
      "init-stream0.m4s",        "init-stream1.m4s",        "chunk-stream0-00001.m4s",
      "chunk-stream0-00002.m4s", "chunk-stream0-00003.m4s", "chunk-stream1-00001.m4s",
      "chunk-stream1-00002.m4s", "chunk-stream1-00003.m4s", "manifest.mpd"};
  EXPECT_EQ(Names(folder_.path()), expected);

  const auto segments = events_.All<SegmentEvent>();
  ASSERT_EQ(segments.size(), 6U);
  double total = 0;
  for (const SegmentEvent& segment : segments) {
    if (segment.rendition == 0) total += segment.duration;
    EXPECT_EQ(static_cast<std::uintmax_t>(segment.bytes), fs::file_size(segment.path));
  }
  EXPECT_NEAR(total, 2.4, 1e-9);
  const std::string mpd = ReadText(folder_.path() / "manifest.mpd");
  EXPECT_NE(mpd.find("mediaPresentationDuration=\"PT2.4S\""), std::string::npos) << mpd;
  EXPECT_NE(mpd.find("codecs=\"avc1."), std::string::npos);
}

TEST_F(SegmentPackagerTest, HlsWithBothSegmentTypes) {
  Run(HlsConfig(SegmentType::kMpegTs), 30);
  EXPECT_TRUE(Names(folder_.path()).contains("chunk-stream1-001.ts"));
  EXPECT_FALSE(Names(folder_.path()).contains("init_0.mp4"));
  const std::string master = ReadText(folder_.path() / "master.m3u8");
  EXPECT_NE(master.find("stream_0.m3u8"), std::string::npos);
  EXPECT_NE(master.find("CODECS=\"avc1."), std::string::npos);
  const std::string playlist = ReadText(folder_.path() / "stream_1.m3u8");
  EXPECT_NE(playlist.find("#EXT-X-ENDLIST"), std::string::npos);
  EXPECT_NE(playlist.find("#EXT-X-TARGETDURATION:1\n"), std::string::npos);
}

TEST_F(SegmentPackagerTest, LiveWindowSlidesAndDeletes) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.packaging.live = true;
  config.packaging.manifests[0].window = 2;
  config.packaging.manifests[0].extra_window = 1;
  config.packaging.delete_segments = true;
  Run(config, 25 * 8);
  const std::set<std::string> names = Names(folder_.path());
  EXPECT_FALSE(names.contains("chunk-stream0-00004.m4s"));
  EXPECT_TRUE(names.contains("chunk-stream0-00008.m4s"));
  const std::string mpd = ReadText(folder_.path() / "manifest.mpd");
  // Ended: the last window, no longer dynamic.
  EXPECT_NE(mpd.find("type=\"static\""), std::string::npos);
  EXPECT_NE(mpd.find("startNumber=\"7\""), std::string::npos) << mpd;
}

TEST_F(SegmentPackagerTest, ManifestsNameOnlyWhatAllRenditionsHave) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.packaging.live = true;
  const fs::path folder = folder_.path();
  int checked = 0;
  EventSink inner = events_.sink();
  Pipeline pipeline(config, [&](Event event) {
    // On the packager's thread, right after the manifest was written.
    if (std::holds_alternative<ManifestEvent>(event)) {
      const std::string mpd = ReadText(folder / "manifest.mpd");
      std::size_t count = 0;
      for (std::size_t at = mpd.find("<S "); at != std::string::npos; at = mpd.find("<S ", at + 1))
        ++count;
      EXPECT_EQ(count, 2U);  // one run of equal segments per rendition
      ++checked;
    }
    inner(std::move(event));
  });
  pipeline.Start();
  std::deque<std::vector<std::uint8_t>> pixels;
  for (int i = 0; i < 100; ++i) {
    pixels.push_back(MakePixels(config.input, i));
    ASSERT_TRUE(pipeline.Write(MakeFrame(config.input, pixels.back(), i)));
  }
  pipeline.Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_GE(checked, 4);
}

TEST_F(SegmentPackagerTest, RemoveAtExitLeavesNothing) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.packaging.remove_at_exit = true;
  Run(config, 60);
  EXPECT_TRUE(Names(folder_.path()).empty());
}

TEST_F(SegmentPackagerTest, FolderThatVanishesIsAnError) {
  PipelineConfig config = MakeConfig(folder_.path() / "gone");
  Run(config, 60);
  const auto failures = events_.All<FailedEvent>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].failure.code, "WRITE_FAILED");
  EXPECT_EQ(failures[0].failure.averror, AVERROR(ENOENT));
}

/// 1/96000 s (24000/1001 fps) is finer than MPEG-TS counts.
TEST_F(SegmentPackagerTest, TransportStreamOfFramesThatAreATickApart) {
  PipelineConfig config = HlsConfig(SegmentType::kMpegTs);
  config.input.frame_rate = config.picture_rate = {24000, 1001};
  config.input.ticks_per_second = 96000;
  config.grid = {96000, 0};
  RunAt(config, {0, 8, 9, 10, 4004, 8008});
}

/// Seconds of the first packet that libavformat reads of these files, one after the other.
double FirstTime(const fs::path& folder, const std::vector<std::string>& names) {
  const InputPtr input = OpenJoined(folder, names);
  const PacketPtr packet(av_packet_alloc());
  EXPECT_GE(av_read_frame(input.get(), packet.get()), 0);
  return static_cast<double>(packet->pts) * av_q2d(input->streams[0]->time_base);
}

/// 24000/1001 fps is exact in 1/96000 s, and the media count so as well as the manifests.
TEST_F(SegmentPackagerTest, MediaAreInTheTicksOfThePipeline) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.input.frame_rate = config.picture_rate = {24000, 1001};
  config.input.ticks_per_second = 96000;
  config.grid = {96000, 0};
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 72; ++i) times.push_back(i * 4004);
  RunAt(config, times);
  const std::string mpd = ReadText(folder_.path() / "manifest.mpd");
  EXPECT_NE(mpd.find("timescale=\"96000\""), std::string::npos) << mpd;
  // The first frame at or behind the border.
  EXPECT_DOUBLE_EQ(FirstTime(folder_.path(), {"init-stream0.m4s", "chunk-stream0-00003.m4s"}),
                   48 * 1001.0 / 24000);
}

/// libavformat's mp4 muxer takes no sample of 2^31 ticks.
TEST_F(SegmentPackagerTest, ASourceThatPausesForANight) {
  const TemporaryFolder other;
  PipelineConfig without = HlsConfig(SegmentType::kFmp4);
  without.packaging.output = (other.path() / "master.m3u8").string();
  Run(without, 5);
  for (const SegmentType type : {SegmentType::kFmp4, SegmentType::kMpegTs}) {
    events_.Clear();
    RunAt(HlsConfig(type), {0, kTicks, 2 * kTicks, 36000 * kTicks, 36001 * kTicks});
    EXPECT_EQ(events_.All<SegmentEvent>().back().start, 36001);
  }
  EXPECT_EQ(ReadText(folder_.path() / "init_0.mp4"), ReadText(other.path() / "init_0.mp4"));
  EXPECT_EQ(FirstTime(folder_.path(), {"init_0.mp4", "chunk-stream0-003.m4s"}), 36000);
  EXPECT_EQ(FirstTime(folder_.path(), {"init_0.mp4", "chunk-stream0-004.m4s"}), 36001);
  // libavformat's own delay, so that no time of its transport streams is negative.
  constexpr double kDelay = 1.4;
  EXPECT_NEAR(FirstTime(folder_.path(), {"chunk-stream0-003.ts"}), 36000 + kDelay, 1e-3);
}

TEST_F(SegmentPackagerTest, NoFramesWriteNoManifest) {
  Run(MakeConfig(folder_.path()), 0);
  EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  EXPECT_TRUE(Names(folder_.path()).empty());
  ASSERT_EQ(events_.All<WarningEvent>().size(), 1U);
  EXPECT_EQ(events_.All<WarningEvent>()[0].code, "NO_FRAMES");
}

/// Two segments, between which the wall clock is set by `step`. Returns the MPD.
std::string StepTheClock(const fs::path& folder, EventRecorder& events,
                         std::chrono::system_clock::duration step) {
  PipelineConfig config = MakeConfig(folder);
  config.packaging.live = true;
  std::atomic<bool> stepped{false};
  const Clock::time_point begin = Clock::now();
  PipelineStats stats(config.renditions.size());
  auto packager = std::make_unique<SegmentPackager>(config, stats, events.sink(), [&] {
    // Noon of a day: the steps are days, and no run passes midnight.
    constexpr std::chrono::sys_days kDay{std::chrono::days(20'000)};
    const auto passed =
        std::chrono::duration_cast<std::chrono::system_clock::duration>(Clock::now() - begin);
    return std::chrono::system_clock::time_point(kDay) + std::chrono::hours(12) + passed +
           (stepped ? step : step * 0);
  });
  Pipeline pipeline(config, events.sink(), std::move(packager));
  pipeline.Start();
  const std::vector<std::uint8_t> pixels = MakePixels(config.input, 0);
  const auto push = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      EXPECT_TRUE(pipeline.Write(MakeFrame(config.input, pixels, i)));
    }
  };
  push(0, 60);
  EXPECT_TRUE(events.WaitFor<ManifestEvent>());
  const std::string before = ReadText(folder / "manifest.mpd");
  stepped = true;
  push(60, 120);
  // A manifest that was being written may not have seen it; those behind the warning have.
  if (step != step * 0) {
    EXPECT_TRUE(events.WaitForWarning("CLOCK_STEPPED"));
  }
  const std::size_t written = events.All<ManifestEvent>().size();
  push(120, 200);
  EXPECT_TRUE(events.WaitFor<ManifestEvent>(written + 1));
  const std::string after = ReadText(folder / "manifest.mpd");
  pipeline.Finish();
  EXPECT_TRUE(events.WaitFor<ClosedEvent>());
  const auto value = [](const std::string& text, const std::string& name) {
    const std::size_t begin = text.find(name + "=\"") + name.size() + 2;
    return text.substr(begin, text.find('"', begin) - begin);
  };
  EXPECT_EQ(value(after, "availabilityStartTime"), value(before, "availabilityStartTime"));
  EXPECT_GE(value(after, "publishTime"), value(before, "publishTime"));
  EXPECT_EQ(value(after, "publishTime").substr(0, 10), value(before, "publishTime").substr(0, 10));
  return after;
}

TEST_F(SegmentPackagerTest, AClockThatIsSetIsToldAndMended) {
  for (const int hours : {24, -24}) {
    EventRecorder events;
    const std::string mpd = StepTheClock(folder_.path(), events, std::chrono::hours(hours));
    EXPECT_EQ(mpd.find("utc:http-head"), std::string::npos) << mpd;
    EXPECT_NE(mpd.find("utc:direct"), std::string::npos) << mpd;
    int told = 0;
    for (const WarningEvent& warning : events.All<WarningEvent>()) {
      if (warning.code == "CLOCK_STEPPED") ++told;
    }
    EXPECT_EQ(told, 1);
  }
  EventRecorder events;
  const std::string mpd = StepTheClock(folder_.path(), events, std::chrono::seconds(0));
  EXPECT_NE(mpd.find("utc:http-head"), std::string::npos) << mpd;
  for (const WarningEvent& warning : events.All<WarningEvent>()) {
    EXPECT_NE(warning.code, "CLOCK_STEPPED");
  }
}

}  // namespace
}  // namespace streamgear::test
