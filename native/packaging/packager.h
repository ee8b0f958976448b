// packager: the interface behind the encoders. One implementation today (segment_packager.h); a
// sink in memory or a low-latency one fits behind the same five calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/av.h"
#include "base/rational.h"
#include "base/stats.h"
#include "base/status.h"

namespace streamgear {

enum class MediaKind { kVideo, kAudio };

/// What an encoder produces, known once it is open.
struct StreamInfo {
  int rendition = 0;  ///< video renditions first, audio renditions behind them
  MediaKind kind = MediaKind::kVideo;
  CodecParametersPtr parameters = nullptr;  ///< with extradata
  std::int64_t ticks_per_second = 90000;    ///< of its packets: the pipeline's, or the sample rate
  Rational frame_rate{25, 1};               ///< video only
  std::string language{};                   ///< BCP 47, "" = undetermined
  std::string name{};                       ///< for a person, "" = none
};

/// One packet with its times in ticks of its stream. The first ones of an audio encoder may lie
/// before 0: its priming.
struct EncodedPacket {
  int rendition = 0;
  PacketPtr packet = nullptr;
  Clock::time_point pushed_at{};
  /// Of a copied key frame of an open group of pictures: the earliest time of those that are
  /// decoded behind it and shown before it. Else nothing: the packet's pts.
  std::optional<std::int64_t> first_shown{};
};

class Packager {
 public:
  virtual ~Packager() = default;

  /// Called once, when every encoder is open. Writes the headers.
  [[nodiscard]] virtual Status Open(std::vector<StreamInfo> streams) = 0;

  /// Packets of one rendition come in decoding order; renditions may be ahead of one another. Audio
  /// is kept back until the video has come as far: the presentation ends with the video.
  [[nodiscard]] virtual Status Write(EncodedPacket packet) = 0;

  /// Everything was written: closes the last segments at `end` (ticks of the pipeline) and writes
  /// the final manifests.
  [[nodiscard]] virtual Status Finish(std::int64_t end) = 0;

  /// From any thread: makes a Write that hangs on the network return soon.
  virtual void Abort() = 0;

  /// RFC 6381 strings, per rendition. Valid after Open().
  [[nodiscard]] virtual std::vector<std::string> Codecs() const = 0;
};

}  // namespace streamgear
