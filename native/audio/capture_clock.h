// CaptureClock: when in the presentation a sample was captured. A device counts no presentation
// time: what it captured when a frame was pushed belongs to that frame. One thread.
#pragma once

#include <chrono>
#include <optional>

#include "presentation_clock.h"

namespace streamgear {

class CaptureClock {
 public:
  /// `frame_duration`: seconds that a frame is shown at the nominal rate.
  CaptureClock(const PresentationClock& clock, double frame_duration)
      : clock_(clock), frame_duration_(frame_duration) {}

  struct Answer {
    bool wanted = false;           ///< false: before the first frame, or behind the last
    std::optional<double> time{};  ///< seconds of presentation; none while no frames come
  };

  /// For a block of samples whose first was captured at `begin` and whose last ended at `end`.
  [[nodiscard]] Answer At(Clock::time_point begin, Clock::time_point end) const {
    const PresentationClock::State state = clock_.Now();
    if (!state.begun || end <= state.begun_at) return {};
    // A frame's time is its begin, and the position its end.
    const double since = std::chrono::duration<double>(begin - state.advanced_at).count();
    const double time = state.position - frame_duration_ + since;
    if (state.ended) return {.wanted = time < state.position + kAfterwards, .time = time};
    if (since > kStale) return {.wanted = true};
    return {.wanted = true, .time = time};
  }

 private:
  /// Seconds without a frame after which nobody knows where the video is.
  static constexpr double kStale = 1;
  /// Seconds for which capturing goes on behind the end: samples may be late.
  static constexpr double kAfterwards = 0.5;

  const PresentationClock& clock_;
  const double frame_duration_;
};

}  // namespace streamgear
