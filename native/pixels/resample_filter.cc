#include "pixels/resample_filter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace streamgear {
namespace {

double Radius(FilterShape shape) { return shape == FilterShape::kTriangle ? 1 : 2; }

/// Keys' cubic (Mitchell and Netravali's family: B = 0, C = -a).
double Bicubic(double x, double a) {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

double Value(FilterShape shape, double distance) {
  const double x = std::abs(distance);
  if (shape == FilterShape::kTriangle) return std::max(0.0, 1 - x);
  return Bicubic(x, shape == FilterShape::kBicubic ? -0.6 : -0.75);
}

/// Rounds so that the sum stays 1: each weight takes over what the rounding of those before it
/// left.
void Quantize(const std::vector<double>& exact, std::int16_t* weights) {
  double sum = 0;
  for (const double weight : exact) sum += weight;
  double carried = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double wanted = exact[i] / sum * (1 << ResampleFilter::kFractionBits) + carried;
    const double rounded = std::nearbyint(wanted);
    weights[i] = static_cast<std::int16_t>(rounded);
    carried = wanted - rounded;
  }
}

}  // namespace

ResampleFilter MakeResampleFilter(int source, int target, FilterShape shape, Siting siting) {
  const double ratio = static_cast<double>(source) / target;
  const double width = std::max(1.0, ratio);
  const double reach = Radius(shape) * width;
  // Both grids span the same picture. Centred: (k + 1/2) * ratio - 1/2. Left: full-resolution
  // column 2k lies there, and its own centre is half a column further.
  const double offset = (ratio - 1) * (siting == Siting::kCentered ? 0.5 : 0.25);

  ResampleFilter filter;
  // Equal sizes need no neighbours.
  filter.taps = source == target ? 2 : static_cast<int>(std::ceil(2 * reach - 1e-9) + 1) & ~1;
  filter.starts.resize(static_cast<std::size_t>(target));
  filter.weights.resize(static_cast<std::size_t>(target) * static_cast<std::size_t>(filter.taps));
  std::vector<double> exact(static_cast<std::size_t>(filter.taps));
  for (int k = 0; k < target; ++k) {
    const double center = k * ratio + offset;
    const int start =
        source == target ? k : static_cast<int>(std::floor(center - reach + 1e-9)) + 1;
    for (int i = 0; i < filter.taps; ++i) {
      exact[static_cast<std::size_t>(i)] = Value(shape, (start + i - center) / width);
    }
    filter.starts[static_cast<std::size_t>(k)] = start;
    Quantize(exact,
             &filter.weights[static_cast<std::size_t>(k) * static_cast<std::size_t>(filter.taps)]);
  }
  return filter;
}

}  // namespace streamgear
