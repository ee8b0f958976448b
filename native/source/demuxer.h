// Demuxer: the thread that reads a source's container, and hands each packet to the feed of its
// stream.
//
// Who waits for whom. The demuxer waits when the feed of a packet is full. The video's feed always
// empties by itself: the video waits for nobody but the encoders. The audio's consumer waits for
// the video (presentation_clock.h), so a full audio feed is not waited for while the video starves:
// then it grows, for a container that puts its streams far apart, up to kMaxBytes. So no cycle can
// close, and a container whose audio is sparse or has ended stops nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "base/event.h"
#include "base/stats.h"
#include "base/status.h"
#include "source/media_input.h"
#include "source/packet_feed.h"
#include "source/read_pace.h"
#include "source/steady_input.h"
#include "source/video_seek.h"

namespace streamgear {

class Demuxer {
 public:
  /// The most that a feed holds; more is the failure INTERLEAVING.
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
  /// Once the video has all it wanted, audio is looked for this far behind that, seconds …
  static constexpr double kTail = 30;
  /// … and an input that hangs is waited for this long.
  static constexpr std::chrono::seconds kHang{5};

  struct Streams {
    int video = -1;
    int audio = -1;           ///< -1 = none is wanted
    double start = 0;         ///< seconds from the video's first picture
    bool hold_first = false;  ///< that picture is shown while there is only sound before it
    bool hold_last = false;   ///< the last one is, while there is only sound behind it
    Landing landing = Landing::kFrame;
    bool realtime = false;  ///< no packet is handed on before it plays
  };

  /// `input` is open; it, `stats` and what `sink` refers to outlive the demuxer.
  Demuxer(MediaInput& input, const Streams& streams, PipelineStats& stats, EventSink sink,
          std::size_t max_bytes = kMaxBytes);

  /// The thread's body: goes to the start, then reads until the container ends, nobody wants more,
  /// or Cancel(). The feeds get what ended it.
  [[nodiscard]] Status Run();

  [[nodiscard]] PacketFeed& video() { return video_; }
  /// Null when no audio is wanted.
  [[nodiscard]] PacketFeed* audio() { return audio_.get(); }

  /// Where the sound begins for which the first picture is held, seconds on the stream's own time
  /// line; kNoSound when none is held.
  [[nodiscard]] double sound_begin() const;

  /// Seconds, where the furthest packet so far ends. From any thread: a consumer may be done before
  /// the demuxer is.
  [[nodiscard]] double furthest() const { return furthest_.load(); }

  /// What the audio's packets cover so far, seconds on the stream's own time line. From any thread.
  struct Span {
    double begin = 0;
    double end = 0;
  };
  [[nodiscard]] std::optional<Span> audio_span() const;

  /// From any thread: the video's consumer wants no more.
  void CloseVideo();
  /// From any thread: the audio's consumer wants no more.
  void CloseAudio();
  /// From any thread: the input ends here, as if its end had been reached. What was read is kept.
  void Stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(); }
  /// From any thread: every wait ends.
  void Cancel();

 private:
  [[nodiscard]] Status Prepare();
  void Finish(const Status& end);
  void WaitForItsTime(const AVPacket& packet);
  [[nodiscard]] Status Deliver(AVPacket* packet);
  [[nodiscard]] bool IsBehindTail(const AVPacket& packet);
  [[nodiscard]] bool Unwanted();
  void NoteAudio(const AVPacket& packet);
  void CountAudio(const AVPacket& packet);
  [[nodiscard]] bool UnwantedLocked() const;

  MediaInput& input_;
  const Streams streams_;
  const std::size_t max_bytes_;
  PipelineStats& stats_;
  SteadyInput packets_;
  ReadPace pace_;
  double begin_ = 0;  ///< seconds on the stream's own time line, of what is read
  std::atomic<double> furthest_{0};
  mutable std::mutex audio_span_mutex_;
  std::optional<Span> audio_span_;
  FeedMonitor monitor_;
  PacketFeed video_;
  std::unique_ptr<PacketFeed> audio_;
  std::atomic<bool> video_closed_{false};
  std::atomic<bool> stopped_{false};
  double tail_start_ = -1;  ///< seconds, where the video was when it was closed; negative: not yet
};

}  // namespace streamgear
