#include "audio/audio_header.h"

#include <algorithm>
#include <array>

#include "base/bit_reader.h"

namespace streamgear {
namespace {

constexpr std::array kAacRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                  22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::array kAc3Rates = {48000, 44100, 32000};
constexpr std::array kAc3Channels = {2, 1, 2, 3, 3, 4, 4, 5};
constexpr std::array kMpegRates = {44100, 48000, 32000};

/// E-AC-3 has bsid 11 to 16.
constexpr std::uint32_t kLastAc3Id = 10;

std::optional<AudioHeader> ReadAdts(BitReader bits) {
  if (bits.Read(12) != 0xFFF) return std::nullopt;
  bits.Skip(1);
  if (bits.Read(2) != 0) return std::nullopt;  // the layer
  bits.Skip(1);
  AudioHeader header{.profile = static_cast<int>(bits.Read(2)) + 1};
  const std::uint32_t rate = bits.Read(4);
  if (rate >= kAacRates.size()) return std::nullopt;
  header.sample_rate = kAacRates[rate];
  bits.Skip(1);
  const int channels = static_cast<int>(bits.Read(3));
  header.channels = channels == 7 ? 8 : channels;
  return bits.overrun() ? std::nullopt : std::optional(header);
}

std::optional<AudioHeader> ReadDolby(std::span<const std::uint8_t> packet) {
  BitReader bits(packet);
  if (packet.size() < 8 || bits.Read(16) != 0x0B77) return std::nullopt;
  AudioHeader header;
  std::uint32_t mode = 0;
  if (packet[5] >> 3 <= kLastAc3Id) {
    bits.Skip(16);  // the checksum
    const std::uint32_t rate = bits.Read(2);
    if (rate >= kAc3Rates.size()) return std::nullopt;
    header.sample_rate = kAc3Rates[rate];
    bits.Skip(6 + 5 + 3);
    mode = bits.Read(3);
    if ((mode & 1) != 0 && mode != 1) bits.Skip(2);  // how the centre is mixed down
    if ((mode & 4) != 0) bits.Skip(2);               // and what surrounds
    if (mode == 2) bits.Skip(2);                     // Dolby Surround
  } else {
    bits.Skip(2 + 3 + 11);
    const std::uint32_t rate = bits.Read(2);
    const std::uint32_t half = bits.Read(2);  // or the number of blocks
    const std::uint32_t index = rate == 3 ? half : rate;
    if (index >= kAc3Rates.size()) return std::nullopt;
    header.sample_rate = kAc3Rates[index] / (rate == 3 ? 2 : 1);
    mode = bits.Read(3);
  }
  header.channels = kAc3Channels[mode] + (bits.Flag() ? 1 : 0);
  return header;
}

std::optional<AudioHeader> ReadMpeg(BitReader bits) {
  if (bits.Read(11) != 0x7FF) return std::nullopt;
  const std::uint32_t version = bits.Read(2);  // 3: MPEG-1, 2: MPEG-2, 0: "2.5"
  const std::uint32_t layer = bits.Read(2);
  bits.Skip(1);
  const std::uint32_t bitrate = bits.Read(4);
  const std::uint32_t rate = bits.Read(2);
  bits.Skip(2);
  const std::uint32_t mode = bits.Read(2);
  if (version == 1 || layer == 0 || bitrate == 15 || rate >= kMpegRates.size() || bits.overrun()) {
    return std::nullopt;
  }
  const int divisor = version == 3 ? 1 : version == 2 ? 2 : 4;
  return AudioHeader{.profile = 4 - static_cast<int>(layer),
                     .sample_rate = kMpegRates[rate] / divisor,
                     .channels = mode == 3 ? 1 : 2};
}

std::string TextOf(const AudioHeader& header) {
  const std::string channels = header.channels == 0 ? "channels of its own"
                               : header.channels == 1
                                   ? "1 channel"
                                   : std::to_string(header.channels) + " channels";
  return channels + " at " + std::to_string(header.sample_rate) + " Hz";
}

}  // namespace

std::optional<AudioHeader> ReadAudioHeader(AVCodecID codec, std::span<const std::uint8_t> packet) {
  switch (codec) {
    case AV_CODEC_ID_AAC:
      return ReadAdts(BitReader(packet));
    case AV_CODEC_ID_AC3:
    case AV_CODEC_ID_EAC3:
      return ReadDolby(packet);
    case AV_CODEC_ID_MP1:
    case AV_CODEC_ID_MP2:
    case AV_CODEC_ID_MP3:
      return ReadMpeg(BitReader(packet));
    default:
      return std::nullopt;
  }
}

AudioChangeWatch::AudioChangeWatch(const AVCodecParameters& parameters)
    : codec_(parameters.codec_id),
      extradata_(parameters.extradata, parameters.extradata + parameters.extradata_size) {}

/// Containers tell of another header beside the first packet that it is for.
bool AudioChangeWatch::HasNewExtradata(const AVPacket& packet) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (data == nullptr || size == 0) return false;
  const std::vector<std::uint8_t> fresh(data, data + size);
  const bool changed = !extradata_.empty() && fresh != extradata_;
  extradata_ = fresh;
  return changed;
}

AudioChangeWatch::Verdict AudioChangeWatch::Judge(const AVPacket& packet) {
  if (HasNewExtradata(packet)) {
    change_ = "one header to another";
    return Verdict::kChanged;
  }
  // With a header of its container AAC has none in its packets.
  if (codec_ == AV_CODEC_ID_AAC && !extradata_.empty()) return Verdict::kSame;
  const auto size = static_cast<std::size_t>(std::max(0, packet.size));
  const std::optional<AudioHeader> header = ReadAudioHeader(codec_, {packet.data, size});
  if (!header.has_value()) return Verdict::kSame;
  if (!known_.has_value()) known_ = header;
  if (header == known_) {
    doubtful_.reset();
    return Verdict::kSame;
  }
  const bool confirmed = header == doubtful_;
  doubtful_ = header;
  if (!confirmed) return Verdict::kDoubt;
  change_ = TextOf(*known_) + " to " + TextOf(*header);
  known_ = header;
  return Verdict::kChanged;
}

}  // namespace streamgear
