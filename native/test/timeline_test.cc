// When things begin and end: the pure parts of the packager, without packets, files or clocks of
// their own. Random inputs are the same in every run.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "manual_clock.h"
#include "pipeline_fixture.h"
#include "timeline/availability.h"
#include "timeline/follower.h"
#include "timeline/leader.h"
#include "timeline/presentation_builder.h"
#include "timeline/segmenter.h"
#include "timeline/window.h"

namespace streamgear::test {
namespace {

constexpr int kRuns = 200;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  /// From `least` to `most`, both included.
  std::int64_t Between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(engine_);
  }
  bool OneIn(std::int64_t n) { return Between(1, n) == 1; }

 private:
  std::mt19937 engine_;
};

TEST(RescaleUp, IsTheFirstTickThatIsNotBefore) {
  EXPECT_EQ(RescaleUp(0, 90000, 48000), 0);
  EXPECT_EQ(RescaleUp(90000, 90000, 48000), 48000);
  EXPECT_EQ(RescaleUp(90001, 90000, 48000), 48001);
  Random random(1);
  for (int run = 0; run < 10 * kRuns; ++run) {
    const std::int64_t from = random.Between(1, INT32_MAX);
    const std::int64_t to = random.Between(1, INT32_MAX);
    const std::int64_t ticks = random.Between(0, from * 1000);
    EXPECT_EQ(RescaleUp(ticks, from, to), av_rescale_rnd(ticks, to, from, AV_ROUND_UP));
  }
}

TEST(Segmenter, CutsAtKeyFramesOfNewCells) {
  Segmenter segmenter(SegmentGrid(100, 0));
  EXPECT_EQ(segmenter.At(30, false), Segmenter::Step::kBegin);  // whatever comes first
  segmenter.Begin(30, 20);
  EXPECT_EQ(segmenter.cell(), 0);
  EXPECT_EQ(segmenter.start(), 20);
  EXPECT_EQ(segmenter.At(99, true), Segmenter::Step::kGoOn);
  EXPECT_EQ(segmenter.At(100, true), Segmenter::Step::kBegin);
  EXPECT_EQ(segmenter.At(100, false), Segmenter::Step::kMissed);
  segmenter.Begin(350, 350);
  EXPECT_EQ(segmenter.cell(), 3);
  EXPECT_EQ(segmenter.At(120, true), Segmenter::Step::kGoOn);  // it never goes back
}

TEST(Follower, NeverGoesBackAndKeepsTheLeadersIndices) {
  for (int run = 0; run < kRuns; ++run) {
    SCOPED_TRACE(run);
    Random random(static_cast<unsigned>(run));
    Leader leader(90000);
    Follower follower(leader, 48000);
    std::vector<std::int64_t> starts;
    std::int64_t video = 0;
    std::int64_t audio = 0;
    std::int64_t index = 0;
    EXPECT_FALSE(follower.MayCome(0));
    for (int step = 0; step < 200; ++step) {
      if (starts.empty() || random.OneIn(10)) {
        starts.push_back(video);
        leader.Begin({.start = video, .cell = video / 90000});
      }
      leader.Advance(video);
      for (; follower.MayCome(audio); audio += random.Between(1, 3000)) {
        const std::int64_t now = follower.IndexAt(audio);
        ASSERT_GE(now, index);
        ASSERT_LT(now, static_cast<std::int64_t>(starts.size()));
        // The last segment that begins at or before it.
        EXPECT_LE(starts[static_cast<std::size_t>(now)] * 48000, audio * 90000);
        if (now + 1 < static_cast<std::int64_t>(starts.size())) {
          EXPECT_GT(starts[static_cast<std::size_t>(now + 1)] * 48000, audio * 90000);
        }
        EXPECT_EQ(follower.Cuts(now), follower.filling() && now > index);
        follower.Begin(now, audio);
        index = now;
      }
      video += random.Between(1, 40000);
    }
  }
}

TEST(Follower, ComesLaterThanTheLeaderRemembers) {
  Leader leader(10);
  for (std::int64_t i = 0; i < 5; ++i) leader.Begin({.start = 10 * i, .cell = i});
  leader.Forget(3);
  const Follower follower(leader, 10);
  EXPECT_EQ(follower.IndexAt(0), 3);
  EXPECT_EQ(follower.IndexAt(45), 4);
  leader.Forget(100);  // the newest stays
  EXPECT_EQ(follower.IndexAt(0), 4);
}

TEST(Follower, AHoleIsWhereAWholePacketFits) {
  EXPECT_FALSE(IsHole(2047, 1024));
  EXPECT_TRUE(IsHole(2048, 1024));
  EXPECT_FALSE(IsHole(1'000'000, 0));  // a copy that does not tell how long its packets last
}

SegmentEntry Segment(std::int64_t start, std::int64_t duration) {
  SegmentEntry entry;
  entry.start = start;
  entry.duration = duration;
  return entry;
}

