// The wall clock's side of SegmentPackager: when presentation time 0 was, and whether the frames'
// times and the machine's clock still agree with it.
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "base/wall_time.h"
#include "publishing/segment_packager.h"

namespace streamgear {
namespace {

/// Seconds by which the frames' times may leave the wall clock before a live presentation warns.
constexpr double kWallClockTolerance = 10;

/// Seconds by which the wall clock may leave the steady one before it was set. (NTP slews both.)
constexpr double kWallClockStep = 2;

}  // namespace

void SegmentPackager::StartWallClock(std::int64_t first_pts, Clock::time_point first_frame) {
  const std::chrono::duration<double> before(Seconds(first_pts));
  presentation_begun_at_ = first_frame - std::chrono::duration_cast<Clock::duration>(before);
  const WallTime begin = WallTimeOf(first_frame, &Clock::now, wall_clock_);
  first_frame_at_ = std::chrono::duration<double>(begin.time_since_epoch() - before).count();
}

/// The wall clock as it would be without the steps since the first frame, which all that players
/// are told goes by. Unix seconds.
double SegmentPackager::SteadyWallTime() {
  const auto unix_seconds = [](WallTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  };
  const Clock::time_point now = Clock::now();
  const double real = unix_seconds(WallTimeOf(now, &Clock::now, wall_clock_));
  if (first_frame_at_ == 0) return real;
  const double steady =
      first_frame_at_ + std::chrono::duration<double>(now - presentation_begun_at_).count();
  const double step = real - steady;
  if (std::abs(step) > kWallClockStep && packaging_.live) {
    clock_stepped_ = true;
    WarnClockStep(step);
  }
  return steady;
}

void SegmentPackager::WarnClockStep(double step) {
  if (std::exchange(warned_clock_step_, true)) return;
  const std::string where =
      packaging_.format == ManifestFormat::kDash
          ? (packaging_.utc_timing_url.empty()
                 ? ": the MPD goes on as before and gives its own time to clients"
                 : ": the MPD goes on as before, and clients that ask utcTimingUrl are wrong by "
                   "that, unless it has not stepped")
          : ": the dates of segments go on as before";
  sink_(WarningEvent{"CLOCK_STEPPED", "The clock of this machine was set " +
                                          std::to_string(std::lround(std::abs(step))) +
                                          (step > 0 ? " s ahead" : " s back") +
                                          " while the stream was live" + where});
}

/// availabilityStartTime and the dates of segments are the first frame's time and go on with the
/// frames' own times. Where these do not keep up with the wall clock, no manifest can be right.
void SegmentPackager::CheckWallClock(std::int64_t pts, Clock::time_point pushed_at) {
  if (!packaging_.live || warned_wall_clock_) return;
  const double real = std::chrono::duration<double>(pushed_at - presentation_begun_at_).count();
  const double ahead = Seconds(pts) - real;
  if (std::abs(ahead) < kWallClockTolerance) return;
  warned_wall_clock_ = true;
  const std::string side = ahead > 0 ? " s ahead of" : " s behind";
  sink_(WarningEvent{
      "LIVE_CLOCK", "The frames' times are " + std::to_string(std::lround(std::abs(ahead))) + side +
                        " the wall clock, by which players follow a live presentation: "
                        "declare the rate at which frames really come, or give them timestamps"});
}

}  // namespace streamgear
