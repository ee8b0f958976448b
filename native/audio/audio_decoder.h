// AudioDecoder: packets in, samples with their times out. What cannot be decoded is left out and
// told. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/event.h"
#include "base/log.h"
#include "base/status.h"
#include "base/tally.h"
#include "source/packet_reader.h"

namespace streamgear {

class AudioDecoder {
 public:
  /// `log` and `stream` outlive it.
  AudioDecoder(const StreamDescription& stream, LogRing& log, EventSink sink)
      : stream_(stream), log_(log), sink_(std::move(sink)) {}

  [[nodiscard]] Status Open();

  /// What it will give, as far as one knows before the first packet.
  [[nodiscard]] const AudioFormat& format() const { return format_; }

  /// Null: no more packets, it only gives what it holds.
  void Send(const AVPacket* packet);

  /// The next samples, and their time on the stream's own time line in seconds, if they have one.
  /// Null: it wants another packet, or has ended.
  [[nodiscard]] FramePtr Receive(std::optional<double>* time);

  /// A failure when all that was sent could not be decoded.
  [[nodiscard]] Status Verdict() const;

 private:
  void NoteError(const std::string& reason);

  const StreamDescription& stream_;
  LogRing& log_;
  const EventSink sink_;
  CodecContextPtr context_;
  AudioFormat format_;
  bool any_frame_ = false;
  Tally errors_;
  int errors_in_a_row_ = 0;
};

}  // namespace streamgear
