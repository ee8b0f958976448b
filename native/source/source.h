// Source: the threads of Single-Source Mode. One demuxes; one decodes into the ingest queue (or
// copies packets into the packet queue); the audio's packets wait for the audio stage.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "presentation_clock.h"
#include "source/media_input.h"
#include "source/packet_reader.h"
#include "video/encoder.h"
#include "video/scaler.h"

namespace streamgear {

class Source {
 public:
  /// `input` is open. All references outlive the source.
  Source(const PipelineConfig& config, std::unique_ptr<MediaInput> input, IngestQueue& ingest,
         PacketQueue& packets, PresentationClock& clock, PipelineStats& stats, EventSink sink,
         LogRing& log);
  ~Source();

  struct Thread {
    std::string name;
    std::function<Status()> body;
  };

  /// What has to run, each on a thread of its own: "demuxer", and "decoder" or "copier".
  [[nodiscard]] std::vector<Thread> Threads();

  /// The audio's packets; null when the config wants none of the source's audio.
  [[nodiscard]] PacketReader* audio();

  /// From any thread: whoever read audio() is done with it.
  void CloseAudio();

  /// From any thread: it ends here, as if its end had been reached.
  void Stop();

  /// From any thread: every wait ends soon.
  void Cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace streamgear
