// MediaOpener: opens a MediaInput on a thread of its own, and holds it there until it is closed or
// taken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/event.h"
#include "base/log.h"
#include "base/status.h"
#include "base/worker.h"
#include "config.h"
#include "source/media_input.h"

namespace streamgear {

/// Events: MediaOpenedEvent, or FailedEvent (not after Close), and always, once and last,
/// ClosedEvent: after Close(), Take() or the failure. Start, Close, Take and Join belong to one
/// thread and, but for Join, never wait.
class MediaOpener {
 public:
  MediaOpener(MediaInputConfig config, EventSink sink);
  MediaOpener(const MediaOpener&) = delete;
  MediaOpener& operator=(const MediaOpener&) = delete;
  ~MediaOpener();

  /// Starts the thread. Call it once. When it fails there will be no event.
  [[nodiscard]] Status Start();

  /// The open input, which is the caller's from now on. Null when it is not open.
  [[nodiscard]] std::unique_ptr<MediaInput> Take();

  /// Gives the opening up, or closes what is open. Idempotent.
  void Close();

  /// Waits for the end of the thread.
  void Join();

  /// As Join(), but no longer than until `deadline`; false: the thread still runs.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline);

 private:
  Status Run();
  void OnDone(const Status& status);

  const EventSink sink_;
  LogRing log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<MediaInput> input_;  ///< guarded by mutex_; the thread uses it until it is open
  bool open_ = false;                  ///< guarded by mutex_
  bool done_ = false;                  ///< guarded by mutex_: closed or taken
  Worker worker_;
};

}  // namespace streamgear