TEST(Window, NeverGoesBackAndKeepsThreeTargetDurations) {
  for (int run = 0; run < kRuns; ++run) {
    SCOPED_TRACE(run);
    Random random(static_cast<unsigned>(run));
    SegmentHistory video;
    SegmentHistory audio;
    const int size = static_cast<int>(random.Between(3, 8));
    const bool is_late = random.OneIn(3);
    Window window(size, true, 1);
    std::int64_t first = 0;
    for (int i = 0; i < 60; ++i) {
      video.Append(Segment(video.end(), random.Between(900, 1100)));
      if (!is_late || i > 20) {
        while (audio.count() + 1 < video.count()) audio.Append(Segment(audio.end(), 0));
        if (!random.OneIn(4)) audio.Append(Segment(audio.end(), random.Between(900, 1100)));
      }
      const std::vector<TimedHistory> tracks{{&video, 1000}, {&audio, 1000}};
      const SegmentRange range = window.Slide(tracks, video.count(), 1);
      EXPECT_EQ(range.last, video.count());
      ASSERT_GE(range.first, first);
      first = range.first;
      std::int64_t listed = 0;
      for (std::int64_t k = range.first; k < range.last; ++k) listed += video.At(k).duration;
      if (range.first > 0) {
        EXPECT_GE(listed, 3000);
      }
      if (random.OneIn(2)) {
        for (SegmentHistory* track : {&video, &audio}) {
          while (!track->empty() && track->first_kept() < first) track->TakeOldest();
        }
      }
    }
  }
}

TEST(Window, OfAllSegmentsHasNoSize) {
  SegmentHistory video;
  for (int i = 0; i < 100; ++i) video.Append(Segment(i, 1));
  Window window(0, true, 1);
  EXPECT_EQ(window.Slide({{&video, 1}}, 100, 1), (SegmentRange{0, 100}));
}

