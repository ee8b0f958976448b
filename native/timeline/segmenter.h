// Segmenter: where a video track cuts itself, which is at the key frames that the grid asked for.
// A stream copy has its key frames where its source has them: the first one at or after a border
// of the grid starts the segment. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "timeline/segment_grid.h"

namespace streamgear {

class Segmenter {
 public:
  enum class Step {
    kGoOn,    ///< the packet belongs to the segment that is being filled
    kBegin,   ///< it begins the next one
    kMissed,  ///< it should, and is no key frame: the segment goes on
  };

  explicit Segmenter(const SegmentGrid& grid) : grid_(grid) {}

  /// What a packet that is shown at `pts` is, in decoding order.
  [[nodiscard]] Step At(std::int64_t pts, bool is_key_frame) const {
    if (!begun_) return Step::kBegin;
    if (CellAt(pts) <= cell_) return Step::kGoOn;
    return is_key_frame ? Step::kBegin : Step::kMissed;
  }

  /// The packet at `pts` begins a segment whose earliest picture is shown at `start`.
  void Begin(std::int64_t pts, std::int64_t start) {
    begun_ = true;
    cell_ = CellAt(pts);
    start_ = start;
  }

  [[nodiscard]] bool begun() const { return begun_; }
  /// Of the segment that is being filled: its cell of the grid, and its first presentation time.
  [[nodiscard]] std::int64_t cell() const { return cell_; }
  [[nodiscard]] std::int64_t start() const { return start_; }

 private:
  [[nodiscard]] std::int64_t CellAt(std::int64_t pts) const {
    return grid_.At(std::max<std::int64_t>(0, pts)).segment;
  }

  SegmentGrid grid_;
  bool begun_ = false;
  std::int64_t cell_ = 0;
  std::int64_t start_ = 0;
};

}  // namespace streamgear
