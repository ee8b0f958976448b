// FrameClock: the time of each decoded frame, in seconds from the source's start, from timestamps
// that may be missing or wrong. Pure. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/rational.h"

namespace streamgear {

class FrameClock {
 public:
  /// `time_base` is the length of a tick in seconds. Without an origin the first frame is at 0.
  FrameClock(Rational time_base, Rational frame_rate, std::optional<std::int64_t> origin)
      : time_base_(time_base), frame_duration_(1 / frame_rate.value()), origin_(origin) {}

  /// Time 0, where nothing is known of it yet.
  void BeginAt(std::int64_t ticks) {
    if (!origin_) origin_ = ticks;
  }

  /// The time of the next frame: never negative and always later than the last one. A frame without
  /// a timestamp, or with one that does not grow, comes one frame duration after the last.
  [[nodiscard]] double Next(std::optional<std::int64_t> ticks) {
    const double next = last_ < 0 ? First(ticks) : Following(ticks);
    last_ = next;
    return next;
  }

  /// The timestamp that is time 0, once it is known.
  [[nodiscard]] std::optional<std::int64_t> origin() const { return origin_; }

 private:
  double First(std::optional<std::int64_t> ticks) {
    if (!ticks) return 0;
    // Some containers give the start of another stream, or none: the picture's own first time is
    // then the origin.
    if (!origin_ || *ticks < *origin_) origin_ = ticks;
    return Seconds(*ticks);
  }

  double Following(std::optional<std::int64_t> ticks) {
    const double expected = last_ + frame_duration_;
    if (!ticks) return expected;
    if (!origin_) {
      // The frames before this one had no timestamp: this one continues them.
      origin_ = *ticks - static_cast<std::int64_t>(expected / time_base_.value());
    }
    const double time = Seconds(*ticks);
    return time > last_ ? time : expected;
  }

  /// Exact for times up to days: the difference is taken in ticks.
  [[nodiscard]] double Seconds(std::int64_t ticks) const {
    return static_cast<double>(ticks - *origin_) * static_cast<double>(time_base_.num) /
           static_cast<double>(time_base_.den);
  }

  Rational time_base_;
  double frame_duration_;
  std::optional<std::int64_t> origin_;
  double last_ = -1;
};

}  // namespace streamgear
