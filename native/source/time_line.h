// TimeLine: takes the jumps out of the times of a container's streams, all streams alike. Pure.
//
// Recordings that were cut together, broadcasts and restarted encoders begin their clock anew in
// the middle. What comes after such a jump is shifted so that time goes on by one frame; streams
// that jump a little later take the very same shift, which keeps picture and sound together.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <vector>

namespace streamgear {

class TimeLine {
 public:
  /// Decoding times never go back this far in a sound stream, seconds.
  static constexpr double kMaxBackward = 1;
  /// What is further ahead than this may be a jump too, seconds.
  static constexpr double kMaxForward = 10;

  explicit TimeLine(std::size_t streams) : streams_(streams) {}

  /// The packet is so far ahead of what its stream had before that it is either a gap or a jump.
  [[nodiscard]] bool IsFarAhead(std::size_t stream, double time) const {
    const Stream& state = streams_[stream];
    return state.begun && time + state.shift.value - state.expected > kMaxForward;
  }

  struct Placement {
    double shift = 0;   ///< seconds to add to the packet's times
    bool jump = false;  ///< the first packet behind a jump
    double from = 0;    ///< the time that was expected, on the packet's own time line
  };

  /// Where the next packet of `stream` belongs. `time` and `duration` in seconds; `far_is_jump`:
  /// what is far ahead is a jump and not a gap.
  Placement Place(std::size_t stream, double time, double duration, bool far_is_jump) {
    Stream& state = streams_[stream];
    Placement placement;
    if (!state.begun) {
      state.begun = true;
      state.shift = Nearest(time, furthest_, 0);
    } else if (!Fits(state, time, state.shift.value)) {
      // Another stream may have jumped before.
      const Shift known = Nearest(time, state.expected, state.shift.number + 1);
      if (known.number > state.shift.number && Fits(state, time, known.value)) {
        state.shift = known;
      } else if (far_is_jump || time + state.shift.value < state.expected) {
        placement.jump = true;
        placement.from = state.expected - state.shift.value;
        state.shift = Remember(state.expected - time);
      }
    }
    placement.shift = state.shift.value;
    state.expected = time + state.shift.value + duration;
    if (state.expected > furthest_) furthest_ = state.expected;
    return placement;
  }

  /// A packet whose own time is a mistake, as that of the next one shows: it goes right behind what
  /// its stream had before.
  Placement Mend(std::size_t stream, double time, double duration) {
    Stream& state = streams_[stream];
    const Placement placement{.shift = state.expected - time};
    state.expected += duration;
    furthest_ = std::max(furthest_, state.expected);
    return placement;
  }

  /// Seconds, where the furthest packet so far ends.
  [[nodiscard]] double furthest() const { return furthest_; }

 private:
  struct Shift {
    std::size_t number = 0;  ///< they are counted
    double value = 0;
  };

  struct Stream {
    bool begun = false;
    Shift shift;
    double expected = 0;  ///< where the next packet should be, with the shift
  };

  static constexpr std::size_t kMaxShifts = 8;

  [[nodiscard]] static bool Fits(const Stream& state, double time, double shift) {
    const double ahead = time + shift - state.expected;
    return ahead >= -kMaxBackward && ahead <= kMaxForward;
  }

  Shift Remember(double shift) {
    shifts_.push_back({shifts_.back().number + 1, shift});
    if (shifts_.size() > kMaxShifts) shifts_.pop_front();
    return shifts_.back();
  }

  /// Of the shifts from `number` on, the one with which `time` comes nearest to `expected`; the
  /// newest when there is none.
  [[nodiscard]] Shift Nearest(double time, double expected, std::size_t number) const {
    Shift best = shifts_.back();
    for (const Shift& shift : shifts_) {
      if (shift.number < number) continue;
      if (std::abs(time + shift.value - expected) < std::abs(time + best.value - expected)) {
        best = shift;
      }
    }
    return best;
  }

  std::vector<Stream> streams_;
  std::deque<Shift> shifts_{Shift{}};  ///< oldest first, never empty
  double furthest_ = 0;
};

}  // namespace streamgear
