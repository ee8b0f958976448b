// The audio stage as a whole, with real demuxers, decoders and encoders: what comes out, and when.
#include "audio_stage.h"

#include <gtest/gtest.h>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

TEST(AudioStage, EndsWithTheVideoToTheSample) {
  AudioBench bench(FromFile(WriteAudio("long.wav", {.seconds = 2.5})));
  bench.Run(2.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, 0);
  EXPECT_EQ(heard.end, 96000);
  ExpectSound(heard, 0, 96000, Noise);
  EXPECT_EQ(bench.info().kind, MediaKind::kAudio);
  EXPECT_EQ(bench.info().ticks_per_second, kRate);
  EXPECT_NEAR(bench.stats().position.load(), 2.0, 1e-9);
  EXPECT_TRUE(bench.Warnings().empty());
}

TEST(AudioStage, EndsBeforeTheVideo) {
  AudioBench bench(FromFile(WriteAudio("short.wav", {.seconds = 1.2345})));
  bench.Run(3.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.end, 59256);
  ExpectSound(heard, 0, 59256, Noise);
}

}  // namespace
}  // namespace streamgear::test
