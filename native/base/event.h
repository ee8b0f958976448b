// Event: everything that a pipeline or a frame reader tells JavaScript. Made on any thread,
// delivered in batches.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/rational.h"
#include "base/status.h"
#include "source/device_list.h"
#include "source/media_info.h"

namespace streamgear {

/// One audio rendition, as its encoder opened.
struct AudioTrackInfo {
  std::string codec;  ///< "aac"
  int sample_rate = 0;
  int channels = 0;
  std::int64_t bitrate = 0;  ///< bit/s, 0 = unknown
  std::string language;
};
/// All encoders are open. Comes again when an encoder (libaom) describes itself only with its first
/// packet.
struct OpenedEvent {
  std::vector<std::string> codecs{};  ///< RFC 6381, per rendition: video, then audio
  std::vector<AudioTrackInfo> audio{};
};
/// The buffer of this write is the caller's again.
struct ReadEvent {
  std::uint64_t id = 0;
};
/// The samples of this writeAudio() were taken.
struct AudioReadEvent {
  std::uint64_t id = 0;
};
/// The source has given all it had (Single-Source Mode). What was read is packaged in any case.
struct SourceEndEvent {
  double position = 0;   ///< seconds of presentation that were read
  bool complete = true;  ///< false: it ended before its end, for the reason in `failure`
  Failure failure{};
};
/// A finished media segment. Times in seconds.
struct SegmentEvent {
  int rendition = 0;
  std::string path;
  double start = 0;
  double duration = 0;
  std::int64_t bytes = 0;
};
struct ManifestEvent {
  std::string path;
  bool is_root = false;
};
enum class FileAction { kWrite, kRemove };
enum class FileRole { kInit, kSegment, kManifest };
/// A file of the presentation was written, or removed.
struct FileEvent {
  FileAction action = FileAction::kWrite;
  std::string name;  ///< relative to the root manifest
  std::string path;  ///< full path or URL, without secrets
  FileRole role = FileRole::kManifest;
  int rendition = -1;  ///< -1: it belongs to all
  std::int64_t bytes = 0;
};
struct WarningEvent {
  std::string code;
  std::string message;
};
struct LogEvent {
  int level = 0;  ///< AV_LOG_*
  std::string message;
};
struct FinishedEvent {};
struct FailedEvent {
  Failure failure;
};
/// The last event ever: no thread of the object runs any more.
struct ClosedEvent {};

/// What a frame reader found out about its source. See src/native/native-events.ts.
struct SourceInfo {
  int width = 0;
  int height = 0;
  Rational frame_rate{25, 1};
  double duration = -1;
  std::int64_t frame_count = -1;
  Rational sample_aspect_ratio{1, 1};
  int rotation = 0;
  std::string codec;
  std::string source_pixel_format;
  std::string color_space;
  std::string color_range;
  std::int64_t buffer_bytes = 0;
};
struct SourceOpenedEvent {
  SourceInfo info;
};
/// A media input is open. See media_info.h.
struct MediaOpenedEvent {
  MediaInfo info;
};
/// The buffer `id` holds a frame. The timestamp is in seconds from the source's start.
struct FrameEvent {
  std::uint64_t id = 0;
  double timestamp = 0;
  bool key_frame = false;
};
struct EndEvent {};
/// An encoder was tried. See encoder_trial.h.
struct EncoderTriedEvent {
  int index = 0;  ///< of the trial
  bool works = false;
  Failure failure{};  ///< why not
};

/// The capture devices of this machine. See device_lister.h.
struct DevicesListedEvent {
  std::vector<DeviceInfo> devices;
};

using Event = std::variant<OpenedEvent, ReadEvent, AudioReadEvent, SourceEndEvent, SegmentEvent,
                           ManifestEvent, FileEvent, WarningEvent, LogEvent, FinishedEvent,
                           FailedEvent, ClosedEvent, SourceOpenedEvent, MediaOpenedEvent,
                           FrameEvent, EndEvent, EncoderTriedEvent, DevicesListedEvent>;

/// Takes events from any thread; never blocks.
using EventSink = std::function<void(Event)>;

}  // namespace streamgear
