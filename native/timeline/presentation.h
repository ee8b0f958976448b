// Presentation: what a manifest says, as plain data. The packager fills it, mpd.cc and m3u8.cc
// write it down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rational.h"

namespace streamgear {

/// One finished media segment of one track.
struct SegmentEntry {
  std::int64_t number = 0;    ///< as in its file name
  std::int64_t start = 0;     ///< earliest presentation time, ticks of the track's timescale
  std::int64_t duration = 0;  ///< ticks
  std::int64_t bytes = 0;
  std::string name;              ///< file name relative to the manifest
  double program_date_time = 0;  ///< seconds since the Unix epoch; 0 = unknown
  bool discontinuity = false;    ///< a break of time or codec lies before it
  bool gap = false;              ///< HLS: there is nothing for this time, and no file
};

enum class TrackKind { kVideo, kAudio };

/// One Representation (DASH) or one media playlist (HLS).
struct TrackModel {
  int rendition = 0;  ///< its index
  std::string id;     ///< "0", "1", …: Representation@id and %v
  TrackKind kind = TrackKind::kVideo;
  std::int64_t timescale = 90000;
  std::string codecs;          ///< RFC 6381, true to the init segment, e.g. "avc1.640028"
  std::string mime_type;       ///< "video/mp4"
  std::string init_name;       ///< "" for MPEG-TS
  std::string init_template;   ///< DASH @initialization with $RepresentationID$ left in
  std::string media_template;  ///< DASH @media with $RepresentationID$ and $Number$ left in
  std::string playlist_name;   ///< HLS media playlist, relative to the multivariant playlist
  std::int64_t peak_bandwidth =
      0;  ///< bit/s: the highest segment rate (measured, or declared while live)
  std::int64_t average_bandwidth = 0;  ///< bit/s; 0 = unknown
  int width = 0;
  int height = 0;
  Rational sample_aspect_ratio{1, 1};
  Rational frame_rate{0, 1};
  int sample_rate = 0;
  int channels = 0;
  int channel_configuration = 0;  ///< DASH: ISO/IEC 23091-3; 0 = not one of its
  int audio_group =
      0;  ///< HLS: of audio, the group that it is in; of video, the one it is watched with
  std::string language;                     ///< BCP 47, "" = undetermined
  std::string name;                         ///< of an audio rendition: HLS NAME, DASH Label
  std::vector<SegmentEntry> segments;       ///< those that are listed now
  std::int64_t media_sequence = 0;          ///< EXT-X-MEDIA-SEQUENCE: segments removed so far
  std::int64_t discontinuity_sequence = 0;  ///< discontinuities removed so far
};

struct PresentationModel {
  bool live = false;                   ///< still running: dynamic MPD, open playlists
  bool ended = false;                  ///< the last segment is listed
  double segment_duration = 4;         ///< nominal, seconds
  double max_segment_duration = 4;     ///< of every segment so far, seconds
  double availability_start_time = 0;  ///< Unix seconds of presentation time 0; live only
  double publish_time = 0;             ///< Unix seconds, now
  bool clock_stepped = false;          ///< the wall clock is not publish_time's any more
  double time_shift_buffer_depth = 0;  ///< seconds; live window
  std::string manifest_name;           ///< DASH: file name of the MPD
  std::string utc_timing_url;  ///< DASH: "" = the clock of the MPD's server, else publish_time
  std::string base_url;        ///< HLS: before each entry
  std::string playlist_type;   ///< HLS: "vod" | "event" | ""
  int target_duration = 0;     ///< HLS: fixed for the whole presentation, seconds
  /// No picture of a segment needs the one before. Copied video may have open GOPs, whose leading
  /// pictures do: a stream access point of type 3 (ISO/IEC 14496-12, I.4).
  bool independent_segments = true;
  bool use_timeline = true;             ///< DASH: SegmentTimeline; else SegmentTemplate@duration
  bool use_template = true;             ///< DASH: SegmentTemplate; else SegmentList
  bool omit_endlist = false;            ///< HLS
  bool round_durations = false;         ///< HLS: EXTINF as integers
  Rational display_aspect_ratio{0, 1};  ///< common to all video tracks
  std::vector<TrackModel> tracks;       ///< video first
};

}  // namespace streamgear
