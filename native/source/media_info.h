// media_info: what a file, URL or device holds, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rational.h"
#include "source/orientation.h"

struct AVCodecParameters;
struct AVFormatContext;

namespace streamgear {

/// The pictures that decoding a video stream gives: turned upright, in SDR, 8 bit.
struct DecodedPictures {
  int width = 0;
  int height = 0;
  Rational sample_aspect_ratio{1, 1};
  Rational frame_rate{25, 1};  ///< nominal; real times may vary
  std::string color_space;     ///< "bt709" | "smpte170m" | "bt470bg" | "bt2020nc"
};

struct MediaStream {
  int index = 0;
  std::string kind;   ///< "video" | "audio" | "subtitle" | "data" | "attachment"
  std::string codec;  ///< CodecOf()
  std::string profile;
  std::string language;  ///< as tagged, "" = none
  std::string title;
  std::int64_t bitrate = 0;   ///< bit/s, 0 = unknown
  double start = 0;           ///< seconds, on the container's time line
  double duration = -1;       ///< seconds, -1 = unknown
  bool own_duration = false;  ///< else the container's, which is that of its longest stream
  bool is_default = false;
  bool attached_picture = false;  ///< a cover, not a video

  // Video.
  int width = 0;  ///< as stored
  int height = 0;
  std::string pixel_format;
  Rational sample_aspect_ratio{1, 1};
  Rational frame_rate{0, 1};
  std::int64_t frame_count = -1;  ///< -1 = unknown
  Orientation orientation;        ///< how it is turned to be shown
  bool interlaced = false;
  std::string color_space;
  std::string color_primaries;
  std::string color_transfer;
  std::string color_range;
  bool hdr = false;                ///< PQ or HLG
  bool dolby_vision_only = false;  ///< profile 5: without a picture for other decoders
  DecodedPictures pictures{};

  // Audio.
  int sample_rate = 0;
  int channels = 0;
  std::string channel_layout;
  std::int64_t encoded_bitrate = 0;  ///< bit/s, of an encoder that is not told another
};

struct MediaInfo {
  std::string url;
  std::string format;        ///< libavformat's name, "mov,mp4,m4a,3gp,3g2,mj2"
  double start = 0;          ///< seconds
  double duration = -1;      ///< seconds, -1 = unknown
  std::int64_t bitrate = 0;  ///< bit/s, 0 = unknown
  bool device = false;       ///< a capture device: its time is the wall's
  bool seekable = false;
  std::vector<MediaStream> streams;
  int best_video = -1;  ///< index, -1 = none
  int best_audio = -1;
  /// The durations are the container's own, not computed from its last timestamps or its bit rate.
  bool duration_declared = false;
};

/// libavcodec's name. What it does not know has none there: then the container's own sign, as
/// "vvc1", or "0x33" where that is a number (the stream type of MPEG-TS).
[[nodiscard]] std::string CodecOf(const AVCodecParameters* parameters);

/// What an open container, whose streams were looked into, says of itself.
[[nodiscard]] MediaInfo DescribeMedia(AVFormatContext* container, const std::string& url);

}  // namespace streamgear
