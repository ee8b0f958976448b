// What flows from the encoders to the packager.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/av.h"
#include "base/rational.h"
#include "base/stats.h"

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
  /// Of copied packets: of the key frame of an open group of pictures the earliest time of those
  /// that are decoded behind it and shown before it, of others the pts. Of encoded ones nothing.
  std::optional<std::int64_t> first_shown{};
};

}  // namespace streamgear
