// Drives a FrameReader as the JavaScript side does, and keeps everything that it says.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "source/frame_reader.h"

namespace streamgear::test {

/// Events as they arrive, from the reader's thread to the test's.
class EventLog {
 public:
  [[nodiscard]] EventSink Sink() {
    return [this](Event event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
      arrived_.notify_all();
    };
  }

  /// The next event, or nothing when none comes in time.
  [[nodiscard]] std::optional<Event> Next(
      std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, timeout, [this] { return !events_.empty(); })) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  /// Drops events until one of type T comes.
  template <typename T>
  [[nodiscard]] std::optional<T> Await(
      std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    while (auto event = Next(timeout)) {
      if (T* found = std::get_if<T>(&*event)) return std::move(*found);
    }
    return std::nullopt;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Event> events_;
};

/// A source that libavfilter makes up.
[[nodiscard]] inline FrameReaderConfig Lavfi(const std::string& graph) {
  return {.source = graph, .format = "lavfi"};
}

struct ReadFrame {
  double timestamp = 0;
  bool key_frame = false;
  std::vector<std::uint8_t> bytes;
};

struct ReadResult {
  std::optional<SourceInfo> info;
  std::vector<ReadFrame> frames;
  std::vector<WarningEvent> warnings;
  std::optional<Failure> failure;
  int ends = 0;
  bool closed_last = false;  ///< a ClosedEvent came, and nothing after it

  [[nodiscard]] int CountWarnings(const std::string& code) const {
    return static_cast<int>(
        std::count_if(warnings.begin(), warnings.end(),
                      [&code](const WarningEvent& warning) { return warning.code == code; }));
  }
};

/// Reads to the end with `depth` buffers in flight, each exactly as large as a picture.
inline ReadResult ReadAll(const FrameReaderConfig& config, std::size_t depth = 3) {
  ReadResult result;
  EventLog events;
  FrameReader reader(config, events.Sink());
  if (!reader.Start().ok()) return result;
  std::vector<std::vector<std::uint8_t>> buffers(depth);
  while (auto event = events.Next()) {
    if (const auto* opened = std::get_if<SourceOpenedEvent>(&*event)) {
      result.info = opened->info;
      for (std::size_t i = 0; i < depth; ++i) {
        buffers[i].resize(static_cast<std::size_t>(opened->info.buffer_bytes));
        (void)reader.Read(i, buffers[i].data(), buffers[i].size());
      }
    } else if (const auto* frame = std::get_if<FrameEvent>(&*event)) {
      auto& buffer = buffers[frame->id];
      result.frames.push_back({frame->timestamp, frame->key_frame, buffer});
      (void)reader.Read(frame->id, buffer.data(), buffer.size());
    } else if (const auto* warning = std::get_if<WarningEvent>(&*event)) {
      result.warnings.push_back(*warning);
    } else if (const auto* failed = std::get_if<FailedEvent>(&*event)) {
      result.failure = failed->failure;
    } else if (std::holds_alternative<EndEvent>(*event)) {
      ++result.ends;
    } else if (std::holds_alternative<ClosedEvent>(*event)) {
      reader.Join();
      result.closed_last = !events.Next(std::chrono::milliseconds(0)).has_value();
      return result;
    }
  }
  return result;
}

}  // namespace streamgear::test
