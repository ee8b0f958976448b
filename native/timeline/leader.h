// Leader: where the first video track has begun its segments, and how far it has come. All other
// tracks have its segments: one index means the same time in each of them. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace streamgear {

/// Ticks of one clock in ticks of another, rounded up: the first that is not before the time.
/// `ticks` is not negative.
[[nodiscard]] inline std::int64_t RescaleUp(std::int64_t ticks, std::int64_t from,
                                            std::int64_t to) {
  // Whole seconds apart, so that nothing overflows: both rates have 31 bits at most.
  return ticks / from * to + (ticks % from * to + from - 1) / from;
}

class Leader {
 public:
  /// A segment that it has begun.
  struct Border {
    std::int64_t start = 0;  ///< ticks of the leader
    std::int64_t cell = 0;   ///< of the segment grid
  };

  explicit Leader(std::int64_t ticks_per_second) : ticks_per_second_(ticks_per_second) {}

  void Begin(Border border) { borders_.push_back(border); }

  /// A packet that is shown at `pts` came.
  void Advance(std::int64_t pts) { position_ = std::max(position_, pts); }

  [[nodiscard]] bool has_begun() const { return !borders_.empty(); }

  /// The leader has come to `pts`, ticks of another clock. All its segments up to there are known
  /// then: what is behind a key frame in decoding order is shown behind the border that begins with
  /// it.
  [[nodiscard]] bool HasReached(std::int64_t pts, std::int64_t timescale) const {
    if (position_ < 0) return false;
    return pts <= 0 || RescaleUp(pts, timescale, ticks_per_second_) <= position_;
  }

  /// A segment by its index. Of one that is forgotten: the oldest that is known.
  [[nodiscard]] const Border& At(std::int64_t index) const {
    return borders_[static_cast<std::size_t>(std::max(index, first_) - first_)];
  }

  /// When a segment begins, in ticks of another clock: the first one that is not before it.
  [[nodiscard]] std::int64_t TimeOf(std::int64_t index, std::int64_t timescale) const {
    return RescaleUp(At(index).start, ticks_per_second_, timescale);
  }

  /// The index of the segment in which a time lies. What comes later than the leader remembers
  /// belongs to the oldest segment that it knows.
  [[nodiscard]] std::int64_t IndexAt(std::int64_t pts, std::int64_t timescale) const {
    std::int64_t index = first_ + static_cast<std::int64_t>(borders_.size()) - 1;
    while (index > first_ && TimeOf(index, timescale) > pts) --index;
    return index;
  }

  /// Forgets all segments before this index but the newest one.
  void Forget(std::int64_t before) {
    for (; borders_.size() > 1 && first_ < before; ++first_) borders_.pop_front();
  }

 private:
  std::int64_t ticks_per_second_;
  std::deque<Border> borders_;
  std::int64_t first_ = 0;      ///< index of borders_.front()
  std::int64_t position_ = -1;  ///< highest pts; -1 = none yet
};

}  // namespace streamgear
