#include "pixels/pixel_convert.h"

#include "pixels/convert_kernels.h"

namespace streamgear {

void ConvertToI420(const SourcePicture& source, ColorMatrix matrix, bool full_range,
                   const I420Picture& target) {
  switch (source.format) {
    case PixelFormat::kGray:
    case PixelFormat::kYa8:
      convert::GrayToI420(source, target);
      return;
    case PixelFormat::kBgr24:
    case PixelFormat::kRgb24:
    case PixelFormat::kBgra:
    case PixelFormat::kRgba:
      convert::RgbToI420(source, matrix, target);
      return;
    case PixelFormat::kYuv420p:
    case PixelFormat::kNv12:
    case PixelFormat::kYuyv422:
    case PixelFormat::kUyvy422:
      convert::YuvToI420(source, full_range, target);
      return;
  }
}

}  // namespace streamgear
