// The audio of a file of its own: where its samples come out, whatever its timestamps.
#include "audio/audio_stage.h"

#include <gtest/gtest.h>

#include <fstream>

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
  EXPECT_TRUE(bench.Warnings().empty());
}

TEST(AudioStage, FillsTheEndWithSilence) {
  AudioConfig config = FromFile(WriteAudio("fill-end.wav", {.seconds = 0.5}));
  config.fill_gaps = true;
  AudioBench bench(std::move(config));
  bench.Run(3.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, 144000);
  ExpectSound(heard, 0, 24000, Noise);
  ExpectSound(heard, 24000, 144000, [](std::int64_t) { return 0; });
}

TEST(AudioStage, AVideoOfNothingHasNoAudio) {
  AudioBench bench(FromFile(WriteAudio("nothing.wav", {.seconds = 1})));
  bench.Run(0);
  EXPECT_TRUE(bench.packets().empty());
}

TEST(AudioStage, LeavesOutItsStart) {
  AudioConfig config = FromFile(WriteAudio("start.wav", {.seconds = 3}));
  config.start = 1.25;
  AudioBench bench(std::move(config));
  bench.Run(1.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, 0);
  ExpectSound(heard, 0, 48000, Noise, 60000);
  EXPECT_GE(bench.stats().dropped_samples.load(), 60000);
}

TEST(AudioStage, SeeksToAStartFarAway) {
  for (const char* name : {"far.nut", "far.mov", "far.mka"}) {
    AudioConfig config = FromFile(WriteAudio(name, {.seconds = 60}));
    config.start = 45.5;
    AudioBench bench(std::move(config));
    bench.Run(2.0);
    const Heard heard = bench.Hear();
    EXPECT_EQ(heard.end, 96000) << name;
    ExpectSound(heard, 0, 96000, Noise, 2184000);
    // A second before it, and what the index of the container is coarse (Matroska: 5 s).
    EXPECT_LT(bench.stats().dropped_samples.load(), 7 * kRate) << name;
  }
}

TEST(AudioStage, PresentationTimeZeroIsTheContainersStart) {
  const std::string path = WriteAudio("offset.nut", {.seconds = 1, .time = [](std::int64_t sample) {
                                                       return sample + 100 * kRate + 7;
                                                     }});
  AudioBench bench(FromFile(path));
  bench.Run(1.0);
  ExpectSound(bench.Hear(), 0, kRate, Noise);
}

TEST(AudioStage, LeavesAGapWhereThereIsOne) {
  const auto late = [](std::int64_t sample) { return sample < 48128 ? sample : sample + 24000; };
  AudioBench bench(FromFile(WriteAudio("gap.nut", {.seconds = 2, .time = late})));
  bench.Run(5.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.end, 120000);
  ExpectSound(heard, 0, 48128, Noise);
  // FLAC has frames of 4608 samples: the one in which the gap begins is filled up.
  EXPECT_FALSE(heard.IsHole(50687));
  EXPECT_TRUE(heard.IsHole(50688));
  EXPECT_TRUE(heard.IsHole(72127));
  ExpectSound(heard, 72128, 120000, Noise, -24000);
  EXPECT_EQ(bench.stats().gaps.load(), 1);
}

TEST(AudioStage, FillsGaps) {
  const auto late = [](std::int64_t sample) { return sample < 48128 ? sample : sample + 240000; };
  AudioConfig config = FromFile(WriteAudio("filled.nut", {.seconds = 2, .time = late}));
  config.fill_gaps = true;
  AudioBench bench(std::move(config));
  bench.Run(7.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, 7 * kRate);
  ExpectSound(heard, 0, 48128, Noise);
  ExpectSound(heard, 48128, 288128, [](std::int64_t) { return 0; });
  ExpectSound(heard, 288128, 336000, Noise, -240000);
}

