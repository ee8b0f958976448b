// RGB to limited-range I420 on Highway: compiled for every instruction set of the architecture, the
// best that the CPU has is chosen at run time. All give the same bits.
//
// Products of 16 bits by 16 bits keep their upper 16 bits, 8 of them fractional: what is truncated
// in three of them is less than 3/256 of a step, half of which the bias gives back.
#include <algorithm>
#include <array>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pixels/convert_rgb.cc"
#include <hwy/foreach_target.h>  // compiles this file once per instruction set
#include <hwy/highway.h>

#include "pixels/convert_kernels.h"
#include "pixels/convert_matrix.h"

HWY_BEFORE_NAMESPACE();
namespace streamgear::convert::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Columns of one block: its sums stay in the L1 cache. A multiple of every vector's.
constexpr int kBlock = 512;
constexpr int kHalf = kBlock / 2;

/// One colour of two rows, summed: the even columns, and the odd ones with the one before the block
/// in front.
struct ColumnSums {
  alignas(64) std::array<std::uint16_t, kHalf> even;
  alignas(64) std::array<std::uint16_t, kHalf + 1> odd;
};
using RgbSums = std::array<ColumnSums, 3>;

#if HWY_TARGET == HWY_SCALAR

constexpr int kLanes = 2;

std::uint32_t High(std::uint32_t value, std::uint16_t multiplier) {
  return value * multiplier >> 16;
}

template <typename Order>
void SplitRows(const std::uint8_t* top, const std::uint8_t* bottom, int count,
               const Coefficients& coefficients, std::uint8_t* luma_top, std::uint8_t* luma_bottom,
               RgbSums& sums) {
  constexpr std::array kPlace{Order::kRed, Order::kGreen, Order::kBlue};
  for (int x = 0; x < count; ++x) {
    std::uint32_t first = kLumaBias;
    std::uint32_t second = kLumaBias;
    for (std::size_t color = 0; color < 3; ++color) {
      const std::uint32_t above = top[x * Order::kStep + kPlace[color]];
      const std::uint32_t below = bottom[x * Order::kStep + kPlace[color]];
      first += High(above << 8, coefficients.luma[color]);
      second += High(below << 8, coefficients.luma[color]);
      const auto sum = static_cast<std::uint16_t>(above + below);
      const auto pair = static_cast<std::size_t>(x / 2);
      if (x % 2 == 0) {
        sums[color].even[pair] = sum;
      } else {
        sums[color].odd[pair + 1] = sum;
      }
    }
    luma_top[x] = static_cast<std::uint8_t>(first >> 8);
    luma_bottom[x] = static_cast<std::uint8_t>(second >> 8);
  }
}

void Chroma(const RgbSums& sums, int pairs, const ChromaMultipliers& chroma, std::uint8_t* target) {
  const auto weighted = [&sums](std::size_t color, std::size_t k) {
    const ColumnSums& sum = sums[color];
    return static_cast<std::uint32_t>(sum.odd[k] + 2 * sum.even[k] + sum.odd[k + 1])
           << kChromaShift;
  };
  for (std::size_t k = 0; k < static_cast<std::size_t>(pairs); ++k) {
    const std::uint32_t value = kChromaBias +
                                High(weighted(chroma.positive_color, k), chroma.positive) -
                                High(weighted(chroma.negative_color, k), chroma.negative) -
                                High(weighted(kGreenIndex, k), chroma.green);
    target[k] = static_cast<std::uint8_t>(value >> 8);
  }
}

#else

using Bytes = hn::CappedTag<std::uint8_t, 64>;
using Words = hn::Repartition<std::uint16_t, Bytes>;
using Samples = hn::Vec<Bytes>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(Bytes()));

template <typename Order>
HWY_ATTR HWY_INLINE void Load(const std::uint8_t* pixels, Samples& red, Samples& green,
                              Samples& blue) {
  const Bytes d;
  if constexpr (Order::kStep == 3) {
    if constexpr (Order::kRed == 0) {
      hn::LoadInterleaved3(d, pixels, red, green, blue);
    } else {
      hn::LoadInterleaved3(d, pixels, blue, green, red);
    }
  } else {
    Samples alpha;
    if constexpr (Order::kRed == 0) {
      hn::LoadInterleaved4(d, pixels, red, green, blue, alpha);
    } else {
      hn::LoadInterleaved4(d, pixels, blue, green, red, alpha);
    }
  }
}

