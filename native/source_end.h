// SourceEnd: whether a source ended where it should have, and how that is told.
#pragma once

#include <string>

#include "config.h"
#include "event.h"
#include "media_info.h"
#include "status.h"

namespace streamgear {

class SourceEnd {
 public:
  SourceEnd(const SourceConfig& config, const MediaInfo& media);

  /// The event for a video that was read until `end` seconds from its start, of which `position`
  /// were kept. `read`: why reading ended; `range_reached`: it ended because no more was wanted.
  [[nodiscard]] SourceEndEvent Tell(double end, double position, const Status& read,
                                    bool range_reached) const;

  /// Not one frame or packet was kept, although nothing was wrong with the source.
  [[nodiscard]] Status NothingKept() const;

 private:
  const std::string url_;
  const double start_;
  double expected_ = -1;  ///< seconds of video that the container promises, -1 = it does not
};

}  // namespace streamgear
