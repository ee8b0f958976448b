// AudioTimes: from an input's time line to the presentation's. Pure. One thread.
#pragma once

#include <cmath>
#include <optional>

namespace streamgear {

class AudioTimes {
 public:
  AudioTimes() = default;
  /// `counted`: the container has no times. What libavformat gives is a count of packets or bytes,
  /// by a rate that its header claims: of that only where it begins is used, if that can be true.
  AudioTimes(double origin, bool counted) : origin_(origin), counted_(counted) {}

  /// Seconds of presentation; none: right behind what came before.
  [[nodiscard]] std::optional<double> Presented(std::optional<double> time) {
    if (!time.has_value()) return std::nullopt;
    const double presented = *time - origin_;
    if (!counted_) return presented;
    const bool usable = !begun_ && std::abs(presented) <= kFar;
    begun_ = true;
    return usable ? std::optional(presented) : std::nullopt;
  }

 private:
  /// Seconds that sound and picture may begin apart from each other.
  static constexpr double kFar = 10;

  double origin_ = 0;
  bool counted_ = false;
  bool begun_ = false;
};

}  // namespace streamgear
