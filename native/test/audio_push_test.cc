// Samples from writeAudio(): formats, times, and who waits for whom.
#include <gtest/gtest.h>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

AudioConfig Pushed(SampleFormat format = SampleFormat::kInt16, int channels = 1) {
  AudioConfig config;
  config.origin = AudioOrigin::kPush;
  config.push_format = format;
  config.push_channels = channels;
  config.push_sample_rate = kRate;
  config.renditions = {Lossless()};
  return config;
}

/// What addon_objects.cc does with typed arrays. Each further channel is the negative of the first.
AudioChunk MakeChunk(const AudioConfig& config, std::uint64_t id, std::int64_t begin,
                     std::size_t count, double timestamp = -1) {
  const auto channels = static_cast<std::size_t>(config.push_channels);
  const bool planar = config.push_format == SampleFormat::kFloat32Planar;
  std::vector<float> floats(count * channels);
  std::vector<std::int16_t> integers(count * channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (std::size_t i = 0; i < count; ++i) {
      const double value =
          Noise(begin + static_cast<std::int64_t>(i)) * (channel == 0 ? 1.0 : -1.0);
      const std::size_t at = planar ? channel * count + i : i * channels + channel;
      floats[at] = static_cast<float>(value);
      integers[at] = static_cast<std::int16_t>(std::lround(value * 32768));
    }
  }
  std::vector<PixelView> views;
  if (config.push_format == SampleFormat::kInt16) {
    views.push_back({reinterpret_cast<std::uint8_t*>(integers.data()), integers.size() * 2});
  } else {
    const std::size_t size = floats.size() * 4 / (planar ? channels : 1);
    for (std::size_t i = 0; i < (planar ? channels : 1); ++i) {
      views.push_back({reinterpret_cast<std::uint8_t*>(floats.data()) + i * size, size});
    }
  }
  AudioChunk chunk{.id = id, .timestamp = timestamp};
  const Status status = MakeAudioFrame(config, views.data(), views.size(), count, &chunk.samples);
  EXPECT_TRUE(status.ok()) << status.failure().message;
  return chunk;
}

TEST(AudioPush, TakesEverySampleFormat) {
  for (const SampleFormat format :
       {SampleFormat::kFloat32, SampleFormat::kFloat32Planar, SampleFormat::kInt16}) {
    for (const int channels : {1, 2}) {
      const AudioConfig config = Pushed(format, channels);
      AudioBench bench(config);
      bench.PlayVideo(2.0);
      bench.Start();
      // Chunks of any size, from one sample on.
      std::int64_t begin = 0;
      std::uint64_t id = 0;
      for (const std::size_t count : {1UL, 479UL, 4608UL, 10000UL, 60000UL, 30000UL}) {
        EXPECT_TRUE(bench.stage().Push(MakeChunk(config, id++, begin, count)));
        begin += static_cast<std::int64_t>(count);
      }
      bench.stage().FinishPush();
      EXPECT_TRUE(bench.Wait().ok());
      const Heard heard = bench.Hear();
      EXPECT_EQ(heard.channels, channels);
      EXPECT_EQ(heard.end, 96000);
      ExpectSound(heard, 0, 96000, Noise);
      EXPECT_EQ(bench.events().All<AudioReadEvent>().size(), 6U);
    }
  }
}

TEST(AudioPush, BeginsWithoutAFrame) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.Start();
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 1, 0, kRate)));
  EXPECT_TRUE(bench.events().WaitFor<AudioReadEvent>());
  bench.stage().FinishPush();
  // It waits for nothing: the packager keeps what it gives.
  ASSERT_TRUE(bench.Wait().ok());
  ExpectSound(bench.Hear(), 0, kRate, Noise);
}

