// AudioRenditions: all encoded versions of one audio: encodings, which share its decoder, and
// copies of its packets. Lives on the audio thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/audio_copier.h"
#include "audio/audio_decoder.h"
#include "audio/audio_end.h"
#include "audio/audio_flow.h"
#include "audio/audio_header.h"
#include "audio/audio_pacer.h"
#include "audio/audio_times.h"
#include "base/event.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "presentation_clock.h"
#include "source/packet_reader.h"
#include "video/encoder.h"

namespace streamgear {

class AudioRenditions {
 public:
  /// All references outlive it.
  AudioRenditions(const PipelineConfig& config, PresentationClock& clock, PacketQueue& output,
                  PipelineStats& stats, AudioEnd& end, EventSink sink, LogRing& log);
  ~AudioRenditions();

  /// For samples that are pushed.
  [[nodiscard]] Status OpenPushed();

  /// For packets of `stream`, which outlives it. `captured`: by a device, whose time is the wall's.
  [[nodiscard]] Status Open(const StreamDescription& stream, bool captured);

  /// Seconds on the stream's time line that are the begin of the presentation.
  void SetOrigin(double seconds);

  /// The next packet. Waits for the video.
  [[nodiscard]] Status Add(const AVPacket& packet);

  /// Samples that should be at `time` (seconds of presentation). Waits for the video.
  [[nodiscard]] Status AddSamples(FramePtr samples, std::optional<double> time);

  /// Nothing more comes: gives out what is held, up to the end of the video, and ends the streams.
  [[nodiscard]] Status Finish();

  /// They take nothing any more: the presentation has ended, or nobody takes their packets.
  [[nodiscard]] bool done() const;

  /// Seconds of presentation: where the next samples go.
  [[nodiscard]] double position() const;

 private:
  /// Encodings whose header has been told, so that what they encode must fit.
  struct Continued;

  [[nodiscard]] Status OpenCopiers(const AudioTraits& traits);
  [[nodiscard]] Status OpenDecoder();
  [[nodiscard]] Status OpenFlow(const AudioTraits& traits, const TimelineRules& rules);
  [[nodiscard]] Status Copy(const AVPacket& packet, std::optional<double> time);
  [[nodiscard]] Status EncodeInstead();
  [[nodiscard]] Status Continue(const AudioCopier& copier, Status* refused);
  [[nodiscard]] Status Decode(const AVPacket* packet);
  [[nodiscard]] Status TakeDecoded();
  [[nodiscard]] Status TakeCaptured(FramePtr samples, std::optional<double> stamp);

  const PipelineConfig& config_;
  PresentationClock& clock_;
  PacketQueue& output_;
  PipelineStats& stats_;
  AudioEnd& end_;
  const EventSink sink_;
  LogRing& log_;

  const StreamDescription* stream_ = nullptr;  ///< null: pushed
  AudioTimes packet_times_;
  AudioTimes sample_times_;
  bool captured_ = false;
  bool capture_ended_ = false;
  std::optional<AudioPacer> pacer_;
  std::optional<AudioDecoder> decoder_;
  std::optional<AudioFlow> flow_;  ///< empty when all renditions are copies
  std::vector<std::unique_ptr<AudioCopier>> copiers_;
  std::optional<AudioChangeWatch> watch_;  ///< of what is copied
  PacketPtr doubtful_;                     ///< which may be the first that is not copied
  std::vector<std::unique_ptr<Continued>> continued_;
};

}  // namespace streamgear
