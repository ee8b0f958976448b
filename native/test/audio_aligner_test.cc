// The steps between decoder and encoder, each on its own: what the whole stage meets too seldom.
#include "audio/audio_aligner.h"

#include <gtest/gtest.h>

#include "audio/audio_framer.h"
#include "audio/capture_clock.h"
#include "audio_bench.h"

namespace streamgear::test {
namespace {

AudioFormat Mono(int rate = kRate, AVSampleFormat format = AV_SAMPLE_FMT_FLTP) {
  return {.sample_format = format, .sample_rate = rate, .layout = ChannelLayout::Default(1)};
}

FramePtr MakeSound(const AudioFormat& format, std::int64_t begin, int count, const Sound& sound) {
  FramePtr frame = MakeSamples(format, count);
  for (int i = 0; i < count; ++i) {
    const double value = sound(begin + i);
    if (format.sample_format == AV_SAMPLE_FMT_FLTP) {
      reinterpret_cast<float*>(frame->extended_data[0])[i] = static_cast<float>(value);
    } else {
      reinterpret_cast<std::int16_t*>(frame->extended_data[0])[i] =
          static_cast<std::int16_t>(std::lround(value * 32768));
    }
  }
  return frame;
}

class AudioAlignerTest : public ::testing::Test {
 protected:
  using Frames = std::vector<FramePtr>;

  AudioAligner Make(AudioAligner::Options options) { return {options, stats_, gaps_}; }

  /// Adds, and takes what is settled.
  void Add(AudioAligner& aligner, FramePtr frame, double time, Frames* out) {
    ASSERT_TRUE(aligner.Add(std::move(frame), time).ok());
    Take(aligner, out);
  }

  void Take(AudioAligner& aligner, Frames* out) {
    for (;;) {
      FramePtr frame;
      ASSERT_TRUE(aligner.Next(&frame).ok());
      if (frame == nullptr) return;
      out->push_back(std::move(frame));
    }
  }

  void Finish(AudioAligner& aligner, Frames* out) {
    ASSERT_TRUE(aligner.Finish().ok());
    Take(aligner, out);
  }

  /// Expects frames in order and without overlap, and gives the number of their samples.
  std::int64_t Total(const Frames& frames) {
    std::int64_t total = 0;
    std::int64_t end = 0;
    for (const FramePtr& frame : frames) {
      EXPECT_GE(frame->pts, end - 1);
      end = frame->pts + frame->nb_samples;
      total += frame->nb_samples;
    }
    return total;
  }

