// RGB and gray to limited-range I420. Everything is computed from whole sums and rounded once, at
// the end.
#include <algorithm>
#include <array>
#include <cstring>

#include "convert_kernels.h"

namespace streamgear::convert {
namespace {

/// Multipliers of one matrix, for red, green and blue. 16 bits each, so that the compiler may use
/// widening multiplies.
struct Coefficients {
  std::array<std::uint16_t, 3> luma;
  std::array<std::int16_t, 3> blue;  // Cb
  std::array<std::int16_t, 3> red;   // Cr
};

constexpr std::int32_t Fixed(double value) {
  const double scaled = value * kOne;
  return static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

/// From Kr and Kb (ITU-T H.273, table 4). Green, the largest, takes up the rounding of the other
/// two: the luma multipliers add up to exactly 219/255 and those of a chroma to exactly 0, so that
/// gray stays gray.
constexpr Coefficients MakeCoefficients(double kr, double kb) {
  const std::int32_t luma_red = Fixed(kr * 219 / 255);
  const std::int32_t luma_blue = Fixed(kb * 219 / 255);
  const std::int32_t half = kChromaScale / 2;
  const std::int32_t cb_red = Fixed(-kr / (1 - kb) * 112 / 255);
  const std::int32_t cr_blue = Fixed(-kb / (1 - kr) * 112 / 255);
  const auto narrow = [](std::int32_t value) { return static_cast<std::int16_t>(value); };
  const auto unsigned_narrow = [](std::int32_t value) { return static_cast<std::uint16_t>(value); };
  return {{unsigned_narrow(luma_red), unsigned_narrow(kLumaScale - luma_red - luma_blue),
           unsigned_narrow(luma_blue)},
          {narrow(cb_red), narrow(-half - cb_red), narrow(half)},
          {narrow(half), narrow(-half - cr_blue), narrow(cr_blue)}};
}

constexpr Coefficients kBt709 = MakeCoefficients(0.2126, 0.0722);
constexpr Coefficients kBt601 = MakeCoefficients(0.299, 0.114);
constexpr Coefficients kBt2020 = MakeCoefficients(0.2627, 0.0593);

const Coefficients& CoefficientsOf(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::kBt601:
      return kBt601;
    case ColorMatrix::kBt2020:
      return kBt2020;
    case ColorMatrix::kBt709:
      break;
  }
  return kBt709;
}

/// Bytes of one pixel and where its colours lie.
struct Bgr24 {
  static constexpr int kStep = 3, kRed = 2, kGreen = 1, kBlue = 0;
};
struct Rgb24 {
  static constexpr int kStep = 3, kRed = 0, kGreen = 1, kBlue = 2;
};
struct Bgra {
  static constexpr int kStep = 4, kRed = 2, kGreen = 1, kBlue = 0;
};
struct Rgba {
  static constexpr int kStep = 4, kRed = 0, kGreen = 1, kBlue = 2;
};

constexpr int kHalfBlock = kBlockColumns / 2;
constexpr std::uint32_t kLumaBias = (16u << kFractionBits) + kOne / 2;
// Chroma is a sum of 8 weights (1-2-1 over two rows), hence three more bits.
constexpr int kChromaShift = kFractionBits + 3;
constexpr std::int32_t kChromaBias = (128 << kChromaShift) + (1 << (kChromaShift - 1));

/// One block of one row, a colour per array.
struct SplitRow {
  alignas(64) std::array<std::uint8_t, kBlockColumns> red;
  alignas(64) std::array<std::uint8_t, kBlockColumns> green;
  alignas(64) std::array<std::uint8_t, kBlockColumns> blue;
};

/// One colour of two rows, summed down and filtered 1-2-1 across; `left` is the odd column before
/// the block.
struct ChromaSum {
  alignas(64) std::array<std::int16_t, kHalfBlock> sum;
  std::int16_t left = 0;
};

template <typename Order>
STREAMGEAR_KERNEL void Split(const std::uint8_t* __restrict source, int count, SplitRow& row) {
  std::uint8_t* __restrict red = row.red.data();
  std::uint8_t* __restrict green = row.green.data();
  std::uint8_t* __restrict blue = row.blue.data();
  for (int i = 0; i < count; ++i) {
    red[i] = source[i * Order::kStep + Order::kRed];
    green[i] = source[i * Order::kStep + Order::kGreen];
    blue[i] = source[i * Order::kStep + Order::kBlue];
  }
}

STREAMGEAR_KERNEL void Luma(const SplitRow& row, int count, const Coefficients& coefficients,
                            std::uint8_t* __restrict target) {
  const std::uint32_t red = coefficients.luma[0];
  const std::uint32_t green = coefficients.luma[1];
  const std::uint32_t blue = coefficients.luma[2];
  for (int i = 0; i < count; ++i) {
    target[i] = static_cast<std::uint8_t>(
        (row.red[i] * red + row.green[i] * green + row.blue[i] * blue + kLumaBias) >>
        kFractionBits);
  }
}

/// `first` says that the block is the first of its row: the column before it is the even column
/// itself, replicated.
STREAMGEAR_KERNEL void Filter(const std::uint8_t* __restrict top,
                              const std::uint8_t* __restrict bottom, int pairs, bool first,
                              ChromaSum& chroma) {
  alignas(64) std::array<std::int16_t, kHalfBlock> even;
  alignas(64) std::array<std::int16_t, kHalfBlock + 1> odd;  // odd[k] is the column before even[k]
  for (int k = 0; k < pairs; ++k) {
    even[k] = static_cast<std::int16_t>(top[2 * k] + bottom[2 * k]);
    odd[k + 1] = static_cast<std::int16_t>(top[2 * k + 1] + bottom[2 * k + 1]);
  }
  odd[0] = first ? static_cast<std::int16_t>(top[0] + bottom[0]) : chroma.left;
  for (int k = 0; k < pairs; ++k) {
    chroma.sum[k] = static_cast<std::int16_t>(odd[k] + 2 * even[k] + odd[k + 1]);
  }
  chroma.left = odd[pairs];
}

STREAMGEAR_KERNEL void Chroma(const std::array<ChromaSum, 3>& sums, int pairs,
                              const std::array<std::int16_t, 3>& coefficients,
                              std::uint8_t* __restrict target) {
  const std::int32_t red = coefficients[0];
  const std::int32_t green = coefficients[1];
  const std::int32_t blue = coefficients[2];
  for (int k = 0; k < pairs; ++k) {
    target[k] = static_cast<std::uint8_t>(
        (sums[0].sum[k] * red + sums[1].sum[k] * green + sums[2].sum[k] * blue + kChromaBias) >>
        kChromaShift);
  }
}

template <typename Order>
STREAMGEAR_KERNEL void ConvertRgb(const SourcePicture& source, const Coefficients& coefficients,
                                  const I420Picture& target) {
  SplitRow top;
  SplitRow bottom;
  std::array<ChromaSum, 3> sums;
  for (int y = 0; y < target.height; y += 2) {
    const std::uint8_t* rows = source.data[0] + y * source.stride[0];
    std::uint8_t* luma = target.data[0] + y * target.stride[0];
    std::uint8_t* cb = target.data[1] + y / 2 * target.stride[1];
    std::uint8_t* cr = target.data[2] + y / 2 * target.stride[2];
    for (int x = 0; x < target.width; x += kBlockColumns) {
      const int count = std::min(kBlockColumns, target.width - x);
      const int pairs = count / 2;
      Split<Order>(rows + x * Order::kStep, count, top);
      Split<Order>(rows + source.stride[0] + x * Order::kStep, count, bottom);
      Luma(top, count, coefficients, luma + x);
      Luma(bottom, count, coefficients, luma + target.stride[0] + x);
      Filter(top.red.data(), bottom.red.data(), pairs, x == 0, sums[0]);
      Filter(top.green.data(), bottom.green.data(), pairs, x == 0, sums[1]);
      Filter(top.blue.data(), bottom.blue.data(), pairs, x == 0, sums[2]);
      Chroma(sums, pairs, coefficients.blue, cb + x / 2);
      Chroma(sums, pairs, coefficients.red, cr + x / 2);
    }
  }
}

STREAMGEAR_KERNEL void ConvertAnyRgb(const SourcePicture& source, const Coefficients& coefficients,
                                     const I420Picture& target) {
  switch (source.format) {
    case PixelFormat::kBgr24:
      ConvertRgb<Bgr24>(source, coefficients, target);
      return;
    case PixelFormat::kRgb24:
      ConvertRgb<Rgb24>(source, coefficients, target);
      return;
    case PixelFormat::kBgra:
      ConvertRgb<Bgra>(source, coefficients, target);
      return;
    case PixelFormat::kRgba:
      ConvertRgb<Rgba>(source, coefficients, target);
      return;
    default:
      return;
  }
}

template <int kStep>
STREAMGEAR_KERNEL void GrayRow(const std::uint8_t* __restrict gray, int count,
                               std::uint8_t* __restrict luma) {
  for (int i = 0; i < count; ++i) {
    luma[i] = static_cast<std::uint8_t>(
        (gray[i * kStep] * static_cast<std::uint32_t>(kLumaScale) + kLumaBias) >> kFractionBits);
  }
}

template <int kStep>
STREAMGEAR_KERNEL void ConvertGray(const SourcePicture& source, const I420Picture& target) {
  for (int y = 0; y < target.height; ++y) {
    GrayRow<kStep>(source.data[0] + y * source.stride[0], target.width,
                   target.data[0] + y * target.stride[0]);
  }
}

STREAMGEAR_KERNEL void ConvertAnyGray(const SourcePicture& source, const I420Picture& target) {
  if (source.format == PixelFormat::kGray) {
    ConvertGray<1>(source, target);
  } else {
    ConvertGray<2>(source, target);
  }
}

#if STREAMGEAR_HAVE_AVX2_KERNELS
STREAMGEAR_TARGET_AVX2 void ConvertRgbAvx2(const SourcePicture& source,
                                           const Coefficients& coefficients,
                                           const I420Picture& target) {
  ConvertAnyRgb(source, coefficients, target);
}

STREAMGEAR_TARGET_AVX2 void ConvertGrayAvx2(const SourcePicture& source,
                                            const I420Picture& target) {
  ConvertAnyGray(source, target);
}
#endif

}  // namespace

void RgbToI420(const SourcePicture& source, ColorMatrix matrix, const I420Picture& target) {
  const Coefficients& coefficients = CoefficientsOf(matrix);
#if STREAMGEAR_HAVE_AVX2_KERNELS
  if (HasAvx2()) {
    ConvertRgbAvx2(source, coefficients, target);
    return;
  }
#endif
  ConvertAnyRgb(source, coefficients, target);
}

void GrayToI420(const SourcePicture& source, const I420Picture& target) {
  for (int plane = 1; plane <= 2; ++plane) {
    for (int y = 0; y < target.height / 2; ++y) {
      std::memset(target.data[plane] + y * target.stride[plane], 128,
                  static_cast<std::size_t>(target.width / 2));
    }
  }
#if STREAMGEAR_HAVE_AVX2_KERNELS
  if (HasAvx2()) {
    ConvertGrayAvx2(source, target);
    return;
  }
#endif
  ConvertAnyGray(source, target);
}

}  // namespace streamgear::convert
