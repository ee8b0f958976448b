// AudioTimeline: where blocks of samples belong, from timestamps that jitter, drift, are missing or
// wrong. Pure. One thread.
//
// Samples are counted: that is exact, and timestamps are not. A timestamp that is off by no more
// than the tolerance changes nothing at once; what such offsets have in common is drift, for the
// DriftController. One that is further off means a gap or an overlap. That a time line starts anew
// is SteadyInput's business, who sees all streams of a container.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "audio/audio_drift.h"

namespace streamgear {

struct TimelineRules {
  /// What becomes of a timestamp that is further off than the tolerance.
  enum class Doubt {
    kNone,  ///< the caller means it
    kHold,  ///< the block waits for the next one, which shows whether it was a mistake
    kWait,  ///< blocks go on as if nothing was, until it has lasted for `patience`
  };

  double tolerance = 0.040;  ///< seconds
  Doubt doubt = Doubt::kHold;
  double patience = 2;  ///< seconds of samples, with kWait
  /// Seconds beyond which a timestamp within the tolerance is followed at once; infinite: what such
  /// offsets have in common is left to the drift.
  double follow = std::numeric_limits<double>::infinity();
  DriftController::Tuning drift{};
};

/// Rules for timestamps of a container.
[[nodiscard]] TimelineRules ContainerRules();
/// The same for packets that are copied: nothing can be stretched, so their own times stay.
[[nodiscard]] TimelineRules CopyRules();
/// Rules for timestamps that the caller of writeAudio() gives.
[[nodiscard]] TimelineRules PushRules();
/// Rules for a capture device: times are when samples came, against when frames came.
[[nodiscard]] TimelineRules CaptureRules();

class AudioTimeline {
 public:
  /// Where one block goes. In samples.
  struct Placement {
    std::int64_t begin = 0;  ///< of its first sample; presentation time 0 is 0
    std::int64_t skip = 0;   ///< of its first samples: they lie before 0, or overlap
    std::int64_t gap = 0;    ///< between the last sample that was kept and its first that is
  };

  /// `start`: where a first block without a timestamp begins, in seconds; what lies before it, or
  /// before 0, is skipped.
  AudioTimeline(TimelineRules rules, int sample_rate, double start);

  /// `time`: seconds of presentation. Gives the placements of all blocks that are settled now, in
  /// the order in which they came: none while it is in doubt.
  std::vector<Placement> Add(std::optional<double> time, std::int64_t count);

  /// No more blocks: what is held is placed by its timestamp.
  std::vector<Placement> Flush();

  /// Samples that came were dropped by somebody else: they leave a gap.
  void Miss(std::int64_t count) { next_ += count; }

  /// What was placed last came out longer (> 0) or shorter: it was played slower or faster.
  void Stretch(std::int64_t samples) {
    next_ += samples;
    end_ += samples;
  }

  /// The samples have another rate from now on.
  void ChangeRate(int sample_rate);

  [[nodiscard]] int rate() const { return rate_; }
  [[nodiscard]] const DriftController& drift() const { return drift_; }
  /// Where the next sample would go, if nothing is in doubt.
  [[nodiscard]] std::int64_t next() const { return next_; }
  /// Where the last sample that was kept ended.
  [[nodiscard]] std::int64_t end() const { return end_; }

 private:
  struct Block {
    std::optional<double> time;
    std::int64_t count = 0;
  };

  [[nodiscard]] bool Confirms(double deviation) const;
  void CountSlowBlocks(const Block& block);
  void Judge(const Block& block, std::vector<Placement>* placements);
  void Hold(const Block& block, std::vector<Placement>* placements);
  void Settle(bool agreed, std::vector<Placement>* placements);
  void MoveBy(double deviation);
  [[nodiscard]] Placement Place(std::int64_t count);
  [[nodiscard]] double Deviation(const Block& block) const;
  [[nodiscard]] double Seconds(std::int64_t samples) const {
    return static_cast<double>(samples) / rate_;
  }

  const TimelineRules rules_;
  int rate_;
  DriftController drift_;
  bool anchored_ = false;      ///< a block was placed
  std::int64_t next_ = 0;      ///< where the stream's next sample belongs
  std::int64_t end_ = 0;       ///< where the last kept sample ended
  std::vector<Block> held_;    ///< in doubt
  double held_deviation_ = 0;  ///< seconds, of the first that is held
  Block newest_;               ///< that had a timestamp
  int slow_blocks_ = 0;        ///< in a row
  std::int64_t doubtful_ = 0;  ///< samples since the doubt began, with kWait
};

}  // namespace streamgear
