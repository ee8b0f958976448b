// VideoSource: opens a file, URL or device and decodes its best video stream, one frame per call.
// Lives on one thread; only `closed` may be set by another.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "av.h"
#include "event.h"
#include "frame_clock.h"
#include "log.h"
#include "orientation.h"
#include "status.h"

namespace streamgear {

struct FrameReaderConfig;

/// What the chosen stream says of itself.
struct VideoTraits {
  int width = 0;  ///< as stored, before the orientation
  int height = 0;
  AVPixelFormat pixel_format = AV_PIX_FMT_NONE;
  AVColorSpace color_space = AVCOL_SPC_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  Orientation orientation;
  Rational sample_aspect_ratio{1, 1};  ///< as stored
  Rational frame_rate{25, 1};
  double duration = -1;  ///< seconds of what Next() will give, -1 = unknown
  std::int64_t frame_count =
      -1;  ///< likewise; rounded from duration and rate where the container does not count
  std::string codec;
};

class VideoSource {
 public:
  /// All references must outlive it. Blocking calls end soon after `closed` becomes true.
  VideoSource(const FrameReaderConfig& config, LogRing& log, const EventSink& sink,
              const std::atomic<bool>& closed);

  /// Opens the source and its decoder, and seeks to the start that the configuration wants.
  [[nodiscard]] Status Open();

  [[nodiscard]] const VideoTraits& traits() const { return traits_; }

  /// Decodes the next frame. `end` becomes true when there is none left, or when `closed` became
  /// true.
  [[nodiscard]] Status Next(bool* end);

  /// The frame of the last Next(); its data is valid until the next one.
  [[nodiscard]] const AVFrame& frame() const { return *frame_; }
  /// Its time in seconds from the configuration's start.
  [[nodiscard]] double timestamp() const { return timestamp_; }

 private:
  enum class Verdict { kYield, kSkip, kEnd };

  [[nodiscard]] Status OpenInput();
  [[nodiscard]] Status ChooseStream();
  [[nodiscard]] Status OpenDecoder();
  void ReadTraits();
  [[nodiscard]] double SourceDuration() const;
  void ResetClock();

  [[nodiscard]] bool CanSeek() const;
  [[nodiscard]] bool SeekTo(double seconds);
  [[nodiscard]] bool SeekFurtherBack(double landed);

  [[nodiscard]] Status Feed();
  [[nodiscard]] Verdict Judge();
  [[nodiscard]] Status AtEnd() const;
  void NoteDecodeError(const std::string& reason);
  [[nodiscard]] Status Fail(std::string code, std::string message, int averror) const;

  const FrameReaderConfig& config_;
  LogRing& log_;
  const EventSink& sink_;
  const std::atomic<bool>& closed_;

  InputPtr input_;
  AVStream* stream_ = nullptr;  ///< of input_
  CodecContextPtr decoder_;
  PacketPtr packet_;
  FramePtr frame_;
  VideoTraits traits_;

  FrameClock clock_{{1, 1}, {25, 1}, std::nullopt};
  double timestamp_ = 0;
  double tolerance_ = 0;  ///< seconds by which a rounded timestamp may lie before the start
  double seek_distance_ =
      -1;  ///< seconds before the start that the last seek aimed at, -1 = no seek to check
  bool any_frame_ = false;
  std::int64_t decode_errors_ = 0;
  int errors_in_a_row_ = 0;  ///< without a packet between them
  Status read_status_;       ///< why reading ended early; reported when the decoder is drained
};

}  // namespace streamgear