TEST(AudioPush, PutsChunksWhereTheirTimestampsSay) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.PlayVideo(10.0);
  bench.Start();
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 1, 0, 4800, 0.5)));
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 2, 4800, 4800)));
  // 30 ms are jitter, a second is a gap, and what lies before is an overlap.
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 3, 9600, 4800, 0.73)));
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 4, 14400, 4800, 2.0)));
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 5, 0, 4800, 1.0)));
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 6, 19200, 4800, 2.1)));
  bench.stage().FinishPush();
  ASSERT_TRUE(bench.Wait().ok());
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, 24000);
  ExpectSound(heard, 24000, 38400, Noise, -24000);
  EXPECT_TRUE(heard.IsHole(95999));
  ExpectSound(heard, 96000, 105600, Noise, 14400 - 96000);
  EXPECT_EQ(heard.end, 105600);
  EXPECT_EQ(bench.stats().dropped_samples.load(), 4800);
}

TEST(AudioPush, LeavesOutItsStart) {
  AudioConfig config = Pushed();
  config.start = 1.0;
  AudioBench bench(config);
  bench.PlayVideo(1.0);
  bench.Start();
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 1, 0, 72000)));
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 2, 72000, 24000, 1.5)));
  bench.stage().FinishPush();
  ASSERT_TRUE(bench.Wait().ok());
  ExpectSound(bench.Hear(), 0, 48000, Noise, 48000);
}

TEST(AudioPush, SettlesEveryChunkWhateverBecomesOfIt) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.PlayVideo(0.5);
  bench.Start();
  std::size_t taken = 0;
  for (std::uint64_t id = 0; id < 50; ++id) {
    const auto begin = static_cast<std::int64_t>(id) * 4800;
    taken += bench.stage().Push(MakeChunk(config, id, begin, 4800)) ? 1 : 0;
  }
  bench.stage().FinishPush();
  ASSERT_TRUE(bench.Wait().ok());
  EXPECT_EQ(bench.events().All<AudioReadEvent>().size(), taken);
  ExpectSound(bench.Hear(), 0, 24000, Noise);
  EXPECT_EQ(bench.stage().queue_size(), 0U);
  EXPECT_FALSE(bench.stage().Push(MakeChunk(config, 99, 0, 10)));
}

TEST(AudioPush, QueuedChunksAreEncodedUpToTheVideosEnd) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.Start();
  for (std::uint64_t id = 0; id < 30; ++id) {
    const auto begin = static_cast<std::int64_t>(id) * 48000;
    EXPECT_TRUE(bench.stage().Push(MakeChunk(config, id, begin, 48000)));
  }
  bench.stage().FinishPush();
  // Ten seconds ahead of a video of nothing: there it waits, with the rest in its queue.
  bench.WaitForPosition(9.9);
  bench.AwaitWaitForVideo();
  EXPECT_LT(bench.stats().position.load(), 10.2);
  EXPECT_GE(bench.stage().queue_size(), 18U);
  bench.PlayVideo(25.5);
  ASSERT_TRUE(bench.Wait().ok());
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.end, 25 * kRate + 24000);
  ExpectSound(heard, 0, heard.end, Noise);
}

TEST(AudioPush, NoSamplesAtAll) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.PlayVideo(1.0);
  bench.Start();
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 1, 0, 0)));
  bench.stage().FinishPush();
  ASSERT_TRUE(bench.Wait().ok());
  EXPECT_TRUE(bench.packets().empty());
  EXPECT_EQ(bench.events().All<AudioReadEvent>().size(), 1U);
}

TEST(AudioPush, IsGivenUpWhenNothingComesAfterTheVideosEnd) {
  const AudioConfig config = Pushed();
  AudioBench bench(config);
  bench.Start();
  EXPECT_TRUE(bench.stage().Push(MakeChunk(config, 1, 0, 48000)));
  bench.PlayVideo(2.0);
  EXPECT_TRUE(bench.events().WaitFor<AudioReadEvent>());
  Status status;
  const Clock::duration patience = bench.WaitWhileTimePasses(&status);
  ASSERT_TRUE(status.ok());
  EXPECT_GE(patience, kStallPatience);
  ExpectSound(bench.Hear(), 0, 48000, Noise);
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"AUDIO_STALLED"});
}

