#include "source/sound_around.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

namespace streamgear {
namespace {

/// Seconds of sound that may be left out without a word: a broadcast begins somewhere in a group of
/// pictures, and containers round.
constexpr double kUnheard = 1;
/// Seconds of sound for which no picture is held: streams hardly ever begin and end at once.
constexpr double kShort = 0.1;

}  // namespace

double SoundAround::HoldBefore(double time) {
  const std::optional<Demuxer::Span> audio = demuxer_.audio_span();
  // What lies before the start that was asked for is not wanted.
  if (!audio.has_value() || config_.start > 0) return 0;
  // Before 0 there is an encoder's priming, which decoders drop.
  const double seconds = time - std::max(audio->begin, std::min(time, 0.0));
  if (seconds <= kShort) return 0;
  if (config_.hold_first) return std::max(0.0, seconds - config_.hold_skip);
  Tell(seconds, "before the first picture", "\"first\" shows that");
  return 0;
}

double SoundAround::HoldBehind(double end, double wanted) {
  const std::optional<Demuxer::Span> audio = demuxer_.audio_span();
  if (!audio.has_value()) return 0;
  const double seconds = std::min(audio->end - end, wanted);
  if (seconds <= kShort) return 0;
  if (config_.hold_last) return seconds;
  Tell(seconds, "behind the last picture", "\"last\" shows that");
  return 0;
}

void SoundAround::Tell(double seconds, const char* where, const char* option) {
  if (seconds <= kUnheard) return;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  const std::string hint =
      config_.copy_video ? "" : std::string("; holdPicture ") + option + " picture meanwhile";
  sink_(WarningEvent{.code = "AUDIO_WITHOUT_PICTURE",
                     .message = "The source has " + std::string(text.data()) + " of sound " +
                                where + ", which are left out" + hint});
}

}  // namespace streamgear
