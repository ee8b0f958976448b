// encoder: one rendition. Its thread opens the encoder, feeds it pictures and hands on packets; no
// other rendition is ever seen here.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "base/av.h"
#include "base/event.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "media/packet.h"
#include "pixels/frame.h"
#include "video/encoder_clock.h"
#include "video/encoder_input.h"

namespace streamgear {

/// From the encoders to the packager.
struct StreamEnd {
  int rendition = 0;
};

/// Instead of every StreamInfo of the audio: there is none.
struct AudioLeftOut {};

using EncoderOutput = std::variant<StreamInfo, EncodedPacket, StreamEnd, AudioLeftOut>;
using PacketQueue = BoundedQueue<EncoderOutput>;

class Encoder {
 public:
  /// All references outlive the encoder.
  Encoder(const PipelineConfig& config, int index, BoundedQueue<Picture>& input,
          PacketQueue& output, RenditionStats& stats, LogRing& log, EventSink sink);

  /// The thread's body: opens, encodes until the input is closed and drained, flushes. Ends early
  /// when a queue is cancelled. A hardware encoder that cannot run gives way to the rendition's
  /// fallback, if it has one, with a WarningEvent HARDWARE_FALLBACK.
  [[nodiscard]] Status Run();

 private:
  [[nodiscard]] Status Loop();
  [[nodiscard]] Status Open();
  [[nodiscard]] Status OpenCodec();
  [[nodiscard]] Status OpenContext(const AVCodec* codec);
  void FallBack(const Failure& failure);
  void Close();
  void Configure();
  [[nodiscard]] Status Announce();
  [[nodiscard]] Status Describe(AVPacket* first) const;
  [[nodiscard]] Status Encode(Picture picture);
  [[nodiscard]] Status Reopen();
  void CheckDensity(std::int64_t ticks, std::int64_t number);
  [[nodiscard]] Status Receive();
  [[nodiscard]] Status Drain();
  [[nodiscard]] Status Flush();
  [[nodiscard]] std::string Subject(const std::string& what) const;
  [[nodiscard]] Failure Fail(const std::string& code, const std::string& what, int error) const;
  [[nodiscard]] Failure Blame(Failure failure, const std::string& what) const;
  [[nodiscard]] const std::string& codec() const {
    return fell_back_ ? rendition_.fallback_codec : rendition_.codec;
  }

  const PipelineConfig& config_;
  const RenditionConfig& rendition_;
  const int index_;
  const Rational frame_rate_;
  BoundedQueue<Picture>& input_;
  PacketQueue& output_;
  RenditionStats& stats_;
  LogRing& log_;
  const EventSink sink_;

  bool tells_density_;      ///< true for one rendition, until it has told
  bool fell_back_ = false;  ///< `fallback_codec` encodes
  CodecContextPtr context_;
  std::unique_ptr<EncoderInput> encoder_input_;
  PacketPtr packet_;
  EncoderClock clock_;
  bool has_frames_ = false;  ///< the open context got one
  bool draining_ = false;    ///< it gets no more
  bool described_ = false;   ///< the first packet went out
  bool cancelled_ = false;
};

}  // namespace streamgear
