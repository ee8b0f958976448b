// TrackWriter: packets of one track to the bytes of its segments. It decides how long each sample
// lasts, which is known when the next packet comes, and how priming, pauses and codecs that
// describe themselves late get into the container.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/av.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "container/segment_muxer.h"
#include "media/packet.h"

namespace streamgear {

class TrackWriter {
 public:
  /// `timescale`: ticks per second of the packets. `packaging` outlives the writer, and so does
  /// `latency`, if there is one: it takes the time from the push of a frame until its packet is in
  /// the container. `fragment` in seconds; 0 = one fragment per segment.
  TrackWriter(StreamInfo stream, std::int64_t timescale, const PackagingConfig& packaging,
              double fragment, LatencyHistogram* latency);

  [[nodiscard]] const StreamInfo& stream() const { return stream_; }

  /// Opens the container, unless the codec describes itself only with its first packet (libaom).
  [[nodiscard]] Status Open();
  [[nodiscard]] bool is_open() const { return muxer_ != nullptr; }

  // Video.

  /// Writes the packet that is held back: it lasts until `next` is decoded.
  [[nodiscard]] Status WriteUntil(const AVPacket* next);

  /// Writes the last packet: it lasts until the presentation ends, on the decoding time line that
  /// starts at 0.
  [[nodiscard]] Status WriteLast(std::int64_t end);

  // Audio.

  /// Of the packet that was held back, and the one that comes.
  struct AudioStep {
    std::int64_t end = 0;  ///< of what was written
    bool hole = false;     ///< between the two, or before the first, there is nothing
  };

  /// Writes the packet that is held back: it lasts until `next`, or until a hole.
  [[nodiscard]] Status WriteAudioUntil(const AVPacket* next, AudioStep* step);

  /// Behind a hole, with the next packet not held yet. `in_segment`: a segment goes on.
  [[nodiscard]] Status BreakTime(bool in_segment);

  /// Writes the last packet, shortened to the end of the presentation, and returns in `end` when it
  /// ends itself.
  [[nodiscard]] Status WriteLastAudio(std::int64_t presentation_end, std::int64_t* end);

  // Both.

  [[nodiscard]] bool holds() const { return held_ != nullptr; }

  /// Keeps the newest packet until its duration is known.
  [[nodiscard]] Status Hold(EncodedPacket encoded);

  /// The next packet to be held begins a segment, whose first fragment begins at `start`.
  void BeginSegment(std::int64_t start) { fragment_start_ = start; }

  /// The bytes of the segment, and how many of them are the encoder's.
  [[nodiscard]] Status CutSegment(Bytes* bytes, std::int64_t* payload);

  /// The initialization segment, once, when it is known; else empty.
  [[nodiscard]] Bytes TakeInit() { return std::exchange(init_, {}); }

 private:
  [[nodiscard]] Status OpenMuxer();
  [[nodiscard]] Status TakeExtradata(const AVPacket* first);
  [[nodiscard]] bool IsLongPause(const AVPacket* next) const;
  [[nodiscard]] Status GoOnAfterPause();
  [[nodiscard]] Status Write(std::int64_t duration);
  [[nodiscard]] Status CutFragment(std::int64_t next);
  [[nodiscard]] double Seconds(std::int64_t ticks) const;

  StreamInfo stream_;
  const std::int64_t timescale_;
  const PackagingConfig& packaging_;
  const double fragment_;
  LatencyHistogram* const latency_;
  std::unique_ptr<SegmentMuxer> muxer_;
  PacketPtr held_;
  Clock::time_point held_since_{};  ///< when its frame was pushed
  Bytes init_;
  bool started_ = false;  ///< the first packet came
  bool has_init_ = false;
  bool pause_ = false;                 ///< a long one, in front of the packet that comes
  std::int64_t reordering_delay_ = 0;  ///< of the first packet: pts - dts
  std::int64_t priming_ = 0;           ///< audio: what lies before 0, which the edit list tells
  std::int64_t shift_ = 0;             ///< of times in a muxer that does not know the priming
  std::int64_t fragment_start_ = 0;
  std::int64_t payload_ = 0;
};

}  // namespace streamgear
