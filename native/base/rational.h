// Rational: exact rates and ratios (24000/1001, 16:9) where no libav type may appear.
#pragma once

#include <cstdint>
#include <numeric>

namespace streamgear {

struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 1;

  [[nodiscard]] constexpr bool valid() const { return num > 0 && den > 0; }
  [[nodiscard]] constexpr double value() const {
    return static_cast<double>(num) / static_cast<double>(den);
  }
  [[nodiscard]] constexpr Rational reduced() const {
    const std::int64_t divisor = std::gcd(num, den);
    return divisor > 1 ? Rational{num / divisor, den / divisor} : *this;
  }
};

}  // namespace streamgear
