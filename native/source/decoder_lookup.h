// decoder_lookup: whether the libavcodec that is loaded can decode a stream.
#pragma once

#include "base/av.h"
#include "source/media_info.h"

namespace streamgear {

/// By the name of its codec (CodecOf); what libavcodec has no name of has no decoder.
[[nodiscard]] inline bool IsDecodable(const MediaStream& stream) {
  const AVCodecDescriptor* codec = avcodec_descriptor_get_by_name(stream.codec.c_str());
  return codec != nullptr && avcodec_find_decoder(codec->id) != nullptr;
}

}  // namespace streamgear
