// frame_schedule: which frames one rendition takes, and which of them are key frames. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "timeline/segment_grid.h"

namespace streamgear {

/// One per rendition. Frames must come in growing time.
class FrameSchedule {
 public:
  /// `interval` in ticks: frames closer than that to the last one taken are left out; 0 takes all.
  FrameSchedule(SegmentGrid grid, std::int64_t interval) : grid_(grid), interval_(interval) {}

  struct Decision {
    bool take = false;
    bool key_frame = false;
  };

  /// The first frame of each grid cell is always taken, so that a rendition of lower rate cuts at
  /// the very same frames as the others; its own cadence starts anew there.
  [[nodiscard]] Decision Next(std::int64_t time, bool force_key_frame) {
    const SegmentGrid::Cell cell = grid_.At(time);
    const bool key_frame = force_key_frame || !cell_.has_value() || cell != *cell_;
    // Timestamps of real sources jitter: a frame that is a little early still is this one's turn.
    if (!key_frame && interval_ > 0 && time + interval_ / 8 < due_) return {};
    cell_ = cell;
    // A frame that comes late does not push the later ones back, unless it is a whole interval
    // late.
    due_ = key_frame || time - due_ >= interval_ ? time + interval_ : due_ + interval_;
    return {true, key_frame};
  }

 private:
  SegmentGrid grid_;
  std::int64_t interval_;
  std::int64_t due_ = 0;
  std::optional<SegmentGrid::Cell> cell_;
};

}  // namespace streamgear
