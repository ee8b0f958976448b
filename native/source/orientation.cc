#include "source/orientation.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace streamgear {
namespace {

/// A step to the right and a step down in the result, as byte distances in the source, and where
/// its first pixel is.
struct Walk {
  const std::uint8_t* origin = nullptr;
  std::ptrdiff_t right = 0;
  std::ptrdiff_t down = 0;
  int columns = 0;
  int rows = 0;
};

Walk WalkOf(const PlaneView& source, Orientation orientation) {
  Walk walk{.origin = source.data,
            .right = source.pixel_bytes,
            .down = source.stride,
            .columns = source.width,
            .rows = source.height};
  if (orientation.swap_axes) {
    std::swap(walk.right, walk.down);
    std::swap(walk.columns, walk.rows);
  }
  if (orientation.flip_x) {
    walk.origin += walk.right * (walk.columns - 1);
    walk.right = -walk.right;
  }
  if (orientation.flip_y) {
    walk.origin += walk.down * (walk.rows - 1);
    walk.down = -walk.down;
  }
  return walk;
}

/// In square tiles, so that with exchanged axes both the rows read and the rows written stay in the
/// cache.
template <int kBytes>
void Copy(const Walk& walk, std::uint8_t* target, std::ptrdiff_t target_stride) {
  constexpr int kTile = 32;
  for (int top = 0; top < walk.rows; top += kTile) {
    const int bottom = std::min(top + kTile, walk.rows);
    for (int left = 0; left < walk.columns; left += kTile) {
      const int end = std::min(left + kTile, walk.columns);
      for (int y = top; y < bottom; ++y) {
        const std::uint8_t* from = walk.origin + walk.down * y + walk.right * left;
        std::uint8_t* to = target + target_stride * y + static_cast<std::ptrdiff_t>(left) * kBytes;
        for (int x = left; x < end; ++x, from += walk.right, to += kBytes) {
          std::memcpy(to, from, kBytes);
        }
      }
    }
  }
}

}  // namespace

Orientation OrientationFromMatrix(const std::array<std::int32_t, 9>& matrix) {
  // x' = a x + c y and y' = b x + d y, y pointing down.
  const std::int64_t a = matrix[0];
  const std::int64_t b = matrix[1];
  const std::int64_t c = matrix[3];
  const std::int64_t d = matrix[4];
  if (std::abs(b) > std::abs(a)) return {.swap_axes = true, .flip_x = c < 0, .flip_y = b < 0};
  return {.swap_axes = false, .flip_x = a < 0, .flip_y = d < 0};
}

int ClockwiseDegrees(Orientation orientation) {
  if (orientation.swap_axes) return orientation.flip_x ? 90 : 270;
  return orientation.flip_y ? 180 : 0;
}

void OrientPlane(const PlaneView& source, Orientation orientation, std::uint8_t* target,
                 std::ptrdiff_t target_stride) {
  const Walk walk = WalkOf(source, orientation);
  switch (source.pixel_bytes) {
    case 1:
      return Copy<1>(walk, target, target_stride);
    case 2:
      return Copy<2>(walk, target, target_stride);
    case 3:
      return Copy<3>(walk, target, target_stride);
    default:
      return Copy<4>(walk, target, target_stride);
  }
}

}  // namespace streamgear
