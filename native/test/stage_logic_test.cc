// The small pure pieces of the stages: schedule, names, bandwidth, latency, plane layout.
#include <gtest/gtest.h>

#include <vector>

#include "base/stats.h"
#include "manifest/file_names.h"
#include "manifest/name_template.h"
#include "pipeline_fixture.h"
#include "pixels/frame.h"
#include "timeline/bandwidth.h"
#include "video/frame_schedule.h"

namespace streamgear::test {
namespace {

TEST(FrameScheduleTest, AllFramesAndBorders) {
  FrameSchedule schedule(SegmentGrid(kTicks, 0), 0);
  for (int i = 0; i < 60; ++i) {
    const auto decision = schedule.Next(i * kFrame, false);
    EXPECT_TRUE(decision.take);
    EXPECT_EQ(decision.key_frame, i % 25 == 0) << i;
  }
}

TEST(FrameScheduleTest, GopInsideTheSegment) {
  FrameSchedule schedule(SegmentGrid(kTicks, 10 * kFrame), 0);
  std::vector<int> keys;
  for (int i = 0; i < 50; ++i) {
    if (schedule.Next(i * kFrame, false).key_frame) keys.push_back(i);
  }
  EXPECT_EQ(keys, (std::vector<int>{0, 10, 20, 25, 35, 45}));
}

TEST(FrameScheduleTest, HalfTheRateHoldsItsCadenceThroughJitter) {
  FrameSchedule schedule(SegmentGrid(100 * kTicks, 0), 2 * kFrame);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t jitter = i % 3 == 0 ? -300 : 200;
    if (schedule.Next(std::max<std::int64_t>(0, i * kFrame + jitter), false).take) ++taken;
  }
  EXPECT_EQ(taken, 50);
}

TEST(FrameScheduleTest, AGapDoesNotMakeABurst) {
  FrameSchedule schedule(SegmentGrid(1000 * kTicks, 0), 5 * kFrame);
  EXPECT_TRUE(schedule.Next(0, false).take);
  EXPECT_TRUE(schedule.Next(100 * kFrame, false).take);
  EXPECT_FALSE(schedule.Next(101 * kFrame, false).take);
  EXPECT_TRUE(schedule.Next(105 * kFrame, false).take);
}

TEST(NameTemplateTest, Dash) {
  const NameValues values{.id = "3", .number = 42, .time = 9000, .bandwidth = 1000};
  EXPECT_EQ(ExpandDashTemplate("chunk-stream$RepresentationID$-$Number%05d$.m4s", values),
            "chunk-stream3-00042.m4s");
  EXPECT_EQ(ExpandDashTemplate("$Time$_$Bandwidth$_$$_$Number$", values), "9000_1000_$_42");
  EXPECT_EQ(ExpandDashTemplate("a$b", values), "a$b");
}

TEST(FileNamesTest, AGapIsBesideTheSegments) {
  PackagingConfig packaging;
  packaging.manifests = {{.format = ManifestFormat::kDash}, {.format = ManifestFormat::kHls}};
  TrackModel track;
  track.id = "1";
  packaging.segment_name = "$RepresentationID$/$Number$.m4s";
  EXPECT_EQ(FileNames(packaging).GapOf(track, 0, 7, 0), "1/gap-7.m4s");
  packaging.segment_name = "$RepresentationID$-$Time$.m4s";
  EXPECT_EQ(FileNames(packaging).GapOf(track, 0, 7, 9000), "gap-1-9000.m4s");
}

TEST(NameTemplateTest, BandwidthAlone) {
  EXPECT_EQ(ExpandDashBandwidth("$RepresentationID$_$Bandwidth%07d$_$$_$Number$", 1000),
            "$RepresentationID$_0001000_$$_$Number$");
}

TEST(NameTemplateTest, Hls) {
  const NameValues values{.id = "1", .number = 7};
  EXPECT_EQ(ExpandHlsTemplate("chunk-stream%v-%03d.ts", values), "chunk-stream1-007.ts");
  EXPECT_EQ(ExpandHlsTemplate("%d%%_%v", values), "7%_1");
  EXPECT_EQ(ExpandHlsTemplate("50%", values), "50%");
}

TEST(BandwidthTest, PeakAverageAndStubs) {
  BandwidthMeter meter(4);
  EXPECT_EQ(meter.peak(), 0);
  meter.Add(500'000, 490'000, 4);  // 1 Mbit/s
  meter.Add(750'000, 735'000, 4);  // 1.5 Mbit/s
  EXPECT_EQ(meter.peak(), 1'500'000);
  EXPECT_EQ(meter.average(), 1'250'000);
  meter.Add(50'000, 49'000, 0.04);  // a lone key frame at the end: 10 Mbit/s by itself says nothing
  // Together with the segment before it: 800000 bytes in 4.04 s.
  EXPECT_EQ(meter.peak(), 1'584'159);
}

TEST(BandwidthTest, OverheadIsWhatTheContainerTakes) {
  BandwidthMeter meter(4);
  EXPECT_EQ(meter.overhead(), 0);
  meter.Add(500'000, 490'000, 4);
  meter.Add(500'000, 480'000, 4);
  EXPECT_EQ(meter.overhead(), 30'000);
}

TEST(BandwidthTest, AloneAStubCounts) {
  BandwidthMeter meter(4);
  meter.Add(1000, 900, 0.04);
  EXPECT_EQ(meter.peak(), 200'000);
}

TEST(LatencyHistogramTest, QuantilesWithinABucket) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.Record(std::chrono::milliseconds(i));
  const auto summary = histogram.Summarize();
  EXPECT_EQ(summary.count, 1000U);
  EXPECT_NEAR(summary.p50, 500, 60);
  EXPECT_NEAR(summary.p99, 990, 100);
  EXPECT_DOUBLE_EQ(summary.max, 1000);
}

InputConfig Input(PixelFormat format, int width, int height) {
  InputConfig input;
  input.pixel_format = format;
  input.width = width;
  input.height = height;
  return input;
}

TEST(LayOutPlanesTest, TightStridedAndSeparatePlanes) {
  const std::vector<std::uint8_t> bytes(1000);
  InputFrame frame;
  const PixelView whole{bytes.data(), 6 * 4 + 3 * 2 * 2};
  EXPECT_TRUE(LayOutPlanes(Input(PixelFormat::kYuv420p, 6, 4), &whole, 1, nullptr, 0, &frame).ok());
  EXPECT_EQ(frame.data[1], bytes.data() + 24);
  EXPECT_EQ(frame.data[2], bytes.data() + 30);

  const std::ptrdiff_t stride = 8;
  const PixelView padded{bytes.data(), 8 * 4 + 4 * 2 + 4 + 3};  // the very last row is not padded
  EXPECT_TRUE(
      LayOutPlanes(Input(PixelFormat::kYuv420p, 6, 4), &padded, 1, &stride, 1, &frame).ok());
  EXPECT_EQ(frame.stride[2], 4);

  const PixelView planes[2] = {{bytes.data(), 24}, {bytes.data() + 100, 12}};
  EXPECT_TRUE(LayOutPlanes(Input(PixelFormat::kNv12, 6, 4), planes, 2, nullptr, 0, &frame).ok());
  EXPECT_EQ(frame.data[1], bytes.data() + 100);
}

TEST(LayOutPlanesTest, RefusesWhatDoesNotHoldThePicture) {
  const std::vector<std::uint8_t> bytes(1000);
  InputFrame frame;
  const PixelView one_short{bytes.data(), 6 * 4 * 3 - 1};
  EXPECT_EQ(LayOutPlanes(Input(PixelFormat::kBgr24, 6, 4), &one_short, 1, nullptr, 0, &frame)
                .failure()
                .code,
            "FRAME_TOO_SHORT");
  const PixelView detached{nullptr, 0};
  EXPECT_FALSE(
      LayOutPlanes(Input(PixelFormat::kGray, 6, 4), &detached, 1, nullptr, 0, &frame).ok());
  const PixelView view{bytes.data(), bytes.size()};
  const std::ptrdiff_t narrow = 17;
  EXPECT_EQ(
      LayOutPlanes(Input(PixelFormat::kBgr24, 6, 4), &view, 1, &narrow, 1, &frame).failure().code,
      "FRAME_STRIDE");
  EXPECT_EQ(
      LayOutPlanes(Input(PixelFormat::kYuv420p, 6, 4), &view, 2, nullptr, 0, &frame).failure().code,
      "FRAME_PLANES");
  const std::ptrdiff_t huge = PTRDIFF_MAX / 2;
  for (const int rows : {2, 4, 5, 9}) {
    EXPECT_FALSE(LayOutPlanes(Input(PixelFormat::kGray, 6, rows), &view, 1, &huge, 1, &frame).ok())
        << rows;
  }
}

}  // namespace
}  // namespace streamgear::test
