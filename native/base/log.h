// log: libav's messages, kept per pipeline instead of printed.
//
// libav has one callback per process. Ours finds the pipeline by the thread that speaks (LogScope)
// or, for the threads that an encoder starts itself, by AVCodecContext::opaque. What belongs to no
// pipeline of ours goes to libav's own default callback, so that another user of the same libav in
// this process notices nothing.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

#include "base/event.h"

namespace streamgear {

/// The last messages of one pipeline; bounded. Thread-safe. The first one sets libav's callback.
class LogRing {
 public:
  /// The sink hears every line that it takes: debug lines too, or up to AV_LOG_INFO.
  explicit LogRing(EventSink sink, bool debug = false);
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;
  ~LogRing();

  [[nodiscard]] int max_level() const { return max_level_; }

  /// One whole line. `level` is AV_LOG_*.
  void Append(int level, std::string line);

  /// The newest warning or error, "" if none.
  [[nodiscard]] std::string LastComplaint() const;

 private:
  static constexpr std::size_t kCapacity = 64;

  const EventSink sink_;
  const int max_level_;
  mutable std::mutex mutex_;
  std::deque<std::pair<int, std::string>> lines_;
};

/// While it lives, what libav says on this thread belongs to `ring`.
class LogScope {
 public:
  explicit LogScope(LogRing* ring);
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
  ~LogScope();

 private:
  LogRing* previous_;
};

}  // namespace streamgear
