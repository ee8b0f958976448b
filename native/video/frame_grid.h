// FrameGrid: times in seconds as ticks of a pipeline. Pure.
//
// Many containers round times to milliseconds. A time that lies as near to a multiple of the frame
// duration as the container can express is that multiple: exactly regular frames come out exactly
// regular. Irregular times stay what they are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/rational.h"

namespace streamgear {

class FrameGrid {
 public:
  /// `tick`: seconds of the container's time base. The ticks per second are a multiple of the
  /// rate's numerator.
  FrameGrid(Rational frame_rate, double tick, std::int64_t ticks_per_second)
      : rate_(frame_rate),
        // Two rounded times are compared: this one's and the first frame's.
        tolerance_(std::min(tick, 0.001) + 1e-9),
        ticks_per_second_(ticks_per_second) {}

  /// Ticks of a frame `seconds` after the first one. They grow strictly.
  [[nodiscard]] std::int64_t Next(double seconds) {
    std::int64_t ticks = Snap(seconds);
    if (ticks <= last_) ticks = std::max(Exact(seconds), last_ + 1);
    last_ = ticks;
    return ticks;
  }

 private:
  [[nodiscard]] std::int64_t Exact(double seconds) const {
    return std::llround(seconds * static_cast<double>(ticks_per_second_));
  }

  [[nodiscard]] std::int64_t Snap(double seconds) const {
    const std::int64_t number = std::llround(seconds * rate_.value());
    const std::int64_t ticks = number * ticks_per_second_ * rate_.den / rate_.num;
    const double regular = static_cast<double>(number) / rate_.value();
    return std::abs(regular - seconds) <= tolerance_ ? ticks : Exact(seconds);
  }

  const Rational rate_;
  const double tolerance_;
  const std::int64_t ticks_per_second_;
  std::int64_t last_ = -1;
};

}  // namespace streamgear
