// CopyClock: times of packets that are copied, in ticks of a pipeline. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

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
        delay_(std::max(0, delay)) {
    for (int i = delay_; i > 0; --i) waiting_.push_back(-i * frame_ticks_);
  }

  struct Times {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
  };

  /// `pts` of the first packet is time 0.
  [[nodiscard]] Times Next(std::int64_t pts, std::optional<std::int64_t> dts) {
    if (!origin_) origin_ = pts;
    Times times{.pts = At(pts)};
    times.dts = DecodingTime(times.pts, dts);
    if (started_) times.dts = std::max(times.dts, last_ + 1);
    times.pts = std::max(times.pts, times.dts);
    started_ = true;
    last_ = times.dts;
    return times;
  }

  /// Ticks of the pipeline for a time of the container. After the first Next().
  [[nodiscard]] std::int64_t At(std::int64_t time) const {
    return std::llround(static_cast<double>(time - *origin_) * time_base_ *
                        static_cast<double>(ticks_per_second_));
  }

 private:
  /// A decoder that is `delay` frames ahead decodes a picture when the earliest of those that it
  /// has is shown. No later picture is shown before that. A container's own time is taken where it
  /// is earlier, or where it alone knows of a gap.
  [[nodiscard]] std::int64_t DecodingTime(std::int64_t pts, std::optional<std::int64_t> dts) {
    waiting_.insert(std::ranges::upper_bound(waiting_, pts), pts);
    const std::int64_t made = waiting_.front();
    waiting_.erase(waiting_.begin());
    if (!dts) return made;
    const std::int64_t told = At(*dts);
    const bool gap = told - made > (delay_ + 2) * frame_ticks_;
    return std::min(told, gap ? pts : made);
  }

  const double time_base_;
  const std::int64_t ticks_per_second_;
  const std::int64_t frame_ticks_;
  const int delay_;
  std::vector<std::int64_t> waiting_;  ///< times of pictures that are decoded and not shown; sorted
  std::optional<std::int64_t> origin_;
  bool started_ = false;
  std::int64_t last_ = 0;
};

}  // namespace streamgear
