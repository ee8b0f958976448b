#include "source/source_end.h"

#include <algorithm>
#include <utility>

#include "base/av.h"
#include "base/duration_text.h"

namespace streamgear {
namespace {

bool IsShort(double reached, double promised) {
  return promised >= 0 && promised - reached > std::max(0.5, promised * 0.02);
}

/// All streams that may be as long as the container are read.
bool ReadsAll(const MediaInfo& media, bool with_audio) {
  const auto lasts = [](const MediaStream& stream) {
    return stream.kind == "audio" || stream.kind == "subtitle" ||
           (stream.kind == "video" && !stream.attached_picture);
  };
  return std::ranges::count_if(media.streams, lasts) == (with_audio ? 2 : 1);
}

}  // namespace

SourceEnd::SourceEnd(const SourceConfig& config, const MediaInfo& media, bool with_audio)
    : url_(media.url), start_(std::max(config.start, 0.0)) {
  if (!media.duration_declared) return;
  const MediaStream& video = media.streams[static_cast<std::size_t>(config.video_stream)];
  if (video.own_duration) {
    video_duration_ = video.duration;
  } else if (media.duration >= 0 && ReadsAll(media, with_audio)) {
    container_end_ = media.start + media.duration;
  }
}

SourceEndEvent SourceEnd::Tell(const Reading& reading) const {
  const bool is_short =
      IsShort(reading.video_end, video_duration_) || IsShort(reading.furthest, container_end_);
  if (reading.range_reached || (reading.status.ok() && !is_short)) {
    return {.position = reading.position};
  }
  if (reading.status.failure().code == kSourceChanged) {
    Failure failure = reading.status.failure();
    failure.message += "; what came before is packaged";
    return {.position = reading.position, .complete = false, .failure = std::move(failure)};
  }
  const double promised = std::max(video_duration_, container_end_);
  const std::string of = promised >= 0 ? " of " + DurationText(promised) : "";
  const Failure& failure = reading.status.failure();
  const std::string reason = reading.status.ok()    ? "it ends there"
                             : failure.averror != 0 ? AvErrorText(failure.averror)
                                                    : failure.message;
  return {.position = reading.position,
          .complete = false,
          .failure = {.code = "SOURCE_TRUNCATED",
                      .message = "\"" + url_ + "\" stopped at " + DurationText(reading.video_end) +
                                 of + ": " + reason + "; what was read is packaged",
                      .stage = "reader",
                      .averror = failure.averror,
                      .log = failure.log}};
}

Status SourceEnd::NothingKept(bool stopped) const {
  if (stopped) {
    return Status(Failure{
        .code = "NO_VIDEO",
        .message = "Expected a frame of \"" + url_ + "\" but it was stopped before the first one",
        .stage = "reader"});
  }
  const std::string message =
      start_ > 0 ? "Expected a start before the end of \"" + url_ + "\" but received " +
                       DurationText(start_)
                 : "Expected video in \"" + url_ + "\" but its video stream is empty";
  return Status(Failure{
      .code = start_ > 0 ? "START_BEHIND_END" : "NO_VIDEO", .message = message, .stage = "reader"});
}

}  // namespace streamgear
