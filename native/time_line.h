// TimeLine: takes the jumps out of the times of a container's streams, all streams alike. Pure.
//
// Recordings that were cut together, broadcasts and restarted encoders begin their clock anew in
// the middle. What comes after such a jump is shifted so that time goes on by one frame; streams
// that jump a little later take the very same shift, which keeps picture and sound together.
#pragma once

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
    return state.begun && time + state.shift - state.expected > kMaxForward;
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
      state.shift = Nearest(time, furthest_);
    } else if (!Fits(state, time, state.shift)) {
      if (const double known = Nearest(time, state.expected); Fits(state, time, known)) {
        state.shift = known;  // another stream has jumped before
      } else if (far_is_jump || time + state.shift < state.expected) {
        placement.jump = true;
        placement.from = state.expected - state.shift;
        state.shift = state.expected - time;
        Remember(state.shift);
      }
    }
    placement.shift = state.shift;
    state.expected = time + state.shift + duration;
    if (state.expected > furthest_) furthest_ = state.expected;
    return placement;
  }

 private:
  struct Stream {
    bool begun = false;
    double shift = 0;
    double expected = 0;  ///< where the next packet should be, with the shift
  };

  static constexpr std::size_t kMaxShifts = 8;

  [[nodiscard]] static bool Fits(const Stream& state, double time, double shift) {
    const double ahead = time + shift - state.expected;
    return ahead >= -kMaxBackward && ahead <= kMaxForward;
  }

  void Remember(double shift) {
    shifts_.push_back(shift);
    if (shifts_.size() > kMaxShifts) shifts_.pop_front();
  }

  /// The shift that was in use lately with which `time` comes nearest to `expected`.
  [[nodiscard]] double Nearest(double time, double expected) const {
    double best = shifts_.front();
    for (const double shift : shifts_) {
      if (std::abs(time + shift - expected) < std::abs(time + best - expected)) best = shift;
    }
    return best;
  }

  std::vector<Stream> streams_;
  std::deque<double> shifts_{0};  ///< oldest first
  double furthest_ = 0;
};

}  // namespace streamgear
