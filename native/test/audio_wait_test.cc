// Who waits for whom, for how long, and that every wait can be ended.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <random>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kEndless = "aevalsrc=sin(2*PI*440*t):s=48000";

/// A server that sends what it is given, then nothing, and keeps the connection.
class HangingServer {
 public:
  explicit HangingServer(std::string bytes) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 1);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, bytes = std::move(bytes)] {
      client_ = accept(socket_, nullptr, nullptr);
      accepted_.set_value();
      std::size_t sent = 0;
      while (client_ >= 0 && sent < bytes.size()) {
        const ssize_t count = send(client_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
      }
    });
  }
  HangingServer(const HangingServer&) = delete;
  HangingServer& operator=(const HangingServer&) = delete;
  ~HangingServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    if (client_ >= 0) close(client_);
    close(socket_);
  }

  /// Until somebody has connected.
  void AwaitClient() {
    EXPECT_EQ(accepted_.get_future().wait_for(kHangs), std::future_status::ready);
  }

  [[nodiscard]] std::string url() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int client_ = -1;
  int port_ = 0;
  std::promise<void> accepted_;
  std::thread thread_;
};

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

AudioConfig FromServer(const HangingServer& server, const char* format) {
  AudioConfig config = FromFile(server.url());
  config.input.format = format;
  config.input.options = {{"analyzeduration", "100000"}};
  return config;
}

TEST(AudioWait, GoesTenSecondsAheadOfTheVideo) {
  AudioBench bench(FromLavfi(kEndless, {.codec = "aac"}));
  bench.Start();
  bench.WaitForPosition(10);
  bench.AwaitWaitForVideo();
  EXPECT_LT(bench.stats().position.load(), 10.1);
  bench.clock().Begin(0, Clock::now());
  bench.clock().Advance(3 * kTicks, Clock::now());
  bench.WaitForPosition(13);
  bench.AwaitWaitForVideo();
  EXPECT_LT(bench.stats().position.load(), 13.1);
  // The video ends before the audio that is there already: the packager cuts that.
  bench.clock().End(4 * kTicks);
  EXPECT_TRUE(bench.Wait().ok());
  EXPECT_GT(bench.Hear().end, 13 * kRate - 2048);
}

TEST(AudioWait, CopiesWaitToo) {
  AudioBench bench(
      FromFile(WriteAudio("waits.mp4", {.codec = "aac", .seconds = 30}), {.codec = "copy"}));
  bench.Start();
  bench.WaitForPosition(10);
  bench.AwaitWaitForVideo();
  EXPECT_LT(bench.stats().position.load(), 10.1);
  bench.PlayVideo(20);
  EXPECT_TRUE(bench.Wait().ok());
  EXPECT_NEAR(static_cast<double>(bench.Hear().end) / kRate, 20, 0.03);
}

TEST(AudioWait, TellsThatNoFrameComes) {
  AudioBench bench(FromLavfi(kEndless, {.codec = "aac"}));
  bench.Start();
  bench.AwaitWaitForVideo();
  bench.time().Advance(milliseconds(9999));
  // It has seen that time, and dozes again: with less patience it would be past its deadline.
  EXPECT_EQ(bench.time().AwaitWait(), milliseconds(1));
  EXPECT_TRUE(bench.Warnings().empty());
  bench.time().Advance(milliseconds(1));
  EXPECT_TRUE(bench.events().WaitFor<WarningEvent>());
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"AUDIO_WAITS_FOR_VIDEO"});
  bench.PlayVideo(1);
  EXPECT_TRUE(bench.Wait().ok());
}

TEST(AudioWait, AFullPacketQueueHoldsItUp) {
  AudioBench bench(FromLavfi(kEndless, {.codec = "aac"}), SegmentType::kFmp4, 8);
  bench.PlayVideo(60);
  bench.Start();
  const Clock::time_point deadline = Clock::now() + seconds(60);
  while (bench.output().size() < 8 && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_LT(bench.stats().position.load(), 1);
  EXPECT_EQ(bench.output().size(), 8U);
  EXPECT_TRUE(bench.Wait().ok());
  EXPECT_EQ(bench.Hear().end, 60 * kRate);
}

TEST(AudioWait, GivesAHangingServerUpAfterTheVideosEnd) {
  const HangingServer server(BytesOf(WriteAudio("hangs.wav", {.seconds = 2})));
  AudioBench bench(FromServer(server, "wav"));
  bench.Start();
  bench.WaitForPosition(1.5);
  bench.PlayVideo(5);
  Status status;
  EXPECT_GE(bench.WaitWhileTimePasses(&status), kStallPatience);
  EXPECT_TRUE(status.ok());
  // It is what it read, up to the last whole block of its demuxer.
  const Heard heard = bench.Hear();
  EXPECT_GT(heard.end, kRate * 3 / 2);
  ExpectSound(heard, 0, heard.end, Noise);
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"AUDIO_STALLED"});
}

