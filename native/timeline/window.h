// Window: which segments a manifest lists. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "timeline/segment_history.h"

namespace streamgear {

/// What a window has to know of a track.
struct TimedHistory {
  const SegmentHistory* segments = nullptr;
  std::int64_t timescale = 1;
};

class Window {
 public:
  /// Lists the newest `size` segments; 0 = all. With `keeps_target_durations` a list that is meant
  /// to be three target durations long never is shorter.
  Window(int size, bool keeps_target_durations, double segment_duration)
      : size_(size),
        keeps_target_durations_(keeps_target_durations),
        segment_duration_(segment_duration) {}

  /// What is listed of all tracks, whatever one of them has of it: the leader's segments before
  /// `last`. `tracks` begins with the leader. What has left the list never comes back:
  /// EXT-X-MEDIA-SEQUENCE only grows.
  SegmentRange Slide(const std::vector<TimedHistory>& tracks, std::int64_t last,
                     int target_duration) {
    SegmentRange range{tracks.front().segments->first_kept(), last};
    if (size_ <= 0) return range;
    range.first = std::max(range.first, range.last - size_);
    const SegmentRange asked = range;
    for (const TimedHistory& track : tracks) {
      // Audio's newest segment comes a moment after the video's. What comes later than that, or has
      // ended, holds nothing back.
      if (track.segments->count() + 1 < asked.last) continue;
      range.first = std::min(range.first, Widened(track, asked, target_duration));
    }
    range.first = first_ = std::max(range.first, first_);
    return range;
  }

  /// Of what was listed last.
  [[nodiscard]] std::int64_t first() const { return first_; }

 private:
  /// A live playlist must not fall below three target durations (RFC 8216 §6.2.2), which short
  /// segments would let it: the last one, or audio's, which are whole frames. A window that is
  /// meant to be shorter stays as it was asked for.
  [[nodiscard]] std::int64_t Widened(const TimedHistory& track, SegmentRange range,
                                     int target_duration) const {
    const double least = 3.0 * target_duration;
    if (!keeps_target_durations_ || size_ * segment_duration_ < least) return range.first;
    const SegmentHistory& segments = *track.segments;
    const auto duration_of = [&](std::int64_t index) {
      return static_cast<double>(segments.At(index).duration) /
             static_cast<double>(track.timescale);
    };
    range.first = std::max(range.first, segments.first_kept());
    range.last = std::min(range.last, segments.count());
    double listed = 0;
    for (std::int64_t i = range.first; i < range.last; ++i) listed += duration_of(i);
    while (listed < least && range.first > segments.first_kept()) {
      listed += duration_of(--range.first);
    }
    return range.first;
  }

  int size_;
  bool keeps_target_durations_;
  double segment_duration_;
  std::int64_t first_ = 0;
};

}  // namespace streamgear
