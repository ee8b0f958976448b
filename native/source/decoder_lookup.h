// decoder_lookup: whether the libavcodec that is loaded can decode a stream.
#pragma once

#include <string_view>

#include "base/event.h"
#include "source/media_info.h"

namespace streamgear {

/// By the name of its codec (CodecOf); what libavcodec has no name of has no decoder.
[[nodiscard]] bool IsDecodable(const MediaStream& stream);

/// A TRACK_LEFT_OUT warning for each track of `kind` ("video" or "audio") that has no decoder, when
/// `taken` is another one: an index in the container.
void TellLeftOut(const MediaInfo& info, std::string_view kind, int taken, const EventSink& sink);

}  // namespace streamgear
