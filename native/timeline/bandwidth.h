// bandwidth: what a track's segments really cost. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

namespace streamgear {

/// Peak and average segment bit rate as RFC 8216 §4.3.4.2 defines them for BANDWIDTH and
/// AVERAGE-BANDWIDTH.
class BandwidthMeter {
 public:
  /// `target` is the nominal segment duration in seconds.
  explicit BandwidthMeter(double target) : target_(target) {}

  /// `payload` is what the encoder gave of the `bytes`; the rest is the container's.
  void Add(std::int64_t bytes, std::int64_t payload, double duration) {
    const double bits = static_cast<double>(bytes) * 8;
    container_bits_ += static_cast<double>(bytes - payload) * 8;
    total_bits_ += bits;
    total_duration_ += duration;
    longest_ = std::max(longest_, duration);
    // A stub of a last segment says nothing of the rate alone; RFC 8216 counts from half a target
    // duration on. We are stricter for long segments: half a second counts, whatever the target.
    if (duration >= std::min(target_ / 2, 0.5)) Consider(bits, duration);
    recent_.push_back({bits, duration});
    double sum_bits = 0;
    double sum_duration = 0;
    for (auto segment = recent_.rbegin(); segment != recent_.rend(); ++segment) {
      sum_bits += segment->bits;
      sum_duration += segment->duration;
      if (sum_duration > std::max(target_, longest_) * 1.5) break;
      if (sum_duration >= target_ * 0.5) Consider(sum_bits, sum_duration);
    }
    if (recent_.size() > kRecent) recent_.pop_front();
  }

  /// bit/s, rounded up; 0 before the first segment.
  [[nodiscard]] std::int64_t peak() const { return peak_ > 0 ? Ceil(peak_) : average(); }
  [[nodiscard]] std::int64_t average() const {
    return total_duration_ > 0 ? Ceil(total_bits_ / total_duration_) : 0;
  }
  /// What the container takes of the average.
  [[nodiscard]] std::int64_t overhead() const {
    return total_duration_ > 0 ? Ceil(container_bits_ / total_duration_) : 0;
  }

 private:
  struct Segment {
    double bits = 0;
    double duration = 0;
  };
  static constexpr std::size_t kRecent = 16;

  static std::int64_t Ceil(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    return static_cast<double>(whole) < value ? whole + 1 : whole;
  }

  void Consider(double bits, double duration) { peak_ = std::max(peak_, bits / duration); }

  double target_;
  double longest_ = 0;  ///< behind a pause, what the target duration becomes
  double total_bits_ = 0;
  double container_bits_ = 0;
  double total_duration_ = 0;
  double peak_ = 0;
  std::deque<Segment> recent_;
};

}  // namespace streamgear
