// AudioAligner: puts samples where they belong (AudioTimeline): drops what is before 0 or
// overlaps, leaves gaps or fills them, and plays a little faster or slower what drifts. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

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
    bool fill_gaps = false;  ///< with silence
  };

  AudioAligner(Options options, AudioStats& stats) : options_(options), stats_(stats) {}

  using Frames = std::vector<FramePtr>;

  /// Takes samples that should be at `time` (seconds of presentation), and appends to `out` what is
  /// settled: frames with pts in samples, each at or behind the end of the last one.
  [[nodiscard]] Status Add(FramePtr frame, std::optional<double> time, Frames* out);

  /// These samples were dropped before they came here.
  [[nodiscard]] Status Miss(const AVFrame* frame, Frames* out);

  /// Appends what is held back.
  [[nodiscard]] Status Finish(Frames* out);

  /// Appends silence behind the end. `format`: of it, when no samples came yet.
  [[nodiscard]] Status AddSilence(const AudioFormat& format, Frames* out);

  /// Seconds: where the next samples go.
  [[nodiscard]] double position() const;

 private:
  [[nodiscard]] Status SetFormat(const AudioFormat& format, Frames* out);
  [[nodiscard]] Status Settle(const std::vector<AudioTimeline::Placement>& placements, Frames* out);
  [[nodiscard]] Status Emit(FramePtr frame, const AudioTimeline::Placement& placement, Frames* out);
  [[nodiscard]] Status Fill(std::int64_t begin, std::int64_t count, Frames* out);
  [[nodiscard]] Status Stretch(FramePtr frame, Frames* out);
  [[nodiscard]] Status EndRun(Frames* out);
  void TellDrift();

  const Options options_;
  AudioStats& stats_;
  AudioFormat format_;
  std::optional<AudioTimeline> timeline_;
  std::deque<FramePtr> waiting_;  ///< whose placement is in doubt
  bool begun_ = false;            ///< something was kept

  std::unique_ptr<AudioResampler> stretcher_;  ///< null while nothing was ever to be corrected
  std::int64_t run_begin_ = 0;  ///< where the samples that it got since it was made begin
  std::int64_t run_count_ = 0;  ///< samples that it has given
  std::int64_t run_taken_ = 0;  ///< samples that it has taken
};

}  // namespace streamgear