  AudioStats stats_;
  EventRecorder events_;
  AudioGaps gaps_{false, events_.sink()};
};

TEST_F(AudioAlignerTest, SteersADeviceBackToTheFrames) {
  // A device that gives 48048 samples in a second of frames, and one that gives 47952: after a
  // minute the newest sample is where the newest frame is.
  for (const double fast : {0.001, -0.001}) {
    AudioAligner aligner = Make({.rules = CaptureRules()});
    Frames out;
    const FramePtr block = MakeSound(Mono(), 0, 960, Noise);
    double now = 0;
    for (int i = 0; i < 6000; ++i) {
      Add(aligner, ShareFrame(block.get()), now, &out);
      now += 960 / (kRate * (1 + fast));
    }
    EXPECT_NEAR(aligner.position(), now, 0.002) << fast;
    EXPECT_NEAR(stats_.correction.load(), fast, 5e-5);
    Finish(aligner, &out);
    EXPECT_NEAR(static_cast<double>(Total(out)) / kRate, now, 0.002);
    const double added = static_cast<double>(Total(out)) / kRate - 120;
    EXPECT_NEAR(stats_.corrected.exchange(0), added, 0.001);
  }
  EXPECT_EQ(stats_.gaps.load(), 0);
}

TEST_F(AudioAlignerTest, WhatIsStretchedSoundsTheSame) {
  // A tone through the correction: no clicks, the same loudness.
  const auto tone = [](std::int64_t sample) {
    return 0.5 * std::sin(2 * M_PI * 440 * static_cast<double>(sample) / kRate);
  };
  AudioAligner aligner = Make({.rules = ContainerRules()});
  Frames out;
  for (int i = 0; i < 1000; ++i) {
    const double time = i * 1024 * 1.002 / kRate;
    Add(aligner, MakeSound(Mono(), i * 1024, 1024, tone), time, &out);
  }
  Finish(aligner, &out);
  double last = 0;
  double peak = 0;
  double step = 0;
  for (const FramePtr& frame : out) {
    const auto* samples = reinterpret_cast<const float*>(frame->extended_data[0]);
    for (int i = 0; i < frame->nb_samples; ++i) {
      step = std::max(step, std::abs(static_cast<double>(samples[i]) - last));
      last = static_cast<double>(samples[i]);
      peak = std::max(peak, std::abs(last));
    }
  }
  EXPECT_NEAR(peak, 0.5, 0.002);
  // The steepest place of the tone.
  EXPECT_LT(step, 0.5 * 2 * M_PI * 440 / kRate * 1.02);
  EXPECT_GT(stats_.corrected.load(), 0.035);
}

TEST_F(AudioAlignerTest, ChangesItsFormatInTheMiddle) {
  AudioAligner aligner = Make({.rules = ContainerRules()});
  Frames out;
  for (int i = 0; i < 10; ++i) {
    Add(aligner, MakeSound(Mono(), i * 4800, 4800, Noise), i * 0.1, &out);
  }
  for (int i = 0; i < 10; ++i) {
    const AudioFormat other = Mono(24000, AV_SAMPLE_FMT_S16);
    Add(aligner, MakeSound(other, i * 2400, 2400, Noise), 1 + i * 0.1, &out);
  }
  ASSERT_EQ(out.size(), 20U);
  EXPECT_EQ(out[9]->pts, 43200);
  EXPECT_EQ(out[10]->pts, 24000);
  EXPECT_EQ(out[19]->pts, 24000 + 9 * 2400);
  EXPECT_NEAR(aligner.position(), 2, 1e-9);
}

TEST_F(AudioAlignerTest, MakesSilenceOnlyWhenItIsTaken) {
  // A gap of half a century, as the clock of the wall makes it beside frames from 0.
  AudioAligner aligner = Make({.rules = PushRules(), .fill_gaps = true});
  Frames out;
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 0, &out);
  ASSERT_TRUE(aligner.Add(MakeSound(Mono(), 0, 4800, Noise), 1.8e9).ok());
  for (int second = 0; second < 100; ++second) {
    FramePtr silence;
    ASSERT_TRUE(aligner.Next(&silence).ok());
    ASSERT_NE(silence, nullptr);
    EXPECT_EQ(silence->pts, 4800 + second * kRate);
    EXPECT_EQ(silence->nb_samples, kRate);
    EXPECT_EQ(reinterpret_cast<const float*>(silence->extended_data[0])[kRate / 2], 0);
  }
  const auto warnings = events_.All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "AUDIO_GAP");
  EXPECT_NE(warnings[0].message.find("epoch seconds"), std::string::npos) << warnings[0].message;
}

TEST_F(AudioAlignerTest, FillsAGapToTheSample) {
  AudioAligner aligner = Make({.rules = PushRules(), .fill_gaps = true});
  Frames out;
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 0.5, &out);
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 60, &out);
  EXPECT_EQ(Total(out), 60LL * kRate + 4800);
  EXPECT_EQ(out.front()->pts, 0);
  EXPECT_TRUE(events_.All<WarningEvent>().empty());
}

TEST_F(AudioAlignerTest, LeavesAGapThatIsTooLongToFill) {
  AudioAligner aligner = Make({.rules = PushRules(), .fill_gaps = true, .longest_fill = 20});
  Frames out;
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 10, &out);
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 31, &out);
  EXPECT_EQ(Total(out), 10LL * kRate + 2 * 4800);
  const auto warnings = events_.All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "AUDIO_GAP");
}

TEST_F(AudioAlignerTest, LeavesAGapForWhatWasMissed) {
  AudioAligner aligner = Make({.rules = CaptureRules()});
  Frames out;
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 0, &out);
  const FramePtr missed = MakeSound(Mono(), 0, 48000, Noise);
  ASSERT_TRUE(aligner.Miss(missed.get()).ok());
  Add(aligner, MakeSound(Mono(), 0, 4800, Noise), 1.1, &out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[1]->pts, 52800);
  EXPECT_EQ(stats_.dropped_samples.load(), 48000);
}

/// All frames of a framer.
std::vector<FramePtr> Drain(AudioFramer& framer) {
  std::vector<FramePtr> frames;
  while (FramePtr frame = framer.Next()) frames.push_back(std::move(frame));
  return frames;
}

TEST(AudioFramer, CutsFramesAndKeepsTheRest) {
  AudioFramer framer(Mono(), 1024);
  FramePtr samples = MakeSound(Mono(), 0, 2500, Noise);
  samples->pts = 100;
  ASSERT_TRUE(framer.Add(*samples).ok());
  std::vector<FramePtr> frames = Drain(framer);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1]->pts, 1124);
  ASSERT_TRUE(framer.Finish().ok());
  frames = Drain(framer);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0]->pts, 2148);
  EXPECT_EQ(frames[0]->nb_samples, 452);
}

