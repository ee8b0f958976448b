#include "manifest/file_names.h"

#include "manifest/name_template.h"

namespace streamgear {

FileNames::FileNames(const PackagingConfig& packaging)
    : packaging_(packaging), is_dash_(packaging.Has(ManifestFormat::kDash)) {}

void FileNames::NameTrack(std::int64_t bitrate, TrackModel* track) const {
  track->init_template = ExpandDashBandwidth(packaging_.init_name, bitrate);
  track->media_template = ExpandDashBandwidth(packaging_.segment_name, bitrate);
  if (packaging_.segment_type == SegmentType::kFmp4) {
    track->init_name = Expand(packaging_.init_name, *track, bitrate, 0, 0);
  }
  track->playlist_name = Expand(packaging_.playlist_name, *track, bitrate, 0, 0);
}

std::string FileNames::SegmentOf(const TrackModel& track, std::int64_t bitrate, std::int64_t number,
                                 std::int64_t start) const {
  return Expand(packaging_.segment_name, track, bitrate, number, start);
}

/// Clients that do not know EXT-X-GAP ask for it (libavformat), and must find nothing. Numbers of
/// HLS alone are never used twice; those of DASH count files. The ending stays: libavformat ends
/// at one that it does not know.
std::string FileNames::GapOf(const TrackModel& track, std::int64_t bitrate, std::int64_t number,
                             std::int64_t start) const {
  std::string name = SegmentOf(track, bitrate, number, start);
  if (is_dash_) name.insert(name.rfind('/') + 1, "gap-");
  return name;
}

std::string FileNames::Expand(const std::string& name, const TrackModel& track,
                              std::int64_t bitrate, std::int64_t number, std::int64_t time) const {
  const NameValues values{.id = track.id, .number = number, .time = time, .bandwidth = bitrate};
  return is_dash_ ? ExpandDashTemplate(name, values) : ExpandHlsTemplate(name, values);
}

}  // namespace streamgear
