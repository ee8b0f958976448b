// resample_filter: the weights of a scaler along one axis. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace streamgear {

/// Shape of the filter. Downwards all are widened by the ratio, so that nothing aliases.
enum class FilterShape {
  kTriangle,      ///< radius 1: bilinear upwards, a little soft downwards
  kBicubic,       ///< radius 2, B = 0, C = 0.6: what libswscale's `bicubic` is
  kSharpBicubic,  ///< C = 0.75: makes up for what an earlier step has taken
};

/// Where the first sample of a plane lies, relative to the picture's samples of full resolution.
enum class Siting {
  kCentered,  ///< luma; chroma between two rows
  kLeft,      ///< chroma on the even columns (H.264 chroma_sample_loc_type 0)
};

/// target[k] = sum over i < taps of weights[k * taps + i] * source[starts[k] + i], where samples
/// before the first and behind the last are those. Weights have 14 fractional bits and add up to
/// exactly 1; `taps` is even.
struct ResampleFilter {
  static constexpr int kFractionBits = 14;

  int taps = 0;
  std::vector<std::int32_t> starts;
  std::vector<std::int16_t> weights;
};

/// For an axis of `source` samples that becomes one of `target` samples. Both at least 1.
[[nodiscard]] ResampleFilter MakeResampleFilter(int source, int target, FilterShape shape,
                                                Siting siting);

}  // namespace streamgear