TEST(AudioStage, BlocksThatAreEachFollowedByAGapKeepTheirTimes) {
  // Three of four blocks are lost.
  AudioConfig config = FromFile(WriteAudio(
      "sparse.nut",
      {.seconds = 8, .present = [](std::int64_t sample) { return sample / 1024 % 4 == 0; }}));
  config.fill_gaps = true;
  AudioBench bench(std::move(config));
  bench.Run(8.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.samples, 8 * kRate);
  for (std::int64_t block = 0; block + 4 < 8LL * kRate / 1024; block += 4) {
    ExpectSound(heard, block * 1024, (block + 1) * 1024, Noise);
    ExpectSound(heard, (block + 1) * 1024, (block + 4) * 1024, [](std::int64_t) { return 0; });
  }
}

TEST(AudioStage, NothingIsMadeUpWhereNothingCame) {
  AudioConfig config;
  config.origin = AudioOrigin::kPush;
  config.fill_gaps = true;
  config.renditions = {Lossless()};
  AudioBench bench(std::move(config));
  bench.Run(2.0);
  EXPECT_TRUE(bench.packets().empty());
}

TEST(AudioStage, MillisecondsOfMatroskaChangeNothing) {
  AudioBench bench(FromFile(WriteAudio("rounded.mka", {.seconds = 5, .block = 1001})));
  bench.Run(5.0);
  ExpectSound(bench.Hear(), 0, 5 * kRate, Noise);
}

TEST(AudioStage, FollowsTimestampsThatDrift) {
  // The recorder's clock ran fast or slow: a second of its samples is not a second of its times.
  for (const double drift : {0.001, -0.001}) {
    const auto time = [drift](std::int64_t sample) {
      return std::llround(static_cast<double>(sample) * (1 + drift));
    };
    AudioBench bench(
        FromFile(WriteAudio("drift.nut", {.seconds = 60, .sound = Beeps, .time = time})));
    bench.Run(70.0);
    const Heard heard = bench.Hear();
    EXPECT_EQ(heard.samples, heard.end);
    EXPECT_NEAR(static_cast<double>(heard.end) / kRate, 60 * (1 + drift), 0.005) << drift;
    for (int second = 0; second < 60; ++second) {
      const double wanted = second * (1 + drift);
      EXPECT_NEAR(heard.Onset(std::max(0.0, wanted - 0.3)), wanted, 0.010) << drift;
    }
    EXPECT_NEAR(bench.stats().corrected.load(), 60 * drift, 0.005);
    EXPECT_NEAR(bench.stats().correction.load(), -drift, 0.0003);
    EXPECT_EQ(bench.stats().gaps.load(), 0);
  }
}

TEST(AudioStage, GoesOnWhenTimesStartAnew) {
  // Two recordings, one behind the other.
  const AudioFile late{.codec = "mp2", .seconds = 3, .time = [](std::int64_t sample) {
                         return sample + 50 * kRate;
                       }};
  const std::string path = WriteAudio("anew.ts", late);
  const std::string second = WriteAudio("second.ts", {.codec = "mp2", .seconds = 2});
  std::ofstream(path, std::ios::binary | std::ios::app)
      << std::ifstream(second, std::ios::binary).rdbuf();
  AudioBench bench(FromFile(path));
  bench.Run(10.0);
  const Heard heard = bench.Hear();
  EXPECT_NEAR(static_cast<double>(heard.end) / kRate, 5, 0.06);
  EXPECT_EQ(heard.samples, heard.end);
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"TIMESTAMP_JUMP"});
}

TEST(AudioStage, RespectsThePrimingOfItsSource) {
  // An edit list, a codec delay, a pre-skip and a header: the containers' ways of saying it.
  const std::pair<const char*, const char*> kinds[] = {{"primed.mp4", "aac"},
                                                       {"primed.mka", "libopus"},
                                                       {"primed.ogg", "libopus"},
                                                       {"primed.mp3", "libmp3lame"}};
  for (const auto& [name, codec] : kinds) {
    const AudioFile file{.codec = codec, .seconds = 4, .sound = Beeps};
    AudioBench bench(FromFile(WriteAudio(name, file)));
    bench.Run(3.5);
    const Heard heard = bench.Hear();
    EXPECT_EQ(heard.begin, 0) << name;
    for (const double second : {1.0, 2.0, 3.0}) {
      EXPECT_NEAR(heard.Onset(second - 0.5), second, 0.002) << name;
    }
  }
}

