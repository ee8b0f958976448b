// scaler: the stage between ingest and the encoders. One thread: filter, convert, scale, mark key
// frames, hand out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/queue.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "pixels/frame.h"
#include "pixels/picture_scaler.h"
#include "presentation_clock.h"
#include "video/filter_chain.h"
#include "video/frame_schedule.h"

namespace streamgear {

using IngestQueue = BoundedQueue<InputFrame>;
using PictureQueue = BoundedQueue<Picture>;

class Scaler {
 public:
  /// `formats` are the pixel formats that the encoders want, per rendition. All references outlive
  /// the stage.
  Scaler(const PipelineConfig& config, std::vector<AVPixelFormat> formats, IngestQueue& ingest,
         std::vector<std::unique_ptr<PictureQueue>>& outputs, PresentationClock& clock,
         PipelineStats& stats, EventSink sink);

  /// The thread's body: until ingest is closed and drained, or cancelled. Closes the encoders'
  /// queues at the end.
  [[nodiscard]] Status Run();

 private:
  [[nodiscard]] Status Setup();
  [[nodiscard]] Status Filter(const InputFrame& frame);
  [[nodiscard]] Status DrainFilter(Clock::time_point pushed_at);
  [[nodiscard]] bool TakeForcedKeyFrame(const AVFrame& filtered, std::int64_t pts);
  void TellRead(const InputFrame& frame);
  [[nodiscard]] Status HandOut(const InputFrame& frame, bool release_after_convert);

  const PipelineConfig& config_;
  const std::vector<AVPixelFormat> formats_;
  IngestQueue& ingest_;
  std::vector<std::unique_ptr<PictureQueue>>& outputs_;
  PresentationClock& clock_;
  PipelineStats& stats_;
  const EventSink sink_;

  InputConfig
      scaled_input_;  ///< what the picture scaler takes: the input, or what the filter makes of it
  std::unique_ptr<FilterChain> filter_;
  std::unique_ptr<FramePool> filter_pool_;
  std::unique_ptr<PictureScaler> scaler_;
  std::vector<FrameSchedule> schedules_;
  std::vector<FrameSchedule::Decision> decisions_;  ///< for the frame at hand
  std::optional<std::int64_t>
      forced_;  ///< pts of a key frame that is on its way through the filter
  std::int64_t last_pts_ = -1;
  std::int64_t end_ = 0;  ///< of the presentation so far, ticks
};

}  // namespace streamgear
