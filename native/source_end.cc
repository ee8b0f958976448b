#include "source_end.h"

#include <algorithm>
#include <cstdio>

#include "av.h"

namespace streamgear {
namespace {

std::string SecondsText(double seconds) {
  char text[32] = {};
  std::snprintf(text, sizeof(text), "%.1f s", seconds);
  return text;
}

/// What the container says of the video; of a container that only knows its longest stream, nothing
/// when that may be another one.
double Promised(const SourceConfig& config, const MediaInfo& media) {
  if (media.estimated || media.device) return -1;
  const MediaStream& video = media.streams[static_cast<std::size_t>(config.video_stream)];
  if (video.duration >= 0) return video.duration;
  const auto lasts = [](const MediaStream& stream) {
    return stream.kind == "audio" || stream.kind == "subtitle" ||
           (stream.kind == "video" && !stream.attached_picture);
  };
  const bool alone = std::ranges::count_if(media.streams, lasts) == 1;
  return alone && media.duration >= 0 ? media.duration - (video.start - media.start) : -1;
}

}  // namespace

SourceEnd::SourceEnd(const SourceConfig& config, const MediaInfo& media)
    : url_(media.url), start_(std::max(config.start, 0.0)), expected_(Promised(config, media)) {}

SourceEndEvent SourceEnd::Tell(double end, double position, const Status& read,
                               bool range_reached) const {
  const bool too_short = expected_ >= 0 && expected_ - end > std::max(0.5, expected_ * 0.02);
  if (range_reached || (read.ok() && !too_short)) return {.position = position};
  const std::string of = expected_ >= 0 ? " of " + SecondsText(expected_) : "";
  const int error = read.failure().averror;
  const std::string reason = read.ok()    ? "it ends there"
                             : error != 0 ? AvErrorText(error)
                                          : read.failure().message;
  return {.position = position,
          .complete = false,
          .failure = {.code = "SOURCE_TRUNCATED",
                      .message = "\"" + url_ + "\" stopped at " + SecondsText(end) + of + ": " +
                                 reason + "; what was read is packaged",
                      .stage = "reader",
                      .averror = error,
                      .log = read.failure().log}};
}

Status SourceEnd::NothingKept() const {
  const std::string message =
      start_ > 0 ? "Expected a start before the end of \"" + url_ + "\" but received " +
                       SecondsText(start_)
                 : "Expected video in \"" + url_ + "\" but its video stream is empty";
  return Status(Failure{
      .code = start_ > 0 ? "START_BEHIND_END" : "NO_VIDEO", .message = message, .stage = "reader"});
}

}  // namespace streamgear
