#include "publishing/publisher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/duration_text.h"
#include "manifest/m3u8.h"
#include "manifest/mpd.h"

namespace streamgear {

Publisher::Publisher(const PipelineConfig& config, PresentationBuilder& builder, ClockWatch& clock,
                     EventSink sink)
    : config_(config),
      packaging_(config.packaging),
      builder_(builder),
      clock_(clock),
      sink_(std::move(sink)),
      files_(MakeOutputSink(packaging_.output, packaging_.io_options, sink_, &root_name_), sink_) {}

void Publisher::Open() {
  for (ManifestConfig manifest : packaging_.manifests) {
    if (manifest.name.empty()) manifest.name = root_name_;
    // Two manifests that are to list the same list the same.
    const bool keeps_target_durations =
        std::ranges::any_of(packaging_.manifests, [&](const ManifestConfig& other) {
          return other.format == ManifestFormat::kHls && other.window == manifest.window;
        });
    Window window(manifest.window, keeps_target_durations, builder_.segment_duration());
    roots_.push_back({.config = std::move(manifest),
                      .window = window,
                      .listed = std::vector<SegmentRange>(builder_.tracks().size())});
  }
  UpdateTargetDuration();
}

Status Publisher::PutInit(const TrackModel& track, const Bytes& bytes) {
  return files_.Put(
      {.name = track.init_name, .role = FileRole::kInit, .rendition = track.rendition},
      bytes.data(), bytes.size());
}

Status Publisher::PutSegment(const TrackModel& track, const std::string& name, const Bytes& bytes) {
  return files_.Put({.name = name, .role = FileRole::kSegment, .rendition = track.rendition},
                    bytes.data(), bytes.size());
}

/// Live manifests grow, and an event playlist does; the others are written at the end.
bool Publisher::IsGrowing(ManifestFormat format) const {
  return packaging_.live || (format == ManifestFormat::kHls && packaging_.playlist_type == "event");
}

Status Publisher::Progress() {
  const std::int64_t complete = builder_.complete();
  if (complete <= published_ && !HasNewAudio()) return Status::Ok();
  published_ = complete;
  UpdateTargetDuration();
  const bool is_growing = std::ranges::any_of(
      roots_, [this](const Root& root) { return IsGrowing(root.config.format); });
  if (!is_growing || IsWaitingForAudio()) return Status::Ok();
  if (Status status = WriteManifests(false); !status.ok()) return status;
  return SlideWindow();
}

Status Publisher::Finish() {
  if (packaging_.remove_at_exit) return RemoveEverything();
  if (builder_.tracks().front().segments.count() == 0) {
    sink_(WarningEvent{"NO_FRAMES", "No frame came before the end: no manifest was written"});
    return Status::Ok();
  }
  // The last audio of a recording may have come behind the last segment of its video.
  if (!packaging_.live) UpdateTargetDuration();
  return WriteManifests(true);
}

void Publisher::UpdateTargetDuration() {
  const int before = builder_.target_duration();
  if (!builder_.UpdateTargetDuration() || published_ == 0 || !packaging_.live ||
      !packaging_.Has(ManifestFormat::kHls)) {
    return;
  }
  const char* cause = config_.source.copy_video ? "The distance of the source's key frames"
                                                : "A gap in the frames' times";
  sink_(WarningEvent{
      "TARGET_DURATION_CHANGED",
      std::string(cause) + " made a segment of " + DurationText(builder_.longest(), 2) +
          ", longer than the playlist's target duration of " + std::to_string(before) + " s"});
}

/// The first manifests wait for the audio, for the length of one segment at most: who opens one
/// must find the audio in it.
bool Publisher::IsWaitingForAudio() const {
  const bool is_written =
      std::ranges::any_of(roots_, [](const Root& root) { return root.named > 0; });
  if (is_written || published_ > 1) return false;
  return std::ranges::any_of(builder_.tracks(), [](const TrackState& track) {
    return track.is_audio() && track.segments.count() == 0;
  });
}

/// Audio came to segments that the video has published before and that a growing manifest still
/// lists. One that is written at the end alone has listed nothing yet.
bool Publisher::HasNewAudio() const {
  const std::vector<TrackState>& tracks = builder_.tracks();
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (!tracks[i].is_audio()) continue;
    const std::int64_t ready = std::min(tracks[i].segments.count(), published_);
    const bool is_new = std::ranges::any_of(roots_, [&](const Root& root) {
      return IsGrowing(root.config.format) &&
             ready > std::max(root.listed[i].last, root.window.first());
    });
    if (is_new) return true;
  }
  return false;
}

void Publisher::WarnMissingAudio(bool ended) {
  const bool none = std::ranges::any_of(builder_.tracks(), [](const TrackState& track) {
    return track.is_audio() && track.segments.files() == 0;
  });
  if (!none || warned_missing_audio_) return;
  warned_missing_audio_ = true;
  sink_(WarningEvent{"AUDIO_MISSING",
                     ended ? "No audio came before the end: the manifest names none"
                           : "No audio came with the first segments: the manifest is written "
                             "without it, and names it from the moment when it comes"});
}

