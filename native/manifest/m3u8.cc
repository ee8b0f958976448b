#include "manifest/m3u8.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/size_text.h"
#include "manifest/manifest_text.h"

namespace streamgear {
namespace {

/// Audio of one group is for one choice of variants; what differs only in its rate is another
/// group.
std::string GroupId(int group) { return group == 0 ? "audio" : "audio-" + std::to_string(group); }

/// RFC 8216 section 7: EXT-X-MAP needs 6, and players expect 7 with fragmented MP4; decimal EXTINF
/// needs 3, and EXT-X-GAP 8.
std::string VersionLine(bool fragmented_mp4, bool gaps = false) {
  return std::string("#EXT-X-VERSION:") + (gaps ? "8" : fragmented_mp4 ? "7" : "3") + "\n";
}

/// A quoted-string holds no double quote and no line break (section 4.2), and knows no escape. No
/// playlist holds control characters, of which U+0080 to U+009F are two bytes (section 4.1).
std::string Quoted(std::string_view given) {
  const std::string text = WellFormedText(given);
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    if (c == '"') {
      quoted += '\'';
    } else if (c < 0x20 || c == 0x7F || is_c1) {
      quoted += ' ';
    } else {
      quoted += text[i];
    }
  }
  return quoted + "\"";
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::vector<const TrackModel*> TracksOf(const PresentationModel& presentation, TrackKind kind) {
  std::vector<const TrackModel*> tracks;
  for (const TrackModel& track : presentation.tracks) {
    if (track.kind == kind) tracks.push_back(&track);
  }
  return tracks;
}

/// What the audio group adds to every variant.
struct AudioShare {
  bool empty = true;
  std::int64_t peak = 0;
  std::int64_t average = 0;
  bool average_known = true;
  std::vector<std::string> codecs;
};

AudioShare ShareOf(const std::vector<const TrackModel*>& audio, int group) {
  AudioShare share;
  for (const TrackModel* track : audio) {
    if (track->audio_group != group) continue;
    share.empty = false;
    share.peak = std::max(share.peak, track->peak_bandwidth);
    share.average = std::max(share.average, track->average_bandwidth);
    share.average_known = share.average_known && track->average_bandwidth > 0;
    if (!track->codecs.empty() &&
        std::ranges::find(share.codecs, track->codecs) == share.codecs.end()) {
      share.codecs.push_back(track->codecs);
    }
  }
  return share;
}

std::string MediaLine(const TrackModel& track, std::size_t index) {
  std::string name = track.name.empty() ? "Audio" : track.name;
  if (track.name.empty() && index > 0) name.append(" ").append(std::to_string(index + 1));
  std::string line = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=" + Quoted(GroupId(track.audio_group));
  line += ",NAME=" + Quoted(name);
  if (!track.language.empty()) line += ",LANGUAGE=" + Quoted(track.language);
  line += index == 0 ? ",DEFAULT=YES" : ",DEFAULT=NO";
  line += ",AUTOSELECT=YES";
  if (track.channels > 0) line += ",CHANNELS=" + Quoted(std::to_string(track.channels));
  return line + ",URI=" + Quoted(EscapeUri(track.playlist_name)) + "\n";
}

std::string CodecsText(const TrackModel& track, const AudioShare& audio) {
  std::string codecs = track.codecs;
  if (codecs.empty()) return codecs;  // a part of the list would be a false statement
  for (const std::string& codec : audio.codecs) codecs += "," + codec;
  return codecs;
}

std::string StreamLine(const TrackModel& track, const AudioShare& audio) {
  std::string line =
      "#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(track.peak_bandwidth + audio.peak);
  if (track.average_bandwidth > 0 && audio.average_known) {
    line += ",AVERAGE-BANDWIDTH=" + std::to_string(track.average_bandwidth + audio.average);
  }
  const std::string codecs = CodecsText(track, audio);
  if (!codecs.empty()) line += ",CODECS=" + Quoted(codecs);
  if (track.kind == TrackKind::kVideo) {
    line += ",RESOLUTION=" + SizeText(track.width, track.height);
    if (track.frame_rate.valid()) {
      line += ",FRAME-RATE=" + RateText(track.frame_rate.num, track.frame_rate.den);
    }
  }
  if (!audio.empty) line += ",AUDIO=" + Quoted(GroupId(track.audio_group));
  return line + "\n" + EscapeUri(track.playlist_name) + "\n";
}

std::string SegmentLines(const PresentationModel& presentation, const TrackModel& track,
                         const SegmentEntry& segment) {
  std::string lines;
  if (segment.discontinuity) lines += "#EXT-X-DISCONTINUITY\n";
  if (segment.gap) lines += "#EXT-X-GAP\n";
  if (segment.program_date_time > 0) {
    lines += "#EXT-X-PROGRAM-DATE-TIME:" + DateTimeText(segment.program_date_time) + "\n";
  }
  const int decimals = presentation.round_durations ? 0 : 6;
  lines += "#EXTINF:" + SecondsText(segment.duration, track.timescale, decimals) + ",\n";
  return lines + presentation.base_url + EscapeUri(segment.name) + "\n";
}

std::string IndependentLine(const PresentationModel& presentation) {
  return presentation.independent_segments ? "#EXT-X-INDEPENDENT-SEGMENTS\n" : "";
}

}  // namespace

std::string WriteMediaPlaylist(const PresentationModel& presentation, const TrackModel& track) {
  const bool gaps = std::ranges::any_of(track.segments, &SegmentEntry::gap);
  std::string text = "#EXTM3U\n" + VersionLine(!track.init_name.empty(), gaps);
  text += "#EXT-X-TARGETDURATION:" + std::to_string(presentation.target_duration) + "\n";
  text += "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(track.media_sequence) + "\n";
  if (track.discontinuity_sequence > 0) {
    text += "#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(track.discontinuity_sequence) + "\n";
  }
  if (!presentation.playlist_type.empty()) {
    text += "#EXT-X-PLAYLIST-TYPE:" + Upper(presentation.playlist_type) + "\n";
  }
  text += IndependentLine(presentation);
  if (!track.init_name.empty()) {
    text += "#EXT-X-MAP:URI=" + Quoted(presentation.base_url + EscapeUri(track.init_name)) + "\n";
  }
  for (const SegmentEntry& segment : track.segments) {
    text += SegmentLines(presentation, track, segment);
  }
  if (presentation.ended && !presentation.omit_endlist) text += "#EXT-X-ENDLIST\n";
  return text;
}

std::string WriteMultivariantPlaylist(const PresentationModel& presentation) {
  const auto video = TracksOf(presentation, TrackKind::kVideo);
  const auto audio = TracksOf(presentation, TrackKind::kAudio);
  const bool fragmented_mp4 = std::ranges::any_of(
      presentation.tracks, [](const TrackModel& track) { return !track.init_name.empty(); });
  std::string text = "#EXTM3U\n" + VersionLine(fragmented_mp4) + IndependentLine(presentation);
  if (video.empty()) {  // audio alone: each track is a variant of its own
    for (const TrackModel* track : audio) text += StreamLine(*track, {});
    return text;
  }
  std::map<int, std::size_t> in_group;
  for (const TrackModel* track : audio) text += MediaLine(*track, in_group[track->audio_group]++);
  for (const TrackModel* track : video) {
    text += StreamLine(*track, ShareOf(audio, track->audio_group));
  }
  return text;
}

}  // namespace streamgear
