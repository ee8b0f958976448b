// MPD writer (ISO/IEC 23009-1). Pure: a model in, text out.
#pragma once

#include <string>

#include "timeline/presentation.h"

namespace streamgear {

/// The MPD of a presentation: one AdaptationSet for all video tracks of a codec family, one per
/// audio language. It is dynamic while the presentation is live and has not ended, with every
/// track's first segment listed from the start: a set of Representations never changes.
[[nodiscard]] std::string WriteMpd(const PresentationModel& presentation);

}  // namespace streamgear
