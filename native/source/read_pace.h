// ReadPace: lets a source's packets through no sooner than they play (FFmpeg's -re), so that a file
// comes as a camera would.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/stats.h"

namespace streamgear {

/// The first packet that is asked about plays at once. After a stall the reader catches up, as
/// FFmpeg's does: what is late is due at once.
class ReadPace {
 public:
  /// When a packet of this time may go on.
  ///
  /// @param seconds From where the source begins to be wanted; what lies before it, which is read
  ///   only to be decoded, is due at once.
  [[nodiscard]] Clock::time_point DueAt(double seconds, Clock::time_point now) {
    if (seconds < 0) return now;
    if (!begin_.has_value()) begin_ = now - InTicks(seconds);
    return *begin_ + InTicks(seconds);
  }

 private:
  /// No longer than a year: times of broken files are not to overflow.
  static Clock::duration InTicks(double seconds) {
    constexpr double kYear = 365.0 * 24 * 3600;
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(std::min(seconds, kYear)));
  }

  std::optional<Clock::time_point> begin_;  ///< when time 0 played, or would have
};

}  // namespace streamgear
