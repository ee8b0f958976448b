// encoder: one rendition. Its thread opens the encoder, feeds it pictures and hands on packets; no
// other rendition is ever seen here.
#pragma once

#include <memory>
#include <variant>

#include "av.h"
#include "config.h"
#include "encoder_clock.h"
#include "frame.h"
#include "log.h"
#include "packager.h"
#include "queue.h"
#include "stats.h"
#include "status.h"

namespace streamgear {

/// From the encoders to the packager.
struct StreamEnd {
  int rendition = 0;
};
using EncoderOutput = std::variant<StreamInfo, EncodedPacket, StreamEnd>;
using PacketQueue = BoundedQueue<EncoderOutput>;

/// The pixel format in which a rendition is encoded: the one asked for, else yuv420p, else the
/// encoder's first. AV_PIX_FMT_NONE when the encoder does not exist.
[[nodiscard]] AVPixelFormat EncoderPixelFormat(const RenditionConfig& rendition);

class Encoder {
 public:
  /// All references outlive the encoder.
  Encoder(const PipelineConfig& config, int index, BoundedQueue<Picture>& input,
          PacketQueue& output, RenditionStats& stats, LogRing& log);

  /// The thread's body: opens, encodes until the input is closed and drained, flushes. Ends early
  /// when a queue is cancelled.
  [[nodiscard]] Status Run();

 private:
  [[nodiscard]] Status Loop();
  [[nodiscard]] Status Open();
  void Close();
  void Configure();
  [[nodiscard]] Status Announce();
  [[nodiscard]] Status Encode(Picture picture);
  [[nodiscard]] Status Reopen();
  [[nodiscard]] Status Receive();
  [[nodiscard]] Status Drain();
  [[nodiscard]] Status Flush();
  [[nodiscard]] Failure Fail(const std::string& code, const std::string& what, int error) const;

  const PipelineConfig& config_;
  const RenditionConfig& rendition_;
  const int index_;
  const Rational frame_rate_;
  BoundedQueue<Picture>& input_;
  PacketQueue& output_;
  RenditionStats& stats_;
  LogRing& log_;

  CodecContextPtr context_;
  PacketPtr packet_;
  EncoderClock clock_;
  bool has_frames_ = false;  ///< the open context got one
  bool cancelled_ = false;
};

}  // namespace streamgear
