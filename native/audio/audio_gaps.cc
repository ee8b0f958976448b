#include "audio/audio_gaps.h"

#include <array>
#include <cstdio>
#include <string>
#include <utility>

namespace streamgear {
namespace {

/// Seconds that players pass over without a word (hls.js: maxBufferHole; dash.js: jumps from
/// there).
constexpr double kUnheard = 0.1;

/// Seconds beyond which a timestamp is hardly meant.
constexpr double kHour = 3600;

std::string SecondsText(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

}  // namespace

void AudioGaps::Tell(double begin, double end, Kind kind) {
  const bool is_long = end - begin > kHour;
  bool& told = is_long ? told_long_ : told_;
  const bool worth = is_long || (kind != Kind::kFilled && end - begin > kUnheard);
  if (told || !worth) return;
  told = true;
  std::string message =
      "The audio has nothing from " + SecondsText(begin) + " to " + SecondsText(end) + ": ";
  if (kind == Kind::kFilled) {
    message += "silence is encoded there";
  } else if (kind == Kind::kCopied) {
    message +=
        "players may skip the picture there, as packets are copied; an encoder (codec: 'aac') puts "
        "silence there";
  } else {
    message += "it stays a gap";
  }
  if (is_long) message += "; is a timestamp in another unit, or in epoch seconds?";
  sink_(WarningEvent{.code = "AUDIO_GAP", .message = std::move(message)});
}

}  // namespace streamgear
