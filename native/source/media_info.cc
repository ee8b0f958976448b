#include "source/media_info.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "audio/audio_encoder_format.h"
#include "base/av.h"
#include "source/decoder_lookup.h"
#include "source/picture_color.h"

extern "C" {
#include <libavutil/dovi_meta.h>
}

namespace streamgear {
namespace {

constexpr int kMaxFrameRate = 240;
constexpr Rational kUnknownFrameRate{25, 1};

std::string Text(const char* text) { return text == nullptr ? "" : text; }

std::string TagOf(const AVStream* stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream->metadata, key, nullptr, 0);
  return entry == nullptr ? "" : entry->value;
}

/// libav calls what is not tagged "unknown" or "unspecified": here it is "".
template <typename Tag>
std::string ColorName(const char* (*name)(Tag), Tag tag, Tag unspecified) {
  return tag == unspecified ? "" : Text(name(tag));
}

const char* KindOf(const AVStream* stream) {
  switch (stream->codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
      return "video";
    case AVMEDIA_TYPE_AUDIO:
      return "audio";
    case AVMEDIA_TYPE_SUBTITLE:
      return "subtitle";
    case AVMEDIA_TYPE_ATTACHMENT:
      return "attachment";
    default:
      return "data";
  }
}

/// Matroska has no duration per stream (libavformat then takes the container's), but its writers
/// put one into a tag: "00:00:10.040000000".
double DurationFromTag(const std::string& tag) {
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  if (std::sscanf(tag.c_str(), "%d:%d:%lf", &hours, &minutes, &seconds) != 3) return -1;
  return hours * 3600.0 + minutes * 60.0 + seconds;
}

double DurationOf(const AVStream* stream) {
  const double tick = av_q2d(stream->time_base);
  if (const double tagged = DurationFromTag(TagOf(stream, "DURATION")); tagged >= 0) {
    // FFmpeg's muxer writes the stream's end, mkvmerge its length: the shorter is sure to be there.
    const std::int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
    return std::max(0.0, tagged - std::max(0.0, static_cast<double>(start) * tick));
  }
  if (stream->duration != AV_NOPTS_VALUE && stream->duration > 0) {
    return static_cast<double>(stream->duration) * tick;
  }
  return -1;
}

/// Rates that a time base can express: the guesses of libavformat for irregular streams have
/// numerators in the millions.
Rational Tidy(Rational rate) {
  rate = rate.reduced();
  if (rate.num <= 240'000 && rate.den <= 1001) return rate;
  const double value = rate.value();
  for (const std::int64_t whole : {24, 25, 30, 48, 50, 60, 120}) {
    for (const Rational standard : {Rational{whole, 1}, Rational{whole * 1000, 1001}}) {
      if (std::abs(standard.value() / value - 1) < 0.0005) return standard;
    }
  }
  return Rational{std::max<std::int64_t>(1, std::llround(value * 1000)), 1000}.reduced();
}

/// What a person would call its frame rate. A stream of varying rate has a high one as its common
/// measure: then the average says more.
Rational NominalFrameRate(AVFormatContext* container, AVStream* stream) {
  Rational rate = FromAv(av_guess_frame_rate(container, stream, nullptr));
  const Rational average = FromAv(stream->avg_frame_rate);
  if (average.valid() && (!rate.valid() || rate.value() > 1.5 * average.value())) rate = average;
  if (!rate.valid()) return kUnknownFrameRate;
  return rate.value() > kMaxFrameRate ? Rational{kMaxFrameRate, 1} : Tidy(rate);
}

/// Where a stream's duration is its own, and not the container's.
bool HasOwnDuration(const AVFormatContext* container, const AVStream* stream) {
  if (!TagOf(stream, "DURATION").empty()) return true;
  const std::string_view format = container->iformat->name;
  return !format.starts_with("matroska") && format != "flv";
}

bool HasFields(AVFieldOrder order) {
  return order != AV_FIELD_UNKNOWN && order != AV_FIELD_PROGRESSIVE;
}

/// Profile 5 has no base layer that others can show.
bool IsDolbyVisionOnly(const AVStream* stream) {
  const auto* record = reinterpret_cast<const AVDOVIDecoderConfigurationRecord*>(
      SideDataOf(stream, AV_PKT_DATA_DOVI_CONF, sizeof(AVDOVIDecoderConfigurationRecord)));
  return record != nullptr && record->dv_profile == 5;
}

DecodedPictures PicturesOf(const MediaStream& stream, const AVCodecParameters* parameters) {
  DecodedPictures pictures{.width = stream.width,
                           .height = stream.height,
                           .sample_aspect_ratio = stream.sample_aspect_ratio,
                           .frame_rate = stream.frame_rate};
  if (stream.orientation.swap_axes) {
    std::swap(pictures.width, pictures.height);
    std::swap(pictures.sample_aspect_ratio.num, pictures.sample_aspect_ratio.den);
  }
  const AVColorSpace matrix = stream.hdr
                                  ? AVCOL_SPC_BT709
                                  : YieldedMatrix(static_cast<AVPixelFormat>(parameters->format),
                                                  parameters->color_space, stream.height);
  pictures.color_space = Text(av_color_space_name(matrix));
  return pictures;
}

void DescribeVideo(AVFormatContext* container, AVStream* stream, MediaStream* video) {
  const AVCodecParameters* parameters = stream->codecpar;
  video->attached_picture = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  video->width = parameters->width;
  video->height = parameters->height;
  video->pixel_format = Text(av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters->format)));
  const Rational aspect = FromAv(av_guess_sample_aspect_ratio(container, stream, nullptr));
  if (aspect.valid()) video->sample_aspect_ratio = aspect.reduced();
  video->frame_rate = NominalFrameRate(container, stream);
  if (stream->nb_frames > 0) video->frame_count = stream->nb_frames;
  if (const std::int32_t* matrix = DisplayMatrixOf(stream); matrix != nullptr) {
    std::array<std::int32_t, 9> values{};
    std::copy_n(matrix, values.size(), values.begin());
    video->orientation = OrientationFromMatrix(values);
  }
  video->interlaced = HasFields(parameters->field_order);
  video->color_space =
      ColorName(av_color_space_name, parameters->color_space, AVCOL_SPC_UNSPECIFIED);
  video->color_primaries =
      ColorName(av_color_primaries_name, parameters->color_primaries, AVCOL_PRI_UNSPECIFIED);
  video->color_transfer =
      ColorName(av_color_transfer_name, parameters->color_trc, AVCOL_TRC_UNSPECIFIED);
  video->color_range =
      ColorName(av_color_range_name, parameters->color_range, AVCOL_RANGE_UNSPECIFIED);
  video->dolby_vision_only = IsDolbyVisionOnly(stream);
  video->hdr = IsHdr(parameters->color_trc) || video->dolby_vision_only;
  video->pictures = PicturesOf(*video, parameters);
}

