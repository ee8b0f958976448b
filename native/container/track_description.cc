#include "container/track_description.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/language.h"
#include "container/codec_string.h"

namespace streamgear {
namespace {

bool IsVideo(const StreamInfo& stream) { return stream.kind == MediaKind::kVideo; }

std::size_t AudioIndex(const PipelineConfig& config, int rendition) {
  return static_cast<std::size_t>(rendition) - config.renditions.size();
}

std::string VideoCodecs(const StreamInfo& stream) {
  const AVCodecParameters* parameters = stream.parameters.get();
  const std::uint8_t* extradata = parameters->extradata;
  const auto size = static_cast<std::size_t>(std::max(0, parameters->extradata_size));
  switch (parameters->codec_id) {
    case AV_CODEC_ID_H264:
      return AvcCodecString(extradata, size);
    case AV_CODEC_ID_HEVC:
      return HevcCodecString(extradata, size);
    case AV_CODEC_ID_AV1:
      return Av1CodecString(extradata, size);
    case AV_CODEC_ID_VP9: {
      const AVPixFmtDescriptor* format =
          av_pix_fmt_desc_get(static_cast<AVPixelFormat>(parameters->format));
      return Vp9CodecString(parameters->profile == kProfileUnknown ? 0 : parameters->profile,
                            parameters->width, parameters->height, stream.frame_rate.value(),
                            format == nullptr ? 8 : format->comp[0].depth);
    }
    default:
      return "";
  }
}

std::string AudioCodecs(const AVCodecParameters* parameters, SegmentType type) {
  switch (parameters->codec_id) {
    case AV_CODEC_ID_AAC:
      return AacCodecString(parameters->extradata,
                            static_cast<std::size_t>(std::max(0, parameters->extradata_size)));
    case AV_CODEC_ID_MP3:
      // The object type of the esds box, which libavformat chooses by the rate; a transport stream
      // has none, and there players know the one of MPEG-4.
      if (type == SegmentType::kMpegTs) return "mp4a.40.34";
      return parameters->sample_rate > 24000 ? "mp4a.6B" : "mp4a.69";
    case AV_CODEC_ID_OPUS:
      return "Opus";
    case AV_CODEC_ID_FLAC:
      return "fLaC";
    case AV_CODEC_ID_AC3:
      return "ac-3";
    case AV_CODEC_ID_EAC3:
      return "ec-3";
    case AV_CODEC_ID_ALAC:
      return "alac";
    default:
      return "";
  }
}

/// ChannelConfiguration of ISO/IEC 23091-3; 0 when the speakers have none.
int ChannelConfiguration(const AVChannelLayout& layout) {
  struct Entry {
    std::uint64_t mask;
    int configuration;
  };
  constexpr std::array<Entry, 15> kEntries{{{AV_CH_LAYOUT_MONO, 1},
                                            {AV_CH_LAYOUT_STEREO, 2},
                                            {AV_CH_LAYOUT_SURROUND, 3},
                                            {AV_CH_LAYOUT_4POINT0, 4},
                                            {AV_CH_LAYOUT_5POINT0, 5},
                                            {AV_CH_LAYOUT_5POINT0_BACK, 5},
                                            {AV_CH_LAYOUT_5POINT1, 6},
                                            {AV_CH_LAYOUT_5POINT1_BACK, 6},
                                            {AV_CH_LAYOUT_7POINT1_WIDE, 7},
                                            {AV_CH_LAYOUT_7POINT1_WIDE_BACK, 7},
                                            {AV_CH_LAYOUT_2_1, 9},
                                            {AV_CH_LAYOUT_2_2, 10},
                                            {AV_CH_LAYOUT_QUAD, 10},
                                            {AV_CH_LAYOUT_6POINT1, 11},
                                            {AV_CH_LAYOUT_7POINT1, 12}}};
  if (layout.order != AV_CHANNEL_ORDER_NATIVE) {
    // Only a count is known: the usual speakers for it.
    return layout.nb_channels >= 1 && layout.nb_channels <= 6 ? layout.nb_channels : 0;
  }
  const auto* entry = std::ranges::find(kEntries, layout.u.mask, &Entry::mask);
  return entry == kEntries.end() ? 0 : entry->configuration;
}

}  // namespace

std::string CodecsOf(const StreamInfo& stream, SegmentType type) {
  return IsVideo(stream) ? VideoCodecs(stream) : AudioCodecs(stream.parameters.get(), type);
}

bool NeedsExtradata(const StreamInfo& stream) {
  const AVCodecParameters* parameters = stream.parameters.get();
  const bool describes = parameters->codec_id == AV_CODEC_ID_H264 ||
                         parameters->codec_id == AV_CODEC_ID_HEVC ||
                         parameters->codec_id == AV_CODEC_ID_AV1;
  return describes && parameters->extradata_size == 0;
}

const std::string& EncoderNameOf(const PipelineConfig& config, int rendition) {
  const auto index = static_cast<std::size_t>(rendition);
  return index < config.renditions.size()
             ? config.renditions[index].codec
             : config.audio.renditions[AudioIndex(config, rendition)].codec;
}

std::int64_t NominalBitrate(const PipelineConfig& config, const StreamInfo& stream) {
  const auto index = static_cast<std::size_t>(stream.rendition);
  if (IsVideo(stream)) return config.renditions[index].bitrate;
  const std::int64_t asked = config.audio.renditions[AudioIndex(config, stream.rendition)].bitrate;
  return stream.parameters->bit_rate > 0 ? stream.parameters->bit_rate : asked;
}

AudioTrackInfo AudioTrackOf(const StreamInfo& stream) {
  return {.codec = avcodec_get_name(stream.parameters->codec_id),
          .sample_rate = stream.parameters->sample_rate,
          .channels = ChannelsOf(stream.parameters.get()),
          .bitrate = stream.parameters->bit_rate,
          .language = LanguageTag(stream.language)};
}

TrackModel DescribeTrack(const PipelineConfig& config, const StreamInfo& stream) {
  const bool fmp4 = config.packaging.segment_type == SegmentType::kFmp4;
  const bool video = IsVideo(stream);
  TrackModel model;
  model.rendition = stream.rendition;
  model.id = std::to_string(stream.rendition);
  model.kind = video ? TrackKind::kVideo : TrackKind::kAudio;
  model.mime_type = std::string(video ? "video/" : "audio/") + (fmp4 ? "mp4" : "mp2t");
  if (video) {
    const RenditionConfig& rendition =
        config.renditions[static_cast<std::size_t>(stream.rendition)];
    model.timescale = config.input.ticks_per_second;
    model.width = rendition.width;
    model.height = rendition.height;
    model.sample_aspect_ratio = rendition.sample_aspect_ratio;
    model.frame_rate = stream.frame_rate;
    model.audio_group = rendition.audio;
  } else {
    model.timescale = stream.ticks_per_second;
    model.sample_rate = stream.parameters->sample_rate;
    model.channels = ChannelsOf(stream.parameters.get());
    model.channel_configuration = ChannelConfiguration(stream.parameters->ch_layout);
    model.language = LanguageTag(stream.language);
    model.name = stream.name;
    model.audio_group = static_cast<int>(AudioIndex(config, stream.rendition));
  }
  return model;
}

}  // namespace streamgear
