// Small video files for tests, encoded with libav's own encoders.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

#include "base/av.h"

namespace streamgear::test {

struct ClipSpec {
  int width = 64;
  int height = 48;
  int frames = 10;
  AVRational rate{25, 1};
  const char* codec = "ffv1";  ///< lossless
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  AVColorSpace space = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVRational sample_aspect_ratio{1, 1};
  std::optional<std::array<std::int32_t, 9>> display_matrix;
  int gop = 12;
  int b_frames = 0;
  int start = 0;     ///< frames before the first one
  double sound = 0;  ///< seconds of silence beside it, as PCM; 0 = none
  double sound_start = 0;
};

using Fill = std::function<void(AVFrame*, int index)>;

/// A planar picture of one value per plane.
inline void FillPlanes(AVFrame* frame, const std::array<int, 3>& values) {
  for (int plane = 0; plane < 3 && frame->data[plane] != nullptr; ++plane) {
    const AVPixFmtDescriptor* descriptor =
        av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    const int rows =
        plane == 0 ? frame->height : AV_CEIL_RSHIFT(frame->height, descriptor->log2_chroma_h);
    for (int y = 0; y < rows; ++y) {
      std::memset(frame->data[plane] + static_cast<std::ptrdiff_t>(y) * frame->linesize[plane],
                  values[static_cast<std::size_t>(plane)],
                  static_cast<std::size_t>(frame->linesize[plane]));
    }
  }
}

/// A picture in which every frame differs from every other, and each pixel from its neighbours.
inline void FillPattern(AVFrame* frame, int index) {
  FillPlanes(frame, {0, 100 + index % 50, 140 - index % 50});
  for (int y = 0; y < frame->height; ++y) {
    for (int x = 0; x < frame->width; ++x) {
      frame->data[0][y * frame->linesize[0] + x] =
          static_cast<std::uint8_t>(16 + (x * 3 + y * 5 + index * 11) % 200);
    }
  }
}

class ClipWriter {
 public:
  ClipWriter(const std::string& path, const ClipSpec& spec) : spec_(spec) {
    const AVCodec* codec = avcodec_find_encoder_by_name(spec.codec);
    avformat_alloc_output_context2(&muxer_, nullptr, nullptr, path.c_str());
    if (codec == nullptr || muxer_ == nullptr) {
      ADD_FAILURE() << "no " << spec.codec << " or no muxer for " << path;
      return;
    }
    OpenEncoder(codec);
    stream_ = avformat_new_stream(muxer_, nullptr);
    avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = spec.rate;
    stream_->sample_aspect_ratio = spec.sample_aspect_ratio;
    if (spec.display_matrix) AddDisplayMatrix(*spec.display_matrix);
    if (spec.sound > 0) AddSound();
    EXPECT_GE(avio_open(&muxer_->pb, path.c_str(), AVIO_FLAG_WRITE), 0) << path;
    EXPECT_GE(avformat_write_header(muxer_, nullptr), 0) << path;
  }
  ClipWriter(const ClipWriter&) = delete;
  ClipWriter& operator=(const ClipWriter&) = delete;
  ~ClipWriter() {
    if (muxer_ == nullptr) return;
    avio_closep(&muxer_->pb);
    avformat_free_context(muxer_);
  }

  void Write(const Fill& fill) {
    if (stream_ == nullptr) return;
    FramePtr frame(av_frame_alloc());
    for (int i = 0; i < spec_.frames; ++i) {
      frame->width = spec_.width;
      frame->height = spec_.height;
      frame->format = spec_.format;
      ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
      fill(frame.get(), i);
      frame->pts = spec_.start + i;
      WriteSound(static_cast<double>(frame->pts) / av_q2d(spec_.rate));
      Encode(frame.get());
      av_frame_unref(frame.get());
    }
    Encode(nullptr);
    WriteSound(INFINITY);
    EXPECT_GE(av_write_trailer(muxer_), 0);
  }

