// VideoDecoder: packets of one stream to frames with times that grow. One thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/av.h"
#include "base/event.h"
#include "base/log.h"
#include "base/status.h"
#include "base/tally.h"
#include "source/held_from.h"
#include "source/packet_reader.h"
#include "video/frame_clock.h"

namespace streamgear {

/// The part of a stream that is wanted, and by how many threads it is decoded.
struct VideoRange {
  double start = 0;      ///< seconds from the stream's first picture
  double duration = -1;  ///< seconds, negative = to the end
  /// Where the sound begins for which the first picture is held, seconds on the stream's own time
  /// line: then `start` counts from there (held_from.h).
  double sound_begin = kNoSound;
  int threads = 0;  ///< 0 = libavcodec's choice
};

/// A stream may begin in the middle of a group of pictures (a broadcast, a seek). Its packets are
/// decoded all the same, because a recovery point is no key frame to every container, but the
/// frames before the first one that is whole are dropped, which is a NO_KEY_FRAME warning. When
/// hundreds of packets give none that is known to be whole, they are decoded again and all frames
/// are taken. Errors are DECODE_ERROR warnings, and decoding goes on behind them.
class VideoDecoder {
 public:
  /// References outlive the decoder.
  VideoDecoder(PacketReader& packets, const VideoRange& range, LogRing& log, EventSink sink);
  VideoDecoder(const VideoDecoder&) = delete;
  VideoDecoder& operator=(const VideoDecoder&) = delete;

  /// Fails with NO_DECODER or SOURCE_OPEN_FAILED.
  [[nodiscard]] Status Open();

  /// Decodes the next frame of the range. `end` becomes true when there is none left or the reader
  /// was cancelled. What ended the reading early is a failure here, behind the last frame; so is
  /// DECODE_FAILED, when nothing at all could be decoded.
  [[nodiscard]] Status Next(bool* end);

  /// The frame of the last Next(); its data is valid until the next one.
  [[nodiscard]] const AVFrame& frame() const { return *frame_; }
  /// A new reference to it.
  [[nodiscard]] FramePtr Share() const { return FramePtr(av_frame_clone(frame_.get())); }

  /// Its time in seconds from the stream's start.
  [[nodiscard]] double time() const { return time_; }
  /// The same on the stream's own time line.
  [[nodiscard]] double stream_time() const { return origin() + time_; }
  /// Its time in seconds from where the range begins.
  [[nodiscard]] double range_time() const { return time_ - start_; }
  /// It is the stream's first picture that is shown.
  [[nodiscard]] bool at_first() const { return time_ <= first_ + tolerance_; }
  /// Seconds that it is shown: the nominal duration, or more when the stream says so.
  [[nodiscard]] double frame_duration() const;

  [[nodiscard]] bool any_frame() const { return any_frame_; }
  /// No frame was known to be whole, and all are taken as they are.
  [[nodiscard]] bool gave_up() const { return gave_up_; }
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  /// Next() has ended at the range's end: there may be more.
  [[nodiscard]] bool range_reached() const { return range_reached_; }

 private:
  enum class Verdict { kYield, kSkip, kEnd };

  [[nodiscard]] Status Feed();
  void Send(const AVPacket* packet);
  void BeginSearch(const AVPacket& first);
  [[nodiscard]] Status Keep(const AVPacket& packet);
  [[nodiscard]] bool IsWhole(const AVFrame& frame) const;
  void EndSearch(bool lossy);
  void GiveUpSearch();
  void NoteSearch(const std::string& what);
  [[nodiscard]] Verdict Judge();
  /// Seconds on the stream's own time line, where time() is 0.
  [[nodiscard]] double origin() const;
  void FindRange();
  [[nodiscard]] Status AtEnd() const;
  void NoteDamage();
  void NoteError(const std::string& reason);
  [[nodiscard]] Status Fail(std::string code, std::string message, int averror) const;

  PacketReader& packets_;
  const VideoRange range_;
  LogRing& log_;
  const EventSink sink_;

  std::atomic<std::int64_t> complaints_{0};  ///< errors in the words of the decoder
  std::int64_t complaints_heard_ = 0;
  int damage_left_ = 0;  ///< packets behind a marked one that may yet show it
  LogRing decoder_log_;
  CodecContextPtr decoder_;
  PacketPtr packet_;
  FramePtr frame_;
  FrameClock clock_;
  double time_ = 0;
  double first_ = 0;          ///< of the first picture that is shown; known with the first frame
  double start_ = 0;          ///< of the range, likewise
  double tolerance_ = 0;      ///< seconds by which a rounded timestamp may lie before the start
  bool started_ = false;      ///< a packet came
  bool searching_ = false;    ///< it was no key frame, and no frame was whole yet
  bool gave_up_ = false;      ///< the search
  std::int64_t skipped_ = 0;  ///< packets before the first whole frame
  std::optional<std::int64_t> first_key_pts_;  ///< frames before it lack their references
  std::deque<PacketPtr> kept_;                 ///< while it searches, to be decoded again
  std::size_t kept_bytes_ = 0;
  std::deque<PacketPtr> again_;  ///< kept when the search was given up
  bool any_frame_ = false;
  bool cancelled_ = false;
  bool range_reached_ = false;
  Tally errors_;
  int errors_in_a_row_ = 0;  ///< without a packet between them
  Status read_status_;       ///< why reading ended early; reported when the decoder is drained
};

}  // namespace streamgear
