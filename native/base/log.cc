#include "base/log.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/av.h"
#include "base/from_c.h"

namespace streamgear {
namespace {

thread_local LogRing* thread_ring = nullptr;
/// A line that libav writes in pieces.
thread_local std::string partial_line;

/// Never freed, nor the rings: threads that were left behind may still speak when the process ends.
std::mutex& LiveRingsMutex() {
  static auto* const mutex = new std::mutex();  // NOLINT
  return *mutex;
}

/// Rings that exist. AVCodecContext::opaque of a foreign context may be anything: only what is in
/// here is ours.
std::unordered_set<const void*>& LiveRings() {
  static auto* const rings = new std::unordered_set<const void*>();  // NOLINT
  return *rings;
}

void* OpaqueOfCodec(void* object) {
  if (object == nullptr) return nullptr;
  const AVClass* av_class = *static_cast<const AVClass**>(object);
  if (av_class == nullptr || av_class != avcodec_get_class()) return nullptr;
  return static_cast<AVCodecContext*>(object)->opaque;
}

void AppendPiece(LogRing* ring, void* object, int level, const char* format, va_list arguments) {
  char text[1024];
  int print_prefix = 0;
  va_list copy;
  va_copy(copy, arguments);
  av_log_format_line2(object, level, format, copy, text, sizeof(text), &print_prefix);
  va_end(copy);
  partial_line += text;
  if (partial_line.empty() || partial_line.back() != '\n') return;
  while (!partial_line.empty() && (partial_line.back() == '\n' || partial_line.back() == ' ')) {
    partial_line.pop_back();
  }
  partial_line.erase(0, partial_line.find_first_not_of(' '));
  if (!partial_line.empty()) ring->Append(level, partial_line);
  partial_line.clear();
}

void Log(void* object, int level, const char* format, va_list arguments) {
  if (thread_ring != nullptr) {
    if (level <= thread_ring->max_level())
      AppendPiece(thread_ring, object, level, format, arguments);
    return;
  }
  if (void* opaque = OpaqueOfCodec(object); opaque != nullptr) {
    std::lock_guard lock(LiveRingsMutex());
    if (LiveRings().contains(opaque)) {
      auto* ring = static_cast<LogRing*>(opaque);
      if (level <= ring->max_level()) AppendPiece(ring, object, level, format, arguments);
      return;
    }
  }
  av_log_default_callback(object, level, format, arguments);
}

/// What finds no memory is lost, and nothing else.
void OnLog(void* object, int level, const char* format, va_list arguments) noexcept {
  static_cast<void>(CalledFromC(false, [&] {
    Log(object, level, format, arguments);
    return true;
  }));
}

/// Once per process.
void InstallLogCallback() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(OnLog); });
}

}  // namespace

LogRing::LogRing(EventSink sink, bool debug)
    : sink_(std::move(sink)), max_level_(debug ? AV_LOG_DEBUG : AV_LOG_INFO) {
  InstallLogCallback();
  std::lock_guard lock(LiveRingsMutex());
  LiveRings().insert(this);
}

LogRing::~LogRing() {
  std::lock_guard lock(LiveRingsMutex());
  LiveRings().erase(this);
}

void LogRing::Append(int level, std::string line) {
  // Debug lines would push the complaints out.
  if (level <= AV_LOG_INFO) {
    std::lock_guard lock(mutex_);
    if (lines_.size() == kCapacity) lines_.pop_front();
    lines_.emplace_back(level, line);
  }
  if (sink_) sink_(LogEvent{level, std::move(line)});
}

std::string LogRing::LastComplaint() const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(lines_.rbegin(), lines_.rend(),
                                  [](const auto& line) { return line.first <= AV_LOG_WARNING; });
  return found == lines_.rend() ? "" : found->second;
}

LogScope::LogScope(LogRing* ring) : previous_(thread_ring) { thread_ring = ring; }

LogScope::~LogScope() { thread_ring = previous_; }

}  // namespace streamgear
