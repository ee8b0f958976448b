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
#include "source/source_end.h"
#include "source/video_decoder.h"
#include "video/frame_grid.h"
#include "video/scaler.h"

namespace streamgear {

/// Presentation time 0 is the first frame that is kept. A full ingest queue is waited for.
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
  bool begun_ = false;
  double first_ = 0;  ///< time of the first frame, seconds from the stream's start
  double last_ = 0;   ///< time of the newest frame, likewise
  double end_ = 0;    ///< where it ends, likewise
  bool cancelled_ = false;
};

}  // namespace streamgear
