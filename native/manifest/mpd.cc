#include "manifest/mpd.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "manifest/manifest_text.h"

namespace streamgear {
namespace {

using TrackList = std::vector<const TrackModel*>;

/// Players and the DASH-IF guidelines: stay this many segments behind the live edge.
constexpr int kDelaySegments = 3;

bool IsDynamic(const PresentationModel& presentation) {
  return presentation.live && !presentation.ended;
}

/// ` name="value"`, escaped.
std::string Attribute(std::string_view name, std::string_view value) {
  std::string text = " ";
  text += name;
  return text + "=\"" + EscapeXml(value) + "\"";
}

std::string Attribute(std::string_view name, std::int64_t value) {
  return Attribute(name, std::to_string(value));
}

double Seconds(std::int64_t ticks, const TrackModel& track) {
  return static_cast<double>(ticks) / static_cast<double>(track.timescale);
}

/// "30" or "30000/1001".
std::string FrameRateText(Rational rate) {
  const Rational reduced = rate.reduced();
  const std::string num = std::to_string(reduced.num);
  return reduced.den == 1 ? num : num + "/" + std::to_string(reduced.den);
}

std::string RatioText(Rational ratio) {
  const Rational reduced = ratio.reduced();
  return std::to_string(reduced.num) + ":" + std::to_string(reduced.den);
}

/// The presentation ends with its video: a last audio segment may hold some samples more.
double EndOf(const PresentationModel& presentation) {
  const bool has_video = std::ranges::any_of(
      presentation.tracks, [](const TrackModel& track) { return track.kind == TrackKind::kVideo; });
  double end = 0;
  for (const TrackModel& track : presentation.tracks) {
    if (track.segments.empty() || (has_video && track.kind != TrackKind::kVideo)) continue;
    const SegmentEntry& last = track.segments.back();
    end = std::max(end, Seconds(last.start + last.duration, track));
  }
  return end;
}

/// No S@d may be longer, those that are no longer listed included.
double MaxSegmentDuration(const PresentationModel& presentation) {
  double longest = presentation.max_segment_duration;
  for (const TrackModel& track : presentation.tracks) {
    for (const SegmentEntry& segment : track.segments) {
      longest = std::max(longest, Seconds(segment.duration, track));
    }
  }
  return longest;
}

std::string LiveAttributes(const PresentationModel& presentation) {
  const double depth = presentation.time_shift_buffer_depth;
  double delay = kDelaySegments * presentation.segment_duration;
  if (depth > 0) delay = std::min(delay, depth);  // not behind the window's own start
  std::string text =
      Attribute("availabilityStartTime", DateTimeText(presentation.availability_start_time));
  text += Attribute("publishTime", DateTimeText(presentation.publish_time));
  text += Attribute("minimumUpdatePeriod", IsoDuration(presentation.segment_duration));
  if (depth > 0) text += Attribute("timeShiftBufferDepth", IsoDuration(depth));
  return text + Attribute("suggestedPresentationDelay", IsoDuration(delay));
}

std::string RootTag(const PresentationModel& presentation) {
  const std::string longest = IsoDurationUp(MaxSegmentDuration(presentation));
  std::string text = "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"";
  // The live profile is for recordings too, but has templates only.
  text +=
      Attribute("profiles", presentation.use_template ? "urn:mpeg:dash:profile:isoff-live:2011"
                                                      : "urn:mpeg:dash:profile:isoff-main:2011");
  if (IsDynamic(presentation)) {
    text += Attribute("type", "dynamic") + LiveAttributes(presentation);
  } else {
    text += Attribute("type", "static");
    text += Attribute("mediaPresentationDuration", IsoDuration(EndOf(presentation)));
  }
  text += Attribute("maxSegmentDuration", longest);
  // @bandwidth is the highest rate of a segment, so a buffer of one segment is what never runs dry.
  return text + Attribute("minBufferTime", longest) + ">\n";
}

/// Runs of equal durations as one S. @t is written where the time is not the sum of what came
/// before.
std::string TimelineText(const TrackModel& track, const std::string& indent) {
  std::string text = indent + "<SegmentTimeline>\n";
  const std::vector<SegmentEntry>& segments = track.segments;
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < segments.size();) {
    const SegmentEntry& first = segments[i];
    std::int64_t end = first.start + first.duration;
    std::size_t next = i + 1;
    while (next < segments.size() && segments[next].start == end &&
           segments[next].duration == first.duration) {
      end += first.duration;
      ++next;
    }
    text += indent + "  <S";
    if (i == 0 || first.start != expected) text += Attribute("t", first.start);
    text += Attribute("d", first.duration);
    if (next - i > 1) text += Attribute("r", static_cast<std::int64_t>(next - i - 1));
    text += "/>\n";
    expected = end;
    i = next;
  }
  return text + indent + "</SegmentTimeline>\n";
}

std::int64_t NominalDuration(const PresentationModel& presentation, const TrackModel& track) {
  return std::llround(presentation.segment_duration * static_cast<double>(track.timescale));
}

/// With @duration the time of a segment is (number - @startNumber) * @duration from the start of
/// the period, so the number is that of the segment at time 0, listed or not. With a timeline it is
/// that of the first one listed.
std::int64_t StartNumber(const PresentationModel& presentation, const TrackModel& track,
                         bool timeline) {
  if (track.segments.empty()) return 1;
  const SegmentEntry& first = track.segments.front();
  if (timeline) return first.number;
  constexpr double kNoise = 1e-3;  // of a segment
  const double before = Seconds(first.start, track) / presentation.segment_duration;
  return first.number - static_cast<std::int64_t>(std::floor(before + kNoise));
}

std::string TemplateText(const PresentationModel& presentation, const TrackModel& track) {
  const bool timeline = presentation.use_timeline;
  std::string text = "        <SegmentTemplate" + Attribute("timescale", track.timescale);
  if (!timeline) text += Attribute("duration", NominalDuration(presentation, track));
  text += Attribute("initialization", EscapeUriTemplate(track.init_template));
  text += Attribute("media", EscapeUriTemplate(track.media_template));
  text += Attribute("startNumber", StartNumber(presentation, track, timeline));
  if (!timeline) return text + "/>\n";
  return text + ">\n" + TimelineText(track, "          ") + "        </SegmentTemplate>\n";
}

/// The duration that all segments but the last have, from 0 on; 0 = there is none. Audio is cut
/// between two of its frames, so there it is the average.
std::int64_t CommonDuration(const TrackModel& track) {
  const auto& segments = track.segments;
  if (segments.empty()) return 0;
  const auto before_last = static_cast<std::int64_t>(segments.size()) - 1;
  const bool audio = track.kind == TrackKind::kAudio;
  const std::int64_t slack = audio ? track.timescale / 10 : 0;
  const std::int64_t duration =
      audio && before_last > 0 ? segments.back().start / before_last : segments.front().duration;
  std::int64_t expected = 0;
  for (const SegmentEntry& segment : segments) {
    if (std::abs(segment.start - expected) > slack || segment.duration > duration + slack) return 0;
    expected += duration;
  }
  return duration;
}

std::string ListText(const TrackModel& track) {
  // @duration wherever it says the truth: players know it better in a list (dash.js cuts a list
  // with a timeline short).
  const std::int64_t duration = CommonDuration(track);
  std::string text = "        <SegmentList" + Attribute("timescale", track.timescale);
  if (duration > 0) text += Attribute("duration", duration);
  // No @startNumber: nothing in a list is numbered, and libavformat's demuxer takes it for an index
  // into the list.
  text += ">\n";
  text += "          <Initialization" + Attribute("sourceURL", EscapeUri(track.init_name)) + "/>\n";
  if (duration == 0 && !track.segments.empty()) text += TimelineText(track, "          ");
  for (const SegmentEntry& segment : track.segments) {
    text += "          <SegmentURL" + Attribute("media", EscapeUri(segment.name)) + "/>\n";
  }
  return text + "        </SegmentList>\n";
}

std::string RepresentationText(const PresentationModel& presentation, const TrackModel& track) {
  std::string text = "      <Representation" + Attribute("id", track.id);
  text += Attribute("mimeType", track.mime_type);
  if (!track.codecs.empty()) text += Attribute("codecs", track.codecs);
  text += Attribute("bandwidth", track.peak_bandwidth);
  if (track.kind == TrackKind::kVideo) {
    text += Attribute("width", track.width) + Attribute("height", track.height);
    if (track.sample_aspect_ratio.valid()) {
      text += Attribute("sar", RatioText(track.sample_aspect_ratio));
    }
    if (track.frame_rate.valid()) text += Attribute("frameRate", FrameRateText(track.frame_rate));
  } else if (track.sample_rate > 0) {
    text += Attribute("audioSamplingRate", track.sample_rate);
  }
  text += ">\n";
  if (track.channel_configuration > 0) {
    text += "        <AudioChannelConfiguration";
    text += Attribute("schemeIdUri", "urn:mpeg:dash:23003:3:audio_channel_configuration:2011");
    text += Attribute("value", track.channel_configuration) + "/>\n";
  }
  text += presentation.use_template ? TemplateText(presentation, track) : ListText(track);
  return text + "      </Representation>\n";
}

std::string VideoSetAttributes(const PresentationModel& presentation, const TrackList& tracks) {
  std::int64_t width = 0;
  std::int64_t height = 0;
  Rational rate{0, 1};
  for (const TrackModel* track : tracks) {
    width = std::max<std::int64_t>(width, track->width);
    height = std::max<std::int64_t>(height, track->height);
    if (track->frame_rate.valid() && track->frame_rate.value() > rate.value()) {
      rate = track->frame_rate;
    }
  }
  std::string text;
  if (presentation.display_aspect_ratio.valid()) {
    text += Attribute("par", RatioText(presentation.display_aspect_ratio));
  }
  text += Attribute("maxWidth", width) + Attribute("maxHeight", height);
  if (rate.valid()) text += Attribute("maxFrameRate", FrameRateText(rate));
  return text;
}

std::string AdaptationSetText(const PresentationModel& presentation, const TrackList& tracks,
                              std::size_t id, bool main) {
  const TrackModel& first = *tracks.front();
  const bool video = first.kind == TrackKind::kVideo;
  std::string text = "    <AdaptationSet" + Attribute("id", static_cast<std::int64_t>(id));
  text += Attribute("contentType", video ? "video" : "audio");
  if (!first.language.empty()) text += Attribute("lang", first.language);
  text += Attribute("segmentAlignment", "true");
  // The highest type that a segment may begin with.
  const std::int64_t access_point = video && !presentation.independent_segments ? 3 : 1;
  text += Attribute("startWithSAP", access_point);
  if (video) text += VideoSetAttributes(presentation, tracks);
  text += ">\n";
  // What a Representation may have too comes first in the schema: Label before Role.
  if (!first.name.empty()) text += "      <Label>" + EscapeXml(first.name) + "</Label>\n";
  // Of several soundtracks the first is the one to begin with.
  if (!video) {
    text += "      <Role" + Attribute("schemeIdUri", "urn:mpeg:dash:role:2011") +
            Attribute("value", main ? "main" : "alternate") + "/>\n";
  }
  for (const TrackModel* track : tracks) text += RepresentationText(presentation, *track);
  return text + "    </AdaptationSet>\n";
}

/// Players switch freely inside a set, and cannot between codec families ("avc1", "hvc1") or
/// containers. "mp4a" is a family of families: "mp4a.40.2" is AAC, "mp4a.6B" is MP3.
bool SameSet(const TrackModel& a, const TrackModel& b) {
  const auto family = [](const TrackModel& track) {
    const bool audio = track.kind == TrackKind::kAudio;
    return std::string_view(track.codecs)
        .substr(0, audio ? track.codecs.size() : track.codecs.find('.'));
  };
  return a.kind == b.kind && a.language == b.language && a.mime_type == b.mime_type &&
         family(a) == family(b);
}

std::vector<TrackList> AdaptationSets(const PresentationModel& presentation) {
  std::vector<TrackList> sets;
  for (const TrackModel& track : presentation.tracks) {
    const auto set = std::ranges::find_if(
        sets, [&](const TrackList& tracks) { return SameSet(*tracks.front(), track); });
    if (set == sets.end()) {
      sets.push_back({&track});
    } else {
      set->push_back(&track);
    }
  }
  return sets;
}

std::string UtcTimingTag(std::string_view scheme, std::string_view value) {
  return "  <UTCTiming" +
         Attribute("schemeIdUri", "urn:mpeg:dash:utc:" + std::string(scheme) + ":2014") +
         Attribute("value", value) + "/>\n";
}

/// The clock of whoever serves the manifest, asked for when it is needed. The time in the file, for
/// clients that cannot, is as old as the file, which is much when the source pauses. But where the
/// clock of this machine was set, the server, which is often the same machine, is wrong by more.
std::string UtcTimingText(const PresentationModel& presentation) {
  if (!presentation.utc_timing_url.empty()) {
    return UtcTimingTag("http-xsdate", presentation.utc_timing_url);
  }
  const std::string direct = UtcTimingTag("direct", DateTimeText(presentation.publish_time));
  if (presentation.clock_stepped) return direct;
  return UtcTimingTag("http-head", EscapeUri(presentation.manifest_name)) + direct;
}

}  // namespace

std::string WriteMpd(const PresentationModel& presentation) {
  std::string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + RootTag(presentation);
  text += "  <Period id=\"0\" start=\"PT0S\">\n";
  const std::vector<TrackList> sets = AdaptationSets(presentation);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const bool main = i == 0 || sets[i - 1].front()->kind != sets[i].front()->kind;
    text += AdaptationSetText(presentation, sets[i], i, main);
  }
  text += "  </Period>\n";
  if (IsDynamic(presentation)) text += UtcTimingText(presentation);
  return text + "</MPD>\n";
}

}  // namespace streamgear
