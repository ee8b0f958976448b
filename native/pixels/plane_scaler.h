// plane_scaler: scales planes of 8-bit samples by at most a half per axis, in two passes: rows
// first, into 16 bits, then columns. Ours instead of libswscale's because the scaler is what a
// ladder pays beside its encoders, and this is three times as fast with the same filter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pixels/resample_filter.h"

namespace streamgear {

/// One size to another. Not thread-safe: it has a row of its own.
class PlaneScaler {
 public:
  /// Sides from 1; neither target side is less than half of the source's.
  struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
  };
  /// True when one step can make `target`.
  [[nodiscard]] static bool CanScale(Size source, Size target);

  PlaneScaler(Size source, Size target, FilterShape shape, Siting columns);

  /// Makes the rows from `first` on for which the first `source_rows` rows of the source are
  /// enough, and returns the row behind the last of them. Rows of both must be readable and
  /// writable up to the next multiple of 64 samples: those of a FramePool are.
  [[nodiscard]] int Scale(const std::uint8_t* source, std::ptrdiff_t source_stride, int source_rows,
                          std::uint8_t* target, std::ptrdiff_t target_stride, int first);

 private:
  void PlanColumns(const ResampleFilter& filter);
  [[nodiscard]] bool HasSource(int row, int source_rows) const;
  void ScaleRow(const std::uint8_t* source, std::ptrdiff_t stride, int row);

  const Size source_;
  const Size target_;
  const ResampleFilter rows_;
  int steps_ = 0;
  int pairs_ = 0;
  std::vector<std::int32_t> offsets_;
  std::vector<std::uint8_t> shuffles_;
  std::vector<std::int16_t> weights_;
  std::vector<std::int16_t> row_;
};

}  // namespace streamgear
