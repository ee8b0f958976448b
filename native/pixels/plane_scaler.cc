#include "pixels/plane_scaler.h"

#include <algorithm>
#include <array>

#include "pixels/scale_kernels.h"

namespace streamgear {
namespace {

/// Replicated samples on each side of the row between the passes: more than a filter reaches, and
/// a whole window.
constexpr int kMargin = 16;

constexpr int kMaxTaps = 8;

int RoundUp(int value, int step) { return (value + step - 1) / step * step; }

}  // namespace

bool PlaneScaler::CanScale(Size source, Size target) {
  return 2 * target.width >= source.width && 2 * target.height >= source.height;
}

PlaneScaler::PlaneScaler(Size source, Size target, FilterShape shape, Siting columns)
    : source_(source),
      target_(target),
      rows_(MakeResampleFilter(source.height, target.height, shape, Siting::kCentered)),
      row_(static_cast<std::size_t>(RoundUp(source.width, scale::kPadding) + 2 * kMargin)) {
  PlanColumns(MakeResampleFilter(source.width, target.width, shape, columns));
}

void PlaneScaler::PlanColumns(const ResampleFilter& filter) {
  constexpr int kGroup = scale::kStepColumns / 2;  // columns that share a window
  steps_ = RoundUp(target_.width, scale::kStepColumns) / scale::kStepColumns;
  pairs_ = filter.taps / 2;
  // Columns behind the last only fill the step: they have no weight.
  weights_.assign(static_cast<std::size_t>(steps_ * pairs_ * scale::kStepColumns * 2), 0);
  for (int first = 0; first < steps_ * scale::kStepColumns; first += kGroup) {
    const int step = first / scale::kStepColumns;
    const int base = filter.starts[static_cast<std::size_t>(std::min(first, target_.width - 1))];
    offsets_.push_back(base + kMargin);
    for (int column = first; column < first + kGroup; ++column) {
      const auto known = static_cast<std::size_t>(std::min(column, target_.width - 1));
      const int sample = filter.starts[known] - base;
      for (int byte = 0; byte < 4; ++byte) {
        shuffles_.push_back(static_cast<std::uint8_t>(2 * sample + byte));
      }
      if (column >= target_.width) continue;
      for (int tap = 0; tap < filter.taps; ++tap) {
        const int at =
            ((step * pairs_ + tap / 2) * scale::kStepColumns + column % scale::kStepColumns) * 2 +
            tap % 2;
        weights_[static_cast<std::size_t>(at)] =
            filter.weights[known * static_cast<std::size_t>(filter.taps) +
                           static_cast<std::size_t>(tap)];
      }
    }
  }
}

void PlaneScaler::ScaleRow(const std::uint8_t* source, std::ptrdiff_t stride, int row) {
  const auto index = static_cast<std::size_t>(row);
  std::array<const std::uint8_t*, kMaxTaps> rows{};
  for (int i = 0; i < rows_.taps; ++i) {
    const int y = std::clamp(rows_.starts[index] + i, 0, source_.height - 1);
    rows[static_cast<std::size_t>(i)] = source + y * stride;
  }
  std::int16_t* samples = row_.data() + kMargin;
  scale::BlendRows(rows.data(), &rows_.weights[index * static_cast<std::size_t>(rows_.taps)],
                   rows_.taps, source_.width, samples);
  std::fill_n(row_.data(), kMargin, samples[0]);
  std::fill_n(samples + source_.width, kMargin, samples[source_.width - 1]);
}

bool PlaneScaler::HasSource(int row, int source_rows) const {
  return source_rows >= source_.height ||
         rows_.starts[static_cast<std::size_t>(row)] + rows_.taps <= source_rows;
}

int PlaneScaler::Scale(const std::uint8_t* source, std::ptrdiff_t source_stride, int source_rows,
                       std::uint8_t* target, std::ptrdiff_t target_stride, int first) {
  const scale::ColumnPlan plan{.steps = steps_,
                               .pairs = pairs_,
                               .offsets = offsets_.data(),
                               .shuffles = shuffles_.data(),
                               .weights = weights_.data()};
  int row = first;
  for (; row < target_.height && HasSource(row, source_rows); ++row) {
    ScaleRow(source, source_stride, row);
    scale::BlendColumns(plan, row_.data(), target + row * target_stride);
  }
  return row;
}

}  // namespace streamgear
