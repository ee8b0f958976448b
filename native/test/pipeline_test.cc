// The pipeline as a whole, with real encoders; the packager is either real or one that records,
// stalls or fails.
#include "pipeline.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "manual_clock.h"
#include "pipeline_fixture.h"

namespace streamgear::test {
namespace {

/// What a test wants of its packager.
struct PackagerScript {
  std::mutex mutex;
  std::condition_variable changed;
  bool stall = false;  ///< Write() waits until Abort()
  bool aborted = false;
  int fail_at_packet = -1;
  std::vector<StreamInfo> streams;
  std::vector<std::vector<std::pair<std::int64_t, bool>>>
      packets;  ///< per rendition: pts, key frame
  std::int64_t end = -1;
};

class ScriptedPackager final : public Packager {
 public:
  explicit ScriptedPackager(PackagerScript& script) : script_(script) {}

  Status Open(std::vector<StreamInfo> streams) override {
    std::lock_guard lock(script_.mutex);
    script_.packets.resize(streams.size());
    script_.streams = std::move(streams);
    return Status::Ok();
  }

  Status Write(EncodedPacket packet) override {
    std::unique_lock lock(script_.mutex);
    script_.changed.wait(lock, [this] { return !script_.stall || script_.aborted; });
    if (count_++ == script_.fail_at_packet) {
      return Status(Failure{.code = "WRITE_FAILED", .message = "scripted", .stage = "packager"});
    }
    script_.packets[static_cast<std::size_t>(packet.rendition)].emplace_back(
        packet.packet->pts, (packet.packet->flags & AV_PKT_FLAG_KEY) != 0);
    return Status::Ok();
  }

  Status Finish(std::int64_t end) override {
    std::lock_guard lock(script_.mutex);
    script_.end = end;
    return Status::Ok();
  }

  void Abort() override {
    std::lock_guard lock(script_.mutex);
    script_.aborted = true;
    script_.changed.notify_all();
  }

  std::vector<std::string> Codecs() const override { return {}; }

 private:
  PackagerScript& script_;
  int count_ = 0;
};

class PipelineTest : public ::testing::Test {
 protected:
  /// The frame of number `forced`, if there is one, is to be a key frame.
  void Push(Pipeline& pipeline, int count, int forced = -1) {
    for (int i = 0; i < count; ++i) {
      pixels_.push_back(MakePixels(pipeline.config().input, i));
      InputFrame frame = MakeFrame(pipeline.config().input, pixels_.back(), i);
      frame.force_key_frame = i == forced;
      ASSERT_TRUE(pipeline.Write(frame));
    }
  }

  std::unique_ptr<Pipeline> Open(PipelineConfig config) {
    auto pipeline = std::make_unique<Pipeline>(std::move(config), events_.sink(),
                                               std::make_unique<ScriptedPackager>(script_));
    pipeline->Start();
    EXPECT_TRUE(events_.WaitFor<OpenedEvent>());
    return pipeline;
  }

