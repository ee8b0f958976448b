// The manifests' side of SegmentPackager: which segments are listed, which are deleted, and what is
// written about them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/duration_text.h"
#include "container/track_description.h"
#include "manifest/m3u8.h"
#include "manifest/mpd.h"
#include "publishing/segment_packager.h"

namespace streamgear {
namespace {

/// What an audio encoder with a variable rate may take above its nominal rate for the length of a
/// segment.
constexpr std::int64_t kAudioPeakPercent = 120;

/// Samples of an audio frame whose codec does not say.
constexpr int kUsualFrame = 1152;

}  // namespace

/// A segment is announced when every video track has it: no manifest ever names what is not there,
/// and all list the same. Audio comes to the list when it is there; the video does not wait for it.
Status SegmentPackager::PublishProgress() {
  std::int64_t complete = tracks_.front().finished_count;
  for (const Track& track : tracks_) {
    if (!track.is_audio()) complete = std::min(complete, track.finished_count);
  }
  if (complete <= published_ && !HasNewAudio()) return Status::Ok();
  published_ = complete;
  UpdateTargetDuration();
  const bool growing = packaging_.live || packaging_.playlist_type == "event";
  return growing && !IsWaitingForAudio() ? Publish(false) : Status::Ok();
}

Status SegmentPackager::Publish(bool ended) {
  if (ended && packaging_.remove_at_exit) return RemoveEverything();
  if (tracks_.front().finished_count == 0) {
    sink_(WarningEvent{"NO_FRAMES", "No frame came before the end: no manifest was written"});
    return Status::Ok();
  }
  if (Status status = WriteManifests(ended); !status.ok()) return status;
  return ended ? Status::Ok() : SlideWindow();
}

/// Seconds by which a segment may be longer than the grid's: it ends with a whole frame.
double SegmentPackager::LongestFrame() const {
  double longest = 1 / config_.picture_rate.value();
  for (const Track& track : tracks_) {
    if (!track.is_audio()) continue;
    const int samples = track.stream.parameters->frame_size;
    longest = std::max(longest, Seconds(samples > 0 ? samples : kUsualFrame, track));
  }
  return longest;
}

void SegmentPackager::UpdateTargetDuration() {
  // EXT-X-TARGETDURATION must never change, so a live playlist starts with what the grid can make:
  // a segment and one frame. Only a gap in the frames' times can go beyond.
  const double nominal = Seconds(grid_.segment_duration()) + LongestFrame() * 0.99;
  const double longest =
      packaging_.live ? std::max(max_segment_duration_, nominal) : max_segment_duration_;
  const int target = std::max(1, static_cast<int>(std::lround(longest)));
  const bool playlist = packaging_.format == ManifestFormat::kHls;
  if (playlist && packaging_.live && published_ > 0 && target > target_duration_) {
    const char* cause = config_.source.copy_video ? "The distance of the source's key frames"
                                                  : "A gap in the frames' times";
    sink_(WarningEvent{"TARGET_DURATION_CHANGED", std::string(cause) + " made a segment of " +
                                                      DurationText(longest, 2) +
                                                      ", longer than the playlist's target "
                                                      "duration of " +
                                                      std::to_string(target_duration_) + " s"});
  }
  target_duration_ = std::max(target_duration_, target);
}

/// A live playlist must not fall below three target durations (RFC 8216 §6.2.2), which short
/// segments would let it: the last one, or audio's, which are whole frames. A window that is meant
/// to be shorter stays as it was asked for.
std::int64_t SegmentPackager::WidenWindow(const Track& track, Window window) const {
  const double least = 3.0 * target_duration_;
  if (packaging_.format != ManifestFormat::kHls ||
      packaging_.window * Seconds(grid_.segment_duration()) < least) {
    return window.first;
  }
  const std::int64_t first_kept = track.first_kept();
  const auto duration_of = [&](std::int64_t i) {
    return Seconds(track.finished[static_cast<std::size_t>(i - first_kept)].duration, track);
  };
  window.first = std::max(window.first, first_kept);
  window.last = std::min(window.last, track.finished_count);
  double listed = 0;
  for (std::int64_t i = window.first; i < window.last; ++i) listed += duration_of(i);
  while (listed < least && window.first > first_kept) listed += duration_of(--window.first);
  return window.first;
}

/// What all manifests list: the video's, whatever the audio has of it. What has left the list never
/// comes back: EXT-X-MEDIA-SEQUENCE only grows.
SegmentPackager::Window SegmentPackager::ListedWindow(bool ended) {
  const Track& video = tracks_.front();
  Window window{video.first_kept(), ended ? video.finished_count : published_};
  if (!packaging_.live || packaging_.window <= 0) return window;
  window.first = std::max(window.first, window.last - packaging_.window);
  const Window asked = window;
  for (const Track& track : tracks_) {
    // Audio's newest segment comes a moment after the video's. What comes later than that, or has
    // ended, holds nothing back.
    if (track.finished_count + 1 < asked.last) continue;
    window.first = std::min(window.first, WidenWindow(track, asked));
  }
  window.first = window_first_ = std::max(window.first, window_first_);
  return window;
}

TrackModel SegmentPackager::ListedTrack(const Track& track, const Window& window,
                                        bool ended) const {
  TrackModel listed = track.model;
  const bool playlist = packaging_.format == ManifestFormat::kHls;
  std::int64_t first = std::max(window.first, track.first_kept());
  const std::int64_t last = std::min(window.last, track.finished_count);
  for (std::int64_t i = first; i < last; ++i) {
    const SegmentEntry& entry = track.finished[static_cast<std::size_t>(i - track.first_kept())];
    if (!entry.gap || (playlist && !listed.segments.empty())) {
      listed.segments.push_back(entry);
    } else if (listed.segments.empty()) {
      ++first;
    }
  }
  listed.media_sequence = packaging_.start_number + first;
  listed.discontinuity_sequence = packaging_.discontinuity_start && first > 0 ? 1 : 0;
  DeclareRates(track, ended, &listed);
  return listed;
}

/// While live, what is declared is what the rate control allows at most, and on average; in the end
/// it is what was measured. The container's share is measured from the first segment on.
void SegmentPackager::DeclareRates(const Track& track, bool ended, TrackModel* listed) const {
  listed->peak_bandwidth = track.bandwidth.peak();
  listed->average_bandwidth = track.bandwidth.average();
  const std::int64_t nominal = NominalBitrate(config_, track.stream);
  if (!packaging_.live || nominal <= 0) return;
  const std::int64_t overhead = track.bandwidth.overhead();
  const std::int64_t highest =
      track.is_audio()
          ? nominal * kAudioPeakPercent / 100 + overhead
          : config_.renditions[static_cast<std::size_t>(track.stream.rendition)].declared_peak;
  listed->peak_bandwidth = std::max(highest, listed->peak_bandwidth);
  if (!ended) listed->average_bandwidth = nominal + overhead;
}

PresentationModel SegmentPackager::Model(bool ended) const {
  PresentationModel model;
  model.live = packaging_.live;
  model.ended = ended;
  model.segment_duration = Seconds(grid_.segment_duration());
  // Live: fixed in advance, as the target duration is.
  model.max_segment_duration =
      packaging_.live ? std::max(max_segment_duration_, model.segment_duration + LongestFrame())
                      : max_segment_duration_;
  model.availability_start_time = first_frame_at_;
  model.publish_time = published_at_;
  model.clock_stepped = clock_stepped_;
  model.time_shift_buffer_depth = packaging_.window * model.segment_duration;
  model.manifest_name = root_name_;
  model.utc_timing_url = packaging_.utc_timing_url;
  model.base_url = packaging_.base_url;
  model.playlist_type = packaging_.playlist_type;
  model.target_duration = target_duration_;
  model.independent_segments = !config_.source.copy_video;
  model.use_timeline = uses_timeline_;
  model.use_template = packaging_.use_template;
  model.omit_endlist = packaging_.omit_endlist;
  model.round_durations = packaging_.round_durations;
  const RenditionConfig& first = config_.renditions.front();
  model.display_aspect_ratio = Rational{first.width * first.sample_aspect_ratio.num,
                                        first.height * first.sample_aspect_ratio.den}
                                   .reduced();
  return model;
}

Status SegmentPackager::PutManifest(const std::string& name, const std::string& text, int rendition,
                                    bool is_root) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const OutputFile file{.name = name, .role = FileRole::kManifest, .rendition = rendition};
  if (Status status = output_.Put(file, bytes, text.size()); !status.ok()) return status;
  sink_(ManifestEvent{output_.PathOf(name), is_root});
  return Status::Ok();
}

