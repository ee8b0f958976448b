// orientation: how a stored picture has to be turned to be shown upright. Pure, no libav.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace streamgear {

/// One of the eight ways to turn and mirror a picture by right angles. Axes are exchanged first,
/// then each axis of the result is mirrored.
struct Orientation {
  bool swap_axes = false;  ///< columns become rows: width and height are exchanged
  bool flip_x = false;     ///< mirrored left-right
  bool flip_y = false;     ///< mirrored top-bottom

  [[nodiscard]] bool identity() const { return !swap_axes && !flip_x && !flip_y; }
  [[nodiscard]] bool mirrored() const { return swap_axes != (flip_x != flip_y); }
  bool operator==(const Orientation&) const = default;
};

/// The nearest orientation of a display matrix (ISO/IEC 14496-12 §6.2.2, row by row: a b u c d v x
/// y w).
[[nodiscard]] Orientation OrientationFromMatrix(const std::array<std::int32_t, 9>& matrix);

/// 0, 90, 180 or 270 clockwise; for a mirrored picture the turn that follows a left-right
/// mirroring.
[[nodiscard]] int ClockwiseDegrees(Orientation orientation);

/// One plane of pixels of 1 to 4 bytes. Touches exactly the pixels, on both sides.
struct PlaneView {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
  int width = 0;  ///< pixels
  int height = 0;
  int pixel_bytes = 1;
};

/// Writes the turned plane to `target`, which has `height` columns when the axes are exchanged.
void OrientPlane(const PlaneView& source, Orientation orientation, std::uint8_t* target,
                 std::ptrdiff_t target_stride);

}  // namespace streamgear