 private:
  void OpenEncoder(const AVCodec* codec) {
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->width = spec_.width;
    encoder_->height = spec_.height;
    encoder_->pix_fmt = spec_.format;
    encoder_->time_base = av_inv_q(spec_.rate);
    encoder_->framerate = spec_.rate;
    encoder_->colorspace = spec_.space;
    encoder_->color_range = spec_.range;
    encoder_->color_trc = spec_.transfer;
    encoder_->sample_aspect_ratio = spec_.sample_aspect_ratio;
    encoder_->gop_size = spec_.gop;
    encoder_->max_b_frames = spec_.b_frames;
    encoder_->bit_rate = 4'000'000;
    encoder_->thread_count = 1;
    if ((muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
      encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    EXPECT_GE(avcodec_open2(encoder_.get(), codec, nullptr), 0) << spec_.codec;
  }

  void AddDisplayMatrix(const std::array<std::int32_t, 9>& matrix) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
    std::uint8_t* data = av_packet_side_data_new(&stream_->codecpar->coded_side_data,
                                                 &stream_->codecpar->nb_coded_side_data,
                                                 AV_PKT_DATA_DISPLAYMATRIX, sizeof(matrix), 0)
                             ->data;
#else
    std::uint8_t* data =
        av_stream_new_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, sizeof(matrix));
#endif
    std::memcpy(data, matrix.data(), sizeof(matrix));
  }

  void Encode(const AVFrame* frame) {
    ASSERT_GE(avcodec_send_frame(encoder_.get(), frame), 0);
    const PacketPtr packet(av_packet_alloc());
    while (avcodec_receive_packet(encoder_.get(), packet.get()) >= 0) {
      av_packet_rescale_ts(packet.get(), encoder_->time_base, stream_->time_base);
      packet->stream_index = 0;
      packet->duration = av_rescale_q(1, encoder_->time_base, stream_->time_base);
      ASSERT_GE(av_interleaved_write_frame(muxer_, packet.get()), 0);
    }
  }

  static constexpr int kSampleRate = 48000;
  static constexpr int kSoundSamples = 1920;  ///< of one packet: 40 ms

  void AddSound() {
    sound_ = avformat_new_stream(muxer_, nullptr);
    sound_->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
    sound_->codecpar->codec_id = AV_CODEC_ID_PCM_S16LE;
    sound_->codecpar->format = AV_SAMPLE_FMT_S16;
    sound_->codecpar->sample_rate = kSampleRate;
    sound_->codecpar->bits_per_coded_sample = 16;
    sound_->codecpar->block_align = 2;
    av_channel_layout_default(&sound_->codecpar->ch_layout, 1);
    sound_->time_base = {1, kSampleRate};
  }

  /// The sound up to a time in seconds.
  void WriteSound(double until) {
    if (sound_ == nullptr) return;
    const auto first = static_cast<std::int64_t>(spec_.sound_start * kSampleRate);
    const auto last = first + static_cast<std::int64_t>(spec_.sound * kSampleRate);
    while (first + sound_samples_ < last &&
           static_cast<double>(first + sound_samples_) / kSampleRate <= until) {
      const PacketPtr packet(av_packet_alloc());
      ASSERT_GE(av_new_packet(packet.get(), kSoundSamples * 2), 0);
      std::memset(packet->data, 0, static_cast<std::size_t>(packet->size));
      packet->stream_index = sound_->index;
      packet->pts = packet->dts = first + sound_samples_;
      packet->duration = kSoundSamples;
      av_packet_rescale_ts(packet.get(), {1, kSampleRate}, sound_->time_base);
      ASSERT_GE(av_interleaved_write_frame(muxer_, packet.get()), 0);
      sound_samples_ += kSoundSamples;
    }
  }

  const ClipSpec spec_;
  AVFormatContext* muxer_ = nullptr;
  CodecContextPtr encoder_;
  AVStream* stream_ = nullptr;
  AVStream* sound_ = nullptr;
  std::int64_t sound_samples_ = 0;  ///< written so far
};

/// A folder of this test process, deleted when it ends.
class ClipFolder {
 public:
  ClipFolder() {
    std::string name = testing::TempDir() + "streamgear-clips-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ClipFolder(const ClipFolder&) = delete;
  ClipFolder& operator=(const ClipFolder&) = delete;
  ~ClipFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] static std::string PathOf(const std::string& name) {
    static const ClipFolder folder;
    return folder.path_ + "/" + name;
  }

 private:
  std::string path_;
};

/// Writes a clip and gives its path. The extension chooses the container.
inline std::string WriteClip(const std::string& name, const ClipSpec& spec,
                             const Fill& fill = FillPattern) {
  const std::string path = ClipFolder::PathOf(name);
  ClipWriter(path, spec).Write(fill);
  return path;
}

}  // namespace streamgear::test
