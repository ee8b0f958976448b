// A media input opened on a thread: what it says, who has it then, and how it ends.
#include "source/media_opener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "pipeline_fixture.h"
#include "read_all.h"
#include "silent_server.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;

TEST(MediaOpener, DescribesAndHoldsTheInputUntilItIsClosed) {
  EventLog events;
  MediaOpener opener({.url = WriteClip("held.mov", {.frames = 25})}, events.Sink());
  ASSERT_TRUE(opener.Start().ok());
  const auto opened = events.Await<MediaOpenedEvent>();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->info.best_video, 0);
  EXPECT_EQ(opened->info.best_audio, -1);
  EXPECT_NEAR(opened->info.duration, 1, 1e-6);
  EXPECT_TRUE(opened->info.seekable);
  EXPECT_FALSE(opened->info.device);
  EXPECT_FALSE(events.Next(milliseconds(50)).has_value());
  opener.Close();
  const auto event = events.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(std::holds_alternative<ClosedEvent>(*event));
  EXPECT_EQ(opener.Take(), nullptr);
}

TEST(MediaOpener, GivesTheInputAwayOnce) {
  EventLog events;
  MediaOpener opener({.url = "testsrc2", .format = "lavfi"}, events.Sink());
  EXPECT_EQ(opener.Take(), nullptr) << "it is not open yet";
  ASSERT_TRUE(opener.Start().ok());
  ASSERT_TRUE(events.Await<MediaOpenedEvent>().has_value());
  const std::unique_ptr<MediaInput> input = opener.Take();
  ASSERT_NE(input, nullptr);
  EXPECT_EQ(opener.Take(), nullptr);
  EXPECT_TRUE(events.Await<ClosedEvent>().has_value());
  opener.Close();
  opener.Join();
  const PacketPtr packet(av_packet_alloc());
  MediaInput::Result result = MediaInput::Result::kEnd;
  EXPECT_TRUE(input->Read(packet.get(), &result).ok());
  EXPECT_EQ(result, MediaInput::Result::kPacket) << "closing the opener does not touch it";
}

TEST(MediaOpener, SaysWhyItCannotOpen) {
  struct Case {
    MediaInputConfig config;
    std::string code;
    std::string text;
  };
  const std::string empty = ClipFolder::PathOf("empty.mp4");
  std::ofstream(empty).close();
  const std::string text = ClipFolder::PathOf("text.txt");
  std::ofstream(text) << "This is not a video.\n";
  const std::vector<Case> cases{
      {{.url = "/no/such/file.mp4"}, "SOURCE_OPEN_FAILED", "No such file"},
      {{.url = empty}, "SOURCE_OPEN_FAILED", "it is empty"},
      {{.url = text}, "SOURCE_OPEN_FAILED", "not media"},
      {{.url = "x", .format = "lavfy"}, "SOURCE_OPEN_FAILED", "lavfy"},
      {{.url = "testsrc2", .format = "lavfi", .options = {{"no_such", "1"}}},
       "UNKNOWN_OPTION",
       "no_such"}};
  for (const Case& test : cases) {
    EventLog events;
    MediaOpener opener(test.config, events.Sink());
    ASSERT_TRUE(opener.Start().ok());
    const auto event = events.Next();
    ASSERT_TRUE(event.has_value());
    const auto* failed = std::get_if<FailedEvent>(&*event);
    ASSERT_NE(failed, nullptr) << test.config.url;
    EXPECT_EQ(failed->failure.code, test.code);
    EXPECT_NE(failed->failure.message.find(test.text), std::string::npos)
        << failed->failure.message;
    EXPECT_TRUE(events.Await<ClosedEvent>().has_value());
  }
}

TEST(MediaOpener, GivesUpAUrlThatHangs) {
  const SilentServer server;
  EventLog events;
  MediaOpener opener({.url = server.Url()}, events.Sink());
  ASSERT_TRUE(opener.Start().ok());
  EXPECT_FALSE(events.Next(milliseconds(200)).has_value()) << "it hangs";
  opener.Close();
  const auto event = events.Next(milliseconds(5000));
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(std::holds_alternative<ClosedEvent>(*event)) << "and no failure before it";
}

