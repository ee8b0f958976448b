// Follower: where an audio track is cut, which is at the leader's borders. Its segments have the
// leader's indices, gaps included. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "timeline/leader.h"

namespace streamgear {

class Follower {
 public:
  /// `leader` outlives the follower. Times are in ticks of `timescale`.
  Follower(const Leader& leader, std::int64_t timescale)
      : leader_(&leader), timescale_(timescale) {}

  /// The index of the segment to which a packet at `pts` belongs. It never goes back.
  [[nodiscard]] std::int64_t IndexAt(std::int64_t pts) const {
    return std::max(leader_->IndexAt(pts, timescale_), segment_);
  }

  /// The leader is as far as `pts`: what it cuts before there is known.
  [[nodiscard]] bool MayCome(std::int64_t pts) const {
    return leader_->HasReached(pts, timescale_);
  }

  /// A segment is filled, and a packet of segment `index` ends it.
  [[nodiscard]] bool Cuts(std::int64_t index) const { return filling_ && index > segment_; }

  /// A segment begins with presentation time `start`.
  void Begin(std::int64_t index, std::int64_t start) {
    filling_ = true;
    segment_ = index;
    start_ = start;
  }

  /// The segment that was filled is closed.
  void Close() { filling_ = false; }

  /// When a listed segment ends whose last packet ends at `end`: a manifest has no holes even where
  /// the audio has. A playlist knows only durations, and dash.js never finds a segment behind a
  /// hole of a timeline.
  [[nodiscard]] std::int64_t EndOf(std::int64_t index, std::int64_t end) const {
    return std::max(end, leader_->TimeOf(index + 1, timescale_));
  }

  [[nodiscard]] bool filling() const { return filling_; }
  [[nodiscard]] std::int64_t segment() const { return segment_; }
  [[nodiscard]] std::int64_t start() const { return start_; }
  /// The leader's cell of the grid.
  [[nodiscard]] std::int64_t cell() const { return leader_->At(segment_).cell; }

 private:
  const Leader* leader_;
  std::int64_t timescale_;
  bool filling_ = false;
  std::int64_t segment_ = 0;
  std::int64_t start_ = 0;
};

/// Times of sources are often rounded to milliseconds, so that no two steps are equal. Only where a
/// whole packet would fit in is there nothing.
[[nodiscard]] inline bool IsHole(std::int64_t step, std::int64_t duration) {
  return duration > 0 && step >= 2 * duration;
}

}  // namespace streamgear
