// SourceEnd: whether a source ended where it should have, and how that is told.
#pragma once

#include <string>

#include "base/event.h"
#include "base/status.h"
#include "config.h"
#include "source/media_info.h"

namespace streamgear {

/// Code of the failure of whoever reads a source that is no longer what it was announced as.
constexpr const char* kSourceChanged = "SOURCE_CHANGED";

class SourceEnd {
 public:
  /// `with_audio`: the source's audio is read too.
  SourceEnd(const SourceConfig& config, const MediaInfo& media, bool with_audio);

  struct Reading {
    double video_end = 0;  ///< of the last frame, seconds from the video's start
    double furthest = 0;   ///< of the last packet of any stream, seconds on the container's line
    double position = 0;   ///< seconds that were kept
    bool range_reached = false;  ///< it ended because no more was wanted
    Status status{};             ///< why it ended
  };

  [[nodiscard]] SourceEndEvent Tell(const Reading& reading) const;

  /// Not one frame or packet was kept, although nothing was wrong with the source.
  [[nodiscard]] Status NothingKept(bool stopped) const;

 private:
  const std::string url_;
  const double start_;
  // What the container promises, seconds; -1 = nothing that could be relied on.
  double video_duration_ = -1;
  double container_end_ = -1;  ///< on its own line
};

}  // namespace streamgear
