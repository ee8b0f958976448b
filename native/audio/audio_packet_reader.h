// AudioPacketReader: the packets of one audio stream of a file, URL or device of its own. One
// thread; Cancel() and SetDeadline() from any.
#pragma once

#include <optional>

#include "base/event.h"
#include "config.h"
#include "source/input_reader.h"
#include "source/media_input.h"
#include "source/packet_reader.h"

namespace streamgear {

class AudioPacketReader final : public PacketReader {
 public:
  /// `config` and `tick_clock` outlive it.
  AudioPacketReader(const AudioConfig& config, const TickClock& tick_clock, EventSink sink)
      : config_(config), sink_(std::move(sink)), input_(config.input, tick_clock) {}

  /// Opens it, finds the stream and goes to where it is wanted from.
  [[nodiscard]] Status Open();

  // Valid after Open().
  [[nodiscard]] const StreamDescription& stream() const override { return reader_->stream(); }
  [[nodiscard]] Status Read(AVPacket* packet, Result* result) override {
    return reader_->Read(packet, result);
  }
  [[nodiscard]] const MediaInput& input() const { return input_; }

  /// Seconds on its time line that are its begin: the container's start.
  [[nodiscard]] double origin() const;

  /// Seconds of it that the container promises; -1 when it does not, or only guesses.
  [[nodiscard]] double duration() const;

  void Cancel() { input_.Cancel(); }
  void SetDeadline(Clock::time_point deadline) { input_.SetDeadline(deadline); }

 private:
  [[nodiscard]] Status FindStream();
  void SeekToStart();

  const AudioConfig& config_;
  const EventSink sink_;
  MediaInput input_;
  int index_ = -1;
  std::optional<InputReader> reader_;
};

}  // namespace streamgear
