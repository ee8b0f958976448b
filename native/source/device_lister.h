// DeviceLister: asks for the capture devices on a thread of its own, as a driver or a sound server
// that hangs would hold one of somebody else's.
#pragma once

#include <atomic>
#include <chrono>

#include "base/event.h"
#include "base/status.h"
#include "base/worker.h"

namespace streamgear {

/// Events: DevicesListedEvent (not after Close), or FailedEvent, and always, once and last,
/// ClosedEvent. They are emitted on the lister's thread. Start, Close and Join belong to one thread
/// and, but for Join, never wait.
class DeviceLister {
 public:
  explicit DeviceLister(EventSink sink) : sink_(std::move(sink)) {}
  DeviceLister(const DeviceLister&) = delete;
  DeviceLister& operator=(const DeviceLister&) = delete;
  ~DeviceLister();

  /// Starts the thread. Call it once. When it fails there will be no event.
  [[nodiscard]] Status Start();

  /// Ends the thread after the kind of device that is being asked for. Idempotent.
  void Close() { closed_.store(true); }

  /// Waits for the end of the thread.
  void Join() { worker_.Join(); }

  /// As Join(), but no longer than until `deadline`; false: the thread still runs.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline) {
    return worker_.JoinUntil(deadline);
  }

 private:
  [[nodiscard]] Status Run();
  void OnDone(const Status& status);

  const EventSink sink_;
  std::atomic<bool> closed_{false};
  Worker worker_;
};

}  // namespace streamgear
