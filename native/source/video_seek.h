// video_seek: to a place from which a video can be decoded exactly as of a time.
#pragma once

#include "base/status.h"
#include "source/media_input.h"

namespace streamgear {

/// What a seek has to find at or before the time: a frame that was decoded, or a key frame's
/// packet.
enum class Landing { kFrame, kKeyPacket };

/// Leaves `input` at or before `seconds` from the start of video stream `index`, at its beginning
/// when it cannot seek: what is before the time is for the reader to drop.
///
/// Containers without an index land where they guess, and key frames are found by decoding time,
/// which may be earlier than their presentation: so where a seek lands is looked at, and one that
/// is too late is repeated from further back.
[[nodiscard]] Status SeekBefore(MediaInput& input, int index, double seconds, Landing landing);

}  // namespace streamgear
