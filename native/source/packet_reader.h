// PacketReader: the packets of one stream, whoever demuxes them: a MediaInput of its own, or the
// demuxer thread of a source whose other streams go elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/av.h"
#include "base/rational.h"
#include "base/status.h"

namespace streamgear {

struct StreamDescription {
  CodecParametersPtr parameters;
  AVRational time_base{1, 1000};
  Rational frame_rate{0, 1};  ///< video
  /// Where the stream begins, in time_base; AV_NOPTS_VALUE = unknown.
  std::int64_t start = AV_NOPTS_VALUE;
  /// Its container stores no times (AVI): they are counted, by a rate that may be wrong.
  bool counted_times = false;
  std::string language;
  std::string title;
  std::string url;              ///< for messages
  std::int64_t max_pixels = 0;  ///< of a picture, which the decoder refuses above; 0 = no limit
};

/// Where the stream begins, in seconds; 0 when that is unknown.
[[nodiscard]] inline double StartOf(const StreamDescription& stream) {
  if (stream.start == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(stream.start) * av_q2d(stream.time_base);
}

class PacketReader {
 public:
  virtual ~PacketReader() = default;

  [[nodiscard]] virtual const StreamDescription& stream() const = 0;

  /// The time of the stream's first picture, seconds on its own time line, where the packets begin
  /// elsewhere; nothing where they begin with the stream. Known from the first packet on.
  [[nodiscard]] virtual std::optional<double> first_picture() const { return std::nullopt; }

  enum class Result { kPacket, kEnd, kCancelled };

  /// The next packet in decoding order; waits for it. Times are in the stream's time base, on the
  /// source's own time line, with jumps taken out. A failure is what ended the input early.
  [[nodiscard]] virtual Status Read(AVPacket* packet, Result* result) = 0;
};

}  // namespace streamgear
