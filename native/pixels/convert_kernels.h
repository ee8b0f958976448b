// convert_kernels: what pixel_convert.cc and the convert_*.cc share. Internal to pixel conversion.
//
// The kernels of gray and YUV, which move bytes more than they compute, are plain loops: nothing is
// allocated per frame, and the compiler vectorises them by itself. On x86-64 each kernel is
// compiled twice from the same source, for the baseline and for AVX2, and picked once at run time
// by an ordinary function pointer. That is not `target_clones`, whose ifunc resolvers run while the
// dynamic linker relocates, before a sanitizer's runtime is up, and do not exist outside ELF and
// glibc.
#pragma once

#include <cstdint>

#include "pixels/pixel_convert.h"

// STREAMGEAR_BASELINE_ONLY builds the portable kernels alone, so that a test run can cover them on
// any machine.
#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__) && \
    !defined(STREAMGEAR_BASELINE_ONLY)
#define STREAMGEAR_HAVE_AVX2_KERNELS 1
#define STREAMGEAR_TARGET_AVX2 __attribute__((target("avx2")))
#else
#define STREAMGEAR_HAVE_AVX2_KERNELS 0
#endif

// A kernel must be inlined into its AVX2 entry to be compiled for AVX2.
#if defined(__GNUC__) || defined(__clang__)
#define STREAMGEAR_KERNEL __attribute__((always_inline)) inline
#elif defined(_MSC_VER)
#define STREAMGEAR_KERNEL __forceinline
#else
#define STREAMGEAR_KERNEL inline
#endif

namespace streamgear::convert {

/// Multipliers have 16 fractional bits.
inline constexpr int kFractionBits = 16;
inline constexpr std::int32_t kOne = 1 << kFractionBits;

/// 219/255 and 224/255: full range to limited range.
inline constexpr std::int32_t kLumaScale = (219 * kOne + 127) / 255;
inline constexpr std::int32_t kChromaScale = (224 * kOne + 127) / 255;

/// True when the CPU runs the AVX2 entries.
[[nodiscard]] inline bool HasAvx2() {
#if STREAMGEAR_HAVE_AVX2_KERNELS
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

/// bgr24, rgb24, bgra and rgba to I420.
void RgbToI420(const SourcePicture& source, ColorMatrix matrix, const I420Picture& target);

/// gray and ya8 to I420; chroma is 128.
void GrayToI420(const SourcePicture& source, const I420Picture& target);

/// yuv420p, nv12, yuyv422 and uyvy422 to I420.
void YuvToI420(const SourcePicture& source, bool full_range, const I420Picture& target);

}  // namespace streamgear::convert
