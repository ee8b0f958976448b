#include "pixels/scale_kernels.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pixels/scale_kernels.cc"
#include <hwy/foreach_target.h>  // compiles this file once per instruction set
#include <hwy/highway.h>

#include "pixels/resample_filter.h"

HWY_BEFORE_NAMESPACE();
namespace streamgear::scale::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

// What the vectors compute, one sample at a time: for CPUs without any, and the twin in the tests.

void BlendRowsAny(const std::uint8_t* const* rows, const std::int16_t* weights, int taps, int width,
                  std::int16_t* target) {
  constexpr int kShift = ResampleFilter::kFractionBits - kRowBits;
  for (int x = 0; x < width; ++x) {
    int sum = 0;
    for (int i = 0; i < taps; ++i) sum += (rows[i][x] * weights[i] + (1 << (kShift - 1))) >> kShift;
    target[x] = static_cast<std::int16_t>(sum);
  }
}

void BlendColumnsAny(const ColumnPlan& plan, const std::int16_t* row, std::uint8_t* target) {
  constexpr int kShift = kRowBits + ResampleFilter::kFractionBits;
  for (int x = 0; x < plan.steps * kStepColumns; ++x) {
    const int step = x / kStepColumns;
    const std::int16_t* window = row + plan.offsets[x / (kStepColumns / 2)];
    // The sample that the mask's first byte of this column names.
    const std::int16_t* samples = window + plan.shuffles[x * 4] / 2;
    int sum = 1 << (kShift - 1);
    for (int pair = 0; pair < plan.pairs; ++pair) {
      const std::int16_t* weights =
          plan.weights + ((step * plan.pairs + pair) * kStepColumns + x % kStepColumns) * 2;
      sum += samples[2 * pair] * weights[0] + samples[2 * pair + 1] * weights[1];
    }
    target[x] = static_cast<std::uint8_t>(std::clamp(sum >> kShift, 0, 255));
  }
}

#else

/// A sample times its weight: (p << 7) * w * 2 >> 16, rounded. What is left has kRowBits.
constexpr int kSampleShift = 15 + kRowBits - ResampleFilter::kFractionBits;

template <int kTaps>
HWY_ATTR void BlendRowsOf(const std::uint8_t* const* rows, const std::int16_t* weights, int width,
                          std::int16_t* HWY_RESTRICT target) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  // Copies, which the compiler keeps in registers.
  std::array<const std::uint8_t*, kTaps> row;
  std::array<std::int16_t, kTaps> weight;
  for (std::size_t i = 0; i < kTaps; ++i) {
    row[i] = rows[i];
    weight[i] = weights[i];
  }
  for (std::size_t x = 0; x < static_cast<std::size_t>(width); x += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i < kTaps; ++i) {
      const auto sample = hn::PromoteTo(d, hn::LoadU(bytes, row[i] + x));
      sum = hn::Add(
          sum, hn::MulFixedPoint15(hn::ShiftLeft<kSampleShift>(sample), hn::Set(d, weight[i])));
    }
    hn::StoreU(sum, d, target + x);
  }
}

HWY_ATTR void BlendRowsAny(const std::uint8_t* const* rows, const std::int16_t* weights, int taps,
                           int width, std::int16_t* HWY_RESTRICT target) {
  switch (taps) {
    case 2:
      return BlendRowsOf<2>(rows, weights, width, target);
    case 4:
      return BlendRowsOf<4>(rows, weights, width, target);
    case 6:
      return BlendRowsOf<6>(rows, weights, width, target);
    default:
      return BlendRowsOf<8>(rows, weights, width, target);
  }
}

