// The manifests' side of SegmentPackager: which segments are listed, which are deleted, and what is
// written about them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "m3u8.h"
#include "mpd.h"
#include "segment_packager.h"

namespace streamgear {

/// A segment is announced when every track has it: no manifest ever names what is not there, and
/// all list the same.
Status SegmentPackager::PublishIfComplete() {
  std::int64_t complete = tracks_.front().finished_count;
  for (const Track& track : tracks_) complete = std::min(complete, track.finished_count);
  if (complete <= published_) return Status::Ok();
  published_ = complete;
  UpdateTargetDuration();
  const bool growing = packaging_.live || packaging_.playlist_type == "event";
  return growing ? Publish(false) : Status::Ok();
}

Status SegmentPackager::Publish(bool ended) {
  if (ended && packaging_.remove_at_exit) return RemoveEverything();
  const bool empty = std::all_of(tracks_.begin(), tracks_.end(),
                                 [](const Track& track) { return track.finished_count == 0; });
  if (empty) {
    sink_(WarningEvent{"NO_FRAMES", "No frame came before the end: no manifest was written"});
    return Status::Ok();
  }
  if (Status status = WriteManifests(ended); !status.ok()) return status;
  return packaging_.delete_segments && !ended ? SlideWindow() : Status::Ok();
}

void SegmentPackager::UpdateTargetDuration() {
  // EXT-X-TARGETDURATION must never change, so a live playlist starts with what the grid can make:
  // a segment and one frame. Only a gap in the frames' times can go beyond.
  const double frame = 1 / config_.picture_rate.value();
  const double nominal = Seconds(grid_.segment_duration());
  const double longest = packaging_.live ? std::max(max_segment_duration_, nominal + frame * 0.99)
                                         : max_segment_duration_;
  const int target = std::max(1, static_cast<int>(std::lround(longest)));
  if (packaging_.live && published_ > 0 && target > target_duration_ && target_duration_ > 0) {
    sink_(WarningEvent{"TARGET_DURATION_CHANGED",
                       "A gap in the frames' times made a segment of " + std::to_string(longest) +
                           " s, longer than the playlist's target duration of " +
                           std::to_string(target_duration_) + " s"});
  }
  target_duration_ = std::max(target_duration_, target);
}

/// A live playlist must not fall below three target durations (RFC 8216 §6.2.2), which short
/// segments, as the last one may be, would let it. A window that is meant to be shorter stays as it
/// was asked for.
std::int64_t SegmentPackager::WidenWindow(const Track& track, std::int64_t first,
                                          std::int64_t last) const {
  const double least = 3.0 * target_duration_;
  if (packaging_.format != ManifestFormat::kHls ||
      packaging_.window * Seconds(grid_.segment_duration()) < least) {
    return first;
  }
  const std::int64_t first_kept =
      track.finished_count - static_cast<std::int64_t>(track.finished.size());
  const auto duration_of = [&](std::int64_t i) {
    return Seconds(track.finished[static_cast<std::size_t>(i - first_kept)].duration);
  };
  double listed = 0;
  for (std::int64_t i = first; i < last; ++i) listed += duration_of(i);
  while (listed < least && first > first_kept) listed += duration_of(--first);
  return first;
}

TrackModel SegmentPackager::ListedTrack(const Track& track, bool ended) const {
  TrackModel listed = track.model;
  const std::int64_t first_kept =
      track.finished_count - static_cast<std::int64_t>(track.finished.size());
  const std::int64_t last = ended ? track.finished_count : published_;
  const bool windowed = packaging_.live && packaging_.window > 0;
  std::int64_t first = windowed ? std::max(first_kept, last - packaging_.window) : first_kept;
  if (windowed) first = WidenWindow(track, first, last);
  for (std::int64_t i = first; i < last; ++i) {
    listed.segments.push_back(track.finished[static_cast<std::size_t>(i - first_kept)]);
  }
  listed.media_sequence = packaging_.start_number + first;
  listed.discontinuity_sequence = packaging_.discontinuity_start && first > 0 ? 1 : 0;
  const RenditionConfig& rendition = config_.renditions[IndexOf(track)];
  // While live, what is declared is what the rate control's buffer allows at most; in the end it is
  // what was measured.
  listed.peak_bandwidth = packaging_.live
                              ? std::max(rendition.declared_peak, track.bandwidth.peak())
                              : track.bandwidth.peak();
  listed.average_bandwidth = packaging_.live && rendition.bitrate > 0 && !ended
                                 ? rendition.bitrate
                                 : track.bandwidth.average();
  return listed;
}

PresentationModel SegmentPackager::Model(bool ended) const {
  PresentationModel model;
  model.live = packaging_.live;
  model.ended = ended;
  model.segment_duration = Seconds(grid_.segment_duration());
  // Live: fixed in advance, as the target duration is.
  model.max_segment_duration =
      packaging_.live ? std::max(max_segment_duration_,
                                 model.segment_duration + 1 / config_.picture_rate.value())
                      : max_segment_duration_;
  model.availability_start_time = first_frame_at_;
  model.publish_time =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  model.time_shift_buffer_depth = packaging_.window * model.segment_duration;
  model.utc_timing_url = packaging_.utc_timing_url;
  model.base_url = packaging_.base_url;
  model.playlist_type = packaging_.playlist_type;
  model.target_duration = target_duration_;
  model.use_timeline = packaging_.use_timeline;
  model.use_template = packaging_.use_template;
  model.omit_endlist = packaging_.omit_endlist;
  model.round_durations = packaging_.round_durations;
  const RenditionConfig& first = config_.renditions.front();
  model.display_aspect_ratio = Rational{first.width * first.sample_aspect_ratio.num,
                                        first.height * first.sample_aspect_ratio.den}
                                   .reduced();
  for (const Track& track : tracks_) model.tracks.push_back(ListedTrack(track, ended));
  return model;
}

Status SegmentPackager::PutText(const std::string& name, const std::string& text, bool is_root) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (Status status = output_->Put(name, bytes, text.size()); !status.ok()) return status;
  sink_(ManifestEvent{output_->PathOf(name), is_root});
  return Status::Ok();
}

