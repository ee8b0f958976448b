// audio_header: what a packet of audio says of itself, and whether that changes. Pure.
//
// A segment's header is written once. Packets that are copied may say something else after a while:
// stereo becomes 5.1 at an advertisement, or two recordings were joined.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/av.h"

namespace streamgear {

struct AudioHeader {
  int profile = 0;  ///< AAC: the audio object type; MPEG audio: the layer; else 0
  int sample_rate = 0;
  int channels = 0;  ///< 0: only the samples say it
  bool operator==(const AudioHeader&) const = default;
};

/// Of codecs whose packets begin with a header: AAC in ADTS (ISO/IEC 14496-3, 1.A.2.2), AC-3 and
/// E-AC-3 (ETSI TS 102 366, 4.4.1 and E.1.3.1), MPEG audio (ISO/IEC 11172-3, 2.4.1.3). Nothing when
/// it has none.
[[nodiscard]] std::optional<AudioHeader> ReadAudioHeader(AVCodecID codec,
                                                         std::span<const std::uint8_t> packet);

class AudioChangeWatch {
 public:
  /// `parameters`: what the container says of the stream.
  explicit AudioChangeWatch(const AVCodecParameters& parameters);

  enum class Verdict {
    kSame,
    kDoubt,    ///< it says something else: damage, or a change if the next one says so too
    kChanged,  ///< with the packet before it, if that was in doubt
  };

  [[nodiscard]] Verdict Judge(const AVPacket& packet);

  /// "2 channels at 48000 Hz to 6 channels at 48000 Hz". Valid after kChanged.
  [[nodiscard]] const std::string& change() const { return change_; }

 private:
  [[nodiscard]] bool HasNewExtradata(const AVPacket& packet);

  const AVCodecID codec_;
  std::vector<std::uint8_t> extradata_;
  std::optional<AudioHeader> known_;
  std::optional<AudioHeader> doubtful_;
  std::string change_;
};

}  // namespace streamgear