Status SegmentPackager::WriteManifests(bool ended) {
  // A wall clock that is set back must not make a manifest older than the one before it
  // (ISO/IEC 23009-1, 5.4): clients would throw it away.
  published_at_ = std::max(published_at_, SteadyWallTime());
  PresentationModel model = Model(ended);
  const Window window = ListedWindow(ended);
  std::vector<bool> changed;
  for (Track& track : tracks_) {
    TrackModel listed = ListedTrack(track, window, ended);
    // Audio that has nothing in the window, as it comes late or ended long ago, is not offered.
    if (track.is_audio() && listed.segments.empty()) continue;
    const Window before = std::exchange(
        track.listed,
        {std::max(window.first, track.first_kept()), std::min(window.last, track.finished_count)});
    model.tracks.push_back(std::move(listed));
    changed.push_back(ended || before != track.listed);
  }
  if (model.tracks.size() < tracks_.size()) WarnMissingAudio(ended);
  const std::size_t named = std::exchange(root_tracks_, model.tracks.size());
  if (packaging_.format == ManifestFormat::kDash) {
    return PutManifest(root_name_, WriteMpd(model), -1, true);
  }
  return WritePlaylists(model, changed, ended || named != root_tracks_);
}

/// Clients read the multivariant playlist once: it is written when its playlists are there, when
/// there are others than before, and when the rates are known.
Status SegmentPackager::WritePlaylists(const PresentationModel& model,
                                       const std::vector<bool>& changed, bool root) {
  const bool single = packaging_.playlist_name.empty();
  for (std::size_t i = 0; i < model.tracks.size(); ++i) {
    if (!changed[i]) continue;
    const TrackModel& track = model.tracks[i];
    const std::string& name = single ? root_name_ : track.playlist_name;
    const Status status =
        PutManifest(name, WriteMediaPlaylist(model, track), single ? -1 : track.rendition, single);
    if (!status.ok()) return status;
  }
  if (single || !root) return Status::Ok();
  return PutManifest(root_name_, WriteMultivariantPlaylist(model), -1, true);
}