TEST(AudioFramer, ResamplesWithoutLosingASample) {
  AudioFramer framer(Mono(48000), 1024);
  std::int64_t pts = 0;
  for (int i = 0; i < 1000; ++i) {
    FramePtr samples = MakeSound(Mono(44100), pts, 441, Noise);
    samples->pts = pts;
    pts += 441;
    ASSERT_TRUE(framer.Add(*samples).ok());
  }
  ASSERT_TRUE(framer.Finish().ok());
  std::int64_t total = 0;
  for (const FramePtr& frame : Drain(framer)) {
    EXPECT_EQ(frame->pts, total);
    total += frame->nb_samples;
  }
  EXPECT_NEAR(static_cast<double>(total), 480000, 1);
}

TEST(AudioFramer, SmallGapsAreSilenceLargeOnesStay) {
  AudioFramer framer(Mono(), 1024);
  const auto add = [&](std::int64_t pts, int count) {
    FramePtr samples = MakeSound(Mono(), 0, count, [](std::int64_t) { return 0.5; });
    samples->pts = pts;
    EXPECT_TRUE(framer.Add(*samples).ok());
  };
  add(0, 1000);
  add(2000, 1048);    // a gap of 1000: less than a frame is left behind the filled one
  add(10000, 1024);   // a large one
  add(11024 - 5, 5);  // jitter of a filter's rounding
  ASSERT_TRUE(framer.Finish().ok());
  const std::vector<FramePtr> frames = Drain(framer);
  ASSERT_EQ(frames.size(), 5U);
  EXPECT_EQ(frames[0]->pts, 0);
  EXPECT_EQ(frames[1]->pts, 1024);
  EXPECT_EQ(frames[2]->pts, 2048);
  EXPECT_EQ(frames[3]->pts, 10000);
  EXPECT_EQ(frames[4]->pts, 11024);
  EXPECT_EQ(frames[4]->nb_samples, 5);
  EXPECT_EQ(reinterpret_cast<const float*>(frames[0]->extended_data[0])[999], 0.5F);
  EXPECT_EQ(reinterpret_cast<const float*>(frames[0]->extended_data[0])[1000], 0.0F);
}

TEST(AudioFramer, GoesOnWhenTheFormatChanges) {
  AudioFramer framer(Mono(), 1000);
  FramePtr first = MakeSound(Mono(), 0, 4800, Noise);
  first->pts = 0;
  FramePtr second = MakeSound(Mono(24000, AV_SAMPLE_FMT_S16), 0, 2400, Noise);
  second->pts = 2400;
  ASSERT_TRUE(framer.Add(*first).ok());
  ASSERT_TRUE(framer.Add(*second).ok());
  ASSERT_TRUE(framer.Finish().ok());
  std::int64_t total = 0;
  for (const FramePtr& frame : Drain(framer)) {
    EXPECT_EQ(frame->pts, total);
    total += frame->nb_samples;
  }
  EXPECT_NEAR(static_cast<double>(total), 9600, 1);
}

TEST(CaptureClock, GivesASampleTheTimeOfTheFramesOfThatMoment) {
  using std::chrono::milliseconds;
  PresentationClock clock(kTicks);
  const CaptureClock capture(clock, 0.04);
  const Clock::time_point start = Clock::now();
  EXPECT_FALSE(capture.At(start, start + milliseconds(10)).wanted);
  clock.Begin(0, start);
  clock.Advance(kFrame, start);
  EXPECT_FALSE(capture.At(start - milliseconds(20), start).wanted);
  CaptureClock::Answer answer = capture.At(start - milliseconds(10), start + milliseconds(10));
  EXPECT_TRUE(answer.wanted);
  EXPECT_NEAR(*answer.time, -0.010, 1e-6);
  clock.Advance(26 * kFrame, start + milliseconds(1000));
  answer = capture.At(start + milliseconds(1100), start + milliseconds(1120));
  EXPECT_NEAR(*answer.time, 1.1, 1e-6);
  // Nobody knows where a video is that does not go on.
  answer = capture.At(start + milliseconds(3000), start + milliseconds(3020));
  EXPECT_TRUE(answer.wanted);
  EXPECT_FALSE(answer.time.has_value());
  clock.End(26 * kFrame);
  EXPECT_TRUE(capture.At(start + milliseconds(1000), start + milliseconds(1020)).wanted);
  EXPECT_FALSE(capture.At(start + milliseconds(1700), start + milliseconds(1720)).wanted);
}

}  // namespace
}  // namespace streamgear::test
