#include "audio/audio_pacer.h"

#include <limits>
#include <string>

#include "base/av.h"

namespace streamgear {

AudioPacer::Verdict AudioPacer::Admit(std::int64_t pts, int sample_rate) {
  const double needed = static_cast<double>(pts) / sample_rate - kMaxAudioLead;
  PresentationClock::State state = clock_.Now();
  while (waits_ && state.position < needed && !state.ended && !state.cancelled) {
    const double before = state.position;
    state = clock_.WaitUntil(needed, kPatience);
    if (state.position == before) Warn();
  }
  if (state.cancelled) return Verdict::kCancelled;
  return state.ended && pts >= End(sample_rate) ? Verdict::kEnd : Verdict::kGo;
}

std::int64_t AudioPacer::End(int sample_rate) const {
  if (!clock_.Now().ended) return std::numeric_limits<std::int64_t>::max();
  return av_rescale(clock_.end_ticks(), sample_rate, ticks_per_second_);
}

void AudioPacer::Warn() {
  const PresentationClock::State state = clock_.Now();
  if (warned_ || state.ended || state.cancelled) return;
  warned_ = true;
  sink_(WarningEvent{.code = "AUDIO_WAITS_FOR_VIDEO",
                     .message = "The audio is " + std::to_string(static_cast<int>(kMaxAudioLead)) +
                                " s ahead of the video and waits for it; no frame came for " +
                                std::to_string(kPatience.count()) + " s"});
}

}  // namespace streamgear