  TemporaryFolder folder_;
  EventRecorder events_;
  PackagerScript script_;
  std::deque<std::vector<std::uint8_t>> pixels_;
};

std::vector<std::int64_t> KeyTimes(const std::vector<std::pair<std::int64_t, bool>>& packets) {
  std::vector<std::int64_t> times;
  for (const auto& [pts, key] : packets) {
    if (key) times.push_back(pts);
  }
  return times;
}

TEST_F(PipelineTest, EveryFrameComesOutOfEveryEncoderAndKeyFramesAlign) {
  auto pipeline = Open(MakeConfig(folder_.path()));
  Push(*pipeline, 60);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  pipeline->Join();

  EXPECT_TRUE(events_.LastIsClosed());
  EXPECT_EQ(events_.All<ReadEvent>().size(), 60U);
  EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  const std::vector<std::int64_t> expected{0, kTicks, 2 * kTicks};
  for (const auto& packets : script_.packets) {
    EXPECT_EQ(packets.size(), 60U);
    EXPECT_EQ(KeyTimes(packets), expected);
  }
  EXPECT_EQ(script_.end, 60 * kFrame);
}

TEST_F(PipelineTest, BufferIsReadBeforeItIsReturned) {
  PipelineConfig config = MakeConfig(folder_.path());
  auto pipeline = Open(config);
  std::vector<std::uint8_t> pixels = MakePixels(config.input, 0);
  InputFrame frame = MakeFrame(config.input, pixels, 0);
  ASSERT_TRUE(pipeline->Write(frame));
  ASSERT_TRUE(events_.WaitFor<ReadEvent>());
  // The buffer is ours again: with ASan, freeing it here proves that nobody reads it any more.
  std::vector<std::uint8_t>().swap(pixels);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(script_.packets[1].size(), 1U);
}

TEST_F(PipelineTest, LowerFrameRateKeepsTheBorders) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.renditions[1].frame_rate = {10, 1};
  auto pipeline = Open(config);
  Push(*pipeline, 75);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(script_.packets[0].size(), 75U);
  EXPECT_EQ(script_.packets[1].size(), 30U);
  EXPECT_EQ(KeyTimes(script_.packets[0]), KeyTimes(script_.packets[1]));
}

TEST_F(PipelineTest, ForcedKeyFrameIsOneInAllRenditions) {
  PipelineConfig config = MakeConfig(folder_.path());
  auto pipeline = Open(config);
  Push(*pipeline, 20, 7);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  const std::vector<std::int64_t> expected{0, 7 * kFrame};
  EXPECT_EQ(KeyTimes(script_.packets[0]), expected);
  EXPECT_EQ(KeyTimes(script_.packets[1]), expected);
}

TEST_F(PipelineTest, GapsInTimeStay) {
  PipelineConfig config = MakeConfig(folder_.path());
  auto pipeline = Open(config);
  const std::vector<std::int64_t> times{0, kFrame, 2 * kFrame, 5 * kTicks + 17,
                                        5 * kTicks + 17 + kFrame};
  for (std::size_t i = 0; i < times.size(); ++i) {
    pixels_.push_back(MakePixels(config.input, static_cast<int>(i)));
    InputFrame frame = MakeFrame(config.input, pixels_.back(), static_cast<int>(i));
    frame.pts = times[i];
    ASSERT_TRUE(pipeline->Write(frame));
  }
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  std::vector<std::int64_t> written;
  for (const auto& packet : script_.packets[0]) written.push_back(packet.first);
  std::sort(written.begin(), written.end());
  EXPECT_EQ(written, times);
  EXPECT_EQ(KeyTimes(script_.packets[1]), (std::vector<std::int64_t>{0, 5 * kTicks + 17}));
  EXPECT_EQ(script_.end, times.back() + kFrame);
}

TEST_F(PipelineTest, AbortWakesAStalledPackager) {
  script_.stall = true;
  auto pipeline = Open(MakeConfig(folder_.path()));
  Push(*pipeline, 300);  // far more than all queues hold
  const auto start = Clock::now();
  pipeline->Abort();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  // It promises two seconds; the rest is for a busy machine.
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  EXPECT_TRUE(events_.All<FinishedEvent>().empty());
  EXPECT_TRUE(events_.All<FailedEvent>().empty());
  EXPECT_LT(events_.All<ReadEvent>().size(), 300U);
}

TEST_F(PipelineTest, AStalledPackagerBoundsWhatIsRead) {
  script_.stall = true;
  PipelineConfig config = MakeConfig(folder_.path());
  config.packet_queue = 2;
  auto pipeline = Open(config);
  Push(*pipeline, 300);
  ASSERT_TRUE(events_.WaitFor<ReadEvent>(4));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // Encoder queues (4), packets (2 and one in each hand), what x264 holds back, and the picture in
  // the scaler's hand.
  EXPECT_LT(events_.All<ReadEvent>().size(), 80U);
  pipeline->Abort();
  EXPECT_TRUE(events_.WaitFor<ClosedEvent>());
}

TEST_F(PipelineTest, IsNotFullOfABurstThatTheQueuesHaveRoomFor) {
  const PipelineConfig config = MakeConfig(folder_.path());
  auto pipeline = Open(config);
  for (int i = 0; i < config.ingest_queue + config.encoder_queue + 1; ++i) {
    EXPECT_FALSE(pipeline->IsFull()) << i;
    Push(*pipeline, 1);
  }
}

TEST_F(PipelineTest, IsFullWhenThePackagerStalls) {
  script_.stall = true;
  PipelineConfig config = MakeConfig(folder_.path());
  config.packet_queue = 2;
  auto pipeline = Open(config);
  const std::size_t most = static_cast<std::size_t>(config.ingest_queue) +
                           static_cast<std::size_t>(config.encoder_queue) + 1;
  // Far more than all queues and x264 hold, each when there is room, or none for long.
  std::size_t pushed = 0;
  int refused = 0;  // in a row: the rest would be, too
  for (int i = 0; i < 300 && refused < 20; ++i) {
    for (int tries = 0; pipeline->IsFull() && tries < 10; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (pipeline->IsFull()) {
      ++refused;
      continue;
    }
    refused = 0;
    pixels_.push_back(MakePixels(config.input, i));
    ASSERT_TRUE(pipeline->Write(MakeFrame(config.input, pixels_.back(), i)));
    ++pushed;
    EXPECT_LE(pipeline->ingest_size(), most);
  }
  EXPECT_GE(pushed, most);
  EXPECT_LT(pushed, 100U);
}

TEST_F(PipelineTest, FirstErrorWinsAndEndsEverything) {
  script_.fail_at_packet = 3;
  auto pipeline = Open(MakeConfig(folder_.path()));
  for (int i = 0; i < 200; ++i) {
    pixels_.push_back(MakePixels(pipeline->config().input, i));
    if (!pipeline->Write(MakeFrame(pipeline->config().input, pixels_.back(), i))) break;
  }
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  const auto failures = events_.All<FailedEvent>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].failure.code, "WRITE_FAILED");
  EXPECT_FALSE(pipeline->Write(MakeFrame(pipeline->config().input, pixels_.back(), 999)));
}

