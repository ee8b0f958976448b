// video_seek: to a place from which a video can be decoded exactly as of a time.
#pragma once

#include <optional>

#include "base/status.h"
#include "source/held_from.h"
#include "source/media_input.h"

namespace streamgear {

/// What a seek has to find at or before the time: a frame that was decoded, or a key frame's
/// packet.
enum class Landing { kFrame, kKeyPacket };

/// Where to go, in video stream `index`.
struct SeekGoal {
  int index = -1;
  double seconds = 0;  ///< from the first picture that is shown
  Landing landing = Landing::kFrame;
  /// Where the sound begins for which the first picture is held, seconds on the stream's own time
  /// line: then `seconds` counts from there (held_from.h).
  double sound_begin = kNoSound;
};

/// Leaves `input` at or before the goal, at its beginning when it cannot seek: what is before the
/// time is for the reader to drop. `first_picture` becomes the time of the first picture, on the
/// stream's own time line, when the input was moved: it is looked for where the input is, which is
/// at its beginning.
///
/// Containers without an index land where they guess, and key frames are found by decoding time,
/// which may be earlier than their presentation: so where a seek lands is looked at, and one that
/// is too late is repeated from further back. An input that will not go back to its beginning is
/// opened anew; so is one of which the sound before the first picture is wanted, as a seek goes to
/// pictures.
[[nodiscard]] Status SeekBefore(MediaInput& input, const SeekGoal& goal,
                                std::optional<double>* first_picture);

}  // namespace streamgear
