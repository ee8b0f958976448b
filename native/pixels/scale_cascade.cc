#include "pixels/scale_cascade.h"

#include <algorithm>
#include <cstdint>

namespace streamgear {
namespace {

using Size = PlaneScaler::Size;

std::int64_t Area(Size size) { return static_cast<std::int64_t>(size.width) * size.height; }

/// A side as near to the target's as one step can bring it, and even. Never longer than it was.
int Toward(int target, int side) { return std::min(side, std::max(target, (side / 2 + 1) & ~1)); }

}  // namespace

std::size_t ScaleCascade::Add(Size target) {
  const auto found = std::ranges::find(steps_, target, &Step::size);
  if (found != steps_.end()) return static_cast<std::size_t>(found - steps_.begin());
  std::size_t parent = BestParent(target);
  // Pictures in between, for nobody but the cascade. Sides only become shorter here, and one that
  // is too long by about a half: the loop ends, and what is enlarged is enlarged in the last step.
  for (Size from = steps_[parent].size; !PlaneScaler::CanScale(from, target);) {
    from = {Toward(target.width, from.width), Toward(target.height, from.height)};
    steps_.push_back({.size = from, .parent = parent});
    parent = steps_.size() - 1;
  }
  steps_.push_back({.size = target, .parent = parent});
  return steps_.size() - 1;
}

/// Of the pictures that have lost nothing that the target needs, and are no enlargement themselves:
/// the largest from which one step is enough, because each step loses sharpness; for speed, and
/// where none is, the smallest.
std::size_t ScaleCascade::BestParent(Size target) const {
  const Size top = steps_.front().size;
  // Where the target is larger than the top, nothing can hold more than the top does.
  const Size needed{std::min(target.width, top.width), std::min(target.height, top.height)};
  const auto reaches = [&](std::size_t i) {
    return scaling_ != Scaling::kFast && PlaneScaler::CanScale(steps_[i].size, target);
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    const Size candidate = steps_[i].size;
    const bool holds = candidate.width >= needed.width && candidate.height >= needed.height;
    const bool enlarged = candidate.width > top.width || candidate.height > top.height;
    if (!holds || enlarged) continue;
    const bool larger = Area(candidate) > Area(steps_[best].size);
    if (reaches(best) ? larger && reaches(i) : !larger || reaches(i)) best = i;
  }
  return best;
}

}  // namespace streamgear