TEST_F(PipelineTest, EncoderThatCannotOpenSaysWhichAndWhy) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.renditions[1].options.emplace_back("profile", "no-such-profile");
  Pipeline pipeline(config, events_.sink(), std::make_unique<ScriptedPackager>(script_));
  pipeline.Start();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  const auto failures = events_.All<FailedEvent>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].failure.code, "ENCODER_OPEN_FAILED");
  EXPECT_EQ(failures[0].failure.rendition, 1);
  EXPECT_NE(failures[0].failure.log, "");
}

/// One encoder is open and has encoded, the audio fails, and only then the other one opens.
TEST_F(PipelineTest, AudioThatFailsBetweenTwoEncodersLeavesTheVideoWhole) {
  const std::filesystem::path pipe = folder_.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  PipelineConfig config = MakeConfig(folder_.path());
  config.renditions[1].pixel_format = "yuv444p";
  config.audio.origin = AudioOrigin::kInput;
  config.audio.optional = true;
  config.audio.input.url = pipe.string();
  config.audio.renditions = {{.codec = "aac", .bitrate = 64000, .options = {}}};
  std::promise<void> left_out;
  const auto sink = [record = events_.sink(), wait = left_out.get_future().share()](Event event) {
    // libx264 tells its profile while it opens.
    const auto* line = std::get_if<LogEvent>(&event);
    if (line != nullptr && line->message.find("4:4:4") != std::string::npos) wait.wait();
    record(std::move(event));
  };
  Pipeline pipeline(config, sink, std::make_unique<ScriptedPackager>(script_));
  pipeline.Start();
  Push(pipeline, 3);
  const auto encoded = [&] { return pipeline.stats().renditions[0]->frames_encoded.load() > 0; };
  for (const Clock::time_point hang = Clock::now() + kHangs; !encoded() && Clock::now() < hang;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(encoded());
  // For reading too: nobody has to have opened the other end.
  std::fstream writer(pipe, std::ios::in | std::ios::out);
  writer << "no sound" << std::flush;
  writer.close();
  EXPECT_TRUE(events_.WaitForWarning("AUDIO_LEFT_OUT"));
  left_out.set_value();
  EXPECT_TRUE(events_.WaitFor<OpenedEvent>());
  pipeline.Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_TRUE(events_.All<FailedEvent>().empty());
  ASSERT_EQ(script_.packets.size(), 2U);
  for (const auto& packets : script_.packets) EXPECT_EQ(packets.size(), 3U);
}

TEST_F(PipelineTest, DebugLinesOfAnEncoderThatOpensAreHeard) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.debug_log = true;
  config.renditions.resize(1);
  config.renditions[0].options.back() = {"threads", "2"};
  const auto pipeline = Open(config);
  const auto lines = events_.All<LogEvent>();
  // libx264 tells this when it is opened with several threads, and only then.
  EXPECT_TRUE(std::ranges::any_of(lines, [](const LogEvent& line) {
    return line.message.find("mv_range_thread") != std::string::npos;
  }));
}

