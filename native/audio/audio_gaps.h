// AudioGaps: tells where the audio has nothing, once. One thread.
#pragma once

#include <utility>

#include "base/event.h"

namespace streamgear {

class AudioGaps {
 public:
  enum class Kind {
    kFilled,  ///< with silence: only one of hours is told, as a timestamp is wrong then
    kLeft,    ///< it stays a gap
    kCopied,  ///< it stays one, as packets are copied
  };

  /// `expected`: whoever asked for gaps knows of them; only one of hours is told.
  AudioGaps(bool expected, EventSink sink) : told_(expected), sink_(std::move(sink)) {}

  /// AUDIO_GAP, the first time, when there is nothing from `begin` to `end` (seconds of
  /// presentation).
  void Tell(double begin, double end, Kind kind);

 private:
  bool told_;
  bool told_long_ = false;
  const EventSink sink_;
};

}  // namespace streamgear
