// AudioEnd: says once why the audio ends before the video does.
#pragma once

#include <chrono>
#include <string>

#include "base/event.h"
#include "config.h"

namespace streamgear {

/// How long the input may give nothing once the video has ended.
inline constexpr std::chrono::seconds kStallPatience{5};

/// All positions in seconds of presentation. One thread at a time.
class AudioEnd {
 public:
  /// `config` outlives it.
  AudioEnd(const AudioConfig& config, EventSink sink) : config_(config), sink_(std::move(sink)) {}

  /// AUDIO_ENDED_EARLY: its source cannot be read on.
  void Break(double position, const std::string& reason);

  /// AUDIO_STALLED: its source gave nothing for kStallPatience after the end of the video.
  void Stall(double position);

  /// AUDIO_ENDED_EARLY if its source has ended as if nothing was wrong, but long before `promised`,
  /// which is what its container says (-1 = nothing).
  void CheckSource(double position, double promised);

  /// AUDIO_ENDED_EARLY if it is much shorter than the video, for whatever reason.
  void CheckVideo(double position, double video_end);

 private:
  void Tell(const std::string& code, const std::string& message);

  const AudioConfig& config_;
  const EventSink sink_;
  bool told_ = false;
};

}  // namespace streamgear
