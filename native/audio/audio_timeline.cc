#include "audio/audio_timeline.h"

#include <algorithm>
#include <cmath>

namespace streamgear {
namespace {

/// Seconds of samples that wait at most for a second opinion.
constexpr double kLongestHold = 1;

/// Blocks in a row whose time is shorter than their samples by more than any clock drifts.
constexpr int kSlowBlocks = 4;
constexpr double kSlow = 0.95;

}  // namespace

TimelineRules ContainerRules() { return {}; }

TimelineRules CopyRules() {
  TimelineRules rules = ContainerRules();
  rules.follow = 0.002;  // less is what a container that counts milliseconds rounds
  return rules;
}

TimelineRules PushRules() { return {.doubt = TimelineRules::Doubt::kNone}; }

TimelineRules CaptureRules() {
  return {.tolerance = 0.200,
          .doubt = TimelineRules::Doubt::kWait,
          .drift = {.smoothing = 3, .settling = 10, .start = 0.002}};
}

AudioTimeline::AudioTimeline(TimelineRules rules, int sample_rate, double start)
    : rules_(rules),
      rate_(sample_rate),
      drift_(rules.drift),
      next_(std::llround(start * sample_rate)),
      end_(std::max<std::int64_t>(next_, 0)) {}

void AudioTimeline::ChangeRate(int sample_rate) {
  const double ratio = static_cast<double>(sample_rate) / rate_;
  const auto convert = [ratio](std::int64_t samples) {
    return std::llround(static_cast<double>(samples) * ratio);
  };
  next_ = convert(next_);
  end_ = convert(end_);
  for (Block& block : held_) block.count = convert(block.count);
  newest_.count = convert(newest_.count);
  rate_ = sample_rate;
}

std::vector<AudioTimeline::Placement> AudioTimeline::Add(std::optional<double> time,
                                                         std::int64_t count) {
  std::vector<Placement> placements;
  Judge({time, count}, &placements);
  return placements;
}

std::vector<AudioTimeline::Placement> AudioTimeline::Flush() {
  std::vector<Placement> placements;
  Settle(true, &placements);
  return placements;
}

/// Seconds by which the block's timestamp is later than the count says.
double AudioTimeline::Deviation(const Block& block) const {
  std::int64_t expected = next_;
  for (const Block& held : held_) expected += held.count;
  return *block.time - Seconds(expected);
}

/// Whether a block that is off by `deviation` from the count shows that the held one was no
/// mistake. Samples may be missing behind each block, so what lies ahead is a mistake only when
/// time returns to the count. What goes back overlaps: there both must agree, and where each
/// overlaps the one before, time runs slower than the samples, and is wrong altogether.
bool AudioTimeline::Confirms(double deviation) const {
  const double difference = std::abs(deviation - held_deviation_);
  if (held_deviation_ >= 0) return difference <= std::abs(deviation);
  return difference <= rules_.tolerance && slow_blocks_ < kSlowBlocks;
}

/// How many timestamps in a row came sooner than the samples of the block before them last.
void AudioTimeline::CountSlowBlocks(const Block& block) {
  const double step = *block.time - newest_.time.value_or(*block.time);
  const bool slow = newest_.time.has_value() && step < kSlow * Seconds(newest_.count);
  slow_blocks_ = slow ? slow_blocks_ + 1 : 0;
  newest_ = block;
}

void AudioTimeline::Judge(const Block& block, std::vector<Placement>* placements) {
  if (!block.time.has_value()) {
    if (held_.empty()) {
      placements->push_back(Place(block.count));
    } else {
      Hold(block, placements);
    }
    return;
  }
  CountSlowBlocks(block);
  if (!held_.empty()) Settle(Confirms(Deviation(block)), placements);
  const double deviation = Deviation(block);
  if (!anchored_) {
    next_ += std::llround(deviation * rate_);
  } else if (std::abs(deviation) <= rules_.tolerance) {
    doubtful_ = 0;
    if (std::abs(deviation) > rules_.follow) next_ += std::llround(deviation * rate_);
    drift_.Update(-deviation, Seconds(block.count));
  } else if (rules_.doubt == TimelineRules::Doubt::kHold) {
    held_deviation_ = deviation;
    Hold(block, placements);
    return;
  } else {
    doubtful_ += block.count;
    const bool certain =
        rules_.doubt == TimelineRules::Doubt::kNone || Seconds(doubtful_) >= rules_.patience;
    if (certain) MoveBy(deviation);
  }
  placements->push_back(Place(block.count));
}

void AudioTimeline::Hold(const Block& block, std::vector<Placement>* placements) {
  held_.push_back(block);
  std::int64_t total = 0;
  for (const Block& held : held_) total += held.count;
  // Nothing came that could have an opinion.
  if (Seconds(total) > kLongestHold && held_.size() > 1) Settle(true, placements);
}

/// `agreed`: the first held block's timestamp was no mistake.
void AudioTimeline::Settle(bool agreed, std::vector<Placement>* placements) {
  if (held_.empty()) return;
  if (agreed) MoveBy(held_deviation_);
  for (const Block& block : held_) {
    placements->push_back(Place(block.count));
  }
  held_.clear();
}

void AudioTimeline::MoveBy(double deviation) {
  doubtful_ = 0;
  drift_.Jumped();
  next_ += std::llround(deviation * rate_);
}

AudioTimeline::Placement AudioTimeline::Place(std::int64_t count) {
  anchored_ = true;
  Placement placement{.begin = next_,
                      .skip = std::clamp<std::int64_t>(end_ - next_, 0, count),
                      .gap = std::max<std::int64_t>(next_ - end_, 0)};
  next_ += count;
  if (placement.skip < count) end_ = next_;
  return placement;
}

}  // namespace streamgear
