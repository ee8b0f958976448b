// encoder_clock: ticks to an encoder's own time and back, and when its packets are decoded. Pure.
//
// Encoders get frame numbers (time base 1 / frame rate), not ticks: rate control of several of them
// takes one unit of the time base for one frame (libvpx, libaom, SVT-AV1), and some bound the time
// base (mpeg4). Real gaps become gaps in the numbers. What comes out gets the exact ticks back, so
// nothing is ever rounded to the frame rate.
//
// Decoding times are ours, not the encoder's: those count frames, and where the distances of frames
// differ no constant number of frames is a constant time. (x265 3.5 leaves the ones of a stream
// shorter than its delay unset.) The n-th packet is decoded when the n-th frame is shown, less the
// delay, or as late as a frame before it that still waits allows. So
//  - they grow strictly, and none is after its own presentation time;
//  - a key frame of a closed GOP, which has nothing before it to wait for, is decoded exactly the
//    delay before it is shown, whatever the times: the steps of a segment's packets add up to the
//    segment.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace streamgear {

class EncoderClock {
 public:
  /// `frame_ticks`: ticks of one frame at the nominal rate, at least 1.
  EncoderClock(std::int64_t frame_ticks, std::int64_t ticks_per_second)
      : frame_ticks_(std::max<std::int64_t>(1, frame_ticks)), longest_delay_(ticks_per_second) {}

  using TimePoint = std::chrono::steady_clock::time_point;

  /// The frame number for a picture at `ticks`. Numbers grow strictly, whatever the jitter of the
  /// times.
  [[nodiscard]] std::int64_t Enter(std::int64_t ticks, TimePoint pushed_at) {
    const std::int64_t rounded = (ticks + frame_ticks_ / 2) / frame_ticks_;
    last_.number = last_.number < 0 ? rounded : std::max(rounded, last_.number + 1);
    last_.ticks = ticks;
    last_.pushed_at = pushed_at;
    waiting_.push_back(last_);
    due_.push_back(ticks);
    return last_.number;
  }

  /// A packet's numbers, as the encoder gives them.
  struct Numbers {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
  };

  /// The most frames that precede one in decoding order and follow it in presentation order. Only
  /// the first call counts: the delay is that of the whole stream. `reorder` is what the encoder
  /// says of itself; 0 where it may not say, then the first packet tells. `draining`: no frame
  /// comes any more.
  void Begin(int reorder, Numbers first, bool draining) {
    if (std::exchange(begun_, true)) return;
    const std::int64_t depth = std::min(reorder > 0 ? reorder : DepthOf(first, draining), kDeepest);
    if (depth <= 0) return;
    // As long as the first frames really take, where they come slower than was declared. More than
    // a second would be a time before the begin in MPEG-TS; what frames further apart need is seen
    // when they come.
    const auto frame = static_cast<std::size_t>(depth);
    const std::int64_t real =
        frame < waiting_.size() ? waiting_[frame].ticks - waiting_[0].ticks : 0;
    delay_ = std::clamp(std::max(depth * frame_ticks_, real), kDeepest + 1,
                        std::max(longest_delay_, kDeepest + 1));
  }

  struct Times {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
    TimePoint pushed_at;
  };

  /// Ticks of the next packet, by its frame's number.
  [[nodiscard]] Times Leave(std::int64_t number) {
    const Frame frame = Take(number);
    const std::int64_t dts = delay_ == 0 ? frame.ticks : DecodeTime(frame);
    if (delay_ == 0) due_.clear();
    return {frame.ticks, dts, frame.pushed_at};
  }

 private:
  struct Frame {
    std::int64_t number = -1;
    std::int64_t ticks = 0;
    TimePoint pushed_at{};
    std::int64_t overtaken = 0;  ///< by packets of later frames
  };

  /// Of H.264 and HEVC. No encoder gives more, so that what was overtaken more often never comes.
  static constexpr std::int64_t kDeepest = 16;

  /// From the first packet, which an encoder puts as far before its presentation time as it may
  /// reorder. That is a time, so with gaps it counts what was entered within it.
  [[nodiscard]] std::int64_t DepthOf(Numbers first, bool draining) const {
    const std::int64_t early = first.pts - first.dts;
    if (early <= 0) return 0;
    const auto within = std::ranges::count_if(
        waiting_, [&](const Frame& frame) { return frame.number - first.pts <= early; });
    // Two frames can only come one after the other.
    if (draining) return std::min<std::int64_t>(within - 1, std::ssize(waiting_) - 2);
    return last_.number - first.pts < early ? early : within - 1;
  }

  /// The frame of a packet. One that never entered, as an encoder may make, is the one before.
  [[nodiscard]] Frame Take(std::int64_t number) {
    auto found = std::ranges::find(waiting_, number, &Frame::number);
    if (found == waiting_.end()) {
      Frame made = waiting_.empty() ? last_ : waiting_.front();
      made.ticks += (number - made.number) * frame_ticks_;
      return made;
    }
    const Frame frame = *found;
    // Without reordering, those before were dropped by the encoder.
    const auto first = delay_ == 0 ? waiting_.begin() : found;
    waiting_.erase(first, found + 1);
    return frame;
  }

  [[nodiscard]] std::int64_t DecodeTime(const Frame& frame) {
    const std::int64_t shown = due_.empty() ? last_.ticks : due_.front();
    if (!due_.empty()) due_.pop_front();
    return std::min({shown - delay_, frame.ticks, Latest(frame)});
  }

  /// The latest time that leaves one for every packet that may come before a frame that waits.
  [[nodiscard]] std::int64_t Latest(const Frame& frame) {
    std::int64_t packets = kDeepest + 1;
    // Of a frame that is still to come: all that wait are before it.
    std::int64_t latest = last_.ticks + 1 - std::ssize(waiting_) - packets;
    std::int64_t earlier = 0;
    for (Frame& other : waiting_) {
      if (other.number < frame.number) ++other.overtaken;
      latest = std::min(latest, other.ticks - earlier - (packets - other.overtaken));
      ++earlier;
    }
    // What never came is waited for no more.
    while (!waiting_.empty() && waiting_.front().overtaken > kDeepest) {
      waiting_.pop_front();
      if (!due_.empty()) due_.pop_front();
    }
    return latest;
  }

  const std::int64_t frame_ticks_;
  const std::int64_t longest_delay_;
  std::deque<Frame> waiting_;     ///< entered and not left, in presentation order
  std::deque<std::int64_t> due_;  ///< with reordering: the times of frames, one for each packet
  Frame last_;                    ///< that entered
  std::int64_t delay_ = 0;        ///< of decoding behind presentation; 0 = nothing is reordered
  bool begun_ = false;
};

}  // namespace streamgear
