// codec_string: RFC 6381 `codecs` from what the encoder wrote, so that manifests and media never
// disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace streamgear {

/// H.264 from extradata, avcC or Annex B: "avc1.640028". "" when there is no SPS.
[[nodiscard]] std::string AvcCodecString(const std::uint8_t* extradata, std::size_t size);

/// HEVC from extradata, hvcC or Annex B (ISO/IEC 14496-15 Annex E): "hvc1.1.6.L93.90". "" when
/// there is no SPS.
[[nodiscard]] std::string HevcCodecString(const std::uint8_t* extradata, std::size_t size);

/// AV1 from extradata, av1C or a sequence header OBU (AV1-ISOBMFF §5): "av01.0.08M.08". "" when
/// there is none.
[[nodiscard]] std::string Av1CodecString(const std::uint8_t* extradata, std::size_t size);

/// The VP9 level (21 is 2.1) of a picture size and frame rate, as the specification's Annex A
/// limits them; 0 when there is none. A frame rate of 0 is unknown: the size alone decides, which
/// is what libavformat writes into a vpcC box unless AVCodecParameters::level says otherwise.
/// Setting that to this level makes box and manifest agree.
[[nodiscard]] int Vp9Level(int width, int height, double frame_rate);

/// VP9 (VP9-ISOBMFF section 2): "vp09.00.40.08", with the level of Vp9Level.
[[nodiscard]] std::string Vp9CodecString(int profile, int width, int height, double frame_rate,
                                         int bit_depth);

/// AAC from the AudioSpecificConfig: "mp4a.40.2". Without extradata: AAC-LC.
[[nodiscard]] std::string AacCodecString(const std::uint8_t* extradata, std::size_t size);

}  // namespace streamgear
