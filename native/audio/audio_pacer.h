// AudioPacer: how far the audio may go: not far ahead of the video, and not beyond its end. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/event.h"
#include "presentation_clock.h"

namespace streamgear {

/// Seconds by which the audio may be ahead of the video; then it waits. Enough for what is badly
/// interleaved, and bounded: packets of audio are kept until the video has come as far.
inline constexpr double kMaxAudioLead = 10;

class AudioPacer {
 public:
  enum class Verdict { kGo, kEnd, kCancelled };

  /// `waits`: false for a capture device, which would lose samples; its reader drops them instead.
  AudioPacer(PresentationClock& clock, std::int64_t ticks_per_second, bool waits, EventSink sink)
      : clock_(clock), ticks_per_second_(ticks_per_second), waits_(waits), sink_(std::move(sink)) {}

  /// Whether samples that begin at `pts` (in samples) are wanted. Waits for the video.
  [[nodiscard]] Verdict Admit(std::int64_t pts, int sample_rate);

  /// Where the presentation ends, in samples; INT64_MAX while nobody knows.
  [[nodiscard]] std::int64_t End(int sample_rate) const;

  /// Seconds: how far the video has come.
  [[nodiscard]] double position() const { return clock_.Now().position; }

  /// Samples at `seconds` would wait.
  [[nodiscard]] bool IsTooFarAhead(double seconds) const {
    return seconds > position() + kMaxAudioLead;
  }

 private:
  /// After so long without a frame somebody has to be told.
  static constexpr std::chrono::seconds kPatience{10};

  void Warn();

  PresentationClock& clock_;
  const std::int64_t ticks_per_second_;
  const bool waits_;
  const EventSink sink_;
  bool warned_ = false;
};

}  // namespace streamgear
