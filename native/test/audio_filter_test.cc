// `-af`: what filters do to the times, the format and the end of the audio.
#include "audio/audio_filter.h"

#include <gtest/gtest.h>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

AudioConfig Filtered(const std::string& name, const std::string& filter, AudioFile file = {}) {
  AudioConfig config = FromFile(WriteAudio(name, std::move(file)));
  config.filter = filter;
  return config;
}

TEST(AudioFilter, ChangesSamples) {
  AudioBench bench(Filtered("half.wav", "volume=0.5:precision=double", {.seconds = 1}));
  bench.Run(1.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, kRate);
  for (std::size_t i = 0; i < 48000; ++i) {
    ASSERT_NEAR(heard.value[i], Noise(static_cast<std::int64_t>(i)) / 2, 1.1 / 32768);
  }
}

TEST(AudioFilter, ChangesTheFormat) {
  AudioBench bench(Filtered("format.wav", "aresample=32000,pan=stereo|c0=c0|c1=c0"));
  bench.Run(1.0);
  EXPECT_EQ(bench.info().ticks_per_second, 32000);
  EXPECT_EQ(bench.Hear().channels, 2);
  EXPECT_EQ(bench.Hear().end, 32000);
}

TEST(AudioFilter, PadsUpToTheVideosEnd) {
  AudioBench bench(Filtered("pad.wav", "apad", {.seconds = 1}));
  bench.Run(30.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, 30 * kRate);
  ExpectSound(heard, 0, kRate, Noise);
  ExpectSound(heard, kRate, 30LL * kRate, [](std::int64_t) { return 0; });
}

TEST(AudioFilter, PaddingWaitsForTheVideo) {
  AudioBench bench(Filtered("pad-wait.wav", "apad", {.seconds = 1}));
  bench.Start();
  bench.AwaitWaitForVideo();
  EXPECT_LT(bench.stats().position.load(), 10.2);
  bench.PlayVideo(12);
  EXPECT_TRUE(bench.Wait().ok());
  // What was encoded before the video ended is the packager's to cut.
  EXPECT_GE(bench.Hear().samples, 12 * kRate);
  EXPECT_LT(bench.Hear().samples, 23 * kRate);
}

TEST(AudioFilter, MayEndTheAudio) {
  // The rest of an endless input is not read.
  AudioConfig config = FromLavfi("aevalsrc=0.5:s=48000", Lossless());
  config.filter = "atrim=duration=1.5";
  AudioBench bench(config);
  bench.Run(1000.0);
  EXPECT_EQ(bench.Hear().samples, 72000);
}

TEST(AudioFilter, MovesTheAudio) {
  AudioBench late(Filtered("late.wav", "adelay=250", {.seconds = 1}));
  late.Run(2.0);
  ExpectSound(late.Hear(), 12000, 60000, Noise, -12000);
  AudioBench early(Filtered("early.wav", "asetpts=PTS-0.25/TB", {.seconds = 1}));
  early.Run(2.0);
  Heard heard = early.Hear();
  EXPECT_EQ(heard.begin, 0);
  ExpectSound(heard, 0, 36000, Noise, 12000);
  AudioBench gap(Filtered("gap.wav", "asetpts=PTS+0.25/TB", {.seconds = 1}));
  gap.Run(2.0);
  heard = gap.Hear();
  EXPECT_EQ(heard.begin, 12000);
  ExpectSound(heard, 12000, 60000, Noise, -12000);
  AudioBench faster(Filtered("faster.wav", "atempo=2", {.seconds = 4, .sound = Beeps}));
  faster.Run(2.0);
  heard = faster.Hear();
  EXPECT_NEAR(static_cast<double>(heard.samples), 2 * kRate, 2000);
  EXPECT_NEAR(heard.Onset(1.2), 1.5, 0.02);
}

TEST(AudioFilter, KeepsGaps) {
  const auto late = [](std::int64_t sample) { return sample < 48128 ? sample : sample + 48000; };
  AudioBench bench(Filtered("kept-gap.nut", "volume=1.0", {.seconds = 2, .time = late}));
  bench.Run(5.0);
  const Heard heard = bench.Hear();
  EXPECT_TRUE(heard.IsHole(90000));
  EXPECT_EQ(heard.end, 3 * kRate);
  ExpectSound(heard, 96128, 3 * kRate, Noise, -48000);
}

TEST(AudioFilter, SaysWhatItDidNotUnderstand) {
  AudioBench unknown(Filtered("unknown.wav", "nonsense=1"));
  Failure failure = unknown.RunFailing();
  EXPECT_EQ(failure.code, "FILTER_FAILED");
  EXPECT_EQ(failure.stage, "filter");
  EXPECT_NE(failure.message.find("\"nonsense=1\""), std::string::npos);
  AudioBench pictures(Filtered("pictures.wav", "scale=64:48"));
  EXPECT_EQ(pictures.RunFailing().code, "FILTER_FAILED");
}

TEST(AudioFilter, TakesChannelsWithoutNames) {
  AudioFormat input{.sample_format = AV_SAMPLE_FMT_S16, .sample_rate = kRate};
  input.layout = ChannelLayout::Default(13);
  std::unique_ptr<AudioFilter> filter;
  const Status status = AudioFilter::Create("pan=stereo|c0=c0+c12|c1=c1", input, &filter);
  ASSERT_TRUE(status.ok()) << status.failure().message;
  EXPECT_EQ(filter->output().layout.name(), "stereo");
}

}  // namespace
}  // namespace streamgear::test
