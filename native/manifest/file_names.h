// FileNames: the names of the files of one presentation, from its templates. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "config.h"
#include "timeline/presentation.h"

namespace streamgear {

class FileNames {
 public:
  /// `packaging` outlives the names.
  explicit FileNames(const PackagingConfig& packaging);

  /// Fills in the names and templates of a track. `bitrate`: what $Bandwidth$ stands for.
  void NameTrack(std::int64_t bitrate, TrackModel* track) const;

  /// Of the segment with this number that begins at `start`.
  [[nodiscard]] std::string SegmentOf(const TrackModel& track, std::int64_t bitrate,
                                      std::int64_t number, std::int64_t start) const;

  /// Of an entry of a playlist without a file, with the number that counts gaps too. It is never
  /// the name of a file.
  [[nodiscard]] std::string GapOf(const TrackModel& track, std::int64_t bitrate,
                                  std::int64_t number, std::int64_t start) const;

 private:
  [[nodiscard]] std::string Expand(const std::string& name, const TrackModel& track,
                                   std::int64_t bitrate, std::int64_t number,
                                   std::int64_t time) const;

  const PackagingConfig& packaging_;
  const bool is_dash_;  ///< how templates are written
};

}  // namespace streamgear
