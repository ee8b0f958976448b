#include "source/sound_around.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/duration_text.h"
#include "source/held_from.h"

namespace streamgear {
namespace {

/// Seconds of sound that may be left out without a word: a broadcast begins somewhere in a group of
/// pictures, and containers round.
constexpr double kUnheard = 1;

}  // namespace

double SoundAround::HoldBefore(double time) {
  const std::optional<Demuxer::Span> audio = demuxer_.audio_span();
  // What lies before the start that was asked for is not wanted.
  if (!audio.has_value() || config_.start > 0) return 0;
  const double seconds = time - HeldFrom(time, audio->begin);
  if (seconds <= 0) return 0;
  if (config_.hold_first) return seconds;
  Tell(seconds, "before the first picture", "\"first\" shows that");
  return 0;
}

double SoundAround::HoldBehind(double end, double wanted) {
  const std::optional<Demuxer::Span> audio = demuxer_.audio_span();
  if (!audio.has_value()) return 0;
  const double seconds = std::min(audio->end - end, wanted);
  if (seconds <= kShortSound) return 0;
  if (config_.hold_last) return seconds;
  Tell(seconds, "behind the last picture", "\"last\" shows that");
  return 0;
}

void SoundAround::Tell(double seconds, const char* where, const char* option) {
  if (seconds <= kUnheard) return;
  const std::string hint =
      config_.copy_video ? "" : std::string("; holdPicture ") + option + " picture meanwhile";
  sink_(WarningEvent{.code = "AUDIO_WITHOUT_PICTURE",
                     .message = "The source has " + DurationText(seconds) + " of sound " + where +
                                ", which are left out" + hint});
}

}  // namespace streamgear