/// Even columns in the lower, odd ones in the upper bytes of the result's words.
HWY_ATTR HWY_INLINE Samples Luma(Samples red, Samples green, Samples blue,
                                 const Coefficients& coefficients) {
  const Words d;
  const auto upper = hn::Set(d, 0xFF00);
  const auto r = hn::Set(d, coefficients.luma[0]);
  const auto g = hn::Set(d, coefficients.luma[1]);
  const auto b = hn::Set(d, coefficients.luma[2]);
  const auto weigh = [&](hn::Vec<Words> x, hn::Vec<Words> y, hn::Vec<Words> z) HWY_ATTR {
    return hn::Add(hn::Add(hn::MulHigh(x, r), hn::MulHigh(y, g)),
                   hn::Add(hn::MulHigh(z, b), hn::Set(d, kLumaBias)));
  };
  const auto red_words = hn::BitCast(d, red);
  const auto green_words = hn::BitCast(d, green);
  const auto blue_words = hn::BitCast(d, blue);
  const auto even = weigh(hn::ShiftLeft<8>(red_words), hn::ShiftLeft<8>(green_words),
                          hn::ShiftLeft<8>(blue_words));
  const auto odd =
      weigh(hn::And(red_words, upper), hn::And(green_words, upper), hn::And(blue_words, upper));
  return hn::BitCast(Bytes(), hn::Or(hn::ShiftRight<8>(even), hn::And(odd, upper)));
}

HWY_ATTR HWY_INLINE void Sum(Samples top, Samples bottom, std::size_t pair, ColumnSums& sums) {
  const Words d;
  const auto lower = hn::Set(d, 0x00FF);
  const auto above = hn::BitCast(d, top);
  const auto below = hn::BitCast(d, bottom);
  hn::Store(hn::Add(hn::And(above, lower), hn::And(below, lower)), d, sums.even.data() + pair);
  hn::StoreU(hn::Add(hn::ShiftRight<8>(above), hn::ShiftRight<8>(below)), d,
             sums.odd.data() + pair + 1);
}

template <typename Order>
HWY_ATTR void SplitRows(const std::uint8_t* HWY_RESTRICT top,
                        const std::uint8_t* HWY_RESTRICT bottom, int count,
                        const Coefficients& coefficients, std::uint8_t* HWY_RESTRICT luma_top,
                        std::uint8_t* HWY_RESTRICT luma_bottom, RgbSums& sums) {
  const Bytes d;
  for (int x = 0; x < count; x += kLanes) {
    Samples r0, g0, b0, r1, g1, b1;
    Load<Order>(top + x * Order::kStep, r0, g0, b0);
    Load<Order>(bottom + x * Order::kStep, r1, g1, b1);
    hn::StoreU(Luma(r0, g0, b0, coefficients), d, luma_top + x);
    hn::StoreU(Luma(r1, g1, b1, coefficients), d, luma_bottom + x);
    const auto pair = static_cast<std::size_t>(x / 2);
    Sum(r0, r1, pair, sums[0]);
    Sum(g0, g1, pair, sums[1]);
    Sum(b0, b1, pair, sums[2]);
  }
}

HWY_ATTR HWY_INLINE hn::Vec<Words> Weighted(const ColumnSums& sums, std::size_t pair) {
  const Words d;
  const auto even = hn::Load(d, sums.even.data() + pair);
  const auto before = hn::LoadU(d, sums.odd.data() + pair);
  const auto after = hn::LoadU(d, sums.odd.data() + pair + 1);
  return hn::ShiftLeft<kChromaShift>(hn::Add(hn::Add(before, after), hn::Add(even, even)));
}

HWY_ATTR void Chroma(const RgbSums& sums, int pairs, const ChromaMultipliers& chroma,
                     std::uint8_t* HWY_RESTRICT target) {
  const Words d;
  const hn::Rebind<std::uint8_t, Words> bytes;
  for (std::size_t k = 0; k < static_cast<std::size_t>(pairs); k += hn::Lanes(d)) {
    const auto plus =
        hn::MulHigh(Weighted(sums[chroma.positive_color], k), hn::Set(d, chroma.positive));
    const auto minus =
        hn::MulHigh(Weighted(sums[chroma.negative_color], k), hn::Set(d, chroma.negative));
    const auto green = hn::MulHigh(Weighted(sums[kGreenIndex], k), hn::Set(d, chroma.green));
    const auto value = hn::Sub(hn::Sub(hn::Add(hn::Set(d, kChromaBias), plus), minus), green);
    const auto samples =
        hn::BitCast(hn::Repartition<std::int16_t, Words>(), hn::ShiftRight<8>(value));
    hn::StoreU(hn::DemoteTo(bytes, samples), bytes, target + k);
  }
}

#endif

