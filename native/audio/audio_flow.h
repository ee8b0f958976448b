// AudioFlow: from samples with times to encoded packets: aligned, filtered, resampled, cut at the
// end of the video. Lives on the audio thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/audio_aligner.h"
#include "audio/audio_encoder.h"
#include "audio/audio_filter.h"
#include "audio/audio_framer.h"
#include "audio/audio_pacer.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "video/encoder.h"

namespace streamgear {

class AudioFlow {
 public:
  /// All references outlive the flow.
  AudioFlow(const PipelineConfig& config, TimelineRules rules, AudioPacer& pacer,
            PacketQueue& output, PipelineStats& stats, EventSink sink, LogRing& log);

  /// Opens the filter and one encoder for each rendition that is not a copy, and announces them.
  [[nodiscard]] Status Open(const AudioTraits& traits);

  /// Samples that should be at `time` (seconds of presentation). Waits for the video.
  [[nodiscard]] Status Add(FramePtr samples, std::optional<double> time);

  /// Samples that nobody wants: they are missing afterwards.
  [[nodiscard]] Status Miss(const AVFrame& samples);

  /// No more samples: encodes what is left, up to the end of the video, and ends the streams.
  [[nodiscard]] Status Finish();

  /// It takes nothing any more: the presentation has ended, or nobody takes its packets.
  [[nodiscard]] bool done() const;

  /// Seconds of presentation: where the next samples go.
  [[nodiscard]] double position() const { return aligner_.position(); }

 private:
  /// Encoders that want the same frames.
  struct Group {
    AudioFramer framer;
    std::vector<AudioEncoder*> encoders;
    bool done = false;
  };

  [[nodiscard]] Status OpenFilter(const AudioFormat& input);
  void GroupEncoders();
  void WarnOfMixdown(const AudioFormat& source);
  [[nodiscard]] Status Drain();
  [[nodiscard]] Status Filter(FramePtr frame);
  [[nodiscard]] Status DrainFilter();
  [[nodiscard]] Status Frame(const AVFrame& samples);
  [[nodiscard]] Status Encode(Group& group);
  [[nodiscard]] Status FillToEnd();
  [[nodiscard]] Status FinishGroups();

  const PipelineConfig& config_;
  AudioPacer& pacer_;
  PacketQueue& output_;
  PipelineStats& stats_;
  const EventSink sink_;
  LogRing& log_;

  AudioGaps gaps_;
  AudioAligner aligner_;
  std::unique_ptr<AudioFilter> filter_;  ///< null without `-af`
  std::vector<std::unique_ptr<AudioEncoder>> encoders_;
  std::vector<Group> groups_;
};

}  // namespace streamgear
