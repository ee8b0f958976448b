// pack_pixels: planes, as swscale makes them fast and completely, into the interleaved formats that
// callers want. Pure, no libav. Exactly the bytes of the picture are written, so a buffer as large
// as the picture is safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "pixels/pixel_format.h"

namespace streamgear {

struct PlanarPicture {
  int width = 0;
  int height = 0;
  std::array<const std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride{};

  [[nodiscard]] const std::uint8_t* Row(std::size_t plane, int row) const {
    return data[plane] + stride[plane] * row;
  }
};

/// Offsets of the channels are template arguments: the compiler then makes one straight loop of it.
template <int kPixelBytes, int kRed, int kBlue>
void PackRgbAs(const PlanarPicture& gbr, std::uint8_t* target) {
  for (int row = 0; row < gbr.height; ++row) {
    const std::uint8_t* green = gbr.Row(0, row);
    const std::uint8_t* blue = gbr.Row(1, row);
    const std::uint8_t* red = gbr.Row(2, row);
    for (int x = 0; x < gbr.width; ++x, target += kPixelBytes) {
      target[kBlue] = blue[x];
      target[1] = green[x];
      target[kRed] = red[x];
      if constexpr (kPixelBytes == 4) target[3] = 255;
    }
  }
}

/// Planes green, blue, red, as libav orders them, to bgr24, rgb24, bgra or rgba. Alpha becomes 255.
inline void PackRgb(const PlanarPicture& gbr, PixelFormat format, std::uint8_t* target) {
  switch (format) {
    case PixelFormat::kBgr24:
      return PackRgbAs<3, 2, 0>(gbr, target);
    case PixelFormat::kRgb24:
      return PackRgbAs<3, 0, 2>(gbr, target);
    case PixelFormat::kBgra:
      return PackRgbAs<4, 2, 0>(gbr, target);
    default:
      return PackRgbAs<4, 0, 2>(gbr, target);
  }
}

/// 4:2:2 planes to yuyv422 or uyvy422. Of an odd width the pixel that completes the last pair
/// repeats the one before it.
inline void Pack422(const PlanarPicture& yuv, PixelFormat format, std::uint8_t* target) {
  const int luma = format == PixelFormat::kUyvy422 ? 1 : 0;
  const int chroma = 1 - luma;
  for (int row = 0; row < yuv.height; ++row) {
    const std::uint8_t* y = yuv.Row(0, row);
    const std::uint8_t* u = yuv.Row(1, row);
    const std::uint8_t* v = yuv.Row(2, row);
    for (int x = 0; x < yuv.width; x += 2, target += 4) {
      target[luma] = y[x];
      target[luma + 2] = y[std::min(x + 1, yuv.width - 1)];
      target[chroma] = *u++;
      target[chroma + 2] = *v++;
    }
  }
}

}  // namespace streamgear
