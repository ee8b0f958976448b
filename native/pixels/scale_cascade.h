// scale_cascade: which size of picture is made from which. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "config.h"
#include "pixels/plane_scaler.h"

namespace streamgear {

/// A tree of sizes whose root is the largest picture: each is made from its parent in one step of
/// PlaneScaler, and parents come before what is made from them.
class ScaleCascade {
 public:
  using Size = PlaneScaler::Size;

  struct Step {
    Size size{};
    std::size_t parent = 0;  ///< the root is its own
  };

  /// `top` is even. `scaling` other than kFast takes the fewest steps.
  ScaleCascade(Size top, Scaling scaling) : scaling_(scaling), steps_{{.size = top}} {}

  /// The step that makes `target`, which is even and of any shape. Adds it when there is none, and
  /// what has to lie in between: one picture for each halving, at most. Larger targets come first.
  std::size_t Add(Size target);

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  [[nodiscard]] std::size_t BestParent(Size target) const;

  const Scaling scaling_;
  std::vector<Step> steps_;
};

}  // namespace streamgear