void DescribeAudio(const AVCodecParameters* parameters, MediaStream* audio) {
  audio->sample_rate = parameters->sample_rate;
  audio->channels = ChannelsOf(parameters);
  audio->channel_layout = ChannelLayoutName(parameters);
  audio->encoded_bitrate = ChooseBitrate({}, parameters, audio->channels);
}

MediaStream DescribeStream(AVFormatContext* container, AVStream* stream) {
  const AVCodecParameters* parameters = stream->codecpar;
  MediaStream described{
      .index = stream->index,
      .kind = KindOf(stream),
      .codec = CodecOf(parameters),
      .profile = Text(avcodec_profile_name(parameters->codec_id, parameters->profile)),
      .language = TagOf(stream, "language"),
      .title = TagOf(stream, "title"),
      .bitrate = parameters->bit_rate,
      .duration = DurationOf(stream),
      .own_duration = HasOwnDuration(container, stream),
      .is_default = (stream->disposition & AV_DISPOSITION_DEFAULT) != 0};
  if (described.language == "und") described.language.clear();
  // As mkvmerge writes it.
  if (described.bitrate <= 0) {
    described.bitrate = std::max(0LL, std::atoll(TagOf(stream, "BPS").c_str()));
  }
  if (stream->start_time != AV_NOPTS_VALUE) {
    described.start = static_cast<double>(stream->start_time) * av_q2d(stream->time_base);
  }
  if (parameters->codec_type == AVMEDIA_TYPE_VIDEO) {
    DescribeVideo(container, stream, &described);
  } else if (parameters->codec_type == AVMEDIA_TYPE_AUDIO) {
    DescribeAudio(parameters, &described);
  }
  return described;
}

