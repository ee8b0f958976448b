#include "audio/audio_gaps.h"

#include <string>
#include <utility>

#include "base/duration_text.h"

namespace streamgear {
namespace {

/// Seconds that players pass over without a word (hls.js: maxBufferHole; dash.js: jumps from
/// there).
constexpr double kUnheard = 0.1;

/// Seconds beyond which a timestamp is hardly meant.
constexpr double kHour = 3600;

}  // namespace

void AudioGaps::Tell(double begin, double end, Kind kind) {
  const bool is_long = end - begin > kHour;
  bool& told = is_long ? told_long_ : told_;
  const bool worth = is_long || (kind != Kind::kFilled && end - begin > kUnheard);
  if (told || !worth) return;
  told = true;
  std::string message =
      "The audio has nothing from " + DurationText(begin) + " to " + DurationText(end) + ": ";
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
