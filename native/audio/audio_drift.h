// DriftController: by how much samples have to be played faster or slower, so that they stay with
// the clock that they follow. Pure. One thread.
#pragma once

#include <algorithm>
#include <cmath>

namespace streamgear {

/// Clocks differ by parts in ten thousand, and what is measured of it jitters by milliseconds. So:
/// a low pass, then a proportional-integral controller, critically damped. The integral finds the
/// clocks' true ratio, with which the offset stays at 0.
class DriftController {
 public:
  struct Tuning {
    double smoothing = 1;  ///< seconds of the low pass
    double settling = 3;   ///< seconds in which most of an offset goes away
    double start = 0.005;  ///< seconds of offset that set it going: less is left alone
  };

  /// Speeds differ by no more: nobody hears the change of pitch.
  static constexpr double kMaxCorrection = 0.005;

  explicit DriftController(Tuning tuning) : tuning_(tuning) {}

  /// `offset`: seconds by which the samples are late (> 0) or early now; `elapsed`: seconds of
  /// samples since the last call. Gives how much faster (> 0) they have to be played from now on:
  /// 0.001 is a thousandth.
  double Update(double offset, double elapsed) {
    smoothed_ += (offset - smoothed_) * (1 - std::exp(-elapsed / tuning_.smoothing));
    if (std::abs(smoothed_) < kRounding) smoothed_ = 0;
    if (!active_ && std::abs(smoothed_) > tuning_.start) {
      active_ = true;
      calm_for_ = 0;
    }
    if (active_) Correct(elapsed);
    return correction_;
  }

  /// The samples have jumped to where they belong. What was learnt of the clocks stays.
  void Jumped() { smoothed_ = 0; }

  [[nodiscard]] double correction() const { return correction_; }
  /// Seconds, without the jitter.
  [[nodiscard]] double offset() const { return smoothed_; }

 private:
  void Correct(double elapsed) {
    const double proportional = smoothed_ / tuning_.settling;
    const double wanted = proportional + integral_;
    correction_ = std::clamp(wanted, -kMaxCorrection, kMaxCorrection);
    // At its limit it must not go on learning.
    if (wanted == correction_) {
      integral_ += smoothed_ * elapsed / (4 * tuning_.settling * tuning_.settling);
    }
    const bool calm = std::abs(smoothed_) < tuning_.start / 5 && std::abs(integral_) < kNothing;
    calm_for_ = calm ? calm_for_ + elapsed : 0;
    if (calm_for_ < 4 * tuning_.settling) return;
    active_ = false;
    integral_ = 0;
    correction_ = 0;
  }

  /// Seconds: far less than a sample, it is what doubles lose.
  static constexpr double kRounding = 1e-9;
  /// Clocks that differ by no more than this differ in nothing: a millisecond in 100 s.
  static constexpr double kNothing = 1e-5;

  Tuning tuning_;
  double smoothed_ = 0;
  double integral_ = 0;
  double correction_ = 0;
  double calm_for_ = 0;  ///< seconds
  bool active_ = false;
};

}  // namespace streamgear
