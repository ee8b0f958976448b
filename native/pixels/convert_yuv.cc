// YUV layouts to limited-range planar 4:2:0: copies, plane by plane, with the range brought down
// when it is full.
#include <cstring>

#include "pixels/convert_kernels.h"

namespace streamgear::convert {
namespace {

/// y = (x * scale + bias) >> shift: brings a sample, or a sum of two, to limited range with one
/// rounding.
struct Mapping {
  std::uint32_t scale;
  std::uint32_t bias;
  int shift;
};

constexpr std::uint32_t Half(int shift) { return 1u << (shift - 1); }

constexpr Mapping kFullLuma{kLumaScale, (16u << kFractionBits) + Half(kFractionBits),
                            kFractionBits};

/// Chroma turns around 128. `samples_log2` is 0 for one sample, 1 for the sum of two.
constexpr Mapping FullChroma(int samples_log2) {
  const int shift = kFractionBits + samples_log2;
  const std::uint32_t middle = (128u << shift) - (128u << samples_log2) * kChromaScale;
  return {kChromaScale, middle + Half(shift), shift};
}

constexpr Mapping kFullChroma = FullChroma(0);
constexpr Mapping kFullChromaMean = FullChroma(1);
/// (a + b + 1) / 2: the mean of two samples that are in limited range already.
constexpr Mapping kMean{1, 1, 1};

/// Every `kStep`-th sample of a row.
template <int kStep>
STREAMGEAR_KERNEL void MapRow(const std::uint8_t* __restrict source, int count, Mapping mapping,
                              std::uint8_t* __restrict target) {
  for (int i = 0; i < count; ++i) {
    target[i] = static_cast<std::uint8_t>((source[i * kStep] * mapping.scale + mapping.bias) >>
                                          mapping.shift);
  }
}

template <int kStep>
STREAMGEAR_KERNEL void PickRow(const std::uint8_t* __restrict source, int count,
                               std::uint8_t* __restrict target) {
  for (int i = 0; i < count; ++i) target[i] = source[i * kStep];
}

/// Every fourth sample of two rows, as one.
STREAMGEAR_KERNEL void MergeRows(const std::uint8_t* __restrict top,
                                 const std::uint8_t* __restrict bottom, int count, Mapping mapping,
                                 std::uint8_t* __restrict target) {
  for (int i = 0; i < count; ++i) {
    const std::uint32_t sum = static_cast<std::uint32_t>(top[i * 4]) + bottom[i * 4];
    target[i] = static_cast<std::uint8_t>((sum * mapping.scale + mapping.bias) >> mapping.shift);
  }
}

template <int kStep>
STREAMGEAR_KERNEL void ConvertPlane(const std::uint8_t* source, std::ptrdiff_t source_stride,
                                    int width, int height, bool full_range, const Mapping& mapping,
                                    std::uint8_t* target, std::ptrdiff_t target_stride) {
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = source + y * source_stride;
    std::uint8_t* to = target + y * target_stride;
    if (full_range) {
      MapRow<kStep>(from, width, mapping, to);
    } else if constexpr (kStep == 1) {
      std::memcpy(to, from, static_cast<std::size_t>(width));
    } else {
      PickRow<kStep>(from, width, to);
    }
  }
}

STREAMGEAR_KERNEL void ConvertPlanar(const SourcePicture& source, bool full_range,
                                     const I420Picture& target) {
  const int half_width = target.width / 2;
  const int half_height = target.height / 2;
  ConvertPlane<1>(source.data[0], source.stride[0], target.width, target.height, full_range,
                  kFullLuma, target.data[0], target.stride[0]);
  for (int plane = 1; plane <= 2; ++plane) {
    if (source.format == PixelFormat::kNv12) {
      ConvertPlane<2>(source.data[1] + (plane - 1), source.stride[1], half_width, half_height,
                      full_range, kFullChroma, target.data[plane], target.stride[plane]);
    } else {
      ConvertPlane<1>(source.data[plane], source.stride[plane], half_width, half_height, full_range,
                      kFullChroma, target.data[plane], target.stride[plane]);
    }
  }
}

/// 4:2:2 samples are sited left as ours are: only the vertical mean is left to do.
STREAMGEAR_KERNEL void ConvertPacked(const SourcePicture& source, bool full_range,
                                     const I420Picture& target) {
  const bool luma_first = source.format == PixelFormat::kYuyv422;
  const int luma = luma_first ? 0 : 1;
  const int chroma = luma_first ? 1 : 0;
  const std::ptrdiff_t stride = source.stride[0];
  ConvertPlane<2>(source.data[0] + luma, stride, target.width, target.height, full_range, kFullLuma,
                  target.data[0], target.stride[0]);
  const Mapping mapping = full_range ? kFullChromaMean : kMean;
  for (int y = 0; y < target.height / 2; ++y) {
    const std::uint8_t* row = source.data[0] + 2 * y * stride + chroma;
    for (int plane = 1; plane <= 2; ++plane) {
      const std::uint8_t* top = row + (plane - 1) * 2;
      MergeRows(top, top + stride, target.width / 2, mapping,
                target.data[plane] + y * target.stride[plane]);
    }
  }
}

STREAMGEAR_KERNEL void ConvertAnyYuv(const SourcePicture& source, bool full_range,
                                     const I420Picture& target) {
  if (source.format == PixelFormat::kYuv420p || source.format == PixelFormat::kNv12) {
    ConvertPlanar(source, full_range, target);
  } else {
    ConvertPacked(source, full_range, target);
  }
}

#if STREAMGEAR_HAVE_AVX2_KERNELS
STREAMGEAR_TARGET_AVX2 void ConvertYuvAvx2(const SourcePicture& source, bool full_range,
                                           const I420Picture& target) {
  ConvertAnyYuv(source, full_range, target);
}
#endif

}  // namespace

void YuvToI420(const SourcePicture& source, bool full_range, const I420Picture& target) {
#if STREAMGEAR_HAVE_AVX2_KERNELS
  if (HasAvx2()) {
    ConvertYuvAvx2(source, full_range, target);
    return;
  }
#endif
  ConvertAnyYuv(source, full_range, target);
}

}  // namespace streamgear::convert
