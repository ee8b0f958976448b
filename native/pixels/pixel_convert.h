// pixel_convert: the caller's pixels to planar 4:2:0, read in place.
//
// Pure C++, no libav and no over-read: exactly `row_bytes` of each source row are touched, so a
// buffer as large as the picture is safe. Nothing is allocated. Any thread may convert; source and
// target must not overlap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pixels/pixel_format.h"

namespace streamgear {

/// Y'CbCr matrix of the result (ITU-T H.273 MatrixCoefficients 1, 5/6 and 9).
enum class ColorMatrix { kBt709, kBt601, kBt2020 };

/// A picture that is read. Strides in bytes, at least row_bytes of the layout.
struct SourcePicture {
  PixelFormat format = PixelFormat::kBgr24;
  int width = 0;
  int height = 0;
  std::array<const std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride{};
};

/// A yuv420p picture that is written, limited range. Width and height are even and no larger than
/// the source's: what the source has beyond, as an odd last column or row, is cropped.
struct I420Picture {
  int width = 0;
  int height = 0;
  std::array<std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride{};
};

/// Converts with 16-bit multipliers and one rounding, at the end: within 0.52 of the exact value,
/// and exactly rounded for gray and for YUV. Chroma is sited left (H.264 chroma_sample_loc_type 0):
/// horizontally a 1-2-1 filter around the even column, vertically the mean of two rows.
/// `full_range` says that a YUV source spans 0..255 and is brought to 16..235 / 16..240; it has no
/// meaning for RGB and gray, which always span 0..255.
void ConvertToI420(const SourcePicture& source, ColorMatrix matrix, bool full_range,
                   const I420Picture& target);

}  // namespace streamgear
