// PresentationClock: how far the video has come. The audio follows it.
//
// The rule of who waits: audio that is ahead of the video waits here, video never does, but for an
// audio input that is not open yet, which needs no video to open. So a video that pauses makes the
// audio wait, and an audio that pauses stops nothing; no cycle can close.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/stats.h"

namespace streamgear {

class PresentationClock {
 public:
  struct State {
    bool begun = false;
    bool ended = false;
    bool cancelled = false;
    double origin = 0;    ///< seconds on the source's time line that are presentation time 0
    double position = 0;  ///< seconds: the end of the newest frame
    Clock::time_point begun_at{};     ///< when the first frame was pushed
    Clock::time_point advanced_at{};  ///< when the newest frame was pushed
  };

  /// `tick_clock` measures every patience of the audio, and outlives this.
  explicit PresentationClock(std::int64_t ticks_per_second,
                             const TickClock& tick_clock = SteadyClock::Get())
      : ticks_per_second_(static_cast<double>(ticks_per_second)), tick_clock_(tick_clock) {}
  PresentationClock(const PresentationClock&) = delete;
  PresentationClock& operator=(const PresentationClock&) = delete;

  /// The first frame: what its time is on the source's time line (0 for pushed frames), and when it
  /// came. Only the first call counts.
  void Begin(double origin, Clock::time_point pushed_at) {
    Change([&] {
      if (state_.begun) return;
      state_.begun = true;
      state_.origin = origin;
      state_.begun_at = pushed_at;
      state_.advanced_at = pushed_at;
    });
  }

  /// Until Release() the video waits in Advance(): there is enough of it.
  void Hold() {
    Change([&] { held_ = true; });
  }

  void Release() {
    Change([&] { held_ = false; });
  }

  /// A frame that ends at `ticks` was taken. Waits while the video is held.
  void Advance(std::int64_t ticks, Clock::time_point pushed_at) {
    WaitWhileHeld();
    Change([&] {
      state_.position = std::max(state_.position, Seconds(ticks));
      state_.advanced_at = pushed_at;
    });
  }

  /// No more frames: the presentation ends at `ticks`.
  void End(std::int64_t ticks) {
    Change([&] {
      state_.ended = true;
      end_ticks_ = ticks;
      state_.position = std::max(state_.position, Seconds(ticks));
    });
    if (on_end_) on_end_();
  }

  /// For who waits for something else than this clock: called by End(), on its thread. Set before
  /// the threads start.
  void OnEnd(std::function<void()> on_end) { on_end_ = std::move(on_end); }

  /// Wakes every wait, for good.
  void Cancel() {
    Change([&] { state_.cancelled = true; });
  }

  [[nodiscard]] const TickClock& tick_clock() const { return tick_clock_; }

  [[nodiscard]] State Now() const {
    std::lock_guard lock(mutex_);
    return state_;
  }

  /// Final after End().
  [[nodiscard]] std::int64_t end_ticks() const {
    std::lock_guard lock(mutex_);
    return end_ticks_;
  }

  /// Waits for Begin(), End() or Cancel(), at most `timeout`.
  State WaitForBegin(std::optional<Clock::duration> timeout = std::nullopt) {
    return Wait([this] { return state_.begun; }, timeout);
  }

  /// Waits until the video has come to `seconds`, for End() or Cancel(), at most `timeout`.
  State WaitUntil(double seconds, std::optional<Clock::duration> timeout = std::nullopt) {
    return Wait([this, seconds] { return state_.position >= seconds; }, timeout);
  }

 private:
  [[nodiscard]] double Seconds(std::int64_t ticks) const {
    return static_cast<double>(ticks) / ticks_per_second_;
  }

  void WaitWhileHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_ || state_.cancelled; });
  }

  template <typename Action>
  void Change(Action action) {
    {
      std::lock_guard lock(mutex_);
      action();
    }
    changed_.notify_all();
  }

  template <typename Condition>
  State Wait(Condition condition, std::optional<Clock::duration> timeout) {
    std::unique_lock lock(mutex_);
    const auto deadline =
        timeout.has_value() ? tick_clock_.Now() + *timeout : Clock::time_point::max();
    tick_clock_.WaitUntil(changed_, lock, deadline,
                          [&] { return condition() || state_.ended || state_.cancelled; });
    return state_;
  }

  const double ticks_per_second_;
  const TickClock& tick_clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_;
  bool held_ = false;
  std::int64_t end_ticks_ = 0;
  std::function<void()> on_end_;
};

}  // namespace streamgear
