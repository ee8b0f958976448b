// A duration for people: "1.5 s".
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace streamgear {

[[nodiscard]] inline std::string DurationText(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

}  // namespace streamgear
