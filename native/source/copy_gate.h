// CopyGate: which packets of a video may be copied. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/av.h"
#include "base/event.h"
#include "base/tally.h"

namespace streamgear {

/// Holds back what an edit list hides: a copy has no edit list to hide it, so whoever plays it
/// would see what was cut away. From there on nothing can be decoded up to the next key frame that
/// is shown; what is lost so is told with EDIT_NOT_COPIED. Holds back damaged packets as well,
/// which is told with DECODE_ERROR.
class CopyGate {
 public:
  /// `time_base`: seconds of the packets' ticks.
  CopyGate(std::string url, double time_base, EventSink sink)
      : url_(std::move(url)), time_base_(time_base), sink_(std::move(sink)) {}

  /// Takes a packet that has a pts; appends to `passed` what can be decided now, in its order.
  void Send(PacketPtr packet, std::vector<PacketPtr>* passed);

  /// No packet follows; `at_splice`: because another recording does.
  void Finish(bool at_splice, std::vector<PacketPtr>* passed);

  /// A packet was held back because of an edit list, and no key frame has come since.
  [[nodiscard]] bool hides() const { return hides_; }

 private:
  void Decide(std::vector<PacketPtr>* passed);
  void Pass(PacketPtr packet, std::vector<PacketPtr>* passed);
  void NoteDamage();
  void NoteEdit(std::int64_t end_pts);

  const std::string url_;
  const double time_base_;
  const EventSink sink_;
  bool hides_ = false;
  bool decodable_ = false;                   ///< a key frame has come
  std::int64_t key_pts_ = INT64_MIN;         ///< of the one from which decoding began
  std::int64_t first_lost_pts_ = INT64_MAX;  ///< of what is shown but cannot be decoded
  std::int64_t last_lost_pts_ = INT64_MIN;
  std::deque<PacketPtr> doubtful_;  ///< from one on that is marked as damaged
  Tally damages_;
  Tally edits_;
};

}  // namespace streamgear