/// Both clocks are set by hand.
TEST(Availability, KnowsWhenTheWallClockIsSet) {
  using std::chrono::seconds;
  ManualClock steady;
  WallTime wall{seconds(1'700'000'000)};
  Availability availability([&] { return wall; }, steady);
  EXPECT_FALSE(availability.begun());
  EXPECT_DOUBLE_EQ(availability.Now().now, 1'700'000'000);
  // A frame that is shown at 2 s was pushed 5 s ago.
  availability.Begin(2, steady.Now() - seconds(5));
  EXPECT_DOUBLE_EQ(availability.start(), 1'700'000'000 - 7);
  steady.Advance(seconds(60));
  wall += seconds(60 + 3600);
  const Availability::Time time = availability.Now();
  EXPECT_DOUBLE_EQ(time.now, 1'700'000'060);
  EXPECT_DOUBLE_EQ(time.step, 3600);
  EXPECT_DOUBLE_EQ(availability.LeadOf(70, steady.Now()), 3);
}

/// One of video, and one of audio that has holes and begins late.
class BuilderTest : public ::testing::Test {
 protected:
  PipelineConfig Config(std::vector<ManifestConfig> manifests) {
    PipelineConfig config = MakeConfig("nowhere");
    config.renditions.resize(1);
    config.packaging.manifests = std::move(manifests);
    config.packaging.start_number = 7;
    return config;
  }

  static TrackState Track(int rendition, TrackKind kind, std::int64_t timescale) {
    TrackState track;
    track.model.rendition = rendition;
    track.model.kind = kind;
    track.model.timescale = timescale;
    return track;
  }

  static void Add(PresentationBuilder& builder, std::size_t track, std::int64_t start,
                  std::int64_t end, bool gap = false) {
    TrackState& state = builder.track(track);
    SegmentEntry entry = builder.NextEntry(state, start, end, 0);
    if (gap) {
      builder.AppendGap(&state, std::move(entry));
    } else {
      builder.Append(&state, std::move(entry), 0);
    }
  }
};

const ManifestConfig kDash{.format = ManifestFormat::kDash, .name = "a.mpd"};
const ManifestConfig kHls{.format = ManifestFormat::kHls, .name = "a.m3u8"};

TEST_F(BuilderTest, OneIndexForAllTracksAndManifests) {
  for (int run = 0; run < kRuns; ++run) {
    SCOPED_TRACE(run);
    Random random(static_cast<unsigned>(run));
    const PipelineConfig config = Config({kDash, kHls});
    PresentationBuilder builder(config);
    builder.AddTrack(Track(0, TrackKind::kVideo, 1000));
    builder.AddTrack(Track(1, TrackKind::kAudio, 1000));
    const std::int64_t late = random.Between(0, 5);
    constexpr std::int64_t kSegments = 20;
    std::int64_t last = late;
    for (std::int64_t i = 0; i < kSegments; ++i) {
      Add(builder, 0, 1000 * i, 1000 * i + 1000);
      // A hole is known when audio comes behind it.
      if (i < late || (i > late && random.OneIn(3))) continue;
      while (builder.track(1).segments.count() < i) {
        const bool before = builder.track(1).segments.files() == 0;
        const std::int64_t at = builder.track(1).segments.end();
        Add(builder, 1, at, before ? at : at + 1000, true);
      }
      const bool begins = builder.track(1).segments.files() == 0;
      Add(builder, 1, begins ? 1000 * i : builder.track(1).segments.end(), 1000 * i + 1000);
      last = i;
    }
    const SegmentRange all{0, kSegments};
    const PresentationModel dash = builder.Snapshot(kDash, all, {.ended = true});
    const PresentationModel hls = builder.Snapshot(kHls, all, {.ended = true});
    ASSERT_EQ(dash.tracks.size(), 2U);
    ASSERT_EQ(hls.tracks.size(), 2U);
    for (const PresentationModel* model : {&dash, &hls}) {
      const TrackModel& audio = model->tracks[1];
      EXPECT_EQ(audio.media_sequence, 7 + late);
      EXPECT_EQ(audio.segments.front().number, audio.media_sequence);
      std::int64_t end = 1000 * late;
      for (const SegmentEntry& entry : audio.segments) {
        EXPECT_EQ(entry.start, end);  // what is listed has no holes
        end = entry.start + entry.duration;
      }
      EXPECT_EQ(end, 1000 * last + 1000);
    }
    // While the video is not as far as the audio, an entry lasts as long as in the end.
    for (std::int64_t seen = 0; seen < kSegments; ++seen) {
      const PresentationModel early = builder.Snapshot(kDash, {0, seen}, {});
      if (early.tracks.size() < 2) continue;
      const std::vector<SegmentEntry>& entries = early.tracks[1].segments;
      ASSERT_LE(entries.size(), dash.tracks[1].segments.size());
      for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(entries[i].duration, dash.tracks[1].segments[i].duration) << i << " of " << seen;
      }
    }
    // The entries of a timeline are counted one by one.
    std::int64_t number = 7 + late;
    std::vector<std::int64_t> files;
    for (const SegmentEntry& entry : dash.tracks[1].segments) {
      EXPECT_FALSE(entry.gap);
      EXPECT_EQ(entry.number, number++);
      files.push_back(entry.number);
    }
    std::int64_t index = late;
    std::vector<std::int64_t> named;
    for (const SegmentEntry& entry : hls.tracks[1].segments) {
      EXPECT_EQ(entry.start, 1000 * index++);  // as in the video's playlist
      if (!entry.gap) named.push_back(entry.number);
    }
    EXPECT_EQ(named, files);
  }
}

TEST_F(BuilderTest, APlaylistAloneCountsItsGaps) {
  const PipelineConfig config = Config({kHls});
  PresentationBuilder builder(config);
  builder.AddTrack(Track(0, TrackKind::kAudio, 1000));
  Add(builder, 0, 0, 1000);
  Add(builder, 0, 1000, 2000, true);
  EXPECT_EQ(builder.NextNumber(builder.tracks()[0]), 9);
}

TEST_F(BuilderTest, WithoutATimelineANumberIsATime) {
  PipelineConfig config = Config({kDash});
  config.packaging.use_timeline = false;
  PresentationBuilder builder(config);
  builder.AddTrack(Track(0, TrackKind::kVideo, 1000));
  const TrackState& video = builder.tracks()[0];
  EXPECT_FALSE(builder.NeedsTimeline(video, 0));
  Add(builder, 0, 0, 1000);
  EXPECT_FALSE(builder.NeedsTimeline(video, 1));
  EXPECT_TRUE(builder.NeedsTimeline(video, 3));
  EXPECT_FALSE(builder.NeedsTimeline(video, 5));  // it has one from then on
  EXPECT_TRUE(builder.Snapshot(kDash, {0, 1}, {}).use_timeline);
}

TEST_F(BuilderTest, WithoutATimelineNoNumberIsLeftOutInFront) {
  PipelineConfig config = Config({kDash});
  config.packaging.use_timeline = false;
  PresentationBuilder builder(config);
  builder.AddTrack(Track(0, TrackKind::kAudio, 1000));
  for (int i = 0; i < 2; ++i) Add(builder, 0, 0, 0, true);
  EXPECT_TRUE(builder.NeedsTimeline(builder.tracks()[0], 2));
}

TEST_F(BuilderTest, TheTargetDurationOnlyGrows) {
  const PipelineConfig config = Config({kHls});
  PresentationBuilder builder(config);
  builder.AddTrack(Track(0, TrackKind::kVideo, 1000));
  std::int64_t end = 0;
  Random random(5);
  int target = 0;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t duration = random.Between(100, 9000);
    Add(builder, 0, end, end + duration);
    end += duration;
    (void)builder.UpdateTargetDuration();
    EXPECT_GE(builder.target_duration(), target);
    target = builder.target_duration();
    EXPECT_GE(target + 0.5, static_cast<double>(duration) / 1000);
  }
}

}  // namespace
}  // namespace streamgear::test
