// Who waits for whom between the demuxer and those who read its feeds.
#include "source/demuxer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "manual_clock.h"
#include "source_fixture.h"
#include "test_clip.h"

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;

class DemuxerTest : public testing::Test {
 protected:
  /// Picture at 25 fps (0), sound in packets of 40 ms (1).
  void Open(const ClipSpec& spec, std::size_t max_bytes = Demuxer::kMaxBytes,
            bool realtime = false) {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    demuxer_.reset();
    input_ = std::make_unique<MediaInput>(MediaInputConfig{.url = WriteClip(name + ".mkv", spec)},
                                          time_);
    const LogScope scope(&log_);
    ASSERT_TRUE(input_->Open().ok());
    demuxer_ = std::make_unique<Demuxer>(
        *input_, Demuxer::Streams{.video = 0, .audio = 1, .realtime = realtime}, stats_,
        EventSink(), max_bytes);
  }

  void Start() {
    thread_ = std::thread([this] {
      const LogScope scope(&log_);
      status_ = demuxer_->Run();
      ended_ = true;
    });
  }

  void TearDown() override {
    if (!thread_.joinable()) return;
    demuxer_->Cancel();
    thread_.join();
  }

  /// Reads one packet of a feed; false at the end.
  static bool ReadOne(PacketFeed& feed, double* seconds = nullptr) {
    const PacketPtr packet(av_packet_alloc());
    PacketReader::Result result = PacketReader::Result::kEnd;
    if (!feed.Read(packet.get(), &result).ok()) return false;
    if (seconds != nullptr) {
      *seconds = static_cast<double>(packet->pts) * av_q2d(feed.stream().time_base);
    }
    return result == PacketReader::Result::kPacket;
  }

  /// Until the demuxer has read as far as this, seconds.
  void WaitForFurthest(double position) {
    const Clock::time_point hang = Clock::now() + kHangs;
    while (demuxer_->furthest() < position && Clock::now() < hang) std::this_thread::yield();
    ASSERT_GE(demuxer_->furthest(), position);
  }

  static int ReadAll(PacketFeed& feed) {
    int count = 0;
    while (ReadOne(feed)) ++count;
    return count;
  }

  LogRing log_{EventSink()};
  ManualClock time_;
  PipelineStats stats_{1};
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<Demuxer> demuxer_;
  std::thread thread_;
  Status status_;
  std::atomic<bool> ended_{false};
};

const ClipSpec kBoth{.width = 32, .height = 32, .frames = 500, .sound = 20};

TEST_F(DemuxerTest, ReadsNoFurtherAheadThanFeedsAreFull) {
  Open(kBoth);
  Start();
  constexpr double kPacket = 0.04;
  constexpr double kFull = PacketFeed::kFullPackets * kPacket;
  for (int i = 0; i < 300; ++i) {
    WaitForFurthest(i * kPacket + kFull);
    // One of each stream may be in its hand, and the file may have one of them sooner.
    ASSERT_LT(demuxer_->furthest(), (i + 5) * kPacket + kFull);
    ASSERT_TRUE(ReadOne(demuxer_->video()));
    ASSERT_TRUE(ReadOne(*demuxer_->audio()));
  }
  EXPECT_FALSE(ended_) << "the rest does not fit in the feeds";
}

TEST_F(DemuxerTest, InRealTimeGivesNothingBeforeItPlays) {
  Open(kBoth, Demuxer::kMaxBytes, true);
  demuxer_->CloseAudio();
  const Clock::time_point begin = time_.Now();
  Start();
  std::atomic<int> read = 0;
  std::thread viewer([&] {
    for (double plays = 0; read < 50 && ReadOne(demuxer_->video(), &plays); ++read) {
      const std::chrono::duration<double> passed = time_.Now() - begin;
      EXPECT_GE(passed.count() + 0.001, plays) << "in milliseconds, as Matroska has them";
    }
    read = 50;
  });
  // No time passes but that which the demuxer waits for.
  while (read < 50 && !HasFailure()) time_.Advance(time_.AwaitWait());
  EXPECT_GE(time_.Now() - begin, milliseconds(1950));
  demuxer_->Cancel();
  viewer.join();
}

