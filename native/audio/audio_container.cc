#include "audio/audio_container.h"

#include <algorithm>
#include <string>
#include <vector>

namespace streamgear {
namespace {

/// MP4 registration authority; what HLS (RFC 8216, Apple's authoring specification) and DASH-IF
/// interoperability points name.
const std::vector<AVCodecID>& CodecsOf(SegmentType type) {
  static const std::vector<AVCodecID> mp4 = {AV_CODEC_ID_AAC, AV_CODEC_ID_AC3,  AV_CODEC_ID_EAC3,
                                             AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC,
                                             AV_CODEC_ID_ALAC};
  static const std::vector<AVCodecID> mpegts = {AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
                                                AV_CODEC_ID_MP3, AV_CODEC_ID_MP2};
  return type == SegmentType::kFmp4 ? mp4 : mpegts;
}

}  // namespace

Status CheckAudioCodec(AVCodecID codec, SegmentType type, int rendition) {
  const std::vector<AVCodecID>& known = CodecsOf(type);
  if (std::ranges::find(known, codec) != known.end()) return Status::Ok();
  std::string names;
  for (const AVCodecID each : known) {
    names += (names.empty() ? "" : ", ") + std::string(avcodec_get_name(each));
  }
  const std::string container = type == SegmentType::kFmp4 ? "fragmented MP4" : "MPEG-TS";
  return Status(Failure{.code = "CODEC_NOT_IN_CONTAINER",
                        .message = "Expected audio that " + container + " segments can hold (" +
                                   names + ") but received " + avcodec_get_name(codec) +
                                   "; name another audio codec, or do not copy",
                        .stage = "audio",
                        .rendition = rendition});
}

}  // namespace streamgear