TEST(AudioWait, AServerThatNeverGaveAnythingIsAFailure) {
  const HangingServer server("");
  AudioBench bench(FromServer(server, "wav"));
  bench.PlayVideo(1);
  bench.Start();
  Status status;
  EXPECT_GE(bench.WaitWhileTimePasses(&status), kStallPatience);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "SOURCE_OPEN_FAILED");
  EXPECT_NE(status.failure().message.find("5 s after the video had ended"), std::string::npos);
}

TEST(AudioWait, AServerThatTheVideoWaitsForHasHalfAMinute) {
  HangingServer server("");
  AudioBench bench(FromServer(server, "wav"));
  bench.Start();
  server.AwaitClient();
  EXPECT_TRUE(bench.stage().HurryOpening());
  Status status;
  EXPECT_GE(bench.WaitWhileTimePasses(&status), kOpenPatience);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "SOURCE_OPEN_FAILED");
  EXPECT_NE(status.failure().message.find("30 s after the video had begun to wait"),
            std::string::npos)
      << status.failure().message;
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"VIDEO_WAITS_FOR_AUDIO"});
}

TEST(AudioWait, CancelEndsAHangingServer) {
  for (const std::string& bytes :
       {std::string(), BytesOf(WriteAudio("stuck.wav", {.seconds = 2}))}) {
    HangingServer server(bytes);
    AudioBench bench(FromServer(server, "wav"));
    bench.Start();
    server.AwaitClient();
    if (!bytes.empty()) bench.WaitForPosition(0.5);
    const Clock::time_point begin = Clock::now();
    bench.Cancel();
    EXPECT_TRUE(bench.Wait().ok());
    EXPECT_LT(Clock::now() - begin, seconds(5));
    EXPECT_TRUE(bench.Warnings().empty());
  }
}

TEST(AudioWait, CancelAtAnyMoment) {
  const std::string file = WriteAudio("cancel.mp4", {.codec = "aac", .seconds = 20});
  AudioConfig push;
  push.origin = AudioOrigin::kPush;
  push.renditions = {{.codec = "aac"}};
  AudioConfig device = FromLavfi(std::string(kEndless) + ",arealtime", {.codec = "aac"});
  device.clock = AudioClock::kWall;
  AudioConfig padded = FromLavfi("sine=d=0.1", {.codec = "aac"});
  padded.filter = "apad";
  AudioConfig filled = FromFile(file, {.codec = "libopus"});
  filled.fill_gaps = true;
  const AudioConfig configs[] = {FromFile(file, {.codec = "aac"}),
                                 FromFile(file, {.codec = "copy"}),
                                 FromLavfi(kEndless, {.codec = "libmp3lame"}),
                                 push,
                                 device,
                                 padded,
                                 filled};
  std::mt19937 random(11);
  for (int round = 0; round < 5; ++round) {
    for (const AudioConfig& config : configs) {
      AudioBench bench(config, SegmentType::kFmp4, round % 2 == 0 ? 4 : 1000);
      bench.Start();
      if (round % 3 == 1) bench.PlayVideo(1000);
      const auto wait = std::uniform_int_distribution<int>(0, 60)(random);
      std::this_thread::sleep_for(milliseconds(wait));
      bench.Cancel();
      EXPECT_TRUE(bench.Wait().ok());
    }
  }
}

TEST(AudioWait, CancelEndsTheSilenceOfALongGap) {
  // The video is there, so nothing waits for it: an hour of silence is being encoded.
  AudioConfig config;
  config.origin = AudioOrigin::kPush;
  config.fill_gaps = true;
  config.renditions = {{.codec = "aac"}};
  AudioBench bench(config, SegmentType::kFmp4, 64);
  bench.PlayVideo(4000);
  bench.Start();
  for (const double time : {0.0, 3600.0}) {
    FramePtr samples = MakeSilence(PushFormat(config), 4800);
    ASSERT_TRUE(bench.stage().Push({.samples = std::move(samples), .timestamp = time}));
  }
  // It has come into the gap, and waits for whoever takes its packets.
  bench.WaitForPosition(1);
  const Clock::time_point begin = Clock::now();
  bench.Cancel();
  EXPECT_TRUE(bench.Wait().ok());
  EXPECT_LT(Clock::now() - begin, seconds(2));
}

TEST(AudioWait, CancelBeforeItRuns) {
  AudioBench bench(FromLavfi(kEndless, {.codec = "aac"}));
  bench.clock().Cancel();
  bench.output().Cancel();
  bench.Start();
  EXPECT_TRUE(bench.Wait().ok());
}

}  // namespace
}  // namespace streamgear::test
