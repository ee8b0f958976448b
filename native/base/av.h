// av: the one place that knows libav's C API as such: owners for its objects, and what differs
// between FFmpeg 5.1 and 8.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
}

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/rational.h"
#include "config.h"
#include "pixels/pixel_format.h"

namespace streamgear {

struct AvFrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct AvPacketDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct AvCodecContextDeleter {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct AvCodecParametersDeleter {
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
};
struct AvInputDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct AvBufferRefDeleter {
  void operator()(AVBufferRef* reference) const { av_buffer_unref(&reference); }
};
struct AvBufferPoolDeleter {
  void operator()(AVBufferPool* pool) const { av_buffer_pool_uninit(&pool); }
};

struct AvBsfDeleter {
  void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
};

struct SwrDeleter {
  void operator()(SwrContext* context) const { swr_free(&context); }
};
struct AvAudioFifoDeleter {
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};

using FramePtr = std::unique_ptr<AVFrame, AvFrameDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, AvPacketDeleter>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, AvCodecContextDeleter>;
using CodecParametersPtr = std::unique_ptr<AVCodecParameters, AvCodecParametersDeleter>;
using BsfPtr = std::unique_ptr<AVBSFContext, AvBsfDeleter>;
using InputPtr = std::unique_ptr<AVFormatContext, AvInputDeleter>;
using BufferRefPtr = std::unique_ptr<AVBufferRef, AvBufferRefDeleter>;
using SwrPtr = std::unique_ptr<SwrContext, SwrDeleter>;
using AudioFifoPtr = std::unique_ptr<AVAudioFifo, AvAudioFifoDeleter>;
using BufferPoolPtr = std::unique_ptr<AVBufferPool, AvBufferPoolDeleter>;

/// An AVDictionary that frees itself. libav's calls take `&dict.raw`.
struct Dict {
  Dict() = default;
  explicit Dict(const OptionList& options) {
    for (const auto& [key, value] : options) av_dict_set(&raw, key.c_str(), value.c_str(), 0);
  }
  Dict(const Dict&) = delete;
  Dict& operator=(const Dict&) = delete;
  ~Dict() { av_dict_free(&raw); }

  /// The first entry that no component took, or "".
  [[nodiscard]] std::string FirstKey() const {
    const AVDictionaryEntry* entry = av_dict_get(raw, "", nullptr, AV_DICT_IGNORE_SUFFIX);
    return entry == nullptr ? "" : entry->key;
  }

