// AudioCopier: one audio rendition whose packets stay as they are. Lives on the audio thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "audio/audio_encoder.h"
#include "audio/audio_gaps.h"
#include "audio/audio_pacer.h"
#include "audio/audio_timeline.h"
#include "base/av.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "source/packet_reader.h"
#include "video/encoder.h"

namespace streamgear {

class AudioCopier {
 public:
  /// `index`: of the audio rendition. All references outlive the copier.
  AudioCopier(const PipelineConfig& config, std::size_t index, AudioPacer& pacer,
              PacketQueue& output, PipelineStats& stats, EventSink sink);

  /// Checks that the segments can hold `stream`, which outlives it. It is announced with its first
  /// packet, which may have to tell what it is (ADTS). `rules`: for its timestamps.
  [[nodiscard]] Status Open(const StreamDescription& stream, const AudioTraits& traits,
                            const TimelineRules& rules);

  /// `time`: seconds of presentation. Waits for the video.
  [[nodiscard]] Status Add(const AVPacket& packet, std::optional<double> time);

  [[nodiscard]] Status Finish();

  /// No more packets, but others may go on with its stream.
  [[nodiscard]] Status Stop();

  /// What was announced. Valid behind the first packet.
  [[nodiscard]] const AVCodecParameters* parameters() const { return parameters_.get(); }

  /// Index of the audio rendition.
  [[nodiscard]] std::size_t rendition() const {
    return static_cast<std::size_t>(index_) - config_.renditions.size();
  }

  /// Seconds of presentation: where its last packet ends.
  [[nodiscard]] double position() const;

  /// It takes nothing any more: the presentation has ended, or nobody takes its packets.
  [[nodiscard]] bool done() const { return done_; }

 private:
  [[nodiscard]] Status OpenConverter();
  [[nodiscard]] Status Convert(AVPacket* packet, bool* damaged);
  [[nodiscard]] Status Announce();
  [[nodiscard]] Status Settle(const std::vector<AudioTimeline::Placement>& placements);
  [[nodiscard]] Status Emit(PacketPtr packet, std::int64_t begin);
  [[nodiscard]] bool IsWanted(std::int64_t begin, std::int64_t duration);
  [[nodiscard]] std::int64_t DurationOf(const AVPacket& packet) const;
  [[nodiscard]] Status Fail(const std::string& code, const std::string& what, int error) const;
  void Send(EncoderOutput output);

  const PipelineConfig& config_;
  const int index_;  ///< among all renditions
  AudioPacer& pacer_;
  PacketQueue& output_;
  RenditionStats& rendition_stats_;
  AudioStats& stats_;
  AudioGaps gaps_;

  const StreamDescription* stream_ = nullptr;
  StreamInfo info_;
  CodecParametersPtr parameters_;  ///< a copy of what was announced
  BsfPtr converter_;               ///< null when the packets are fine
  std::optional<AudioTimeline> timeline_;
  std::deque<PacketPtr> waiting_;  ///< whose times are in doubt
  std::optional<bool> primed_;     ///< what comes before 0 is its encoder's priming
  std::int64_t end_ = INT64_MIN;   ///< of the last packet that was sent
  bool announced_ = false;
  bool cancelled_ = false;
  bool done_ = false;
};

}  // namespace streamgear
