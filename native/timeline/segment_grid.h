// SegmentGrid: a pure function of presentation time says where every rendition cuts.
//
// Segment k covers [k * segment_duration, (k + 1) * segment_duration). The first frame at or after
// a border starts the segment and is a key frame in every rendition, whatever its codec, rate or
// missing frames. Inside a segment the GOP grid starts anew, so `-gop` bounds the distance of key
// frames without ever moving a border.
#pragma once

#include <cstdint>

namespace streamgear {

class SegmentGrid {
 public:
  /// Both in ticks. A gop of 0, or one not shorter than a segment, places key frames at borders
  /// only.
  SegmentGrid(std::int64_t segment_duration, std::int64_t gop_duration)
      : segment_duration_(segment_duration),
        gop_duration_(gop_duration > 0 && gop_duration < segment_duration ? gop_duration
                                                                          : segment_duration) {}

  struct Cell {
    std::int64_t segment = 0;  ///< index of the segment
    std::int64_t gop = 0;      ///< index of the GOP inside the segment
    bool operator==(const Cell&) const = default;
  };

  /// The cell in which a time (≥ 0, in ticks) lies.
  [[nodiscard]] Cell At(std::int64_t time) const {
    const std::int64_t segment = time / segment_duration_;
    return {segment, (time - segment * segment_duration_) / gop_duration_};
  }

  [[nodiscard]] std::int64_t segment_duration() const { return segment_duration_; }

 private:
  std::int64_t segment_duration_;
  std::int64_t gop_duration_;
};

}  // namespace streamgear
