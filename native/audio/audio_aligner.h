// AudioAligner: puts samples where they belong (AudioTimeline): drops what is before 0 or
// overlaps, leaves gaps or fills them, and plays a little faster or slower what drifts. One thread.
//
// What it gives is taken one frame at a time, and silence is made when it is taken: a gap may be as
// long as a mistake in a timestamp makes it.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "audio/audio_gaps.h"
#include "audio/audio_resampler.h"
#include "audio/audio_samples.h"
#include "audio/audio_timeline.h"
#include "base/av.h"
#include "base/stats.h"
#include "base/status.h"

namespace streamgear {

class AudioAligner {
 public:
  struct Options {
    TimelineRules rules{};
    double start = 0;        ///< seconds: where samples without any timestamp begin (≤ 0)
    bool fill_gaps = false;  ///< with silence …
    double longest_fill =
        std::numeric_limits<double>::infinity();  ///< … of so many seconds at most
  };

  /// `stats` and `gaps` outlive it.
  AudioAligner(Options options, AudioStats& stats, AudioGaps& gaps)
      : options_(options), stats_(stats), gaps_(gaps) {}

  /// Takes samples that should be at `time` (seconds of presentation). Next() gives what is
  /// settled.
  [[nodiscard]] Status Add(FramePtr frame, std::optional<double> time);

  /// These samples were dropped before they came here.
  [[nodiscard]] Status Miss(const AVFrame* frame);

  /// No more samples: Next() gives what was held back, too.
  [[nodiscard]] Status Finish();

  /// A second of silence behind the end. Needs samples that came before.
  [[nodiscard]] Status AddSilence();

  /// The next frame, with pts in samples, at or behind the end of the last one; null when there is
  /// none yet.
  [[nodiscard]] Status Next(FramePtr* frame);

  /// Seconds: where the next samples go.
  [[nodiscard]] double position() const;

  /// Samples came.
  [[nodiscard]] bool begun() const { return timeline_.has_value(); }

 private:
  /// Samples, or silence that is longer than its frame.
  struct Piece {
    FramePtr frame;
    std::int64_t begin = 0;
    std::int64_t count = 0;
  };

  [[nodiscard]] Status SetFormat(const AudioFormat& format);
  [[nodiscard]] Status Settle(const std::vector<AudioTimeline::Placement>& placements);
  [[nodiscard]] Status Emit(FramePtr frame, const AudioTimeline::Placement& placement);
  [[nodiscard]] Status Fill(std::int64_t begin, std::int64_t count);
  [[nodiscard]] Status Stretch(FramePtr frame);
  [[nodiscard]] Status EndRun();
  void Give(FramePtr frame);
  void TellDrift();

  const Options options_;
  AudioStats& stats_;
  AudioGaps& gaps_;
  AudioFormat format_;
  std::optional<AudioTimeline> timeline_;
  std::deque<FramePtr> waiting_;  ///< whose placement is in doubt
  bool begun_ = false;            ///< something was kept
  std::deque<Piece> ready_;

  std::unique_ptr<AudioResampler> stretcher_;  ///< null while nothing was ever to be corrected
  std::int64_t run_begin_ = 0;  ///< where the samples that it got since it was made begin
  std::int64_t run_count_ = 0;  ///< samples that it has given
  std::int64_t run_taken_ = 0;  ///< samples that it has taken
};

}  // namespace streamgear
