// scale_kernels: the two inner loops of plane_scaler, on Highway: compiled for every instruction
// set of the architecture, the best that the CPU has is chosen at run time. All give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace streamgear::scale {

/// Rows between the two passes have 6 fractional bits: 255 and a filter's overshoot fit 16 bits.
inline constexpr int kRowBits = 6;
/// Rows that are read, and written, may be touched up to the next multiple of so many samples.
inline constexpr int kPadding = 64;
/// Columns that one step of BlendColumns makes.
inline constexpr int kStepColumns = 8;
/// Samples that one load of BlendColumns spans; two of its four columns' neighbours must lie
/// within.
inline constexpr int kWindow = 8;

/// target[x] = sum of weights[i] * rows[i][x], rounded per term. `taps` is 2, 4, 6 or 8.
void BlendRows(const std::uint8_t* const* rows, const std::int16_t* weights, int taps, int width,
               std::int16_t* target);

/// How to blend neighbours of a row. Per step of 8 columns: `offsets` has two window starts, for 4
/// columns each; `shuffles` two masks of 16 bytes, which bring a window's sample pairs into the
/// order of the columns; `weights` for each of `pairs` 16 values, a pair per column. The window
/// moves on by 2 samples from pair to pair.
struct ColumnPlan {
  int steps = 0;
  int pairs = 0;
  const std::int32_t* offsets = nullptr;
  const std::uint8_t* shuffles = nullptr;
  const std::int16_t* weights = nullptr;
};

/// Blends `row` (kRowBits fractional bits) into 8 * steps samples of 8 bits.
void BlendColumns(const ColumnPlan& plan, const std::int16_t* row, std::uint8_t* target);

}  // namespace streamgear::scale
