#include "timeline/segment_grid.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace streamgear {
namespace {

using Cell = SegmentGrid::Cell;

/// Frame numbers at which a stream of `count` frames, `ticks` apart, enters a new cell.
std::vector<int> Cuts(const SegmentGrid& grid, std::int64_t ticks, int count) {
  std::vector<int> cuts;
  Cell before{-1, -1};
  for (int i = 0; i < count; ++i) {
    const Cell cell = grid.At(i * ticks);
    if (!(cell == before)) cuts.push_back(i);
    before = cell;
  }
  return cuts;
}

TEST(SegmentGrid, ABorderBelongsToTheSegmentThatItStarts) {
  const SegmentGrid grid(4000, 0);
  EXPECT_EQ(grid.At(0), (Cell{0, 0}));
  EXPECT_EQ(grid.At(3999), (Cell{0, 0}));
  EXPECT_EQ(grid.At(4000), (Cell{1, 0}));
  EXPECT_EQ(grid.At(8000), (Cell{2, 0}));
  EXPECT_EQ(grid.segment_duration(), 4000);
}

TEST(SegmentGrid, AGopStartsAnewInEverySegment) {
  const SegmentGrid grid(4000, 1500);  // 1500, 1500, and 1000 that are left
  EXPECT_EQ(grid.At(1499), (Cell{0, 0}));
  EXPECT_EQ(grid.At(1500), (Cell{0, 1}));
  EXPECT_EQ(grid.At(3000), (Cell{0, 2}));
  EXPECT_EQ(grid.At(3999), (Cell{0, 2}));
  EXPECT_EQ(grid.At(4000), (Cell{1, 0}));
  EXPECT_EQ(grid.At(5499), (Cell{1, 0}));
  EXPECT_EQ(grid.At(5500), (Cell{1, 1}));
}

TEST(SegmentGrid, AGopThatIsNotShorterThanASegmentAddsNothing) {
  for (const std::int64_t gop : {0, -1, 4000, 4001, 100000}) {
    const SegmentGrid grid(4000, gop);
    EXPECT_EQ(grid.At(3999), (Cell{0, 0})) << gop;
    EXPECT_EQ(grid.At(4001), (Cell{1, 0})) << gop;
  }
}

TEST(SegmentGrid, FramesThatMissTheBorderCutAtTheFirstOneAfterIt) {
  // 24000/1001 fps in 1/24000 s, segments of 2 s: borders at 48000 k, frames at 1001 i.
  const SegmentGrid grid(48000, 0);
  EXPECT_EQ(Cuts(grid, 1001, 200), (std::vector<int>{0, 48, 96, 144, 192}));
  // Half the rate cuts at the same times: frame 24 of it is frame 48 of the other.
  EXPECT_EQ(Cuts(grid, 2002, 100), (std::vector<int>{0, 24, 48, 72, 96}));
}

TEST(SegmentGrid, TheCellDoesNotDependOnTheFramesBefore) {
  const SegmentGrid grid(90000, 30000);
  EXPECT_EQ(grid.At(90000 * 7 + 45000), (Cell{7, 1}));  // whatever came before, gap or not
}

TEST(SegmentGrid, YearsOfTicksDoNotOverflow) {
  constexpr std::int64_t kSegment = 180000;
  const SegmentGrid grid(kSegment, 90000);
  const std::int64_t segments = std::int64_t{1} << 45;  // 2 s each
  EXPECT_EQ(grid.At(segments * kSegment - 1), (Cell{segments - 1, 1}));
  EXPECT_EQ(grid.At(segments * kSegment), (Cell{segments, 0}));
}

}  // namespace
}  // namespace streamgear
