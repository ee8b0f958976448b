// CpuMeter: the CPU time of one thread, added to a counter that several threads share.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/worker.h"

namespace streamgear {

/// Lives on its thread, from its beginning on.
class CpuMeter {
 public:
  explicit CpuMeter(std::atomic<std::int64_t>& nanoseconds) : total_(nanoseconds) {}

  /// Adds what the thread has used since the last call.
  void Update() {
    const std::int64_t now = ThreadCpuNanoseconds();
    total_.fetch_add(now - counted_, std::memory_order_relaxed);
    counted_ = now;
  }

 private:
  std::atomic<std::int64_t>& total_;
  std::int64_t counted_ = 0;
};

}  // namespace streamgear
