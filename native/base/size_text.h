// A picture's size for people: "1280x720".
#pragma once

#include <string>

namespace streamgear {

[[nodiscard]] inline std::string SizeText(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace streamgear
