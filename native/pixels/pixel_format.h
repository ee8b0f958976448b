// PixelFormat: the layouts that a caller may push, and where their planes lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace streamgear {

enum class PixelFormat {
  kGray,   ///< 1 byte, full range
  kYa8,    ///< gray + alpha; alpha is ignored
  kBgr24,  ///< 3 bytes, OpenCV's order
  kRgb24,
  kBgra,
  kRgba,
  kYuv420p,  ///< 3 planes
  kNv12,     ///< 2 planes: Y, interleaved UV
  kYuyv422,  ///< packed 4:2:2
  kUyvy422,
};

/// Bytes of one row and number of rows of one plane.
struct PlaneSize {
  std::size_t row_bytes = 0;
  int rows = 0;
};

struct PlaneLayout {
  int count = 0;
  std::array<PlaneSize, 3> planes{};
};

/// Names are libav's: "gray", "ya8", "bgr24", "rgb24", "bgra", "rgba", "yuv420p", "nv12",
/// "yuyv422", "uyvy422".
[[nodiscard]] std::optional<PixelFormat> PixelFormatFromName(std::string_view name);
[[nodiscard]] std::string_view PixelFormatName(PixelFormat format);

/// Planes of a picture. Chroma of odd sizes is rounded up; a packed 4:2:2 row of odd width holds a
/// whole last pair.
[[nodiscard]] PlaneLayout LayoutOf(PixelFormat format, int width, int height);

/// True for gray, RGB and BGR orders: they need a colour matrix to become YUV.
[[nodiscard]] bool IsRgbLike(PixelFormat format);

}  // namespace streamgear
