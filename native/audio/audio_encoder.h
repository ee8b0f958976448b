// AudioEncoder: one audio rendition: frames of samples in, packets out. Lives on the audio thread.
#pragma once

#include <cstdint>
#include <string>

#include "audio/audio_encoder_format.h"
#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "video/encoder.h"

namespace streamgear {

/// What is known of the audio before it is encoded.
struct AudioTraits {
  AudioFormat format{};                           ///< of the samples
  const AVCodecParameters* parameters = nullptr;  ///< of the source's stream; null: pushed
  std::string language{};                         ///< BCP 47
  std::string name{};
  /// Not null: a stream of this is announced already and goes on, where AudioConfig::start says.
  const AVCodecParameters* continues = nullptr;
};

class AudioEncoder {
 public:
  /// `index`: of the audio rendition. All references outlive the encoder.
  AudioEncoder(const PipelineConfig& config, std::size_t index, PacketQueue& output,
               PipelineStats& stats, LogRing& log);

  /// Chooses the format, opens the encoder and announces its stream.
  [[nodiscard]] Status Open(const AudioTraits& traits);

  /// What Encode() takes.
  [[nodiscard]] const AudioFormat& format() const { return chosen_.format; }
  [[nodiscard]] int frame_size() const;
  /// It has channels less than the source, though nobody asked for it.
  [[nodiscard]] bool mixed_down() const { return chosen_.mixed_down; }

  /// A frame of frame_size() samples, the last one maybe less, with pts in samples.
  [[nodiscard]] Status Encode(const AVFrame* frame);

  /// Gives out what it holds, and ends its stream.
  [[nodiscard]] Status Finish();

  /// Nobody takes its packets any more.
  [[nodiscard]] bool cancelled() const { return cancelled_; }

 private:
  [[nodiscard]] Status Configure(const AVCodec* codec, const AudioTraits& traits);
  [[nodiscard]] Status Announce(const AudioTraits& traits);
  [[nodiscard]] Status Continue(const AVCodecParameters& announced);
  [[nodiscard]] Status WrapInAdts(AVPacket* packet) const;
  [[nodiscard]] Status Receive();
  [[nodiscard]] Status Fail(const std::string& code, const std::string& what, int error) const;

  const PipelineConfig& config_;
  const AudioRenditionConfig& rendition_;
  const int index_;  ///< among all renditions
  PacketQueue& output_;
  RenditionStats& stats_;
  LogRing& log_;

  EncoderFormat chosen_;
  CodecContextPtr context_;
  std::int64_t first_pts_ = INT64_MIN;  ///< packets before it are left out
  bool adts_ = false;                   ///< each packet has a header of its own
  bool has_frames_ = false;
  bool cancelled_ = false;
};

}  // namespace streamgear
