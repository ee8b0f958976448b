// CopyClock: times of packets that are copied, in ticks of a pipeline. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace streamgear {

/// Packets come in decoding order. Presentation times stay what they are; decoding times that are
/// missing or wrong are made: they grow, and never pass the presentation.
class CopyClock {
 public:
  /// `time_base`: seconds of the container's ticks. `frame_ticks`: of one frame, at least 1.
  /// `delay`: frames by which decoding is ahead of presentation.
  CopyClock(double time_base, std::int64_t ticks_per_second, std::int64_t frame_ticks, int delay)
      : time_base_(time_base),
        ticks_per_second_(ticks_per_second),
        frame_ticks_(frame_ticks),
        delay_(delay) {}

  struct Times {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
  };

  /// `pts` of the first packet is time 0.
  [[nodiscard]] Times Next(std::int64_t pts, std::optional<std::int64_t> dts) {
    if (!origin_) origin_ = pts;
    Times times{.pts = Ticks(pts)};
    const std::int64_t made = started_ ? last_ + frame_ticks_ : times.pts - delay_ * frame_ticks_;
    times.dts = std::min(dts ? Ticks(*dts) : made, times.pts);
    if (started_) times.dts = std::max(times.dts, last_ + 1);
    times.pts = std::max(times.pts, times.dts);
    started_ = true;
    last_ = times.dts;
    return times;
  }

 private:
  [[nodiscard]] std::int64_t Ticks(std::int64_t time) const {
    return std::llround(static_cast<double>(time - *origin_) * time_base_ *
                        static_cast<double>(ticks_per_second_));
  }

  const double time_base_;
  const std::int64_t ticks_per_second_;
  const std::int64_t frame_ticks_;
  const int delay_;
  std::optional<std::int64_t> origin_;
  bool started_ = false;
  std::int64_t last_ = 0;
};

}  // namespace streamgear
