// segment_packager: wires what makes a presentation of packets.
//
//   video --> Segmenter: cuts at the grid's key frames --+
//                 |                                      +--> TrackWriter: bytes of segments
//              Leader: borders of the first video track  |          |
//                 v                                      |          v
//   audio --> Follower: cut at the leader's borders -----+   PresentationBuilder: the facts
//                                                                   |
//                                                                   v
//                                                  Publisher: files, manifests, windows
//
// Not libavformat's `dash` and `hls` muxers: those decide themselves where to cut and say in their
// manifests what they were told, not what they wrote (docs/design.md, "Why our own packager"). The
// segments' bytes are libavformat's.
//
// Audio waits here until the video has come as far, so its segments have the video's indices and
// borders, gaps included. No video waits for audio.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/stats.h"
#include "config.h"
#include "container/track_writer.h"
#include "manifest/file_names.h"
#include "packager.h"
#include "publishing/clock_watch.h"
#include "publishing/publisher.h"
#include "timeline/availability.h"
#include "timeline/follower.h"
#include "timeline/leader.h"
#include "timeline/presentation_builder.h"
#include "timeline/segmenter.h"

namespace streamgear {

class SegmentPackager final : public Packager {
 public:
  /// All references outlive the packager.
  SegmentPackager(const PipelineConfig& config, PipelineStats& stats, EventSink sink,
                  WallClock wall_clock = &std::chrono::system_clock::now);

  Status Open(std::vector<StreamInfo> streams) override;
  Status Write(EncodedPacket packet) override;
  Status Finish(std::int64_t end) override;
  void Abort() override;
  [[nodiscard]] std::vector<std::string> Codecs() const override;

 private:
  /// Times are ticks of the track: the pipeline's for video, samples for audio.
  struct Track {
    std::size_t index = 0;  ///< its rendition, and its place in the builder
    TrackWriter writer;
    Segmenter segmenter;                ///< video
    Follower follower;                  ///< audio
    std::deque<EncodedPacket> waiting;  ///< audio that is ahead of the video
  };

  void AddTrack(StreamInfo stream);
  void DescribeCodec(const Track& track);
  void TellOpened();
  [[nodiscard]] TrackState& StateOf(const Track& track) { return builder_.track(track.index); }
  [[nodiscard]] bool IsLeader(const Track& track) const { return track.index == 0; }

  [[nodiscard]] Status WriteVideo(Track* track, EncodedPacket encoded);
  [[nodiscard]] Status BeginVideoSegment(Track* track, const EncodedPacket& encoded);
  [[nodiscard]] Status CloseVideoSegment(Track* track, std::int64_t end);
  [[nodiscard]] Status FinishVideo(Track* track, std::int64_t end);

  [[nodiscard]] Status ReleaseAudio(Track* track);
  [[nodiscard]] Status WriteAudio(Track* track, EncodedPacket encoded);
  [[nodiscard]] Status CloseAudioSegment(Track* track, std::int64_t end);
  void SkipAudioSegments(Track* track, std::int64_t index);
  [[nodiscard]] Status FinishAudio(Track* track, std::int64_t end);

  [[nodiscard]] Status PutInit(Track* track);
  [[nodiscard]] Status PutSegment(Track* track, std::int64_t start, std::int64_t end,
                                  std::int64_t cell);
  void CheckTimeline(const TrackState& state, double seconds, std::int64_t cell);
  void CheckEndOfAudio();
  [[nodiscard]] Status Publish();
  void TellStats(const TrackState& state);
  void WarnMissedKeyFrame(const Track& track);
  [[nodiscard]] double Seconds(std::int64_t ticks) const;

  const PipelineConfig& config_;
  PipelineStats& stats_;
  const EventSink sink_;
  const FileNames names_;
  Leader leader_;
  PresentationBuilder builder_;
  ClockWatch clock_;
  Publisher publisher_;
  std::vector<Track> tracks_;  ///< video first
  bool warned_missed_key_ = false;
};

}  // namespace streamgear
