// encoder_clock: ticks to an encoder's own time and back. Pure.
//
// Encoders get frame numbers (time base 1 / frame rate), not ticks: rate control of several of them
// takes one unit of the time base for one frame (libvpx, libaom, SVT-AV1), and some bound the time
// base (mpeg4). Real gaps become gaps in the numbers. What comes out gets the exact ticks back, so
// nothing is ever rounded to the frame rate.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace streamgear {

class EncoderClock {
 public:
  /// `frame_ticks`: ticks of one frame at the nominal rate, at least 1.
  explicit EncoderClock(std::int64_t frame_ticks)
      : frame_ticks_(std::max<std::int64_t>(1, frame_ticks)) {}

  using TimePoint = std::chrono::steady_clock::time_point;

  /// The frame number for a picture at `ticks`. Numbers grow strictly, whatever the jitter of the
  /// times.
  [[nodiscard]] std::int64_t Enter(std::int64_t ticks, TimePoint pushed_at) {
    const std::int64_t rounded = (ticks + frame_ticks_ / 2) / frame_ticks_;
    const std::int64_t number = entries_.empty() ? rounded : std::max(rounded, last_number_ + 1);
    last_number_ = number;
    entries_.push_back({number, ticks, pushed_at});
    return number;
  }

  struct Times {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
    TimePoint pushed_at;
  };

  /// Ticks of a packet. `dts` never passes `pts` and grows strictly.
  [[nodiscard]] Times Leave(std::int64_t pts_number, std::int64_t dts_number) {
    const Entry shown = Find(pts_number);
    std::int64_t dts = std::min(Find(dts_number).ticks, shown.ticks);
    if (started_) dts = std::max(dts, last_dts_ + 1);
    started_ = true;
    last_dts_ = dts;
    // Decoding times grow: what lies well before this one will not be asked for again.
    while (entries_.size() > 1 && entries_[1].number <= dts_number) entries_.pop_front();
    return {shown.ticks, dts, shown.pushed_at};
  }

 private:
  struct Entry {
    std::int64_t number = 0;
    std::int64_t ticks = 0;
    TimePoint pushed_at;
  };

  /// The entry of a number; numbers that were never entered (the negative ones of reordering) are
  /// extrapolated.
  [[nodiscard]] Entry Find(std::int64_t number) const {
    if (entries_.empty()) return {number, number * frame_ticks_, {}};
    const auto after = std::upper_bound(
        entries_.begin(), entries_.end(), number,
        [](std::int64_t value, const Entry& entry) { return value < entry.number; });
    const Entry& base = after == entries_.begin() ? entries_.front() : *(after - 1);
    return {number, base.ticks + (number - base.number) * frame_ticks_, base.pushed_at};
  }

  std::int64_t frame_ticks_;
  std::deque<Entry> entries_;
  std::int64_t last_number_ = 0;
  std::int64_t last_dts_ = 0;
  bool started_ = false;
};

}  // namespace streamgear
