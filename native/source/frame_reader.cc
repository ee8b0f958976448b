#include "source/frame_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "source/decoder_lookup.h"
#include "source/input_reader.h"
#include "source/picture_writer.h"
#include "source/size_watch.h"
#include "source/video_decoder.h"
#include "source/video_seek.h"

namespace streamgear {
namespace {

struct TargetSize {
  int width = 0;
  int height = 0;
  Rational sample_aspect_ratio{1, 1};
};

int EvenNear(double value) { return std::max(2, 2 * static_cast<int>(std::lround(value / 2))); }

/// The size of the yielded pictures, and the sample aspect that keeps the display aspect exactly.
TargetSize SizeOf(const DecodedPictures& pictures, const FrameReaderConfig& config) {
  const Rational aspect = pictures.sample_aspect_ratio;
  const Rational display =
      Rational{pictures.width * aspect.num, pictures.height * aspect.den}.reduced();
  TargetSize size{.width = config.width, .height = config.height};
  if (size.width == 0 && size.height == 0) {
    size.width = pictures.width;
    size.height = pictures.height;
  } else if (size.width == 0) {
    size.width = EvenNear(size.height * display.value());
  } else if (size.height == 0) {
    size.height = EvenNear(size.width / display.value());
  }
  size.sample_aspect_ratio =
      Rational{display.num * size.height, display.den * size.width}.reduced();
  return size;
}

PictureWriter::Target TargetOf(const MediaStream& stream, const AVCodecParameters* parameters,
                               const FrameReaderConfig& config) {
  const TargetSize size = SizeOf(stream.pictures, config);
  return {.format = config.pixel_format,
          .width = size.width,
          .height = size.height,
          .orientation = stream.orientation,
          // HDR is not tone-mapped here: its own matrix.
          .matrix = YieldedMatrix(static_cast<AVPixelFormat>(parameters->format),
                                  parameters->color_space, stream.height)};
}

/// Of the part that is wanted: seconds (-1 = unknown), and the number of frames, counted by the
/// container or rounded. `late`: of the first picture, seconds behind the stream's start.
void Measure(const MediaInfo& media, const MediaStream& stream, const FrameReaderConfig& config,
             double late, SourceInfo* info) {
  const double total = stream.duration >= 0 ? stream.duration : media.duration;
  const double start = std::max(config.start, 0.0) + late;
  if (total >= 0) info->duration = std::max(total - start, 0.0);
  const bool shortened = config.duration >= 0 && (total < 0 || config.duration < info->duration);
  if (shortened) info->duration = config.duration;
  if (stream.frame_count > 0 && start == 0 && !shortened) {
    info->frame_count = stream.frame_count;
  } else if (info->duration >= 0) {
    info->frame_count = std::llround(info->duration * stream.frame_rate.value());
  }
}

SourceInfo InfoOf(const MediaInfo& media, const MediaStream& stream,
                  const FrameReaderConfig& config, const PictureWriter::Target& target, double late,
                  std::size_t buffer_bytes) {
  SourceInfo info{.width = target.width,
                  .height = target.height,
                  .frame_rate = stream.frame_rate,
                  .sample_aspect_ratio = SizeOf(stream.pictures, config).sample_aspect_ratio,
                  .rotation = ClockwiseDegrees(stream.orientation),
                  .codec = stream.codec,
                  .source_pixel_format = stream.pixel_format,
                  .color_space = av_color_space_name(target.matrix),
                  .color_range = IsRgbLike(config.pixel_format) ? "pc" : "tv",
                  .buffer_bytes = static_cast<std::int64_t>(buffer_bytes)};
  Measure(media, stream, config, late, &info);
  return info;
}

Status BufferTooSmall(std::size_t expected, std::size_t received) {
  return Status(Failure{.code = "BUFFER_TOO_SMALL",
                        .message = "Expected a buffer of at least " + std::to_string(expected) +
                                   " bytes for a frame but received " + std::to_string(received),
                        .stage = "reader"});
}

}  // namespace

FrameReader::FrameReader(FrameReaderConfig config, EventSink sink)
    : config_(std::move(config)),
      sink_(std::move(sink)),
      log_(EventSink()),
      input_({.url = config_.source,
              .format = config_.format,
              .options = config_.options,
              .limits = config_.limits}) {}

FrameReader::~FrameReader() {
  Close();
  Join();
}

Status FrameReader::Start() {
  return worker_.Start(
      "reader", &log_, [this] { return Run(); }, [this](const Status& status) { OnDone(status); });
}

bool FrameReader::Read(std::uint64_t id, std::uint8_t* data, std::size_t size) {
  return targets_.PushNoWait({id, data, size});
}

void FrameReader::Close() {
  input_.Cancel();
  targets_.Cancel();
}

void FrameReader::Join() { worker_.Join(); }

bool FrameReader::JoinUntil(std::chrono::steady_clock::time_point deadline) {
  return worker_.JoinUntil(deadline);
}

Status FrameReader::Run() {
  if (Status status = input_.Open(); !status.ok()) return status;
  const int index = input_.info().best_video;
  if (Status status = input_.CheckVideo(index); !status.ok()) return status;
  if (IsDecodable(input_.info().streams[static_cast<std::size_t>(index)])) {
    TellLeftOut(input_.info(), "video", index, sink_);
  }
  const MediaStream& stream = input_.info().streams[static_cast<std::size_t>(index)];
  std::optional<double> first;
  const SeekGoal goal{.index = index, .seconds = config_.start};
  if (Status status = SeekBefore(input_, goal, &first); !status.ok()) return status;
  InputReader packets(input_, index, sink_, first);
  const VideoRange range{
      .start = config_.start, .duration = config_.duration, .threads = config_.threads};
  VideoDecoder decoder(packets, range, log_, sink_);
  if (Status status = decoder.Open(); !status.ok()) return status;
  const PictureWriter::Target target = TargetOf(stream, packets.stream().parameters.get(), config_);
  PictureWriter writer(target);
  const double late = first ? std::max(0.0, *first - StartOf(packets.stream())) : 0;
  sink_(SourceOpenedEvent{InfoOf(input_.info(), stream, config_, target, late, writer.size())});
  if (stream.hdr) {
    sink_(WarningEvent{.code = "HDR_SOURCE",
                       .message = "\"" + config_.source + "\" is HDR (" + stream.color_transfer +
                                  "): its frames are not tone-mapped and look pale as SDR"});
  }
  SizeWatch sizes(config_.source, {target.width, target.height}, sink_);
  return ReadFrames(decoder, writer, sizes);
}

Status FrameReader::ReadFrames(VideoDecoder& decoder, PictureWriter& writer, SizeWatch& sizes) {
  while (const auto buffer = targets_.Pop()) {
    if (buffer->size < writer.size()) return BufferTooSmall(writer.size(), buffer->size);
    bool end = false;
    if (Status status = decoder.Next(&end); !status.ok()) return status;
    if (end) {
      if (!input_.cancelled()) sink_(EndEvent{});
      return Status::Ok();
    }
    const AVFrame& frame = decoder.frame();
    sizes.See(frame);
    if (Status status = writer.Write(frame, buffer->data); !status.ok()) return status;
    sink_(FrameEvent{buffer->id, std::max(decoder.range_time(), 0.0), IsKeyFrame(&frame)});
  }
  return Status::Ok();
}

void FrameReader::OnDone(const Status& status) {
  targets_.Cancel();  // from here on Read() takes nothing
  input_.Close();
  if (!status.ok() && !input_.cancelled()) {
    Failure failure = status.failure();
    if (failure.log.empty()) failure.log = log_.LastComplaint();
    sink_(FailedEvent{std::move(failure)});
  }
  sink_(ClosedEvent{});
}

}  // namespace streamgear