Status Publisher::WriteManifests(bool ended) {
  const double now = clock_.Now();
  const ManifestMoment moment{.ended = ended,
                              .availability_start = clock_.start(),
                              .publish_time = now,
                              .clock_stepped = clock_.stepped()};
  for (Root& root : roots_) {
    if (!ended && !IsGrowing(root.config.format)) continue;
    if (Status status = WriteManifest(&root, moment); !status.ok()) return status;
  }
  return Status::Ok();
}

Status Publisher::WriteManifest(Root* root, const ManifestMoment& moment) {
  const std::vector<TrackState>& tracks = builder_.tracks();
  const std::int64_t last = moment.ended ? tracks.front().segments.count() : published_;
  const SegmentRange range =
      root->window.Slide(builder_.histories(), last, builder_.target_duration());
  const PresentationModel model = builder_.Snapshot(root->config, range, moment);
  std::vector<bool> changed;
  for (const TrackModel& listed : model.tracks) {
    const auto index = static_cast<std::size_t>(listed.rendition);
    const SegmentRange now = builder_.Listed(tracks[index], range);
    const SegmentRange before = std::exchange(root->listed[index], now);
    changed.push_back(moment.ended || before != now);
  }
  if (model.tracks.size() < tracks.size()) WarnMissingAudio(moment.ended);
  if (root->config.format == ManifestFormat::kHls) return WritePlaylists(root, model, changed);
  root->named = model.tracks.size();
  return PutManifest(root->config.name, WriteMpd(model), -1, true);
}

/// Clients read the multivariant playlist once: it is written when its playlists are there, when
/// there are others than before, and when the rates are known.
Status Publisher::WritePlaylists(Root* root, const PresentationModel& model,
                                 const std::vector<bool>& changed) {
  const std::string& root_name = root->config.name;
  const std::size_t named = std::exchange(root->named, model.tracks.size());
  const bool single = packaging_.playlist_name.empty();
  for (std::size_t i = 0; i < model.tracks.size(); ++i) {
    if (!changed[i]) continue;
    const TrackModel& track = model.tracks[i];
    const std::string& name = single ? root_name : track.playlist_name;
    const Status status =
        PutManifest(name, WriteMediaPlaylist(model, track), single ? -1 : track.rendition, single);
    if (!status.ok()) return status;
  }
  if (single || (!model.ended && named == root->named)) return Status::Ok();
  return PutManifest(root_name, WriteMultivariantPlaylist(model), -1, true);
}

Status Publisher::PutManifest(const std::string& name, const std::string& text, int rendition,
                              bool is_root) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const OutputFile file{.name = name, .role = FileRole::kManifest, .rendition = rendition};
  if (Status status = files_.Put(file, bytes, text.size()); !status.ok()) return status;
  sink_(ManifestEvent{files_.PathOf(name), is_root});
  return Status::Ok();
}

/// Forgets what has left all windows, or nobody could stream for weeks, and deletes it if that is
/// wanted.
Status Publisher::SlideWindow() {
  const bool deletes = packaging_.delete_segments;
  const bool is_needed_at_exit = packaging_.remove_at_exit && !deletes;
  if (packaging_.LongestWindow() <= 0 || is_needed_at_exit) return Status::Ok();
  first_needed_ = std::numeric_limits<std::int64_t>::max();
  for (const Root& root : roots_) {
    first_needed_ = std::min(first_needed_, root.window.first() - root.config.extra_window);
  }
  for (std::size_t i = 0; i < builder_.tracks().size(); ++i) {
    std::int64_t first = first_needed_;
    for (const Root& root : roots_) {
      // The playlist of audio that fell behind the window stays on the disk as it was.
      const bool is_named = root.config.format == ManifestFormat::kHls && !root.listed[i].empty();
      if (is_named) first = std::min(first, root.listed[i].first);
    }
    TrackState& track = builder_.track(i);
    while (!track.segments.empty() && track.segments.first_kept() < first) {
      const SegmentEntry oldest = track.segments.TakeOldest();
      if (!deletes) continue;
      if (Status status = RemoveSegment(track.model, oldest); !status.ok()) return status;
    }
  }
  return Status::Ok();
}

Status Publisher::RemoveSegment(const TrackModel& track, const SegmentEntry& entry) {
  if (entry.gap) return Status::Ok();
  return files_.Remove({.name = entry.name,
                        .role = FileRole::kSegment,
                        .rendition = track.rendition,
                        .bytes = entry.bytes});
}

Status Publisher::RemoveEverything() {
  for (std::size_t i = 0; i < builder_.tracks().size(); ++i) {
    TrackState& track = builder_.track(i);
    while (!track.segments.empty()) {
      const SegmentEntry oldest = track.segments.TakeOldest();
      if (Status status = RemoveSegment(track.model, oldest); !status.ok()) return status;
    }
    const int rendition = track.model.rendition;
    for (const OutputFile& file :
         {OutputFile{track.model.init_name, FileRole::kInit, rendition},
          OutputFile{track.model.playlist_name, FileRole::kManifest, rendition}}) {
      if (file.name.empty()) continue;
      if (Status status = files_.Remove(file); !status.ok()) return status;
    }
  }
  for (const Root& root : roots_) {
    if (Status status = files_.Remove({.name = root.config.name}); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace streamgear
