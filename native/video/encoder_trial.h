// EncoderTrial: finds out which encoders work on this machine, by encoding a few pictures with each
// exactly as a stream would. One after the other, on one thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "base/event.h"
#include "base/log.h"
#include "base/status.h"
#include "base/worker.h"
#include "config.h"

namespace streamgear {

/// One encoder, on one device.
struct TrialConfig {
  RenditionConfig rendition;
  HardwareConfig hardware;
};

/// Events: one EncoderTriedEvent for each trial in its order (none after Close), then always,
/// exactly once and last, ClosedEvent. They are emitted on the trial's thread. Start, Close and
/// Join belong to one thread and, but for Join, never wait.
class EncoderTrial {
 public:
  EncoderTrial(std::vector<TrialConfig> trials, EventSink sink);
  EncoderTrial(const EncoderTrial&) = delete;
  EncoderTrial& operator=(const EncoderTrial&) = delete;
  ~EncoderTrial();

  /// Starts the thread. Call it once. When it fails there will be no event.
  [[nodiscard]] Status Start();

  /// Ends the thread after the encoder that is being tried. Idempotent.
  void Close();

  /// Waits for the end of the thread.
  void Join();

  /// As Join(), but no longer than until `deadline`; false: the thread still runs.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline);

 private:
  Status Run();

  const std::vector<TrialConfig> trials_;
  const EventSink sink_;
  LogRing log_;
  std::atomic<bool> closed_{false};
  Worker worker_;
};

}  // namespace streamgear
