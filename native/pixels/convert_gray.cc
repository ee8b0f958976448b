// Gray to limited-range I420, rounded once.
#include <cstring>

#include "pixels/convert_kernels.h"

namespace streamgear::convert {
namespace {

constexpr std::uint32_t kLumaBias = (16u << kFractionBits) + kOne / 2;

template <int kStep>
STREAMGEAR_KERNEL void GrayRow(const std::uint8_t* __restrict gray, int count,
                               std::uint8_t* __restrict luma) {
  for (int i = 0; i < count; ++i) {
    luma[i] = static_cast<std::uint8_t>(
        (gray[i * kStep] * static_cast<std::uint32_t>(kLumaScale) + kLumaBias) >> kFractionBits);
  }
}

template <int kStep>
STREAMGEAR_KERNEL void ConvertGray(const SourcePicture& source, const I420Picture& target) {
  for (int y = 0; y < target.height; ++y) {
    GrayRow<kStep>(source.data[0] + y * source.stride[0], target.width,
                   target.data[0] + y * target.stride[0]);
  }
}

STREAMGEAR_KERNEL void ConvertAnyGray(const SourcePicture& source, const I420Picture& target) {
  if (source.format == PixelFormat::kGray) {
    ConvertGray<1>(source, target);
  } else {
    ConvertGray<2>(source, target);
  }
}

#if STREAMGEAR_HAVE_AVX2_KERNELS
STREAMGEAR_TARGET_AVX2 void ConvertGrayAvx2(const SourcePicture& source,
                                            const I420Picture& target) {
  ConvertAnyGray(source, target);
}
#endif

}  // namespace

void GrayToI420(const SourcePicture& source, const I420Picture& target) {
  for (int plane = 1; plane <= 2; ++plane) {
    for (int y = 0; y < target.height / 2; ++y) {
      std::memset(target.data[plane] + y * target.stride[plane], 128,
                  static_cast<std::size_t>(target.width / 2));
    }
  }
#if STREAMGEAR_HAVE_AVX2_KERNELS
  if (HasAvx2()) {
    ConvertGrayAvx2(source, target);
    return;
  }
#endif
  ConvertAnyGray(source, target);
}

}  // namespace streamgear::convert
