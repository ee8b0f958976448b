// What the tests of the stages share: a small config, frames, and an event sink that can be waited
// for.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/event.h"
#include "config.h"
#include "pixels/frame.h"

namespace streamgear::test {

inline constexpr std::int64_t kTicks = 90000;
inline constexpr std::int64_t kFrame = kTicks / 25;

/// Records what a pipeline says.
class EventRecorder {
 public:
  EventSink sink() {
    return [this](Event event) {
      std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
      changed_.notify_all();
    };
  }

  /// Waits until an event of this type came; false after a minute, which only a hang takes.
  template <typename T>
  bool WaitFor(std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return Count<T>() >= count; });
  }

  /// As WaitFor(), for a warning with this code.
  bool WaitForWarning(const std::string& code) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::ranges::any_of(events_, [&](const Event& event) {
        const auto* warning = std::get_if<WarningEvent>(&event);
        return warning != nullptr && warning->code == code;
      });
    });
  }

  template <typename T>
  std::vector<T> All() {
    std::lock_guard lock(mutex_);
    std::vector<T> found;
    for (const Event& event : events_) {
      if (const T* match = std::get_if<T>(&event)) found.push_back(*match);
    }
    return found;
  }

  void Clear() {
    std::lock_guard lock(mutex_);
    events_.clear();
  }

  bool LastIsClosed() {
    std::lock_guard lock(mutex_);
    return !events_.empty() && std::holds_alternative<ClosedEvent>(events_.back());
  }

 private:
  template <typename T>
  std::size_t Count() const {
    std::size_t count = 0;
    for (const Event& event : events_) count += std::holds_alternative<T>(event) ? 1 : 0;
    return count;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
};

/// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "streamgear-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline RenditionConfig MakeRendition(int width, int height) {
  RenditionConfig rendition;
  rendition.width = width;
  rendition.height = height;
  rendition.codec = "libx264";
  rendition.bitrate = 200'000;
  rendition.declared_peak = 400'000;
  rendition.options = {{"preset", "ultrafast"},
                       {"forced-idr", "1"},
                       {"sc_threshold", "0"},
                       {"b", "200000"},
                       {"threads", "1"}};
  return rendition;
}

/// 64x48 BGR at 25 fps, segments of one second, two renditions.
inline PipelineConfig MakeConfig(const std::filesystem::path& folder) {
  PipelineConfig config;
  config.input.width = 64;
  config.input.height = 48;
  config.input.color_space = "smpte170m";
  config.input.ticks_per_second = kTicks;
  config.renditions = {MakeRendition(64, 48), MakeRendition(32, 24)};
  config.grid = {kTicks, 0};
  config.packaging.output = (folder / "manifest.mpd").string();
  config.packaging.init_name = "init-stream$RepresentationID$.m4s";
  config.packaging.segment_name = "chunk-stream$RepresentationID$-$Number%05d$.m4s";
  config.packaging.start_number = 1;
  return config;
}

/// One packed frame of a moving pattern.
inline std::vector<std::uint8_t> MakePixels(const InputConfig& input, int index) {
  const PlaneLayout layout = LayoutOf(input.pixel_format, input.width, input.height);
  std::size_t size = 0;
  for (int i = 0; i < layout.count; ++i) {
    const PlaneSize& plane = layout.planes[static_cast<std::size_t>(i)];
    size += plane.row_bytes * static_cast<std::size_t>(plane.rows);
  }
  std::vector<std::uint8_t> pixels(size);
  for (std::size_t i = 0; i < size; ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 7 + static_cast<std::size_t>(index) * 13);
  }
  return pixels;
}

inline InputFrame MakeFrame(const InputConfig& input, const std::vector<std::uint8_t>& pixels,
                            int index) {
  InputFrame frame;
  const PixelView view{pixels.data(), pixels.size()};
  const Status status = LayOutPlanes(input, &view, 1, nullptr, 0, &frame);
  if (!status.ok()) std::abort();
  frame.id = static_cast<std::uint64_t>(index);
  frame.pts = index * kFrame;
  frame.pushed_at = Clock::now();
  return frame;
}

}  // namespace streamgear::test
