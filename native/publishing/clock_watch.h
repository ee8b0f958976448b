// ClockWatch: what time a presentation is told to be, and a warning where the clocks that it goes
// by do not agree.
#pragma once

#include <chrono>

#include "base/event.h"
#include "config.h"
#include "timeline/availability.h"

namespace streamgear {

class ClockWatch {
 public:
  /// `packaging` outlives the watch.
  ClockWatch(const PackagingConfig& packaging, Availability availability, EventSink sink);

  /// The first frame, whichever track has it; later calls change nothing.
  void Begin(double seconds, Clock::time_point first_frame);

  /// A frame that is shown at `seconds` was pushed at `pushed_at`. availabilityStartTime and the
  /// dates of segments are the first frame's time and go on with the frames' own times. Where these
  /// do not keep up with the wall clock, no manifest can be right: LIVE_CLOCK, once.
  void Check(double seconds, Clock::time_point pushed_at);

  /// Unix seconds of presentation time 0; 0 before the first frame.
  [[nodiscard]] double start() const { return availability_.start(); }

  /// Unix seconds as they would be had nobody set the wall clock since the first frame, by which
  /// goes all that players are told. It never goes back (ISO/IEC 23009-1, 5.4): clients would throw
  /// such a manifest away. CLOCK_STEPPED, once, when somebody has set it.
  [[nodiscard]] double Now();

  /// Somebody has set the wall clock since the first frame.
  [[nodiscard]] bool stepped() const { return stepped_; }

 private:
  void WarnStep(double step);

  const PackagingConfig& packaging_;
  Availability availability_;
  const EventSink sink_;
  double newest_ = 0;  ///< what Now() returned last
  bool stepped_ = false;
  bool warned_lead_ = false;
};

}  // namespace streamgear
