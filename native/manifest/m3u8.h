// HLS playlist writer (RFC 8216 and its second edition). Pure: a model in, text out.
#pragma once

#include <string>

#include "timeline/presentation.h"

namespace streamgear {

/// The media playlist of one track.
[[nodiscard]] std::string WriteMediaPlaylist(const PresentationModel& presentation,
                                             const TrackModel& track);

/// The multivariant playlist: one EXT-X-STREAM-INF per video track, one EXT-X-MEDIA per audio
/// track, in the group that the variants with it name. Without video, each audio track is a
/// variant. RESOLUTION is the coded size, which is what players compare with what they decode; the
/// sample aspect ratio is in the media.
[[nodiscard]] std::string WriteMultivariantPlaylist(const PresentationModel& presentation);

}  // namespace streamgear
