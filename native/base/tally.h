// Tally: counts what goes wrong, and says when to tell. A broken hour of video must not become a
// flood: the first, the tenth, the hundredth … is worth a warning. Pure.
#pragma once

#include <cstdint>

namespace streamgear {

class Tally {
 public:
  /// Counts one more. True: this one is to be told.
  [[nodiscard]] bool Add() {
    if (++count_ < next_) return false;
    next_ *= 10;
    return true;
  }

  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  std::int64_t count_ = 0;
  std::int64_t next_ = 1;
};

}  // namespace streamgear