Status SegmentPackager::WriteManifests(bool ended) {
  const PresentationModel model = Model(ended);
  if (packaging_.format == ManifestFormat::kDash) {
    return PutText(root_name_, WriteMpd(model), true);
  }
  const bool single = packaging_.playlist_name.empty();
  for (const TrackModel& track : model.tracks) {
    const std::string& name = single ? root_name_ : track.playlist_name;
    if (Status status = PutText(name, WriteMediaPlaylist(model, track), single); !status.ok()) {
      return status;
    }
  }
  // Clients read the multivariant playlist once: it is written when its playlists are there, and
  // when the rates are known.
  if (single || (root_written_ && !ended)) return Status::Ok();
  root_written_ = true;
  return PutText(root_name_, WriteMultivariantPlaylist(model), true);
}

Status SegmentPackager::SlideWindow() {
  const std::int64_t keep = static_cast<std::int64_t>(packaging_.window) + packaging_.extra_window;
  if (packaging_.window <= 0) return Status::Ok();
  for (Track& track : tracks_) {
    while (static_cast<std::int64_t>(track.finished.size()) - (track.finished_count - published_) >
           keep) {
      if (Status status = output_->Remove(track.finished.front().name); !status.ok()) return status;
      track.finished.pop_front();
    }
  }
  return Status::Ok();
}

Status SegmentPackager::RemoveEverything() {
  for (Track& track : tracks_) {
    for (const SegmentEntry& entry : track.finished) {
      if (Status status = output_->Remove(entry.name); !status.ok()) return status;
    }
    track.finished.clear();
    for (const std::string& name : {track.model.init_name, track.model.playlist_name}) {
      if (name.empty()) continue;
      if (Status status = output_->Remove(name); !status.ok()) return status;
    }
  }
  return output_->Remove(root_name_);
}

}  // namespace streamgear
