// SoundAround: the sound that a source has before its first picture and behind its last one. It is
// left out and told, unless a picture is to be held meanwhile. One thread.
#pragma once

#include <utility>

#include "base/event.h"
#include "config.h"
#include "source/demuxer.h"

namespace streamgear {

class SoundAround {
 public:
  /// References outlive it.
  SoundAround(const SourceConfig& config, const Demuxer& demuxer, EventSink sink)
      : config_(config), demuxer_(demuxer), sink_(std::move(sink)) {}

  /// Seconds for which the first picture, which is at `time` on the stream's own time line, is
  /// shown before. AUDIO_WITHOUT_PICTURE if it is not, and there is much.
  [[nodiscard]] double HoldBefore(double time);

  /// Seconds for which the last picture, which ends at `end` on the same line, is shown longer;
  /// likewise. What begins `wanted` seconds behind that is not wanted in any case.
  [[nodiscard]] double HoldBehind(double end, double wanted);

 private:
  void Tell(double seconds, const char* where, const char* option);

  const SourceConfig& config_;
  const Demuxer& demuxer_;
  const EventSink sink_;
};

}  // namespace streamgear
