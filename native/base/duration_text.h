// A duration for people: "1.5 s".
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace streamgear {

[[nodiscard]] inline std::string DurationText(double seconds, int decimals = 1) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f s", decimals, seconds);
  return text.data();
}

}  // namespace streamgear
