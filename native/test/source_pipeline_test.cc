// A whole pipeline that is fed by a source: real encoders, real segments.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "pipeline.h"
#include "pipeline_fixture.h"
#include "source_fixture.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

class SourcePipeline : public testing::Test {
 protected:
  std::unique_ptr<Pipeline> Open(const MediaInputConfig& media, const EditConfig& edit = nullptr) {
    auto input = std::make_unique<MediaInput>(media);
    if (Status status = input->Open(); !status.ok()) {
      ADD_FAILURE() << status.failure().message;
      return nullptr;
    }
    const PipelineConfig source = ConfigFor(input->info());
    PipelineConfig config = MakeConfig(folder_.path());
    config.input = source.input;
    config.picture_rate = source.picture_rate;
    config.source = source.source;
    config.grid = {config.input.ticks_per_second, 0};
    if (edit) edit(config);
    auto pipeline =
        std::make_unique<Pipeline>(std::move(config), events_.sink(), nullptr, std::move(input));
    pipeline->Start();
    return pipeline;
  }

  [[nodiscard]] std::size_t Segments(int rendition) {
    return static_cast<std::size_t>(
        std::ranges::count(events_.All<SegmentEvent>(), rendition, &SegmentEvent::rendition));
  }

  TemporaryFolder folder_;
  EventRecorder events_;
};

TEST_F(SourcePipeline, EncodesASourceToItsEnd) {
  const auto pipeline = Open(FromGraph("testsrc2=size=64x48:duration=3"));
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  EXPECT_TRUE(events_.All<ReadEvent>().empty()) << "these frames are nobody's buffers";
  ASSERT_EQ(events_.All<SourceEndEvent>().size(), 1U);
  EXPECT_EQ(Segments(0), 3U);
  EXPECT_EQ(Segments(1), 3U);
  EXPECT_EQ(pipeline->stats().frames_in.load(), 75);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "manifest.mpd"));
}

TEST_F(SourcePipeline, CopiesASourceToItsEnd) {
  const std::string path =
      WriteClip("whole-copy.mp4", {.frames = 75, .codec = "libx264", .gop = 25, .b_frames = 2});
  const auto pipeline = Open({.url = path}, [](PipelineConfig& config) {
    config.source.copy_video = true;
    config.renditions.resize(1);
    config.renditions[0].codec = "copy";
  });
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  EXPECT_EQ(Segments(0), 3U);
  EXPECT_EQ(pipeline->stats().renditions[0]->frames_encoded.load(), 75);
  EXPECT_TRUE(events_.All<WarningEvent>().empty());
}

TEST_F(SourcePipeline, FiltersWhatItDecodes) {
  const auto pipeline = Open(FromGraph("testsrc2=size=64x48:duration=2"),
                             [](PipelineConfig& config) { config.filter = "hflip"; });
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  EXPECT_EQ(events_.All<FinishedEvent>().size(), 1U);
  EXPECT_EQ(pipeline->stats().frames_in.load(), 50);
}

TEST_F(SourcePipeline, FailsWithTheSource) {
  const auto pipeline = Open({.url = WriteClip("too-short.mov", {.frames = 5})},
                             [](PipelineConfig& config) { config.source.start = 10; });
  ASSERT_TRUE(events_.WaitFor<ClosedEvent>());
  ASSERT_EQ(events_.All<FailedEvent>().size(), 1U);
  EXPECT_EQ(events_.All<FailedEvent>()[0].failure.code, "START_BEHIND_END");
  EXPECT_TRUE(events_.All<FinishedEvent>().empty());
}

TEST_F(SourcePipeline, EndsSoonWhereverItIsAborted) {
  for (int delay = 0; delay < 100; delay += 9) {
    const auto pipeline = Open(FromGraph("testsrc2=size=320x240"));
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    pipeline->Abort();
    pipeline->Join();
    EXPECT_TRUE(events_.LastIsClosed());
  }
  EXPECT_TRUE(events_.All<FailedEvent>().empty());
}

}  // namespace
}  // namespace streamgear::test
