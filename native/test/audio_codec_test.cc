// Encoders and copies: what they are given, what they announce, and that a beep stays where it is.
#include <gtest/gtest.h>

#include "audio/audio_encoder_format.h"
#include "audio_bench.h"

namespace streamgear::test {
namespace {

constexpr const char* kBeeps =
    "aevalsrc=if(lt(mod(n\\,48000)\\,960)\\,0.8*sin(2*PI*2000*t)\\,0)"
    ":s=48000";

void ExpectBeeps(const Heard& heard, int seconds, const std::string& what) {
  for (int second = 1; second < seconds; ++second) {
    EXPECT_NEAR(heard.Onset(second - 0.5), second, 0.003) << what;
  }
}

TEST(AudioCodec, EachSignalsItsPriming) {
  // Samples that each encoder puts in front; what comes out of the decoder is in time again.
  const std::pair<const char*, std::int64_t> codecs[] = {{"aac", 1024},        {"libopus", 312},
                                                         {"libmp3lame", 1105}, {"ac3", 256},
                                                         {"eac3", 256},        {"flac", 0}};
  for (const auto& [codec, priming] : codecs) {
    AudioBench bench(FromLavfi(kBeeps, {.codec = codec, .bitrate = 128'000}));
    bench.Run(3.5);
    const Heard heard = bench.Hear();
    EXPECT_EQ(heard.begin, -priming) << codec;
    EXPECT_EQ(bench.info().parameters->initial_padding, priming) << codec;
    EXPECT_GE(heard.end, 168000) << codec;
    EXPECT_LE(heard.end, 168000 + 2048) << codec;
    ExpectBeeps(heard, 4, codec);
    std::int64_t next = -priming;
    for (const PacketPtr& packet : bench.packets()) {
      EXPECT_EQ(packet->pts, next) << codec;
      EXPECT_EQ(packet->dts, packet->pts);
      next += packet->duration;
    }
  }
}

TEST(AudioCodec, SeveralBitratesOfOneSound) {
  AudioConfig config = FromLavfi(kBeeps, {.codec = "aac", .bitrate = 192'000});
  config.renditions.push_back({.codec = "aac", .bitrate = 48'000});
  config.renditions.push_back({.codec = "libopus", .bitrate = 64'000});
  AudioBench bench(config);
  bench.Run(5.0);
  std::vector<std::int64_t> sizes;
  for (int i = 0; i < 3; ++i) {
    ExpectBeeps(bench.Hear(i), 5, "rendition " + std::to_string(i));
    EXPECT_EQ(bench.info(i).rendition, 2 + i);
    std::int64_t size = 0;
    for (const PacketPtr& packet : bench.packets(i)) size += packet->size;
    sizes.push_back(size);
  }
  EXPECT_EQ(bench.packets(0).size(), bench.packets(1).size());
  EXPECT_GT(sizes[0], sizes[1]);
  EXPECT_EQ(bench.info(0).parameters->bit_rate, 192'000);
  EXPECT_EQ(bench.info(1).parameters->bit_rate, 48'000);
}

TEST(AudioCodec, ChangesRateAndChannelsAsAsked) {
  AudioConfig config = FromLavfi(kBeeps, {.codec = "aac"});
  config.sample_rate = 44100;
  config.channels = 2;
  AudioBench bench(config);
  bench.Run(2.0);
  EXPECT_EQ(bench.info().ticks_per_second, 44100);
  EXPECT_EQ(bench.info().parameters->sample_rate, 44100);
  EXPECT_EQ(ChannelsOf(bench.info().parameters.get()), 2);
  EXPECT_EQ(bench.packets().front()->pts, -1024);
  EXPECT_GE(bench.Hear().end, 88200);
}

TEST(AudioCodec, SaysWhatAnEncoderTakes) {
  AudioConfig config = FromLavfi(kBeeps, {.codec = "libopus"});
  config.sample_rate = 44100;
  AudioBench rate(config);
  Failure failure = rate.RunFailing();
  EXPECT_EQ(failure.code, "AUDIO_FORMAT_UNSUPPORTED");
  EXPECT_EQ(failure.stage, "audio");
  EXPECT_EQ(failure.message,
            "Expected a sample rate that libopus takes (8000, 12000, 16000, 24000, 48000) for the "
            "audio but received 44100");

  config = FromLavfi(kBeeps, {.codec = "libmp3lame"});
  config.channels = 6;
  AudioBench channels(config);
  failure = channels.RunFailing();
  EXPECT_EQ(failure.code, "AUDIO_FORMAT_UNSUPPORTED");
  EXPECT_EQ(failure.message,
            "Expected a number of channels that libmp3lame takes (1, 2) for the audio but received "
            "6");
}

TEST(AudioCodec, SaysWhatCannotBeOpened) {
  AudioBench unknown(FromLavfi(kBeeps, {.codec = "libnothing"}));
  Failure failure = unknown.RunFailing();
  EXPECT_EQ(failure.code, "ENCODER_NOT_FOUND");
  EXPECT_EQ(failure.rendition, 2);
  AudioBench video(FromLavfi(kBeeps, {.codec = "libx264"}));
  EXPECT_EQ(video.RunFailing().code, "ENCODER_NOT_FOUND");
  AudioBench option(FromLavfi(kBeeps, {.codec = "aac", .options = {{"nonsense", "1"}}}));
  failure = option.RunFailing();
  EXPECT_EQ(failure.code, "ENCODER_OPTION_UNKNOWN");
  EXPECT_NE(failure.message.find("\"nonsense\""), std::string::npos);
  AudioBench value(FromLavfi(kBeeps, {.codec = "aac", .options = {{"aac_coder", "none"}}}));
  failure = value.RunFailing();
  EXPECT_EQ(failure.code, "ENCODER_OPEN_FAILED");
  EXPECT_EQ(failure.stage, "audio");
  AudioBench container(FromLavfi(kBeeps, {.codec = "libopus"}), SegmentType::kMpegTs);
  failure = container.RunFailing();
  EXPECT_EQ(failure.code, "CODEC_NOT_IN_CONTAINER");
  EXPECT_NE(failure.message.find("aac, ac3, eac3, mp3, mp2"), std::string::npos);
}

TEST(AudioCodec, EveryBitrateOfASourceOpensEveryEncoder) {
  // AC-3 has a table of bitrates, MP3 another, Opus a maximum: none may fail because of its source.
  for (const std::int64_t bitrate : {33'333, 127'999, 200'001, 777'777}) {
    for (const char* codec : {"aac", "libopus", "libmp3lame", "ac3", "eac3"}) {
      ScriptedPackets packets(0.2, Noise, [](std::int64_t sample) { return sample; });
      AVCodecParameters* parameters = packets.stream().parameters.get();
      parameters->codec_id = AV_CODEC_ID_AAC;
      AudioRenditionConfig rendition{.codec = codec};
      rendition.bitrate = 0;
      parameters->bit_rate = bitrate;
      const std::int64_t chosen = ChooseBitrate(rendition, parameters, 1);
      EXPECT_GE(chosen, 32'000);
      EXPECT_LE(chosen, 256'000);
      rendition.bitrate = chosen;
      AudioBench bench(FromLavfi(kBeeps, rendition));
      bench.Run(0.2);
      EXPECT_FALSE(bench.packets().empty()) << codec << " " << bitrate;
    }
  }
}

TEST(AudioCodec, TakesTheSourcesOwnBitrate) {
  const AudioFile file{.codec = "aac", .seconds = 2, .channels = 2};
  AudioBench lossy(FromFile(WriteAudio("lossy.mp4", file), {.codec = "aac"}));
  lossy.Run(1.0);
  EXPECT_NEAR(static_cast<double>(lossy.info().parameters->bit_rate), 192'000, 20'000);
  // What is lossless has none of its own.
  AudioBench lossless(FromFile(WriteAudio("lossless.wav", {.seconds = 2}), {.codec = "aac"}));
  lossless.Run(1.0);
  EXPECT_EQ(lossless.info().parameters->bit_rate, 128'000);
}

struct LayoutCase {
  const char* source;
  const char* codec;
  int channels;
  const char* chosen;
  bool mixed_down;
};

TEST(AudioCodec, KeepsChannelsWhereTheEncoderCan) {
  const LayoutCase cases[] = {
      {"mono", "aac", 0, "mono", false},
      {"5.1", "aac", 0, "5.1", false},
      {"5.1(side)", "aac", 0, "5.1", false},
      {"quad", "aac", 0, "5.0", false},
      {"2.1", "aac", 0, "5.1", false},
      {"7.1", "aac", 0, "5.1", true},
      {"7.1", "libopus", 0, "7.1", false},
      {"5.1(side)", "libopus", 0, "5.1", false},
      {"5.1(side)", "ac3", 0, "5.1(side)", false},
      {"5.1", "libmp3lame", 0, "stereo", true},
      {"5.1", "aac", 2, "stereo", false},
      {"5.1", "aac", 1, "mono", false},
      {"stereo", "aac", 6, "5.1", false},
      {"7.1", "flac", 0, "7.1", false},
  };
  for (const LayoutCase& each : cases) {
    AVChannelLayout raw{};
    av_channel_layout_from_string(&raw, each.source);
    const AudioFormat source{
        .sample_format = AV_SAMPLE_FMT_FLTP, .sample_rate = kRate, .layout = ChannelLayout(raw)};
    AudioConfig config;
    config.channels = each.channels;
    EncoderFormat chosen;
    const Status status =
        ChooseEncoderFormat(avcodec_find_encoder_by_name(each.codec), source, config, &chosen);
    ASSERT_TRUE(status.ok()) << status.failure().message;
    EXPECT_EQ(chosen.format.layout.name(), each.chosen) << each.source << " in " << each.codec;
    EXPECT_EQ(chosen.mixed_down, each.mixed_down) << each.source << " in " << each.codec;
  }
}

TEST(AudioCodec, ChannelsWithoutNamesNeedAFilter) {
  AudioFormat source{.sample_format = AV_SAMPLE_FMT_S16, .sample_rate = kRate};
  source.layout = ChannelLayout::Default(13);
  EncoderFormat chosen;
  const Status status =
      ChooseEncoderFormat(avcodec_find_encoder_by_name("aac"), source, {}, &chosen);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "AUDIO_FORMAT_UNSUPPORTED");
}

TEST(AudioCodec, ChoosesTheNearestRate) {
  const std::tuple<int, const char*, int> cases[] = {
      {44100, "libopus", 48000}, {16000, "libopus", 48000},    {96000, "libmp3lame", 48000},
      {96000, "aac", 96000},     {50000, "libmp3lame", 48000}, {22050, "ac3", 32000},
      {37800, "aac", 44100},     {12345, "flac", 12345}};
  for (const auto& [rate, codec, wanted] : cases) {
    const AudioFormat source{.sample_format = AV_SAMPLE_FMT_S16,
                             .sample_rate = rate,
                             .layout = ChannelLayout::Default(2)};
    EncoderFormat chosen;
    ASSERT_TRUE(ChooseEncoderFormat(avcodec_find_encoder_by_name(codec), source, {}, &chosen).ok());
    EXPECT_EQ(chosen.format.sample_rate, wanted) << rate << " in " << codec;
  }
}

TEST(AudioCodec, WarnsWhenChannelsAreLost) {
  AudioBench bench(FromLavfi("anullsrc=cl=7.1:r=48000", {.codec = "aac"}));
  bench.Run(0.5);
  EXPECT_EQ(ChannelsOf(bench.info().parameters.get()), 6);
  EXPECT_EQ(bench.Warnings(), std::vector<std::string>{"AUDIO_MIXED_DOWN"});
}

TEST(AudioCodec, MixesFiveChannelsDown) {
  // Only the centre sounds: it comes out of both sides, 3 dB lower.
  AudioConfig config = FromLavfi("sine=1000:r=48000,pan=5.1|FC=c0", {.codec = "flac"});
  config.channels = 2;
  AudioBench bench(config);
  bench.Run(1.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.channels, 2);
  double peak = 0;
  for (std::int64_t i = 1000; i < 40000; ++i) {
    peak = std::max(peak, std::abs(heard.value[static_cast<std::size_t>(i)]));
  }
  EXPECT_GT(peak, 0.02);
}

TEST(AudioCopy, KeepsPacketsAsTheyAre) {
  const std::string path = WriteAudio("copy.mp4", {.codec = "aac", .seconds = 5, .sound = Beeps});
  AudioBench bench(FromFile(path, {.codec = "copy"}));
  bench.Run(3.0);
  const Heard heard = bench.Hear();
  EXPECT_EQ(heard.begin, -1024);
  EXPECT_GE(heard.end, 144000);
  EXPECT_LT(heard.end, 144000 + 1024);
  ExpectBeeps(heard, 3, "copy");
  EXPECT_EQ(bench.info().parameters->codec_id, AV_CODEC_ID_AAC);
  EXPECT_GT(bench.info().parameters->extradata_size, 0);
  EXPECT_EQ(bench.info().parameters->codec_tag, 0U);
}

TEST(AudioCopy, TellsMp4WhatAnAdtsStreamIs) {
  const std::string path = WriteAudio("copy.aac", {.codec = "aac", .seconds = 3, .sound = Beeps});
  AudioBench mp4(FromFile(path, {.codec = "copy"}));
  mp4.Run(3.0);
  EXPECT_EQ(mp4.info().parameters->extradata_size, 2);
  ASSERT_FALSE(mp4.packets().empty());
  EXPECT_NE(mp4.packets()[0]->data[0], 0xFF);
  // .aac has no priming: it sounds 1024 samples later.
  EXPECT_NEAR(mp4.Hear().Onset(0.5), 1.0213, 0.003);

  AudioBench ts(FromFile(path, {.codec = "copy"}), SegmentType::kMpegTs);
  ts.Run(3.0);
  EXPECT_EQ(ts.info().parameters->extradata_size, 0);
  ASSERT_FALSE(ts.packets().empty());
  EXPECT_EQ(ts.packets()[0]->data[0], 0xFF);
}

TEST(AudioCopy, BeginsInTheMiddle) {
  AudioConfig config = FromFile(
      WriteAudio("middle.mp4", {.codec = "aac", .seconds = 20, .sound = Beeps}), {.codec = "copy"});
  config.start = 7.3;
  AudioBench bench(config);
  bench.Run(5.0);
  const Heard heard = bench.Hear();
  // One packet for the decoder, and the one in which the presentation begins.
  EXPECT_GT(heard.begin, -2048);
  EXPECT_LE(heard.begin, -1024);
  EXPECT_NEAR(heard.Onset(0.2), 0.7, 0.003);
  EXPECT_NEAR(heard.Onset(3.2), 3.7, 0.003);
}

TEST(AudioCopy, BesideAnEncoder) {
  AudioConfig config = FromFile(
      WriteAudio("beside.mp4", {.codec = "aac", .seconds = 4, .sound = Beeps}), {.codec = "copy"});
  config.renditions.push_back({.codec = "aac", .bitrate = 64'000});
  AudioBench bench(config);
  bench.Run(3.0);
  ExpectBeeps(bench.Hear(0), 3, "copy");
  ExpectBeeps(bench.Hear(1), 3, "encoded");
}

TEST(AudioCopy, SaysWhatSegmentsHold) {
  AudioBench bench(FromFile(WriteAudio("pcm.wav", {}), {.codec = "copy"}));
  const Failure failure = bench.RunFailing();
  EXPECT_EQ(failure.code, "CODEC_NOT_IN_CONTAINER");
  EXPECT_NE(failure.message.find("pcm_s16le"), std::string::npos);
  const std::string opus = WriteAudio("copy.ogg", {.codec = "libopus"});
  AudioBench mp4(FromFile(opus, {.codec = "copy"}));
  mp4.Run(1.0);
  EXPECT_EQ(mp4.packets().front()->pts, -312);
  AudioBench ts(FromFile(opus, {.codec = "copy"}), SegmentType::kMpegTs);
  EXPECT_EQ(ts.RunFailing().code, "CODEC_NOT_IN_CONTAINER");
}

}  // namespace
}  // namespace streamgear::test
