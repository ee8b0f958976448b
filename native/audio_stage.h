// AudioStage: samples in, encoded audio out, on one thread: input, filter, resampler, and one
// encoder per audio rendition (or packets as they are, for "copy").
//
// Who waits for whom: audio that is more than kMaxAudioLead ahead of the video waits for it, but
// for a capture device, which would lose samples: there they are left out. The video never waits
// for the audio. Once the video has ended, an input that gives nothing for kStallPatience is given
// up.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "audio_chunk_queue.h"
#include "audio_samples.h"
#include "config.h"
#include "encoder.h"
#include "event.h"
#include "log.h"
#include "packet_reader.h"
#include "presentation_clock.h"
#include "stats.h"
#include "status.h"

namespace streamgear {

/// How long the input may give nothing once the video has ended.
inline constexpr std::chrono::seconds kStallPatience{5};

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

}  // namespace streamgear
