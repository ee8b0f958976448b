// convert_matrix: the multipliers of convert_rgb.cc, and the orders of a pixel's bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pixels/convert_kernels.h"

namespace streamgear::convert {

inline constexpr std::size_t kGreenIndex = 1;

/// One chroma plane: of red and blue one adds to it and the other takes away, as green does.
/// Magnitudes.
struct ChromaMultipliers {
  std::size_t positive_color = 0;
  std::size_t negative_color = 0;
  std::uint16_t positive = 0;
  std::uint16_t negative = 0;
  std::uint16_t green = 0;
};

/// Multipliers of one matrix, with 16 fractional bits; luma's for red, green and blue.
struct Coefficients {
  std::array<std::uint16_t, 3> luma;
  ChromaMultipliers blue;  ///< Cb
  ChromaMultipliers red;   ///< Cr
};

constexpr std::uint16_t Fixed(double value) {
  return static_cast<std::uint16_t>(value * kOne + 0.5);
}

/// From Kr and Kb (ITU-T H.273, table 4). Green, the largest, takes up the rounding of the other
/// two: the luma multipliers add up to exactly 219/255 and those of a chroma to exactly 0, so that
/// gray stays gray.
constexpr Coefficients MakeCoefficients(double kr, double kb) {
  const std::uint16_t luma_red = Fixed(kr * 219 / 255);
  const std::uint16_t luma_blue = Fixed(kb * 219 / 255);
  constexpr auto kHalfScale = static_cast<std::uint16_t>(kChromaScale / 2);
  const std::uint16_t cb_red = Fixed(kr / (1 - kb) * 112 / 255);
  const std::uint16_t cr_blue = Fixed(kb / (1 - kr) * 112 / 255);
  const auto rest = [](int whole, int part) { return static_cast<std::uint16_t>(whole - part); };
  return {{luma_red, rest(kLumaScale - luma_red, luma_blue), luma_blue},
          {2, 0, kHalfScale, cb_red, rest(kHalfScale, cb_red)},
          {0, 2, kHalfScale, cr_blue, rest(kHalfScale, cr_blue)}};
}

inline constexpr Coefficients kBt709 = MakeCoefficients(0.2126, 0.0722);
inline constexpr Coefficients kBt601 = MakeCoefficients(0.299, 0.114);
inline constexpr Coefficients kBt2020 = MakeCoefficients(0.2627, 0.0593);

[[nodiscard]] constexpr const Coefficients& CoefficientsOf(ColorMatrix matrix) {
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

/// Values have 8 fractional bits. Half a step rounds; 1 gives back half of what three products
/// lose.
inline constexpr std::uint16_t kLumaBias = (16 << 8) + 128 + 1;
inline constexpr std::uint16_t kChromaBias = (128 << 8) + 128;
/// A chroma's colour is a sum of 8 weights (1-2-1 over two rows), at most 2040.
inline constexpr int kChromaShift = 5;

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

}  // namespace streamgear::convert