/// Forgets what has left the window, or nobody could stream for weeks, and deletes it if that is
/// wanted.
Status SegmentPackager::SlideWindow() {
  const bool deletes = packaging_.delete_segments;
  const bool is_needed_at_exit = packaging_.remove_at_exit && !deletes;
  if (packaging_.window <= 0 || is_needed_at_exit) return Status::Ok();
  const std::int64_t first = window_first_ - packaging_.extra_window;
  for (Track& track : tracks_) {
    // The playlist of audio that fell behind the window stays on the disk as it was.
    const bool is_named = packaging_.format == ManifestFormat::kHls && !track.listed.empty();
    const std::int64_t first_needed = is_named ? std::min(first, track.listed.first) : first;
    while (!track.finished.empty() && track.first_kept() < first_needed) {
      if (deletes) {
        if (Status status = RemoveSegment(track, track.finished.front()); !status.ok())
          return status;
      }
      track.finished.pop_front();
    }
  }
  for (; borders_.size() > 1 && first_border_ < first; ++first_border_) borders_.pop_front();
  return Status::Ok();
}

Status SegmentPackager::RemoveSegment(const Track& track, const SegmentEntry& entry) {
  if (entry.gap) return Status::Ok();
  return output_.Remove({.name = entry.name,
                         .role = FileRole::kSegment,
                         .rendition = track.stream.rendition,
                         .bytes = entry.bytes});
}

Status SegmentPackager::RemoveEverything() {
  for (Track& track : tracks_) {
    for (const SegmentEntry& entry : track.finished) {
      if (Status status = RemoveSegment(track, entry); !status.ok()) return status;
    }
    track.finished.clear();
    const int rendition = track.stream.rendition;
    for (const OutputFile& file :
         {OutputFile{track.model.init_name, FileRole::kInit, rendition},
          OutputFile{track.model.playlist_name, FileRole::kManifest, rendition}}) {
      if (file.name.empty()) continue;
      if (Status status = output_.Remove(file); !status.ok()) return status;
    }
  }
  return output_.Remove({.name = root_name_});
}

}  // namespace streamgear
