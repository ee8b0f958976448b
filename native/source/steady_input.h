// SteadyInput: the packets of a MediaInput with the jumps of their times taken out.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "base/av.h"
#include "base/event.h"
#include "base/status.h"
#include "base/tally.h"
#include "source/media_input.h"
#include "source/time_line.h"

namespace streamgear {

/// What counts as a jump. Decoding times that go back by more than a second: always. Such as are
/// more than ten seconds ahead: in formats that may start their clock anew (MPEG-TS, HLS …); in
/// others only when another stream that is read is as far ahead, else it is a real gap, or, when
/// the stream's own next packet is not ahead, a mistake: that packet follows on the one before it.
class SteadyInput {
 public:
  /// `input` is open and outlives this. `sink` gets a TIMESTAMP_JUMP warning per jump, and
  /// DECODE_ERROR for packets that cannot be read.
  SteadyInput(MediaInput& input, EventSink sink);
  SteadyInput(const SteadyInput&) = delete;
  SteadyInput& operator=(const SteadyInput&) = delete;

  /// As MediaInput::Read().
  [[nodiscard]] Status Read(AVPacket* packet, MediaInput::Result* result);

  /// Seconds, where the furthest packet so far ends.
  [[nodiscard]] double furthest() const { return time_line_.furthest(); }

 private:
  /// One call of MediaInput::Read(), kept for later.
  struct Item {
    PacketPtr packet = nullptr;
    MediaInput::Result result = MediaInput::Result::kEnd;
    Status status{};
  };

  [[nodiscard]] Item ReadItem();
  [[nodiscard]] Item NextItem();
  void Straighten(AVPacket* packet);
  [[nodiscard]] TimeLine::Placement Place(const AVPacket& packet, double time);
  [[nodiscard]] bool IsFarAhead(const AVPacket* packet) const;
  /// The next packet of this stream, or of any other; null when none is near.
  [[nodiscard]] const AVPacket* FindNext(int stream, bool of_another);
  [[nodiscard]] double TimeOf(const AVPacket* packet) const;
  [[nodiscard]] double DurationOf(const AVPacket* packet) const;
  void NoteReadErrors();
  void WarnOfJump(double from, double to);

  MediaInput& input_;
  const EventSink sink_;
  TimeLine time_line_;
  std::deque<Item> ahead_;  ///< read to decide about a jump, not given yet
  Tally jumps_;
  Tally read_errors_;
};

}  // namespace streamgear
