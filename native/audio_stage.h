// AudioStage: samples in, encoded audio out, on one thread: input, filter, resampler, and one
// encoder per audio rendition (or packets as they are, for "copy").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "config.h"
#include "encoder.h"
#include "event.h"
#include "log.h"
#include "packet_reader.h"
#include "presentation_clock.h"
#include "stats.h"
#include "status.h"

namespace streamgear {

/// Samples of one writeAudio(): a copy, so that the caller's memory is free at once.
struct AudioChunk {
  std::uint64_t id = 0;
  FramePtr samples = nullptr;  ///< in the pushed format, layout and rate
  double timestamp = -1;       ///< seconds of presentation; negative: goes on where the last ended
};

class AudioStage {
 public:
  /// `source` gives the packets of AudioOrigin::kSource and is null otherwise. All references
  /// outlive the stage.
  AudioStage(const PipelineConfig& config, PacketReader* source, PresentationClock& clock,
             PacketQueue& output, PipelineStats& stats, EventSink sink, LogRing& log);
  ~AudioStage();

  /// The thread's body: opens input and encoders, announces one StreamInfo per audio rendition,
  /// encodes until the input or the presentation ends, flushes, and sends one StreamEnd each.
  [[nodiscard]] Status Run();

  /// AudioOrigin::kPush. Takes a chunk, for which an AudioReadEvent follows. False: the stage has
  /// ended. Never waits.
  [[nodiscard]] bool Push(AudioChunk chunk);

  /// No more chunks.
  void FinishPush();

  /// From any thread: every wait ends soon.
  void Cancel();

  [[nodiscard]] std::size_t queue_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Lays samples from JavaScript out as a frame. `planes` has one entry per channel for planar
/// formats, else one. Fails when a plane is too short for `sample_count`.
[[nodiscard]] Status MakeAudioFrame(const AudioConfig& config, const PixelView* planes,
                                    std::size_t plane_count, std::size_t sample_count,
                                    FramePtr* frame);

}  // namespace streamgear
