// AudioPacketReader: the packets of one audio stream of a file, URL or device of its own. One
// thread; Cancel() and SetDeadline() from any.
#pragma once

#include <chrono>

#include "config.h"
#include "media_input.h"
#include "packet_reader.h"

namespace streamgear {

class AudioPacketReader final : public PacketReader {
 public:
  /// `config` outlives it.
  explicit AudioPacketReader(const AudioConfig& config) : config_(config), input_(config.input) {}

  /// Opens it, finds the stream and goes to where it is wanted from.
  [[nodiscard]] Status Open();

  [[nodiscard]] const StreamDescription& stream() const override { return stream_; }
  [[nodiscard]] Status Read(AVPacket* packet, Result* result) override;

  [[nodiscard]] const MediaInput& input() const { return input_; }

  /// Seconds on its time line that are its begin: the container's start.
  [[nodiscard]] double origin() const { return origin_; }

  /// Its times may jump: broadcasts (MPEG-TS) begin anew.
  [[nodiscard]] bool discontinuous() const {
    return (input_.context()->iformat->flags & AVFMT_TS_DISCONT) != 0;
  }

  /// A capture device.
  [[nodiscard]] bool is_device() const { return input_.info().device; }

  void Cancel() { input_.Cancel(); }
  void SetDeadline(Clock::time_point deadline) { input_.SetDeadline(deadline); }

 private:
  [[nodiscard]] Status FindStream();
  void SeekToStart();

  const AudioConfig& config_;
  MediaInput input_;
  int index_ = -1;
  double origin_ = 0;
  StreamDescription stream_;
};

}  // namespace streamgear
