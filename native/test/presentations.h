// Presentations for the golden tests of the manifest writers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "timeline/presentation.h"

namespace streamgear::test {

/// 2026-11-20T06:00:00Z.
inline constexpr double kSixOClock = 1795154400;

/// Segments of these durations, one after the other. `name` is put before their numbers.
inline std::vector<SegmentEntry> Segments(std::int64_t first_number, std::int64_t start,
                                          const std::vector<std::int64_t>& durations,
                                          const std::string& name, const std::string& extension) {
  std::vector<SegmentEntry> segments;
  for (const std::int64_t duration : durations) {
    SegmentEntry segment;
    segment.number = first_number + static_cast<std::int64_t>(segments.size());
    segment.start = start;
    segment.duration = duration;
    segment.name = name + std::to_string(segment.number) + extension;
    segments.push_back(segment);
    start += duration;
  }
  return segments;
}

/// An H.264 track with the names of DASH.
inline TrackModel VideoTrack(const std::string& id, int width, int height, std::int64_t peak) {
  TrackModel track;
  track.id = id;
  track.timescale = 90000;
  track.codecs = "avc1.640028";
  track.mime_type = "video/mp4";
  track.init_name = "init-stream" + id + ".m4s";
  track.init_template = "init-stream$RepresentationID$.m4s";
  track.media_template = "chunk-stream$RepresentationID$-$Number%05d$.m4s";
  track.playlist_name = "stream_" + id + ".m3u8";
  track.peak_bandwidth = peak;
  track.width = width;
  track.height = height;
  track.frame_rate = {25, 1};
  return track;
}

inline TrackModel AudioTrack(const std::string& id) {
  TrackModel track;
  track.id = id;
  track.kind = TrackKind::kAudio;
  track.timescale = 48000;
  track.codecs = "mp4a.40.2";
  track.mime_type = "audio/mp4";
  track.init_name = "init-stream" + id + ".m4s";
  track.init_template = "init-stream$RepresentationID$.m4s";
  track.media_template = "chunk-stream$RepresentationID$-$Number%05d$.m4s";
  track.playlist_name = "stream_" + id + ".m3u8";
  track.peak_bandwidth = 130000;
  track.average_bandwidth = 128000;
  track.sample_rate = 48000;
  track.channels = 2;
  track.channel_configuration = 2;
  return track;
}

}  // namespace streamgear::test
