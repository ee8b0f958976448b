// audio_container: which audio codecs the segments can hold.
#pragma once

#include <string_view>

#include "base/av.h"
#include "base/status.h"
#include "config.h"

namespace streamgear {

/// The "codec" of a rendition whose packets stay as they are.
inline constexpr std::string_view kCopyCodec = "copy";

/// CODEC_NOT_IN_CONTAINER when segments of `type` cannot hold the codec, or no player takes it in
/// them. `rendition`: to blame.
[[nodiscard]] Status CheckAudioCodec(AVCodecID codec, SegmentType type, int rendition);

}  // namespace streamgear
