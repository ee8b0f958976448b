// The audio's side of SegmentPackager: what waits for the video, and where audio is cut.
#include <algorithm>
#include <utility>

#include "publishing/segment_packager.h"

namespace streamgear {
namespace {

AVRational TimeBase(std::int64_t ticks_per_second) {
  return {1, static_cast<int>(ticks_per_second)};
}

/// Times of sources are often rounded to milliseconds, so that no two steps are equal. Only where a
/// whole packet would fit in is there nothing.
bool IsHole(std::int64_t step, std::int64_t duration) {
  return duration > 0 && step >= 2 * duration;
}

}  // namespace

void SegmentPackager::AddBorder(std::int64_t start, std::int64_t cell) {
  if (audio_tracks_ > 0) borders_.push_back({start, cell});
}

const SegmentPackager::Border& SegmentPackager::BorderAt(std::int64_t index) const {
  return borders_[static_cast<std::size_t>(std::max(index, first_border_) - first_border_)];
}

/// In ticks of the audio, rounded up: the first sample that lies behind it.
std::int64_t SegmentPackager::BorderTime(const Track& track, std::int64_t index) const {
  return av_rescale_q_rnd(BorderAt(index).start, TimeBase(config_.input.ticks_per_second),
                          TimeBase(track.model.timescale), AV_ROUND_UP);
}

/// The index of the video's segment in which a packet of audio begins. What comes later than the
/// window lasts belongs to the oldest one that is known.
std::int64_t SegmentPackager::BorderIndexAt(const Track& track, std::int64_t pts) const {
  std::int64_t index = first_border_ + static_cast<std::int64_t>(borders_.size()) - 1;
  while (index > first_border_ && BorderTime(track, index) > pts) --index;
  return index;
}

/// Writes what the video has reached. All its segments up to there are known then: what is behind a
/// key frame in decoding order is shown behind the border that begins with it.
Status SegmentPackager::ReleaseAudio(Track* track) {
  const AVRational video = TimeBase(config_.input.ticks_per_second);
  const AVRational audio = TimeBase(track->model.timescale);
  while (!track->waiting.empty() && video_position_ >= 0) {
    const std::int64_t pts = track->waiting.front().packet->pts;
    if (av_compare_ts(pts, audio, video_position_, video) > 0) break;
    EncodedPacket next = std::move(track->waiting.front());
    track->waiting.pop_front();
    if (Status status = WriteAudio(track, std::move(next)); !status.ok()) return status;
  }
  return Status::Ok();
}

Status SegmentPackager::WriteAudio(Track* track, EncodedPacket encoded) {
  const std::int64_t pts = encoded.packet->pts;
  bool hole = !track->started && pts > 0;
  std::int64_t end = pts;
  bool pause = false;
  if (!std::exchange(track->started, true)) track->priming = std::max<std::int64_t>(0, -pts);
  if (track->held != nullptr) {
    const std::int64_t duration = track->held->duration;
    pause = IsLongPause(*track, encoded.packet.get());
    hole = IsHole(pts - track->held->pts, duration);
    if (hole) end = track->held->pts + duration;
    if (Status status = WriteHeld(track, end - track->held->pts); !status.ok()) return status;
  }
  const std::int64_t segment = std::max(BorderIndexAt(*track, pts), track->segment);
  if (track->has_segment && segment > track->segment) {
    if (Status status = CloseAudioSegment(track, end, segment); !status.ok()) return status;
  }
  if (hole) {
    const bool anew = pause && !track->has_segment;
    const Status status = anew ? GoOnAfterPause(track) : track->muxer->BreakTime();
    if (!status.ok()) return status;
  }
  if (!track->has_segment) {
    SkipAudioSegments(track, segment);
    // The priming before 0 is not presented. Later segments are listed one after the other, even
    // when the first sample of one comes later.
    track->start = track->files == 0 ? std::max<std::int64_t>(0, pts) : track->end;
    track->fragment_start = pts;
    track->segment = segment;
    track->has_segment = true;
  }
  track->held = std::move(encoded.packet);
  return Status::Ok();
}

/// `end`: of its last packet; `next`: the index of the segment behind it. What is listed has no
/// holes even where the audio has: a playlist knows only durations, and dash.js never finds a
/// segment behind a hole of a timeline. A playlist tells of each segment that is not there, in a
/// timeline the one before is longer.
Status SegmentPackager::CloseAudioSegment(Track* track, std::int64_t end, std::int64_t next) {
  const bool playlist = packaging_.format == ManifestFormat::kHls;
  return CloseSegment(track,
                      std::max(end, BorderTime(*track, playlist ? track->segment + 1 : next)));
}

/// Entries without a file for the video's segments in which the audio has nothing. Those before its
/// first one are never listed: hls.js does not begin to play at a gap.
void SegmentPackager::SkipAudioSegments(Track* track, std::int64_t segment) {
  const bool playlist = packaging_.format == ManifestFormat::kHls;
  while (track->finished_count < segment) {
    track->start = track->end;
    track->segment = track->finished_count;
    const bool listed = playlist && track->files > 0;
    SegmentEntry entry =
        MakeEntry(*track, listed ? BorderTime(*track, track->segment + 1) : track->end);
    entry.gap = true;
    Append(track, std::move(entry));
  }
}

/// The presentation ends with the video: the last sample is shortened to it, and what is later is
/// dropped.
Status SegmentPackager::FinishAudio(Track* track, std::int64_t end) {
  std::deque<EncodedPacket> waiting = std::move(track->waiting);
  track->waiting.clear();
  if (borders_.empty()) return Status::Ok();  // no frame of video came
  const AVRational video = TimeBase(config_.input.ticks_per_second);
  const AVRational audio = TimeBase(track->model.timescale);
  for (EncodedPacket& encoded : waiting) {
    if (av_compare_ts(encoded.packet->pts, audio, end, video) >= 0) break;
    if (Status status = WriteAudio(track, std::move(encoded)); !status.ok()) return status;
  }
  if (track->held == nullptr) return Status::Ok();
  const std::int64_t pts = track->held->pts;
  const std::int64_t rest = av_rescale_q(end, video, audio) - pts;
  const std::int64_t own = track->held->duration;
  const std::int64_t duration = own > 0 ? std::min(own, rest) : rest;
  if (Status status = WriteHeld(track, duration); !status.ok()) return status;
  return CloseSegment(track, pts + duration);
}

/// The first manifest waits for the audio, for the length of one segment at most: who opens it must
/// find the audio in it.
bool SegmentPackager::IsWaitingForAudio() const {
  if (root_tracks_ > 0 || published_ > 1) return false;
  return std::ranges::any_of(
      tracks_, [](const Track& track) { return track.is_audio() && track.finished_count == 0; });
}

/// Audio came to segments that the video has published before and that are still listed.
bool SegmentPackager::HasNewAudio() const {
  return std::ranges::any_of(tracks_, [this](const Track& track) {
    return track.is_audio() &&
           std::min(track.finished_count, published_) > std::max(track.listed.last, window_first_);
  });
}

void SegmentPackager::WarnMissingAudio(bool ended) {
  const bool none = std::ranges::any_of(
      tracks_, [](const Track& track) { return track.is_audio() && track.files == 0; });
  if (!none || warned_missing_audio_) return;
  warned_missing_audio_ = true;
  sink_(WarningEvent{"AUDIO_MISSING",
                     ended ? "No audio came before the end: the manifest names none"
                           : "No audio came with the first segments: the manifest is written "
                             "without it, and names it from the moment when it comes"});
}

}  // namespace streamgear
