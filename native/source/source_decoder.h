// SourceDecoder: the thread that decodes a source's video into the ingest queue.
#pragma once

#include <cstdint>

#include "base/event.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "presentation_clock.h"
#include "source/demuxer.h"
#include "source/media_info.h"
#include "source/picture_normalizer.h"
#include "source/sound_around.h"
#include "source/source_end.h"
#include "source/video_decoder.h"
#include "video/frame_grid.h"
#include "video/scaler.h"

namespace streamgear {

/// Presentation time 0 is the first frame that is kept, or where it is held from. A full ingest
/// queue is waited for.
class SourceDecoder {
 public:
  /// All references outlive it.
  SourceDecoder(const PipelineConfig& config, const MediaInfo& media, Demuxer& demuxer,
                IngestQueue& ingest, PresentationClock& clock, PipelineStats& stats, EventSink sink,
                LogRing& log);

  /// The thread's body: until the source, or the part of it that is wanted, has ended.
  [[nodiscard]] Status Run();

 private:
  [[nodiscard]] Status DecodeAll();
  [[nodiscard]] Status Take();
  [[nodiscard]] Status PushPictures();
  void Begin();
  [[nodiscard]] double HoldBefore();
  [[nodiscard]] Status PushHeld(const AVFrame& picture, std::int64_t begin, std::int64_t end);
  [[nodiscard]] Status HoldLast();
  [[nodiscard]] std::int64_t Ticks(double seconds) const;
  [[nodiscard]] std::int64_t frame_ticks() const {
    return Ticks(1 / config_.input.frame_rate.value());
  }
  [[nodiscard]] bool range_reached() const;
  [[nodiscard]] Status End(const Status& read);

  const PipelineConfig& config_;
  const MediaStream& stream_;
  Demuxer& demuxer_;
  IngestQueue& ingest_;
  PresentationClock& clock_;
  PipelineStats& stats_;
  const EventSink sink_;
  SourceEnd source_end_;
  VideoDecoder decoder_;
  PictureNormalizer normalizer_;
  FrameGrid grid_;
  SoundAround sound_around_;
  FramePtr newest_;                 ///< picture that was pushed, when it may have to be held
  std::int64_t end_ticks_ = 0;      ///< of what was pushed
  std::int64_t limit_ = INT64_MAX;  ///< ticks, where the part ends if the first is held
  bool limit_reached_ = false;
  bool begun_ = false;
  double origin_ = 0;  ///< what is presentation time 0, seconds on the stream's own time line
  double first_ = 0;   ///< the same from the stream's start
  double end_ = 0;     ///< where the newest frame ends, likewise
  bool cancelled_ = false;
};

}  // namespace streamgear
