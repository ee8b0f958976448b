#include "audio/audio_encoder_format.h"

#include <algorithm>
#include <bit>
#include <set>
#include <vector>

namespace streamgear {
namespace {

/// Beyond these a source's own bitrate says nothing about how ours should be.
constexpr std::int64_t kMinBitrate = 32'000;
constexpr std::int64_t kMaxBitrate = 640'000;
constexpr std::int64_t kMaxChannelBitrate = 256'000;
constexpr std::int64_t kDefaultBitrate = 128'000;
constexpr std::int64_t kDefaultChannelBitrate = 64'000;

constexpr std::uint64_t kBack = AV_CH_BACK_LEFT | AV_CH_BACK_RIGHT;
constexpr std::uint64_t kSide = AV_CH_SIDE_LEFT | AV_CH_SIDE_RIGHT;

/// ISO/IEC 14496-3 table 1.19, channel configurations 1 to 6. libavcodec codes every other layout
/// with a program config element, which browsers do not decode; configuration 7 has wide front
/// speakers that nobody has.
const std::vector<AVChannelLayout>& AacLayouts() {
  static const std::vector<AVChannelLayout> layouts = {
      AV_CHANNEL_LAYOUT_MONO,    AV_CHANNEL_LAYOUT_STEREO,       AV_CHANNEL_LAYOUT_SURROUND,
      AV_CHANNEL_LAYOUT_4POINT0, AV_CHANNEL_LAYOUT_5POINT0_BACK, AV_CHANNEL_LAYOUT_5POINT1_BACK};
  return layouts;
}

/// RFC 7845 §5.1.1.2, mapping family 1.
const std::vector<AVChannelLayout>& OpusLayouts() {
  static const std::vector<AVChannelLayout> layouts = {
      AV_CHANNEL_LAYOUT_MONO,    AV_CHANNEL_LAYOUT_STEREO,       AV_CHANNEL_LAYOUT_SURROUND,
      AV_CHANNEL_LAYOUT_QUAD,    AV_CHANNEL_LAYOUT_5POINT0_BACK, AV_CHANNEL_LAYOUT_5POINT1_BACK,
      AV_CHANNEL_LAYOUT_6POINT1, AV_CHANNEL_LAYOUT_7POINT1};
  return layouts;
}

/// Empty: every one.
std::vector<ChannelLayout> LayoutsFor(const AVCodec* codec) {
  std::vector<AVChannelLayout> raw = ChannelLayoutsOf(codec);
  if (codec->id == AV_CODEC_ID_AAC) raw = AacLayouts();
  if (codec->id == AV_CODEC_ID_OPUS) raw = OpusLayouts();
  return {raw.begin(), raw.end()};
}

/// With two surround speakers it does not matter whether they are called back or side.
std::uint64_t Normalized(const ChannelLayout& layout) {
  const std::uint64_t mask = layout.mask();
  return (mask & kBack) == 0 && (mask & kSide) == kSide ? (mask & ~kSide) | kBack : mask;
}

/// The least that loses nothing.
const ChannelLayout* FindHolding(const std::vector<ChannelLayout>& layouts,
                                 const ChannelLayout& source) {
  const ChannelLayout* best = nullptr;
  for (const ChannelLayout& layout : layouts) {
    if (layout == source) return &layout;
    const bool holds = (Normalized(source) & ~Normalized(layout)) == 0;
    if (holds && (best == nullptr || layout.channels() < best->channels())) best = &layout;
  }
  return best;
}

/// The richest that has no more channels than the source.
const ChannelLayout* FindMixdown(const std::vector<ChannelLayout>& layouts,
                                 const ChannelLayout& source) {
  const ChannelLayout* best = nullptr;
  for (const ChannelLayout& layout : layouts) {
    if (layout.channels() > source.channels()) continue;
    const bool better = best == nullptr || layout.channels() > best->channels();
    const bool usual = best != nullptr && layout.channels() == best->channels() &&
                       layout == ChannelLayout::Default(layout.channels());
    if (better || usual) best = &layout;
  }
  return best == nullptr && !layouts.empty() ? &layouts.front() : best;
}

const ChannelLayout* FindCount(const std::vector<ChannelLayout>& layouts,
                               const ChannelLayout& wanted) {
  const ChannelLayout* found = nullptr;
  for (const ChannelLayout& layout : layouts) {
    if (layout == wanted) return &layout;
    if (found == nullptr && layout.channels() == wanted.channels()) found = &layout;
  }
  return found;
}

std::string List(const std::vector<int>& values) {
  std::string text;
  for (const int value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

Status Unsupported(const AVCodec* codec, const std::string& what, const std::string& takes,
                   const std::string& received) {
  return Status(Failure{.code = "AUDIO_FORMAT_UNSUPPORTED",
                        .message = "Expected " + what + " that " + codec->name + " takes (" +
                                   takes + ") for the audio but received " + received,
                        .stage = "audio"});
}

Status ChooseLayout(const AVCodec* codec, const ChannelLayout& source, int channels,
                    EncoderFormat* chosen) {
  const std::vector<ChannelLayout> layouts = LayoutsFor(codec);
  ChannelLayout& layout = chosen->format.layout;
  if (channels > 0) {
    const ChannelLayout wanted =
        source.channels() == channels ? source : ChannelLayout::Default(channels);
    const ChannelLayout* found = FindCount(layouts, wanted);
    if (found != nullptr || layouts.empty()) {
      layout = found == nullptr ? wanted : *found;
      return Status::Ok();
    }
    return Unsupported(codec, "a number of channels", List(ChannelCountsFor(codec)),
                       std::to_string(channels));
  }
  if (!source.named()) {
    return Unsupported(codec, "channels with names", "1 to 8, or what \"pan\" in -af makes of them",
                       source.name());
  }
  if (layouts.empty()) {
    layout = source;
    return Status::Ok();
  }
  const ChannelLayout* found = FindHolding(layouts, source);
  chosen->mixed_down = found == nullptr;
  layout = found == nullptr ? *FindMixdown(layouts, source) : *found;
  return Status::Ok();
}

Status ChooseRate(const AVCodec* codec, int source, int wanted, AudioFormat* format) {
  const std::vector<int> rates = SampleRatesFor(codec);
  if (wanted > 0) {
    format->sample_rate = wanted;
    if (rates.empty() || std::ranges::binary_search(rates, wanted)) return Status::Ok();
    return Unsupported(codec, "a sample rate", List(rates), std::to_string(wanted));
  }
  format->sample_rate = source;
  if (rates.empty()) return Status::Ok();
  // Opus is Opus at 48 kHz; its lower rates only say what was left out of it (RFC 7845 §5.1).
  const int least = codec->id == AV_CODEC_ID_OPUS ? rates.back() : source;
  const auto enough = std::ranges::lower_bound(rates, least);
  format->sample_rate = enough == rates.end() ? rates.back() : *enough;
  return Status::Ok();
}

/// The source's own, else the encoder's first.
AVSampleFormat ChooseSampleFormat(const AVCodec* codec, AVSampleFormat source) {
  const std::vector<AVSampleFormat> formats = SampleFormatsOf(codec);
  if (formats.empty()) return source;
  for (const bool exactly : {true, false}) {
    for (const AVSampleFormat format : formats) {
      if (format == source) return format;
      if (!exactly && av_get_packed_sample_fmt(format) == av_get_packed_sample_fmt(source)) {
        return format;
      }
    }
  }
  return formats.front();
}

}  // namespace

std::vector<int> SampleRatesFor(const AVCodec* codec) {
  std::vector<int> rates = SampleRatesOf(codec);
  std::ranges::sort(rates);
  return rates;
}

std::vector<int> ChannelCountsFor(const AVCodec* codec) {
  std::set<int> counts;
  for (const ChannelLayout& layout : LayoutsFor(codec)) counts.insert(layout.channels());
  return {counts.begin(), counts.end()};
}

Status ChooseEncoderFormat(const AVCodec* codec, const AudioFormat& source,
                           const AudioConfig& config, EncoderFormat* chosen) {
  chosen->format.sample_format = ChooseSampleFormat(codec, source.sample_format);
  if (Status status = ChooseRate(codec, source.sample_rate, config.sample_rate, &chosen->format);
      !status.ok()) {
    return status;
  }
  return ChooseLayout(codec, source.layout, config.channels, chosen);
}

std::int64_t ChooseBitrate(const AudioRenditionConfig& rendition, const AVCodecParameters* source,
                           int channels) {
  if (rendition.bitrate > 0) return rendition.bitrate;
  const AVCodecDescriptor* codec =
      source == nullptr ? nullptr : avcodec_descriptor_get(source->codec_id);
  const bool lossy = codec != nullptr && (codec->props & AV_CODEC_PROP_LOSSY) != 0 &&
                     (codec->props & AV_CODEC_PROP_LOSSLESS) == 0;
  if (lossy && source->bit_rate > 0) {
    const std::int64_t most = std::min(kMaxBitrate, kMaxChannelBitrate * channels);
    return std::clamp(source->bit_rate, kMinBitrate, most);
  }
  return std::max(kDefaultBitrate, kDefaultChannelBitrate * channels);
}

}  // namespace streamgear
