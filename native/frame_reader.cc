#include "frame_reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "picture_writer.h"
#include "video_source.h"

namespace streamgear {
namespace {

struct TargetSize {
  int width = 0;
  int height = 0;
  Rational sample_aspect_ratio{1, 1};
};

int EvenNear(double value) { return std::max(2, 2 * static_cast<int>(std::lround(value / 2))); }

/// The size of the yielded pictures, and the sample aspect that keeps the display aspect exactly.
TargetSize SizeOf(const VideoTraits& traits, const FrameReaderConfig& config) {
  std::int64_t width = traits.width;
  std::int64_t height = traits.height;
  Rational aspect = traits.sample_aspect_ratio;
  if (traits.orientation.swap_axes) {
    std::swap(width, height);
    std::swap(aspect.num, aspect.den);
  }
  const Rational display = Rational{width * aspect.num, height * aspect.den}.reduced();
  TargetSize size{.width = config.width, .height = config.height};
  if (size.width == 0 && size.height == 0) {
    size.width = static_cast<int>(width);
    size.height = static_cast<int>(height);
  } else if (size.width == 0) {
    size.width = EvenNear(size.height * display.value());
  } else if (size.height == 0) {
    size.height = EvenNear(size.width / display.value());
  }
  size.sample_aspect_ratio =
      Rational{display.num * size.height, display.den * size.width}.reduced();
  return size;
}

PictureWriter::Target TargetOf(const VideoTraits& traits, const FrameReaderConfig& config) {
  const TargetSize size = SizeOf(traits, config);
  return {.format = config.pixel_format,
          .width = size.width,
          .height = size.height,
          .orientation = traits.orientation,
          .matrix = YieldedMatrix(traits.pixel_format, traits.color_space, traits.height)};
}

SourceInfo InfoOf(const VideoTraits& traits, const FrameReaderConfig& config,
                  const PictureWriter::Target& target, std::size_t buffer_bytes) {
  const char* format = av_get_pix_fmt_name(traits.pixel_format);
  return {.width = target.width,
          .height = target.height,
          .frame_rate = traits.frame_rate,
          .duration = traits.duration,
          .frame_count = traits.frame_count,
          .sample_aspect_ratio = SizeOf(traits, config).sample_aspect_ratio,
          .rotation = ClockwiseDegrees(traits.orientation),
          .codec = traits.codec,
          .source_pixel_format = format == nullptr ? "" : format,
          .color_space = av_color_space_name(target.matrix),
          .color_range = IsRgbLike(config.pixel_format) ? "pc" : "tv",
          .buffer_bytes = static_cast<std::int64_t>(buffer_bytes)};
}

bool IsHdr(AVColorTransferCharacteristic transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

std::string SizeText(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

Status BufferTooSmall(std::size_t expected, std::size_t received) {
  return Status(Failure{.code = "BUFFER_TOO_SMALL",
                        .message = "Expected a buffer of at least " + std::to_string(expected) +
                                   " bytes for a frame but received " + std::to_string(received),
                        .stage = "reader"});
}

}  // namespace

FrameReader::FrameReader(FrameReaderConfig config, EventSink sink)
    : config_(std::move(config)), sink_(std::move(sink)), log_(EventSink()) {}

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
  closed_ = true;
  targets_.Cancel();
}

void FrameReader::Join() { worker_.Join(); }

Status FrameReader::Run() {
  VideoSource source(config_, log_, sink_, closed_);
  if (Status status = source.Open(); !status.ok()) return status;
  const VideoTraits& traits = source.traits();
  const PictureWriter::Target target = TargetOf(traits, config_);
  PictureWriter writer(target);
  sink_(SourceOpenedEvent{InfoOf(traits, config_, target, writer.size())});
  if (IsHdr(traits.transfer)) {
    sink_(WarningEvent{.code = "HDR_SOURCE",
                       .message = "\"" + config_.source + "\" is HDR (" +
                                  av_color_transfer_name(traits.transfer) +
                                  "): its frames are not tone-mapped and look pale as SDR"});
  }

  int width = traits.width;
  int height = traits.height;
  while (const auto buffer = targets_.Pop()) {
    if (buffer->size < writer.size()) return BufferTooSmall(writer.size(), buffer->size);
    bool end = false;
    if (Status status = source.Next(&end); !status.ok()) return status;
    if (end) {
      if (!closed_) sink_(EndEvent{});
      return Status::Ok();
    }
    const AVFrame& frame = source.frame();
    if (frame.width != width || frame.height != height) {
      sink_(WarningEvent{.code = "SIZE_CHANGED",
                         .message = "The source changes from " + SizeText(width, height) + " to " +
                                    SizeText(frame.width, frame.height) +
                                    ": its frames are scaled to " +
                                    SizeText(target.width, target.height)});
      width = frame.width;
      height = frame.height;
    }
    if (Status status = writer.Write(frame, buffer->data); !status.ok()) return status;
    sink_(FrameEvent{buffer->id, source.timestamp(), IsKeyFrame(&frame)});
  }
  return Status::Ok();
}

void FrameReader::OnDone(const Status& status) {
  targets_.Cancel();  // from here on Read() takes nothing
  if (!status.ok() && !closed_) sink_(FailedEvent{status.failure()});
  sink_(ClosedEvent{});
}

}  // namespace streamgear