TEST(AudioStage, ChoosesTheTrackAndItsLanguage) {
  AudioConfig config =
      FromFile(WriteAudio("german.mka", {.codec = "aac", .seconds = 1, .language = "ger"}));
  config.track = 0;
  AudioBench bench(config);
  bench.Run(1.0);
  EXPECT_EQ(bench.info().language, "de");

  config.language = "gsw-CH";
  config.name = "Kommentar";
  AudioBench named(config);
  named.Run(1.0);
  EXPECT_EQ(named.info().language, "gsw-CH");
  EXPECT_EQ(named.info().name, "Kommentar");

  config.track = 1;
  AudioBench missing(config);
  const Failure failure = missing.RunFailing();
  EXPECT_EQ(failure.code, "NO_AUDIO");
  EXPECT_EQ(failure.message, "Expected a source with at least 2 audio tracks but \"" +
                                 config.input.url + "\" has 1");
}

TEST(AudioStage, SaysThatThereIsNoAudio) {
  const std::string path = WriteClip("silent.mov", {});
  AudioBench bench(FromFile(path));
  const Failure failure = bench.RunFailing();
  EXPECT_EQ(failure.code, "NO_AUDIO");
  EXPECT_EQ(failure.message,
            "Expected a source with an audio stream but \"" + path + "\" has none");
}

TEST(AudioStage, SaysThatThereIsNoFile) {
  AudioBench bench(FromFile("/nowhere/sound.aac"));
  EXPECT_EQ(bench.RunFailing().code, "SOURCE_OPEN_FAILED");
}

TEST(AudioStage, TellsThatAFileIsCutOff) {
  const std::string path = WriteAudio("cut-off.mka", {.seconds = 10});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) * 4 / 10);
  AudioBench bench(FromFile(path));
  bench.Run(8.0);
  EXPECT_NEAR(static_cast<double>(bench.Hear().end) / kRate, 4, 0.05);
  const auto warnings = bench.events().All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "AUDIO_ENDED_EARLY");
  EXPECT_NE(warnings[0].message.find("should last 10.0 s"), std::string::npos)
      << warnings[0].message;
}

TEST(AudioStage, GoesOnBehindWhatCannotBeDecoded) {
  const std::string path = WriteAudio("damaged.ts", {.codec = "aac", .seconds = 5, .sound = Beeps});
  {
    // A hole of half a second, filled with rubbish.
    FILE* file = fopen(path.c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    fseek(file, size / 2, SEEK_SET);
    for (long i = 0; i < size / 10; ++i) fputc(static_cast<int>(i * 37 % 251), file);
    fclose(file);
  }
  AudioBench bench(FromFile(path));
  bench.Run(5.0);
  const Heard heard = bench.Hear();
  for (const double second : {1.0, 2.0, 4.0}) {
    EXPECT_NEAR(heard.Onset(second - 0.3), second, 0.025) << second;
  }
}

TEST(AudioStage, StaysExactWhenItIsResampled) {
  // 44100 to 48000 Hz: where rounding would add up.
  AudioConfig config =
      FromLavfi("aevalsrc=if(lt(mod(n\\,44100)\\,882)\\,sin(2*PI*2000*t)\\,0):s=44100", Lossless());
  config.sample_rate = kRate;
  AudioBench bench(std::move(config));
  bench.Run(120.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.end, 120LL * kRate);
  for (const double second : {1.0, 60.0, 119.0}) {
    EXPECT_NEAR(heard.Onset(second - 0.5), second, 0.001) << second;
  }
}

}  // namespace
}  // namespace streamgear::test
