// SegmentHistory: the segments of one track, by the index that all tracks share. Old ones are
// forgotten, or nobody could stream for weeks. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "timeline/presentation.h"

namespace streamgear {

/// Segments by index: first, and the one behind the last.
struct SegmentRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] bool empty() const { return first >= last; }
  bool operator==(const SegmentRange&) const = default;
};

class SegmentHistory {
 public:
  /// The next index: segments ever made, gaps included.
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t first_kept() const {
    return count_ - static_cast<std::int64_t>(kept_.size());
  }
  [[nodiscard]] bool empty() const { return kept_.empty(); }

  /// One that is kept.
  [[nodiscard]] const SegmentEntry& At(std::int64_t index) const {
    return kept_[static_cast<std::size_t>(index - first_kept())];
  }

  /// When the newest segment ends.
  [[nodiscard]] std::int64_t end() const { return end_; }
  /// Segments ever made that have a file.
  [[nodiscard]] std::int64_t files() const { return files_; }
  /// Gaps behind the first segment that has a file.
  [[nodiscard]] std::int64_t holes() const { return holes_; }

  void Append(SegmentEntry entry) {
    if (!entry.gap) {
      ++files_;
    } else if (files_ > 0) {
      ++holes_;
    }
    end_ = entry.start + entry.duration;
    kept_.push_back(std::move(entry));
    ++count_;
  }

  SegmentEntry TakeOldest() {
    SegmentEntry entry = std::move(kept_.front());
    kept_.pop_front();
    return entry;
  }

 private:
  std::deque<SegmentEntry> kept_;
  std::int64_t count_ = 0;
  std::int64_t files_ = 0;
  std::int64_t holes_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace streamgear