  AVDictionary* raw = nullptr;
};

/// libav's text for an error code.
[[nodiscard]] inline std::string AvErrorText(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return text;
}

[[nodiscard]] inline AVRational ToAv(Rational value) {
  AVRational result{0, 1};
  av_reduce(&result.num, &result.den, value.num, value.den, INT32_MAX);
  return result;
}

[[nodiscard]] inline Rational FromAv(AVRational value) { return {value.num, value.den}; }

[[nodiscard]] inline AVPixelFormat ToAv(PixelFormat format) {
  return av_get_pix_fmt(std::string(PixelFormatName(format)).c_str());
}

/// AVFrame.duration is new in libavutil 57.30 (FFmpeg 6); before, encoders read pkt_duration.
inline void SetDuration(AVFrame* frame, int64_t duration) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  frame->duration = duration;
#else
  frame->pkt_duration = duration;
#endif
}

/// In the time base of its pts; 0 = unknown.
[[nodiscard]] inline int64_t DurationOf(const AVFrame* frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

/// AV_FRAME_FLAG_KEY is new in libavutil 58.7 (FFmpeg 6.1).
[[nodiscard]] inline bool IsKeyFrame(const AVFrame* frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame != 0;
#endif
}

/// AV_FRAME_FLAG_INTERLACED came with AV_FRAME_FLAG_KEY.
[[nodiscard]] inline bool IsInterlaced(const AVFrame* frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame->interlaced_frame != 0;
#endif
}

// What an encoder takes; empty when it does not say. AVCodec's own lists go away after FFmpeg 7.
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
template <typename T>
[[nodiscard]] std::vector<T> SupportedBy(const AVCodec* codec, AVCodecConfig what) {
  const void* list = nullptr;
  int count = 0;
  if (avcodec_get_supported_config(nullptr, codec, what, 0, &list, &count) < 0) return {};
  const auto* values = static_cast<const T*>(list);
  return values == nullptr ? std::vector<T>() : std::vector<T>(values, values + count);
}
[[nodiscard]] inline std::vector<AVPixelFormat> PixelFormatsOf(const AVCodec* codec) {
  return SupportedBy<AVPixelFormat>(codec, AV_CODEC_CONFIG_PIX_FORMAT);
}
[[nodiscard]] inline std::vector<AVSampleFormat> SampleFormatsOf(const AVCodec* codec) {
  return SupportedBy<AVSampleFormat>(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
}
[[nodiscard]] inline std::vector<int> SampleRatesOf(const AVCodec* codec) {
  return SupportedBy<int>(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
}
/// Layouts that own no memory.
[[nodiscard]] inline std::vector<AVChannelLayout> ChannelLayoutsOf(const AVCodec* codec) {
  return SupportedBy<AVChannelLayout>(codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT);
}
#else
/// A list of libavcodec up to the value that `ends` it.
template <typename T, typename Ends>
[[nodiscard]] std::vector<T> ListUntil(const T* value, Ends ends) {
  std::vector<T> values;
  for (; value != nullptr && !ends(*value); ++value) values.push_back(*value);
  return values;
}
[[nodiscard]] inline std::vector<AVPixelFormat> PixelFormatsOf(const AVCodec* codec) {
  return ListUntil(codec->pix_fmts, [](AVPixelFormat value) { return value == AV_PIX_FMT_NONE; });
}
[[nodiscard]] inline std::vector<AVSampleFormat> SampleFormatsOf(const AVCodec* codec) {
  return ListUntil(codec->sample_fmts,
                   [](AVSampleFormat value) { return value == AV_SAMPLE_FMT_NONE; });
}
[[nodiscard]] inline std::vector<int> SampleRatesOf(const AVCodec* codec) {
  return ListUntil(codec->supported_samplerates, [](int value) { return value == 0; });
}
/// Layouts that own no memory.
[[nodiscard]] inline std::vector<AVChannelLayout> ChannelLayoutsOf(const AVCodec* codec) {
  return ListUntil(codec->ch_layouts,
                   [](const AVChannelLayout& value) { return value.nb_channels == 0; });
}
#endif

/// Side data of a stream, of at least `size` bytes, or null. It is in the codec parameters from
/// libavcodec 60.31 (FFmpeg 6.1) on.
[[nodiscard]] inline const std::uint8_t* SideDataOf(const AVStream* stream,
                                                    AVPacketSideDataType type, std::size_t size) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  const AVPacketSideData* data = av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
  return data == nullptr || data->size < size ? nullptr : data->data;
#else
  std::size_t present = 0;
  const std::uint8_t* data = av_stream_get_side_data(stream, type, &present);
  return data == nullptr || present < size ? nullptr : data;
#endif
}

/// The display matrix of a stream (9 values), or null.
[[nodiscard]] inline const std::int32_t* DisplayMatrixOf(const AVStream* stream) {
  return reinterpret_cast<const std::int32_t*>(
      SideDataOf(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
}

/// AVChannelLayout replaced the count and the mask in libavcodec 59.24 (FFmpeg 5.1).
[[nodiscard]] inline int ChannelsOf(const AVCodecParameters* parameters) {
  return parameters->ch_layout.nb_channels;
}

/// "stereo", "5.1(side)"; "" when unknown.
[[nodiscard]] inline std::string ChannelLayoutName(const AVCodecParameters* parameters) {
  char name[128] = {};
  if (av_channel_layout_describe(&parameters->ch_layout, name, sizeof(name)) < 0) return "";
  return name;
}

/// avio's write callback takes const bytes from libavformat 61 on (FFmpeg 7).
#if LIBAVFORMAT_VERSION_MAJOR >= 61
using AvioWriteByte = const uint8_t;
#else
using AvioWriteByte = uint8_t;
#endif

/// Profile and level constants were renamed from FF_* to AV_* in libavcodec 60.30 (FFmpeg 6.1).
#ifdef AV_PROFILE_UNKNOWN
inline constexpr int kProfileUnknown = AV_PROFILE_UNKNOWN;
#else
inline constexpr int kProfileUnknown = FF_PROFILE_UNKNOWN;
#endif

}  // namespace streamgear