/// The default stream, else the largest: what a person means by "the video". Cover pictures are
/// none, and what has a decoder goes before what has not.
int BestVideo(const std::vector<MediaStream>& streams) {
  const auto score = [](const MediaStream& stream) {
    if (stream.kind != "video" || stream.attached_picture) return std::int64_t{-1};
    const std::int64_t area = static_cast<std::int64_t>(stream.width) * stream.height;
    return area + (stream.is_default ? std::int64_t{1} << 40 : 0) +
           (IsDecodable(stream) ? std::int64_t{1} << 41 : 0);
  };
  const auto best = std::ranges::max_element(streams, {}, score);
  return best == streams.end() || score(*best) < 0 ? -1 : best->index;
}

/// Its time is the wall's. Filter graphs (lavfi) are a device to libavdevice only.
bool IsCaptureDevice(const AVInputFormat* format) {
  const AVClass* description = format->priv_class;
  return description != nullptr && AV_IS_INPUT_DEVICE(description->category) &&
         std::string_view(format->name) != "lavfi";
}

bool IsSeekable(const AVFormatContext* container) {
  const bool random_access =
      container->pb != nullptr && (container->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0;
  return random_access && (container->iformat->flags & AVFMT_NOTIMESTAMPS) == 0;
}

/// libavformat's choice; asked for a decoder too, it passes over what has none.
int BestAudio(AVFormatContext* container, int video) {
  const auto find = [&](const AVCodec** decoder) {
    return av_find_best_stream(container, AVMEDIA_TYPE_AUDIO, -1, video, decoder, 0);
  };
  const AVCodec* decoder = nullptr;
  const int best = find(&decoder);
  return std::max(-1, best >= 0 ? best : find(nullptr));
}

}  // namespace

std::string CodecOf(const AVCodecParameters* parameters) {
  const std::uint32_t tag = parameters->codec_tag;
  if (parameters->codec_id != AV_CODEC_ID_NONE || tag == 0) {
    return avcodec_get_name(parameters->codec_id);
  }
  std::string text;
  for (std::uint32_t rest = tag; rest != 0; rest >>= 8) {
    text.push_back(static_cast<char>(rest & 0xFF));
  }
  const auto printable = [](char letter) { return letter > ' ' && letter < 127; };
  if (text.size() > 1 && std::ranges::all_of(text, printable)) return text;
  char number[16] = {};
  std::snprintf(number, sizeof(number), "0x%x", tag);
  return number;
}

MediaInfo DescribeMedia(AVFormatContext* container, const std::string& url) {
  MediaInfo info{
      .url = url,
      .format = container->iformat->name,
      .bitrate = std::max<std::int64_t>(0, container->bit_rate),
      .device = IsCaptureDevice(container->iformat),
      .seekable = IsSeekable(container),
      .duration_declared = container->duration_estimation_method == AVFMT_DURATION_FROM_STREAM};
  if (container->start_time != AV_NOPTS_VALUE) {
    info.start = static_cast<double>(container->start_time) / AV_TIME_BASE;
  }
  if (container->duration != AV_NOPTS_VALUE && container->duration > 0) {
    info.duration = static_cast<double>(container->duration) / AV_TIME_BASE;
  }
  for (unsigned i = 0; i < container->nb_streams; ++i) {
    info.streams.push_back(DescribeStream(container, container->streams[i]));
  }
  info.best_video = BestVideo(info.streams);
  info.best_audio = BestAudio(container, info.best_video);
  return info;
}

}  // namespace streamgear
