// What packets of audio say of themselves.
#include "audio/audio_header.h"

#include <gtest/gtest.h>

#include "audio_bench.h"

namespace streamgear::test {
namespace {

/// What the packets of a file say, one after the other.
std::vector<AudioHeader> HeadersOf(const char* name, const AudioFile& file) {
  MediaInput input({.url = WriteAudio(name, file)});
  EXPECT_TRUE(input.Open().ok());
  std::vector<AudioHeader> headers;
  const PacketPtr packet(av_packet_alloc());
  MediaInput::Result result = MediaInput::Result::kPacket;
  while (input.Read(packet.get(), &result).ok() && result == MediaInput::Result::kPacket) {
    const AVCodecID codec = input.stream(packet->stream_index)->codecpar->codec_id;
    const auto size = static_cast<std::size_t>(packet->size);
    const auto header = ReadAudioHeader(codec, {packet->data, size});
    EXPECT_TRUE(header.has_value()) << name;
    if (header.has_value()) headers.push_back(*header);
    av_packet_unref(packet.get());
  }
  return headers;
}

TEST(AudioHeader, IsWhatTheEncoderWasTold) {
  struct Case {
    const char* name;
    const char* codec;
    int rate;
    int channels;
  };
  for (const Case& each :
       {Case{"h1.ts", "aac", 48000, 2}, Case{"h2.ts", "aac", 44100, 6},
        Case{"h3.aac", "aac", 22050, 1}, Case{"h4.ac3", "ac3", 48000, 6},
        Case{"h5.ac3", "ac3", 44100, 2}, Case{"h6.ac3", "ac3", 32000, 1},
        Case{"h7.eac3", "eac3", 48000, 6}, Case{"h8.eac3", "eac3", 44100, 2},
        Case{"h9.mp3", "libmp3lame", 44100, 2}, Case{"h10.mp3", "libmp3lame", 24000, 1},
        Case{"h11.mp2", "mp2", 48000, 2}}) {
    const auto headers =
        HeadersOf(each.name, {.codec = each.codec, .channels = each.channels, .rate = each.rate});
    ASSERT_GT(headers.size(), 5U) << each.name;
    for (const AudioHeader& header : headers) {
      EXPECT_EQ(header.sample_rate, each.rate) << each.name;
      EXPECT_EQ(header.channels, each.channels) << each.name;
    }
  }
}

TEST(AudioHeader, IsNotFoundInWhatHasNone) {
  const std::vector<std::uint8_t> noise = {0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C, 0, 0};
  for (const AVCodecID codec :
       {AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS}) {
    EXPECT_FALSE(ReadAudioHeader(codec, noise).has_value());
    for (std::size_t size = 0; size < 4; ++size) {
      EXPECT_FALSE(ReadAudioHeader(codec, {noise.data(), size}).has_value());
    }
  }
}

PacketPtr AdtsPacket(std::uint8_t rate, std::uint8_t channels) {
  PacketPtr packet(av_packet_alloc());
  EXPECT_EQ(av_new_packet(packet.get(), 16), 0);
  std::fill_n(packet->data, 16, 0);
  packet->data[0] = 0xFF;
  packet->data[1] = 0xF1;
  packet->data[2] = static_cast<std::uint8_t>(1 << 6 | rate << 2 | channels >> 2);
  packet->data[3] = static_cast<std::uint8_t>((channels & 3) << 6);
  return packet;
}

TEST(AudioChangeWatch, BelievesTwoPacketsAndNotOne) {
  using Verdict = AudioChangeWatch::Verdict;
  AVCodecParameters parameters{};
  parameters.codec_id = AV_CODEC_ID_AAC;
  AudioChangeWatch watch(parameters);
  const PacketPtr stereo = AdtsPacket(3, 2);
  const PacketPtr surround = AdtsPacket(3, 6);
  const PacketPtr slower = AdtsPacket(4, 2);
  EXPECT_EQ(watch.Judge(*stereo), Verdict::kSame);
  EXPECT_EQ(watch.Judge(*surround), Verdict::kDoubt);  // damaged
  EXPECT_EQ(watch.Judge(*stereo), Verdict::kSame);
  EXPECT_EQ(watch.Judge(*surround), Verdict::kDoubt);
  EXPECT_EQ(watch.Judge(*slower), Verdict::kDoubt);
  EXPECT_EQ(watch.Judge(*slower), Verdict::kChanged);
  EXPECT_EQ(watch.change(), "2 channels at 48000 Hz to 2 channels at 44100 Hz");
}

TEST(AudioChangeWatch, HearsWhatTheContainerTells) {
  using Verdict = AudioChangeWatch::Verdict;
  std::uint8_t stereo[] = {0x11, 0x90};
  const std::uint8_t surround[] = {0x11, 0xB0};
  AVCodecParameters parameters{};
  parameters.codec_id = AV_CODEC_ID_AAC;
  parameters.extradata = stereo;
  parameters.extradata_size = 2;
  AudioChangeWatch watch(parameters);
  const PacketPtr packet(av_packet_alloc());
  EXPECT_EQ(watch.Judge(*packet), Verdict::kSame);
  const auto tell = [&](const std::uint8_t* bytes) {
    const PacketPtr told(av_packet_alloc());
    std::copy_n(bytes, 2, av_packet_new_side_data(told.get(), AV_PKT_DATA_NEW_EXTRADATA, 2));
    return watch.Judge(*told);
  };
  EXPECT_EQ(tell(stereo), Verdict::kSame);
  EXPECT_EQ(tell(surround), Verdict::kChanged);
}

}  // namespace
}  // namespace streamgear::test