TEST(MediaOpener, MayBeDestroyedAtAnyTime) {
  for (int i = 0; i < 20; ++i) {
    EventLog events;
    MediaOpener opener({.url = "testsrc2", .format = "lavfi"}, events.Sink());
    ASSERT_TRUE(opener.Start().ok());
    std::this_thread::sleep_for(milliseconds(i % 5));
    const std::unique_ptr<MediaInput> input = opener.Take();
  }
}

TEST(MediaInput, KeepsTheFormatsThatAreAllowed) {
  const std::string clip = WriteClip("allowed.mkv", {});
  const auto opens = [&](const char* formats) {
    MediaInputConfig config{.url = clip, .options = {{"format_whitelist", formats}}};
    config.limits.refused_formats = "concat,mov";
    return MediaInput(config).Open().ok();
  };
  EXPECT_TRUE(opens("matroska"));
  EXPECT_TRUE(opens("avi,webm"));
  EXPECT_FALSE(opens("avi"));
  EXPECT_FALSE(opens("mov")) << "allowed, and refused";
}

TEST(MediaInput, LeavesAPipeThatHoldsNoMedia) {
  const TemporaryFolder folder;
  const std::filesystem::path pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "no media"; });
  MediaInput input({.url = pipe.string()});
  EXPECT_FALSE(input.Open().ok());
  writer.join();
  input.Close();
  // Nobody reads it any more.
  EXPECT_EQ(open(pipe.c_str(), O_WRONLY | O_NONBLOCK), -1);
  EXPECT_EQ(errno, ENXIO);
}

TEST(MediaInput, DescribesPicturesAndSound) {
  const ClipSpec spec{.width = 64,
                      .height = 48,
                      .frames = 5,
                      .rate = {30000, 1001},
                      .sample_aspect_ratio = {16, 11},
                      .display_matrix = {{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30}}};
  MediaInput input({.url = WriteClip("described.mov", spec)});
  ASSERT_TRUE(input.Open().ok());
  const MediaStream& video = input.info().streams[0];
  EXPECT_EQ(video.kind, "video");
  EXPECT_EQ(video.codec, "ffv1");
  EXPECT_EQ(video.width, 64);
  EXPECT_EQ(ClockwiseDegrees(video.orientation), 90);
  EXPECT_EQ(video.frame_count, 5);
  EXPECT_EQ(video.frame_rate.num, 30000);
  EXPECT_EQ(video.pictures.width, 48);
  EXPECT_EQ(video.pictures.height, 64);
  EXPECT_EQ(video.pictures.sample_aspect_ratio.num, 11);
  EXPECT_EQ(video.pictures.sample_aspect_ratio.den, 16);
  EXPECT_EQ(video.color_space, "");
  EXPECT_EQ(video.pictures.color_space, "smpte170m");
  EXPECT_FALSE(video.hdr);

  MediaInput hdr({.url = WriteClip("described.mkv",
                                   {.frames = 1,
                                    .format = AV_PIX_FMT_YUV420P10,
                                    .space = AVCOL_SPC_BT2020_NCL,
                                    .transfer = AVCOL_TRC_SMPTE2084},
                                   [](AVFrame* frame, int) {
                                     FillPlanes(frame, {1, 2, 2});
                                   })});
  ASSERT_TRUE(hdr.Open().ok());
  EXPECT_TRUE(hdr.info().streams[0].hdr);
  EXPECT_EQ(hdr.info().streams[0].color_space, "bt2020nc");
  EXPECT_EQ(hdr.info().streams[0].color_transfer, "smpte2084");
  EXPECT_EQ(hdr.info().streams[0].pictures.color_space, "bt709") << "tone-mapped";

  MediaInput sound({.url = "anullsrc=channel_layout=5.1:sample_rate=44100", .format = "lavfi"});
  ASSERT_TRUE(sound.Open().ok());
  EXPECT_EQ(sound.info().best_video, -1);
  EXPECT_EQ(sound.info().best_audio, 0);
  EXPECT_EQ(sound.info().streams[0].channels, 6);
  EXPECT_EQ(sound.info().streams[0].sample_rate, 44100);
  EXPECT_EQ(sound.info().streams[0].channel_layout, "5.1");
}

}  // namespace
}  // namespace streamgear::test
