// ParameterWatch: notices when copied packets are no longer what their stream was announced as.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/av.h"

namespace streamgear {

/// A copy has one initialization: packets behind a change of size, profile or colour could not be
/// decoded with it, or would be shown wrong. Looks at what demuxers tell (new extradata, other
/// sizes) and, of H.264 and HEVC, at the sequence parameter sets inside of key frames, where
/// transport streams have them and nobody tells. Picture parameter sets may come and go: they
/// travel with the pictures.
class ParameterWatch {
 public:
  /// `parameters`: of the stream; null = nothing is known.
  explicit ParameterWatch(const AVCodecParameters* parameters);

  /// True when this packet needs other parameters than the first ones.
  [[nodiscard]] bool Changes(const AVPacket& packet);

 private:
  using Bytes = std::string;

  void Learn(const AVCodecParameters& parameters);
  [[nodiscard]] bool ChangesSets(const AVPacket& packet);
  [[nodiscard]] bool IsSequenceSet(std::uint8_t header) const;
  [[nodiscard]] std::vector<Bytes> SequenceSets(const std::uint8_t* data, std::size_t size) const;

  AVCodecID codec_ = AV_CODEC_ID_NONE;
  int width_ = 0;
  int height_ = 0;
  std::size_t length_size_ = 0;  ///< bytes of the length before each NAL unit; 0 = start codes
  Bytes extradata_;
  std::vector<Bytes> known_;  ///< sequence (and video) parameter sets
};

}  // namespace streamgear