#if HWY_CAP_GE256
using Samples = hn::FixedTag<std::int16_t, 16>;
#else
using Samples = hn::FixedTag<std::int16_t, 8>;
#endif
using Sums = hn::Repartition<std::int32_t, Samples>;
HWY_ATTR HWY_INLINE hn::Vec<Samples> LoadWindows(const std::int16_t* row,
                                                 const std::int32_t* offsets) {
#if HWY_CAP_GE256
  const hn::Half<Samples> half;
  return hn::Combine(Samples(), hn::LoadU(half, row + offsets[1]),
                     hn::LoadU(half, row + offsets[0]));
#else
  return hn::LoadU(Samples(), row + offsets[0]);
#endif
}

/// The sums of kWindows * 4 columns, as samples.
template <int kPairs>
HWY_ATTR HWY_INLINE auto Blend(const std::int16_t* row, const std::int32_t* offsets,
                               const std::uint8_t* shuffle, const std::int16_t* weights) {
  const Samples d;
  const Sums d32;
  constexpr int kShift = kRowBits + ResampleFilter::kFractionBits;
  const auto order = hn::BitCast(d, hn::LoadU(hn::Repartition<std::uint8_t, Samples>(), shuffle));
  auto sum = hn::Set(d32, 1 << (kShift - 1));
  auto other = hn::Zero(d32);
  for (int pair = 0; pair < kPairs; ++pair) {
    const auto samples = hn::TableLookupBytes(LoadWindows(row + 2 * pair, offsets), order);
    const auto weight = hn::LoadU(d, weights + pair * kStepColumns * 2);
    sum = hn::ReorderWidenMulAccumulate(d32, samples, weight, sum, other);
  }
  const auto total = hn::RearrangeToOddPlusEven(sum, other);
  return hn::DemoteTo(hn::Rebind<std::int16_t, Sums>(), hn::ShiftRight<kShift>(total));
}

template <int kPairs>
HWY_ATTR void BlendColumnsOf(const ColumnPlan& plan, const std::int16_t* HWY_RESTRICT row,
                             std::uint8_t* HWY_RESTRICT target) {
  const hn::FixedTag<std::uint8_t, kStepColumns> bytes;
  const std::int32_t* offsets = plan.offsets;
  const std::uint8_t* shuffles = plan.shuffles;
  const std::int16_t* weights = plan.weights;
  for (int step = 0; step < plan.steps; ++step) {
#if HWY_CAP_GE256
    const auto blended = Blend<kPairs>(row, offsets, shuffles, weights);
#else
    const auto blended =
        hn::Combine(hn::FixedTag<std::int16_t, 8>(),
                    Blend<kPairs>(row, offsets + 1, shuffles + 16, weights + kWindow),
                    Blend<kPairs>(row, offsets, shuffles, weights));
#endif
    hn::StoreU(hn::DemoteTo(bytes, blended), bytes, target);
    target += kStepColumns;
    offsets += 2;
    shuffles += 32;
    weights += kPairs * kStepColumns * 2;
  }
}

HWY_ATTR void BlendColumnsAny(const ColumnPlan& plan, const std::int16_t* HWY_RESTRICT row,
                              std::uint8_t* HWY_RESTRICT target) {
  switch (plan.pairs) {
    case 1:
      return BlendColumnsOf<1>(plan, row, target);
    case 2:
      return BlendColumnsOf<2>(plan, row, target);
    case 3:
      return BlendColumnsOf<3>(plan, row, target);
    default:
      return BlendColumnsOf<4>(plan, row, target);
  }
}

#endif

}  // namespace streamgear::scale::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace streamgear::scale {

HWY_EXPORT(BlendRowsAny);
HWY_EXPORT(BlendColumnsAny);

void BlendRows(const std::uint8_t* const* rows, const std::int16_t* weights, int taps, int width,
               std::int16_t* target) {
  HWY_DYNAMIC_DISPATCH(BlendRowsAny)(rows, weights, taps, width, target);
}

void BlendColumns(const ColumnPlan& plan, const std::int16_t* row, std::uint8_t* target) {
  HWY_DYNAMIC_DISPATCH(BlendColumnsAny)(plan, row, target);
}

}  // namespace streamgear::scale
#endif