TEST_F(DemuxerTest, InRealTimeStopsWhileItWaits) {
  Open(kBoth, Demuxer::kMaxBytes, true);
  Start();
  ASSERT_TRUE(ReadOne(demuxer_->video()));
  EXPECT_LE(time_.AwaitWait(), milliseconds(41)) << "for the next packet";
  demuxer_->Stop();
  thread_.join();
  EXPECT_TRUE(status_.ok());
  EXPECT_LT(demuxer_->furthest(), 19) << "the whole clip would take twenty seconds";
}

TEST_F(DemuxerTest, GivesTheWholeVideoBeforeAnybodyReadsTheSound) {
  // The sound's consumer waits for the video's: reading the video must not wait for the sound.
  Open(kBoth);
  Start();
  EXPECT_EQ(ReadAll(demuxer_->video()), 500);
  EXPECT_EQ(ReadAll(*demuxer_->audio()), 500);
}

TEST_F(DemuxerTest, GoesOnWithoutSound) {
  // The sound ends after a second, its consumer waits for more: the video must not.
  Open({.width = 32, .height = 32, .frames = 500, .sound = 1});
  Start();
  std::thread audio([this] { ReadAll(*demuxer_->audio()); });
  EXPECT_EQ(ReadAll(demuxer_->video()), 500);
  audio.join();
}

TEST_F(DemuxerTest, FindsTheVideoBehindMuchSound) {
  // The picture begins ten seconds late; nobody reads the sound before it has come.
  Open({.width = 32, .height = 32, .frames = 25, .start = 250, .sound = 20});
  Start();
  EXPECT_TRUE(ReadOne(demuxer_->video()));
  EXPECT_EQ(ReadAll(*demuxer_->audio()), 500);
}

TEST_F(DemuxerTest, SaysThatTheSoundIsTooFarAhead) {
  Open({.width = 32, .height = 32, .frames = 25, .start = 750, .sound = 30}, 1 << 20);
  Start();
  thread_.join();
  ASSERT_FALSE(status_.ok());
  EXPECT_EQ(status_.failure().code, "INTERLEAVING");
}

TEST_F(DemuxerTest, IgnoresWhoHasEnough) {
  Open(kBoth);
  demuxer_->CloseAudio();
  Start();
  EXPECT_EQ(ReadAll(demuxer_->video()), 500);
  EXPECT_FALSE(ReadOne(*demuxer_->audio()));
}

TEST_F(DemuxerTest, EndsWhenAllHaveEnough) {
  Open(kBoth);
  Start();
  EXPECT_TRUE(ReadOne(demuxer_->video()));
  EXPECT_TRUE(ReadOne(*demuxer_->audio()));
  demuxer_->CloseVideo();
  demuxer_->CloseAudio();
  thread_.join();
  EXPECT_TRUE(status_.ok());
}

TEST_F(DemuxerTest, CancelWakesItsReaders) {
  // Whether they wait already or will: a little later in each round.
  for (int round = 0; round < 40; ++round) {
    Open({.width = 32, .height = 32, .frames = 25, .sound = 1});
    std::atomic<bool> begun = false;
    std::thread video([this, &begun] {
      const PacketPtr packet(av_packet_alloc());
      PacketReader::Result result = PacketReader::Result::kPacket;
      begun = true;
      EXPECT_TRUE(demuxer_->video().Read(packet.get(), &result).ok());
      EXPECT_EQ(result, PacketReader::Result::kCancelled);
    });
    while (!begun) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(round * 25));
    demuxer_->Cancel();
    video.join();
  }
}

}  // namespace
}  // namespace streamgear::test
