// held_from: the one rule of where a source's first picture is shown from, which the seek, the
// decoder and the sound around the pictures share.
#pragma once

#include <algorithm>
#include <cmath>

namespace streamgear {

/// Seconds of sound for which no picture is held: streams hardly ever begin and end at once.
inline constexpr double kShortSound = 0.1;

/// For which no picture is held.
inline constexpr double kNoSound = HUGE_VAL;

/// Where the first picture, which is at `first`, is shown from when it is held for sound that
/// begins at `sound`. Seconds, all on the container's time line.
[[nodiscard]] inline double HeldFrom(double first, double sound) {
  // Before 0 there is an encoder's priming, which decoders drop.
  const double from = std::max(sound, std::min(first, 0.0));
  return first - from > kShortSound ? from : first;
}

}  // namespace streamgear
