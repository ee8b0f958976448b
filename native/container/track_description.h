// track_description: what a manifest says of a stream, as far as its codec parameters tell.
#pragma once

#include <string>

#include "base/event.h"
#include "config.h"
#include "media/packet.h"
#include "timeline/presentation.h"

namespace streamgear {

/// The RFC 6381 `codecs` string of a stream, true to what its segments hold; "" when none is known.
[[nodiscard]] std::string CodecsOf(const StreamInfo& stream, SegmentType type);

/// The codec describes itself in extradata, without which neither a codecs string nor a sample
/// entry can be written, and has none yet.
[[nodiscard]] bool NeedsExtradata(const StreamInfo& stream);

/// The libavcodec encoder that the configuration names for a rendition, video or audio.
[[nodiscard]] const std::string& EncoderNameOf(const PipelineConfig& config, int rendition);

/// The rate that a rendition is meant to have, bit/s, without its container; 0 = unknown.
[[nodiscard]] std::int64_t NominalBitrate(const PipelineConfig& config, const StreamInfo& stream);

/// What is told of an audio stream when it is open.
[[nodiscard]] AudioTrackInfo AudioTrackOf(const StreamInfo& stream);

/// Everything of a track's model that is known before its first segment, but its names.
[[nodiscard]] TrackModel DescribeTrack(const PipelineConfig& config, const StreamInfo& stream);

}  // namespace streamgear
