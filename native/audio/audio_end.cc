#include "audio/audio_end.h"

#include <algorithm>

#include "base/duration_text.h"

namespace streamgear {
namespace {

/// Seconds, and the share of all of it, that may be missing at the end: containers round.
constexpr double kShortEnd = 0.5;
constexpr double kShortEndShare = 0.02;

/// Seconds of picture without sound at the end that need no words.
constexpr double kSilentEnd = 1;

}  // namespace

void AudioEnd::Break(double position, const std::string& reason) {
  Tell("AUDIO_ENDED_EARLY", "The audio ends at " + DurationText(position) + ": " + reason +
                                "; what was read is packaged, and the video goes on");
}

void AudioEnd::Stall(double position) {
  Tell("AUDIO_STALLED",
       "The audio ends at " + DurationText(position) + ": its input gave nothing for " +
           std::to_string(kStallPatience.count()) + " s after the video had ended");
}

void AudioEnd::CheckSource(double position, double promised) {
  const double missing = promised - position - config_.start;
  if (missing <= std::max(kShortEnd, promised * kShortEndShare)) return;
  Break(position, "\"" + config_.input.url + "\" should last " + DurationText(promised));
}

void AudioEnd::CheckVideo(double position, double video_end) {
  if (position <= 0) return;  // there was none, as AUDIO_MISSING tells
  if (video_end - position <= kSilentEnd) return;
  Tell("AUDIO_ENDED_EARLY",
       "The audio ends at " + DurationText(position) + ", the video at " + DurationText(video_end) +
           ": players may stop where the audio does, unless fillGaps puts silence there");
}

void AudioEnd::Tell(const std::string& code, const std::string& message) {
  if (told_) return;
  told_ = true;
  sink_(WarningEvent{.code = code, .message = message});
}

}  // namespace streamgear
