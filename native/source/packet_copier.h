// PacketCopier: the thread that hands a source's video packets on as they are: one rendition, cut
// at the key frames that it has.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "presentation_clock.h"
#include "source/copy_clock.h"
#include "source/copy_gate.h"
#include "source/demuxer.h"
#include "source/media_info.h"
#include "source/parameter_watch.h"
#include "source/sound_around.h"
#include "source/source_end.h"
#include "video/encoder.h"

namespace streamgear {

/// Presentation time 0 is a key frame: the first one, or the last one at or before the start. What
/// follows it in the stream but is shown before it cannot be decoded and is left out, and so is
/// what copy_gate.h holds back. A copy of a part ends by presentation: with the last picture before
/// its end, and with those that this one may refer to.
class PacketCopier {
 public:
  /// All references outlive it.
  PacketCopier(const PipelineConfig& config, const MediaInfo& media, Demuxer& demuxer,
               PacketQueue& output, PresentationClock& clock, PipelineStats& stats, EventSink sink);

  /// The thread's body: announces the stream, copies until the source or the wanted part has ended,
  /// and says so. Fails with CODEC_NOT_IN_CONTAINER, TIMESTAMPS_MISSING or COPY_WOULD_REVEAL, and
  /// ends early with SOURCE_CHANGED where the stream is no longer what it was announced as.
  [[nodiscard]] Status Run();

 private:
  [[nodiscard]] Status CheckCodec() const;
  void WarnOfOrientation() const;
  [[nodiscard]] Status Announce();
  [[nodiscard]] Status CopyAll();
  [[nodiscard]] Status Complete(AVPacket* packet) const;
  void CountFrom(const AVPacket& key_frame);
  [[nodiscard]] Status Changed(const AVPacket& packet) const;
  [[nodiscard]] Status TakePassed();
  [[nodiscard]] Status Take(PacketPtr packet);
  [[nodiscard]] Status Hold(PacketPtr packet);
  [[nodiscard]] Status Begin();
  [[nodiscard]] Status Limit(PacketPtr packet);
  [[nodiscard]] Status Lead(PacketPtr packet);
  [[nodiscard]] Status ReleaseLed();
  [[nodiscard]] bool IsBehindRange(const AVPacket& packet) const;
  [[nodiscard]] static std::int64_t TimeOf(const AVPacket& packet);
  [[nodiscard]] Status Copy(AVPacket* packet, std::int64_t first_shown);
  [[nodiscard]] Status NothingKept() const;
  [[nodiscard]] Status End(const Status& read, bool range_reached);
  [[nodiscard]] double Seconds(std::int64_t ticks) const;

  const PipelineConfig& config_;
  const MediaStream& stream_;
  Demuxer& demuxer_;
  const StreamDescription& description_;
  PacketQueue& output_;
  PresentationClock& clock_;
  PipelineStats& stats_;
  const EventSink sink_;
  SourceEnd source_end_;
  bool counts_ = false;  ///< a key frame has come, and the range is known
  std::int64_t start_pts_ = INT64_MIN;
  /// Moves on to the last picture that one before the end refers to.
  std::int64_t end_pts_ = INT64_MAX;
  const std::int64_t frame_ticks_;
  SoundAround sound_around_;
  CopyClock times_;
  CopyGate gate_;
  ParameterWatch watch_;
  std::vector<PacketPtr> passed_;       ///< by the gate, not taken yet
  std::deque<PacketPtr> held_;          ///< from a key frame on, before it is sure to be the first
  std::vector<PacketPtr> late_;         ///< shown behind the end; wanted if one before it follows
  std::vector<PacketPtr> led_;          ///< a key frame and the pictures that are shown before it
  std::optional<std::int64_t> origin_;  ///< pts of the first key frame
  std::int64_t end_ = 0;                ///< of the presentation so far, ticks
  bool cancelled_ = false;
};

}  // namespace streamgear
