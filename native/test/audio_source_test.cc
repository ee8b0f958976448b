// The audio of a source: its packets with the source's times, which the video's first frame and
// the presentation's rules turn into those of the presentation.
#include <gtest/gtest.h>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

std::optional<std::int64_t> AsCounted(std::int64_t sample) { return sample; }

TEST(AudioSource, BeginsWithTheFirstFrame) {
  // The audio began 0.7 s before the picture.
  ScriptedPackets packets(3, Noise, [](std::int64_t sample) { return sample + 10 * kRate; });
  AudioBench bench(FromSource());
  bench.origin = 10.7;
  bench.Run(2.0, &packets);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, 0);
  EXPECT_EQ(heard.end, 96000);
  ExpectSound(heard, 0, 96000, Noise, 33600);
}

TEST(AudioSource, BeginsAfterTheFirstFrame) {
  ScriptedPackets packets(1, Noise, [](std::int64_t sample) { return sample + 10 * kRate; });
  AudioBench bench(FromSource());
  bench.origin = 9.5;
  bench.Run(4.0, &packets);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, 24000);
  ExpectSound(heard, 24000, 72000, Noise, -24000);
  EXPECT_EQ(bench.stats().gaps.load(), 0);
}

TEST(AudioSource, WaitsForTheFirstFrame) {
  ScriptedPackets packets(1, Noise, AsCounted);
  AudioBench bench(FromSource());
  bench.Start(&packets);
  EXPECT_GT(bench.time().AwaitWait(), std::chrono::hours(1)) << "for as long as it takes";
  EXPECT_EQ(bench.output().size(), 1U);  // it is announced, no more
  bench.origin = 0.25;
  bench.PlayVideo(0.5);
  ASSERT_TRUE(bench.Wait().ok());
  ExpectSound(bench.Hear(), 0, 24000, Noise, 12000);
}

TEST(AudioSource, DropsWhatOverlaps) {
  ScriptedPackets packets(
      2, Noise, [](std::int64_t sample) { return sample < 48128 ? sample : sample - 9600; });
  AudioBench bench(FromSource());
  bench.Run(5.0, &packets);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, 86400);
  ExpectSound(heard, 0, 48128, Noise);
  ExpectSound(heard, 48128, 86400, Noise, 9600);
  EXPECT_EQ(bench.stats().dropped_samples.load(), 9600);
}

TEST(AudioSource, JitterOfTimestampsChangesNothing) {
  ScriptedPackets packets(20, Noise, [](std::int64_t sample) {
    return sample + (sample == 0 ? 0 : std::llround(Noise(sample) * 4 * 0.012 * kRate));
  });
  AudioBench bench(FromSource());
  bench.Run(20.0, &packets);
  ExpectSound(bench.Hear(), 0, 20 * kRate, Noise);
  EXPECT_EQ(bench.stats().gaps.load(), 0);
}

TEST(AudioSource, OneWrongTimestampIsNone) {
  ScriptedPackets packets(1, Noise, [](std::int64_t sample) {
    return sample == 20 * 1024 ? sample + 1000 * kRate : sample;
  });
  AudioBench bench(FromSource());
  bench.Run(1.0, &packets);
  ExpectSound(bench.Hear(), 0, kRate, Noise);
}

TEST(AudioSource, CountsWhereTimestampsAreMissing) {
  ScriptedPackets packets(2, Noise, [](std::int64_t sample) -> std::optional<std::int64_t> {
    if (sample % (8 * 1024) != 0) return std::nullopt;
    return sample;
  });
  AudioBench bench(FromSource());
  bench.Run(2.0, &packets);
  ExpectSound(bench.Hear(), 0, 2 * kRate, Noise);

  ScriptedPackets none(2, Noise, [](std::int64_t) { return std::nullopt; });
  AudioBench counted(FromSource());
  counted.Run(2.0, &none);
  ExpectSound(counted.Hear(), 0, 2 * kRate, Noise);
}

TEST(AudioSource, PackagesWhatWasReadBeforeAnError) {
  ScriptedPackets packets(1, Noise, AsCounted);
  packets.FailWith(MediaInput::Fail("SOURCE_READ_FAILED", "the cable is gone", AVERROR(EIO)));
  AudioBench bench(FromSource());
  bench.Run(3.0, &packets);
  ExpectSound(bench.Hear(), 0, kRate, Noise);
  const auto warnings = bench.events().All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "AUDIO_ENDED_EARLY");
  EXPECT_NE(warnings[0].message.find("1.0 s"), std::string::npos) << warnings[0].message;
  EXPECT_NE(warnings[0].message.find("the cable is gone"), std::string::npos);
}

TEST(AudioSource, SaysThatThereIsNoAudio) {
  AudioBench bench(FromSource());
  EXPECT_EQ(bench.RunFailing().code, "NO_AUDIO");
}

TEST(AudioSource, AVideoOfNothingHasNoAudio) {
  ScriptedPackets packets(1, Noise, AsCounted);
  AudioBench bench(FromSource());
  bench.clock().End(0);
  bench.Start(&packets);
  EXPECT_TRUE(bench.Wait().ok());
  EXPECT_TRUE(bench.packets().empty());
}

}  // namespace
}  // namespace streamgear::test
