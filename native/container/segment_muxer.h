// segment_muxer: packets of one track to the bytes of its segments, with libavformat's mp4 or
// mpegts muxer. Everything is written to memory and handed out whole: a segment becomes visible
// only when it is complete.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/av.h"
#include "base/status.h"
#include "config.h"
#include "media/packet.h"

namespace streamgear {

using Bytes = std::vector<std::uint8_t>;

class SegmentMuxer {
 public:
  /// `ticks_per_second` is the time base of the packets and the track's timescale. Of audio it is
  /// the sample rate.
  [[nodiscard]] static Status Create(const StreamInfo& stream, SegmentType type,
                                     std::int64_t ticks_per_second, const OptionList& metadata,
                                     const OptionList& options,
                                     std::unique_ptr<SegmentMuxer>* muxer);
  ~SegmentMuxer();

  /// The initialization segment (fMP4), once, after the first Write(); empty before, after and for
  /// MPEG-TS.
  [[nodiscard]] Bytes TakeInit() { return std::exchange(init_, {}); }

  /// Times in ticks, `duration` exact: the next packet's dts minus this one's.
  [[nodiscard]] Status Write(AVPacket* packet);

  /// Ends a fragment inside a segment.
  [[nodiscard]] Status CutFragment();

  /// The next packet does not follow on the last one, or is the first and begins after 0: there is
  /// nothing for the time between. (Without this call the time would be the last packet's.)
  [[nodiscard]] Status BreakTime();

  /// Ends the segment and hands out its bytes.
  [[nodiscard]] Status CutSegment(Bytes* segment);

 private:
  struct OutputDeleter {
    void operator()(AVFormatContext* context) const;
  };

  SegmentMuxer(int rendition, SegmentType type) : rendition_(rendition), type_(type) {}

  [[nodiscard]] Status Setup(const StreamInfo& stream, std::int64_t ticks_per_second,
                             const OptionList& metadata, const OptionList& options);
  [[nodiscard]] Status OpenContext();
  [[nodiscard]] Status AddTrack(const StreamInfo& stream);
  [[nodiscard]] Status WriteHeader(const OptionList& options);
  [[nodiscard]] Status WriteInit();
  [[nodiscard]] Status AddParameterSetFilter(const StreamInfo& stream);
  [[nodiscard]] Status Fail(const char* what, int error) const;

  const int rendition_;
  const SegmentType type_;
  std::unique_ptr<AVFormatContext, OutputDeleter> context_;
  BsfPtr parameter_sets_;  ///< video in MPEG-TS: SPS and PPS before each key frame
  AVRational packet_time_base_{1, 90000};
  std::int64_t last_dts_ = INT64_MIN;  ///< MPEG-TS: as the muxer counts
  Bytes buffer_;                       ///< what the muxer has written since the last cut
  Bytes init_;
  bool init_written_ = false;
};

}  // namespace streamgear