TEST(AudioPush, WhatIsNoSoundBecomesSilence) {
  AudioConfig config = Pushed(SampleFormat::kFloat32);
  config.renditions = {{.codec = "aac"}};
  AudioBench bench(config);
  bench.PlayVideo(1.0);
  bench.Start();
  std::vector<float> samples(48000, 0.25F);
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[200] = -std::numeric_limits<float>::infinity();
  samples[300] = 1e30F;
  AudioChunk chunk{.id = 1};
  const PixelView view{reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * 4};
  ASSERT_TRUE(MakeAudioFrame(config, &view, 1, samples.size(), &chunk.samples).ok());
  EXPECT_TRUE(bench.stage().Push(std::move(chunk)));
  bench.stage().FinishPush();
  const Status status = bench.Wait();
  EXPECT_TRUE(status.ok()) << status.failure().message;
  EXPECT_EQ(bench.Hear().end, 48000);
}

TEST(AudioPush, CannotBeCopied) {
  AudioConfig config = Pushed();
  config.renditions = {{.codec = "copy"}};
  AudioBench bench(config);
  EXPECT_EQ(bench.RunFailing().code, "AUDIO_FORMAT_UNSUPPORTED");
}

TEST(MakeAudioFrame, NeverTrustsALength) {
  const std::vector<std::uint8_t> memory(1000);
  const PixelView view{memory.data(), memory.size()};
  const PixelView views[2] = {view, view};
  FramePtr frame;
  AudioConfig config = Pushed(SampleFormat::kFloat32, 2);
  EXPECT_TRUE(MakeAudioFrame(config, views, 1, 125, &frame).ok());
  EXPECT_EQ(frame->nb_samples, 125);
  Status status = MakeAudioFrame(config, views, 1, 126, &frame);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "AUDIO_TOO_SHORT");
  EXPECT_EQ(status.failure().message,
            "Expected 126 samples in plane 0 of the audio but received 125");
  // A negative number from JavaScript, and one that overflows.
  EXPECT_FALSE(MakeAudioFrame(config, views, 1, static_cast<std::size_t>(-1), &frame).ok());
  EXPECT_FALSE(MakeAudioFrame(config, views, 1, SIZE_MAX / 8 + 2, &frame).ok());
  EXPECT_EQ(MakeAudioFrame(config, views, 2, 10, &frame).failure().code, "AUDIO_PLANES");
  EXPECT_EQ(MakeAudioFrame(config, views, 0, 10, &frame).failure().code, "AUDIO_PLANES");

  config = Pushed(SampleFormat::kFloat32Planar, 2);
  EXPECT_TRUE(MakeAudioFrame(config, views, 2, 250, &frame).ok());
  const PixelView uneven[2] = {view, {memory.data(), 400}};
  EXPECT_EQ(MakeAudioFrame(config, uneven, 2, 250, &frame).failure().code, "AUDIO_TOO_SHORT");
  const PixelView detached[2] = {view, {nullptr, 1000}};
  EXPECT_FALSE(MakeAudioFrame(config, detached, 2, 250, &frame).ok());
  EXPECT_EQ(MakeAudioFrame(config, views, 1, 10, &frame).failure().code, "AUDIO_PLANES");
}

TEST(MakeAudioFrame, TakesEveryNumberOfChannels) {
  const std::vector<std::uint8_t> memory(64 * 4 * 10);
  const PixelView view{memory.data(), memory.size()};
  for (int channels = 1; channels <= 64; ++channels) {
    const AudioConfig config = Pushed(SampleFormat::kFloat32, channels);
    FramePtr frame;
    EXPECT_TRUE(MakeAudioFrame(config, &view, 1, 10, &frame).ok());
    const AudioConfig planar = Pushed(SampleFormat::kFloat32Planar, channels);
    const std::vector<PixelView> views(static_cast<std::size_t>(channels), view);
    EXPECT_TRUE(MakeAudioFrame(planar, views.data(), views.size(), 10, &frame).ok());
  }
}

}  // namespace
}  // namespace streamgear::test
