// Config: everything a pipeline needs, already validated in TypeScript (src/native/native-config.ts
// has the same shape). Plain structs. Times are in ticks of `time_base`, rates in bit/s, sizes in
// pixels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/rational.h"
#include "pixels/pixel_format.h"

namespace streamgear {

using OptionList = std::vector<std::pair<std::string, std::string>>;

struct InputConfig {
  int width = 0;
  int height = 0;
  PixelFormat pixel_format = PixelFormat::kBgr24;
  Rational frame_rate{25, 1};
  std::int64_t ticks_per_second = 90000;  ///< the time base is 1 / this
  Rational sample_aspect_ratio{1, 1};
  std::string color_space;  ///< "bt709" | "smpte170m" | "bt470bg" | "bt2020nc": matrix of the
                            ///< pictures after conversion
  bool full_range = false;  ///< YUV input only: 0..255 instead of 16..235
};

struct RenditionConfig {
  int width = 0;
  int height = 0;
  Rational sample_aspect_ratio{1, 1};
  Rational frame_rate{0, 1};       ///< lower than the input's: frames are left out; 0: every frame
  std::string codec;               ///< libavcodec encoder name
  std::string pixel_format;        ///< libav pixel format name, "" = yuv420p
  OptionList options;              ///< AVCodecContext and private options, defaults already merged
  std::int64_t bitrate = 0;        ///< declared, bit/s
  std::int64_t declared_peak = 0;  ///< what a live manifest declares as BANDWIDTH, bit/s
  int audio = 0;                   ///< index of the audio rendition that it is watched with
  std::string fallback_codec;      ///< encoder to take when `codec` cannot be opened; "" = fail
  OptionList fallback_options;     ///< of `fallback_codec`
};

/// What opening a source may reach, take and last. The defaults are no limits.
struct SourceLimits {
  std::string protocols;        ///< libavformat's names, joined by commas; "" = all
  std::string refused_formats;  ///< demuxers that are not taken, joined by commas
  std::int64_t max_pixels = 0;  ///< of one picture; 0 = what libavcodec can
  double open_timeout = 0;      ///< seconds; 0 = for ever
};

/// A file, URL or device that libavformat opens.
struct MediaInputConfig {
  std::string url;     ///< path, URL, device name, or filter graph for "lavfi"
  std::string format;  ///< demuxer of libavformat or device of libavdevice; "" = probe
  OptionList options;  ///< of the demuxer, the device and the protocol; one that nobody takes fails
  SourceLimits limits{};
};

enum class Deinterlace {
  kAuto,  ///< frames that are flagged
  kOff,
};

/// Single-Source Mode: the video comes from a MediaInput that is open already.
struct SourceConfig {
  bool enabled = false;
  int video_stream = -1;    ///< index in the container
  double start = 0;         ///< seconds from the first picture, or from where that is held
  double duration = -1;     ///< seconds; negative = to the end
  bool copy_video = false;  ///< packets instead of pictures: one rendition, cut at its key frames
  Deinterlace deinterlace = Deinterlace::kAuto;
  int threads = 0;          ///< decoder threads; 0 = libavcodec's choice
  bool realtime = false;    ///< read no faster than it plays
  bool hold_first = false;  ///< show the first picture while there is only sound before it
  bool hold_last = false;   ///< show the last one while there is only sound behind it
};

enum class AudioOrigin {
  kNone,
  kInput,   ///< a MediaInput of its own: file, URL, device
  kPush,    ///< samples from JavaScript
  kSource,  ///< a stream of the source's MediaInput (Single-Source Mode)
};

enum class SampleFormat { kFloat32, kFloat32Planar, kInt16 };

/// Where the times of the audio come from.
enum class AudioClock {
  kByInput,  ///< kWall for a capture device, else kSamples
  kSamples,  ///< from counting
  kWall,     ///< from when they arrive: a device whose clock drifts against the frames'
};

/// One encoded version of the audio.
struct AudioRenditionConfig {
  std::string codec;         ///< libavcodec encoder, or "copy"
  std::int64_t bitrate = 0;  ///< bit/s; 0 = the source's, else 64000 per channel, >= 128000
  OptionList options;        ///< AVCodecContext and private options
};

struct AudioConfig {
  AudioOrigin origin = AudioOrigin::kNone;
  MediaInputConfig input;  ///< kInput
  bool optional = false;   ///< kInput: when it cannot be opened the video comes alone
  int stream = -1;         ///< kSource: index in the container
  int track = -1;          ///< kInput: which of its audio streams, 0 = the first; -1 = its best
  int push_sample_rate = 48000;                       ///< kPush
  int push_channels = 2;                              ///< kPush
  SampleFormat push_format = SampleFormat::kFloat32;  ///< kPush
  double start = 0;  ///< seconds of the audio that are left out at its begin
  AudioClock clock = AudioClock::kByInput;
  int sample_rate = 0;     ///< Hz; 0 = the source's, or the nearest that the encoder takes
  int channels = 0;        ///< 0 = the source's
  std::string filter;      ///< libavfilter chain (`-af`); "" = none
  bool fill_gaps = false;  ///< put silence where the source has none
  std::string language;    ///< BCP 47; "" = the source's tag
  std::string name;        ///< HLS NAME; "" = the source's title
  std::vector<AudioRenditionConfig> renditions;  ///< empty = no audio
};

/// A hardware device for encoders that need one.
struct HardwareConfig {
  std::string type;  ///< libavutil's name: "vaapi", "qsv", "cuda" …; "" = what the encoder needs
  std::string device;  ///< "/dev/dri/renderD128", "0"; "" = the default one
  OptionList options;
};

/// How pictures are scaled.
enum class Scaling {
  kFast,      ///< triangle filter, each size from the next larger one
  kBalanced,  ///< bicubic, in as few steps of at most a half as there can be
  kBest,      ///< Lanczos by libswscale, every size from the largest picture
};

/// Where renditions cut; see timeline/segment_grid.h. In ticks.
struct GridConfig {
  std::int64_t segment_duration = 0;
  std::int64_t gop_duration = 0;  ///< 0: key frames only at segment starts
};

enum class ManifestFormat { kDash, kHls };
enum class SegmentType { kFmp4, kMpegTs };

/// One root manifest of the presentation.
struct ManifestConfig {
  ManifestFormat format = ManifestFormat::kDash;
  std::string name;      ///< its file name; "" = that of `PackagingConfig::output`
  int window = 0;        ///< segments that it lists while live; 0 = all
  int extra_window = 0;  ///< segments that are kept after they left its window
};

/// How segments are named, listed and deleted.
struct PackagingConfig {
  /// At most one of each format. All name the same segments.
  std::vector<ManifestConfig> manifests{{}};
  SegmentType segment_type = SegmentType::kFmp4;
  std::string output;  ///< path or URL of the first root manifest
  /// Templates, e.g. "init-stream$RepresentationID$.m4s" or "init_%v.mp4": as DASH writes them
  /// where there is an MPD, else as HLS does.
  std::string init_name;
  std::string segment_name;   ///< template, e.g. "chunk-stream%v-%03d.ts"
  std::string playlist_name;  ///< HLS: media playlist template, "stream_%v.m3u8"; "" = `output` is
                              ///< it (one rendition)
  std::int64_t start_number = 0;
  bool live = false;
  bool delete_segments = false;
  bool remove_at_exit = false;
  std::string base_url;       ///< HLS: put before each entry
  std::string playlist_type;  ///< HLS: "vod" | "event" | ""
  bool program_date_time = false;
  bool discontinuity_start = false;
  bool omit_endlist = false;
  bool round_durations = false;
  bool use_timeline = true;  ///< DASH: SegmentTimeline, else @duration
  bool use_template = true;  ///< DASH: SegmentTemplate, else SegmentList
  std::string utc_timing_url;
  OptionList metadata;                 ///< of the presentation: "title", "comment" …
  OptionList muxer_options;            ///< for libavformat's mp4 / mpegts muxer
  OptionList io_options;               ///< for the protocol: method, headers, timeout …
  std::int64_t fragment_duration = 0;  ///< ticks; 0 = one fragment per segment

  [[nodiscard]] bool Has(ManifestFormat format) const {
    return std::ranges::any_of(
        manifests, [format](const ManifestConfig& manifest) { return manifest.format == format; });
  }

  /// Segments that the longest live window lists; 0 = all.
  [[nodiscard]] int LongestWindow() const {
    int longest = 0;
    for (const ManifestConfig& manifest : manifests) {
      if (manifest.window == 0) return 0;
      longest = std::max(longest, manifest.window);
    }
    return longest;
  }
};

struct PipelineConfig {
  InputConfig input;
  Rational picture_rate{
      25, 1};  ///< of what reaches the encoders: the input's, or what the filter makes of it
  std::string filter;  ///< libavfilter chain, applied once before the scaler; "" = none
  Scaling scaling = Scaling::kBalanced;
  std::vector<RenditionConfig> renditions;
  GridConfig grid;
  PackagingConfig packaging;
  SourceConfig source;
  AudioConfig audio;
  HardwareConfig hardware;
  int ingest_queue = 3;
  int encoder_queue = 4;
  int packet_queue = 64;
  bool debug_log = false;  ///< LogEvents for libav's debug lines too
};

}  // namespace streamgear
