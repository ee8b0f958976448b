#include "publishing/clock_watch.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace streamgear {
namespace {

/// Seconds by which the frames' times may leave the wall clock before a live presentation warns.
constexpr double kWallClockTolerance = 10;

/// Seconds by which the wall clock may leave the steady one before it was set. (NTP slews both.)
constexpr double kWallClockStep = 2;

std::string WholeSeconds(double seconds) {
  return std::to_string(std::lround(std::abs(seconds))) + " s";
}

}  // namespace

ClockWatch::ClockWatch(const PackagingConfig& packaging, Availability availability, EventSink sink)
    : packaging_(packaging), availability_(std::move(availability)), sink_(std::move(sink)) {}

void ClockWatch::Begin(double seconds, Clock::time_point first_frame) {
  if (!availability_.begun()) availability_.Begin(seconds, first_frame);
}

void ClockWatch::Check(double seconds, Clock::time_point pushed_at) {
  if (!packaging_.live || warned_lead_) return;
  const double lead = availability_.LeadOf(seconds, pushed_at);
  if (std::abs(lead) < kWallClockTolerance) return;
  warned_lead_ = true;
  sink_(WarningEvent{"LIVE_CLOCK",
                     "The frames' times are " + WholeSeconds(lead) +
                         (lead > 0 ? " ahead of" : " behind") +
                         " the wall clock, by which players follow a live presentation: "
                         "declare the rate at which frames really come, or give them timestamps"});
}

double ClockWatch::Now() {
  const Availability::Time time = availability_.Now();
  if (packaging_.live && std::abs(time.step) > kWallClockStep) {
    if (!std::exchange(stepped_, true)) WarnStep(time.step);
  }
  newest_ = std::max(newest_, time.now);
  return newest_;
}

void ClockWatch::WarnStep(double step) {
  std::string so;
  if (packaging_.Has(ManifestFormat::kDash)) {
    so += packaging_.utc_timing_url.empty()
              ? ": the MPD goes on as before and gives its own time to clients"
              : ": the MPD goes on as before, and clients that ask utcTimingUrl are wrong by that, "
                "unless it has not stepped";
  }
  if (packaging_.Has(ManifestFormat::kHls)) {
    so += so.empty() ? ": " : "; ";
    so += "the dates of segments go on as before";
  }
  sink_(WarningEvent{"CLOCK_STEPPED", "The clock of this machine was set " + WholeSeconds(step) +
                                          (step > 0 ? " ahead" : " back") +
                                          " while the stream was live" + so});
}

}  // namespace streamgear