TEST_F(PipelineTest, UnknownEncoder) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.renditions[0].codec = "libx999";
  Pipeline pipeline(config, events_.sink(), std::make_unique<ScriptedPackager>(script_));
  pipeline.Start();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  ASSERT_EQ(events_.All<FailedEvent>().size(), 1U);
  EXPECT_EQ(events_.All<FailedEvent>()[0].failure.code, "ENCODER_NOT_FOUND");
}

TEST_F(PipelineTest, DestroyedWhileRunning) {
  auto pipeline = Open(MakeConfig(folder_.path()));
  Push(*pipeline, 50);
  pipeline.reset();
  EXPECT_TRUE(events_.LastIsClosed());
}

TEST_F(PipelineTest, NeverStarted) {
  const Pipeline pipeline(MakeConfig(folder_.path()), events_.sink());
  EXPECT_EQ(pipeline.ingest_size(), 0U);
}

TEST_F(PipelineTest, FilterChangesSizeAndRate) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.filter = "crop=32:32,fps=12.5";
  config.picture_rate = {25, 2};
  config.renditions = {MakeRendition(32, 32)};
  auto pipeline = Open(config);
  Push(*pipeline, 50);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(events_.All<ReadEvent>().size(), 50U);
  EXPECT_EQ(script_.packets[0].size(), 25U);
}

TEST_F(PipelineTest, AbortEndsAFilterWithoutEnd) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.filter = "loop=loop=-1:size=2,setpts=0";  // of which one picture is taken
  auto pipeline = Open(config);
  Push(*pipeline, 3);
  ASSERT_TRUE(events_.WaitFor<ReadEvent>(2));
  pipeline->Abort();
  EXPECT_TRUE(events_.WaitFor<ClosedEvent>());
}

TEST_F(PipelineTest, FilterWithoutSenseFails) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.filter = "crop=999999";
  Pipeline pipeline(config, events_.sink(), std::make_unique<ScriptedPackager>(script_));
  pipeline.Start();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  ASSERT_EQ(events_.All<FailedEvent>().size(), 1U);
  EXPECT_EQ(events_.All<FailedEvent>()[0].failure.stage, "filter");
}

TEST_F(PipelineTest, FilterThatChangesTheSizeInTheMiddleFails) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.filter = "scale=w='if(gte(n,5),16,64)':h='if(gte(n,5),16,48)':eval=frame";
  Pipeline pipeline(config, events_.sink(), std::make_unique<ScriptedPackager>(script_));
  pipeline.Start();
  for (int i = 0; i < 20; ++i) {
    pixels_.push_back(MakePixels(config.input, i));
    if (!pipeline.Write(MakeFrame(config.input, pixels_.back(), i))) break;
  }
  pipeline.Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  const auto failures = events_.All<FailedEvent>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].failure.code, "FILTER_FAILED");
  EXPECT_EQ(failures[0].failure.message,
            "Expected pictures of 64x48 from the filter chain, like its first, but received one of "
            "16x16");
}

TEST_F(PipelineTest, AKeyFrameThatIsForcedSurvivesAFilterThatHoldsFramesBack) {
  PipelineConfig config = MakeConfig(folder_.path());
  config.grid = {100 * kTicks, 0};
  config.filter = "fps=25";  // gives a frame when the next one comes
  auto pipeline = Open(config);
  Push(*pipeline, 20, 10);
  pipeline->Finish();
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(KeyTimes(script_.packets[0]), (std::vector<std::int64_t>{0, 10 * kFrame}));
}

TEST_F(PipelineTest, ManyAtOnceAndOneAfterTheOther) {
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<EventRecorder>> recorders;
    std::vector<std::unique_ptr<TemporaryFolder>> folders;
    std::vector<std::unique_ptr<Pipeline>> pipelines;
    for (int i = 0; i < 3; ++i) {
      recorders.push_back(std::make_unique<EventRecorder>());
      folders.push_back(std::make_unique<TemporaryFolder>());
      pipelines.push_back(
          std::make_unique<Pipeline>(MakeConfig(folders.back()->path()), recorders.back()->sink()));
      pipelines.back()->Start();
      Push(*pipelines.back(), 30);
      pipelines.back()->Finish();
    }
    for (auto& recorder : recorders) {
      EXPECT_TRUE(recorder->WaitFor<ClosedEvent>());
      EXPECT_EQ(recorder->All<FinishedEvent>().size(), 1U);
    }
  }
}

}  // namespace
}  // namespace streamgear::test
