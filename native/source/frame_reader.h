// FrameReader: a file, URL or capture device as raw frames, decoded on one thread of its own.
//
// The caller queues buffers; each is filled with the next frame, in order. Nothing is decoded ahead
// of the queued buffers, so read-ahead and memory are bounded by what the caller queues.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "base/event.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/status.h"
#include "base/worker.h"
#include "config.h"
#include "pixels/pixel_format.h"
#include "source/media_input.h"

namespace streamgear {

class PictureWriter;
class SizeWatch;
class VideoDecoder;

struct FrameReaderConfig {
  std::string source;  ///< file, URL, device name, or filter graph for "lavfi"
  std::string format;  ///< libavformat demuxer or libavdevice device, "" = probe
  OptionList options;  ///< demuxer and protocol options; one that nobody takes is a failure
  SourceLimits limits{};
  PixelFormat pixel_format = PixelFormat::kBgr24;
  int width =
      0;  ///< of the yielded frames; 0 = the source's, or what keeps the display aspect of `height`
  int height = 0;
  double start = -1;     ///< seconds from the source's first picture, negative = all of it
  double duration = -1;  ///< seconds, negative = to the end
  int threads = 0;       ///< decoder threads, 0 = libavcodec's choice
};

/// Events, in this order: SourceOpenedEvent, then one FrameEvent per filled buffer with
/// WarningEvents between, then EndEvent or FailedEvent (neither after Close), and always, exactly
/// once and last, ClosedEvent. They are emitted on the reader's thread. Start, Read, Close and Join
/// belong to one thread and, but for Join, never wait.
class FrameReader {
 public:
  FrameReader(FrameReaderConfig config, EventSink sink);
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader();

  /// Starts the thread, which opens the source. Call it once. When it fails there will be no event.
  [[nodiscard]] Status Start();

  /// Queues a buffer of at least SourceInfo::buffer_bytes, which must stay valid until its
  /// FrameEvent or ClosedEvent. False when the reader has ended or was closed: the buffer was not
  /// taken.
  [[nodiscard]] bool Read(std::uint64_t id, std::uint8_t* data, std::size_t size);

  /// Ends the thread soon, wherever it waits (a buffer, a URL, a device). Idempotent.
  void Close();

  /// Waits for the end of the thread.
  void Join();

  /// As Join(), but no longer than until `deadline`; false: the thread still runs.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline);

 private:
  struct Target {
    std::uint64_t id = 0;
    std::uint8_t* data = nullptr;
    std::size_t size = 0;
  };

  Status Run();
  Status ReadFrames(VideoDecoder& decoder, PictureWriter& writer, SizeWatch& sizes);
  void OnDone(const Status& status);

  const FrameReaderConfig config_;
  const EventSink sink_;
  LogRing log_;
  MediaInput input_;  ///< cancelled: Close() was called
  BoundedQueue<Target> targets_{std::numeric_limits<std::size_t>::max()};
  Worker worker_;
};

}  // namespace streamgear
