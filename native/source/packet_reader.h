// PacketReader: the packets of one stream, whoever demuxes them: a MediaInput of its own, or the
// demuxer thread of a source whose other streams go elsewhere.
#pragma once

#include <cstdint>
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

class PacketReader {
 public:
  virtual ~PacketReader() = default;

  [[nodiscard]] virtual const StreamDescription& stream() const = 0;

  enum class Result { kPacket, kEnd, kCancelled };

  /// The next packet in decoding order; waits for it. Times are in the stream's time base, on the
  /// source's own time line, with jumps taken out. A failure is what ended the input early.
  [[nodiscard]] virtual Status Read(AVPacket* packet, Result* result) = 0;
};

}  // namespace streamgear
