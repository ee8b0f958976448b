// annex_b: where the units of an elementary stream begin (ITU-T H.264 and H.265, Annex B). Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace streamgear {

/// Where the next start code (00 00 01) begins, or the end.
[[nodiscard]] inline std::size_t FindStartCode(std::span<const std::uint8_t> stream,
                                               std::size_t from) {
  for (std::size_t i = from; i + 3 <= stream.size(); ++i) {
    if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) return i;
  }
  return stream.size();
}

/// Where the bytes behind the next start code begin, or the end.
[[nodiscard]] inline std::size_t AfterStartCode(std::span<const std::uint8_t> stream,
                                                std::size_t from) {
  return std::min(FindStartCode(stream, from) + 3, stream.size());
}

}  // namespace streamgear