/// What lies behind the last whole vector is converted in buffers of our own: the caller's memory
/// is never read past its end.
template <typename Order>
HWY_ATTR void SplitTail(const std::uint8_t* top, const std::uint8_t* bottom, int first, int count,
                        const Coefficients& coefficients, std::uint8_t* luma_top,
                        std::uint8_t* luma_bottom, RgbSums& sums) {
  std::array<std::array<std::uint8_t, kLanes * Order::kStep>, 2> pixels{};
  std::array<std::array<std::uint8_t, kLanes>, 2> luma;
  RgbSums tail;
  const auto bytes = static_cast<std::size_t>((count - first) * Order::kStep);
  std::memcpy(pixels[0].data(), top + first * Order::kStep, bytes);
  std::memcpy(pixels[1].data(), bottom + first * Order::kStep, bytes);
  SplitRows<Order>(pixels[0].data(), pixels[1].data(), kLanes, coefficients, luma[0].data(),
                   luma[1].data(), tail);
  std::memcpy(luma_top + first, luma[0].data(), static_cast<std::size_t>(count - first));
  std::memcpy(luma_bottom + first, luma[1].data(), static_cast<std::size_t>(count - first));
  for (std::size_t color = 0; color < 3; ++color) {
    std::copy_n(tail[color].even.begin(), (count - first) / 2,
                sums[color].even.begin() + first / 2);
    std::copy_n(tail[color].odd.begin() + 1, (count - first) / 2,
                sums[color].odd.begin() + first / 2 + 1);
  }
}

template <typename Order>
HWY_ATTR void ConvertBlock(const std::uint8_t* top, const std::uint8_t* bottom, int count,
                           bool is_first, const Coefficients& coefficients, std::uint8_t* luma_top,
                           std::uint8_t* luma_bottom, std::uint8_t* cb, std::uint8_t* cr,
                           RgbSums& sums) {
  // Before the block lies the last column of the one before.
  for (ColumnSums& sum : sums) sum.odd[0] = sum.odd[kHalf];
  const int whole = count / kLanes * kLanes;
  SplitRows<Order>(top, bottom, whole, coefficients, luma_top, luma_bottom, sums);
  if (whole < count) {
    SplitTail<Order>(top, bottom, whole, count, coefficients, luma_top, luma_bottom, sums);
  }
  // Before the first column lies the first column.
  if (is_first) {
    for (ColumnSums& sum : sums) sum.odd[0] = sum.even[0];
  }
  const auto pairs = static_cast<std::size_t>(count / 2);
  alignas(64) std::array<std::uint8_t, kHalf> samples;
  Chroma(sums, count / 2, coefficients.blue, samples.data());
  std::memcpy(cb, samples.data(), pairs);
  Chroma(sums, count / 2, coefficients.red, samples.data());
  std::memcpy(cr, samples.data(), pairs);
}

template <typename Order>
HWY_ATTR void Convert(const SourcePicture& source, const Coefficients& coefficients,
                      const I420Picture& target) {
  RgbSums sums{};
  for (int y = 0; y < target.height; y += 2) {
    const std::uint8_t* row = source.data[0] + y * source.stride[0];
    std::uint8_t* luma = target.data[0] + y * target.stride[0];
    std::uint8_t* cb = target.data[1] + y / 2 * target.stride[1];
    std::uint8_t* cr = target.data[2] + y / 2 * target.stride[2];
    for (int x = 0; x < target.width; x += kBlock) {
      const std::uint8_t* pixels = row + x * Order::kStep;
      ConvertBlock<Order>(pixels, pixels + source.stride[0], std::min(kBlock, target.width - x),
                          x == 0, coefficients, luma + x, luma + target.stride[0] + x, cb + x / 2,
                          cr + x / 2, sums);
    }
  }
}

HWY_ATTR void ConvertAny(const SourcePicture& source, const Coefficients& coefficients,
                         const I420Picture& target) {
  switch (source.format) {
    case PixelFormat::kBgr24:
      return Convert<Bgr24>(source, coefficients, target);
    case PixelFormat::kRgb24:
      return Convert<Rgb24>(source, coefficients, target);
    case PixelFormat::kBgra:
      return Convert<Bgra>(source, coefficients, target);
    case PixelFormat::kRgba:
      return Convert<Rgba>(source, coefficients, target);
    default:
      return;
  }
}

}  // namespace streamgear::convert::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace streamgear::convert {

HWY_EXPORT(ConvertAny);

void RgbToI420(const SourcePicture& source, ColorMatrix matrix, const I420Picture& target) {
  HWY_DYNAMIC_DISPATCH(ConvertAny)(source, CoefficientsOf(matrix), target);
}

}  // namespace streamgear::convert
#endif
