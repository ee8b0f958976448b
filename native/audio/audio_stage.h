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

#include "audio/audio_chunk_queue.h"
#include "audio/audio_end.h"
#include "audio/audio_samples.h"
#include "base/event.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "presentation_clock.h"
#include "source/packet_reader.h"
#include "video/encoder.h"

namespace streamgear {

/// How long an input may take to be opened once the video waits for it.
inline constexpr std::chrono::seconds kOpenPatience{30};

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

  /// From any thread: the video waits until it is open. A warning says so, and it fails after
  /// kOpenPatience. False: it needs no time of its own to open.
  [[nodiscard]] bool HurryOpening();

  /// When all its streams have ended, and with them the thread's work: AUDIO_ENDED_EARLY if it is
  /// much shorter than the video, which ends at `video_end` (seconds).
  void CheckEnd(double video_end);

  /// From any thread: every wait ends soon.
  void Cancel();

  [[nodiscard]] std::size_t queue_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace streamgear
