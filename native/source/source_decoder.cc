#include "source/source_decoder.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "base/cpu_meter.h"

namespace streamgear {
namespace {

const MediaStream& VideoOf(const PipelineConfig& config, const MediaInfo& media) {
  return media.streams[static_cast<std::size_t>(config.source.video_stream)];
}

PictureNormalizer::Source PicturesOf(const PipelineConfig& config, const MediaInfo& media) {
  const MediaStream& stream = VideoOf(config, media);
  return {.url = media.url,
          .orientation = stream.orientation,
          .deinterlace = config.source.deinterlace == Deinterlace::kAuto,
          .interlaced = stream.interlaced};
}

/// The decoder's own memory, as the pipeline takes it.
InputFrame InputFrameOf(FramePtr picture) {
  InputFrame frame{.pts = picture->pts, .pushed_at = Clock::now()};
  for (std::size_t i = 0; i < frame.data.size(); ++i) {
    frame.data[i] = picture->data[i];
    frame.stride[i] = picture->linesize[i];
  }
  frame.owner = std::shared_ptr<AVFrame>(picture.release(), AvFrameDeleter());
  return frame;
}

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for a frame but the system gave none",
                        .stage = "reader",
                        .averror = AVERROR(ENOMEM)});
}

}  // namespace

SourceDecoder::SourceDecoder(const PipelineConfig& config, const MediaInfo& media, Demuxer& demuxer,
                             IngestQueue& ingest, PresentationClock& clock, PipelineStats& stats,
                             EventSink sink, LogRing& log)
    : config_(config),
      stream_(VideoOf(config, media)),
      demuxer_(demuxer),
      ingest_(ingest),
      clock_(clock),
      stats_(stats),
      sink_(std::move(sink)),
      source_end_(config.source, media, demuxer.audio() != nullptr),
      decoder_(demuxer.video(),
               {.start = config.source.start,
                // What is held belongs to the part too: then Begin() counts its duration.
                .duration = config.source.hold_first ? -1 : config.source.duration,
                .sound_begin = demuxer.sound_begin(),
                .threads = config.source.threads},
               log, sink_),
      normalizer_(config.input, PicturesOf(config, media), sink_),
      grid_(config.input.frame_rate, av_q2d(demuxer.video().stream().time_base),
            config.input.ticks_per_second),
      sound_around_(config.source, demuxer, sink_) {}

Status SourceDecoder::Run() {
  Status status = DecodeAll();
  demuxer_.CloseVideo();
  return status;
}

Status SourceDecoder::DecodeAll() {
  if (stream_.dolby_vision_only) {
    return Status(Failure{.code = "HDR_UNSUPPORTED",
                          .message = "Expected video that can be made SDR but \"" +
                                     demuxer_.video().stream().url +
                                     "\" is Dolby Vision of profile 5, whose colours only Dolby's "
                                     "own decoders know",
                          .stage = "reader"});
  }
  if (Status status = decoder_.Open(); !status.ok()) return status;
  CpuMeter cpu(stats_.source_cpu_nanoseconds);
  while (!cancelled_) {
    if (limit_reached_) return End(Status::Ok());
    bool end = false;
    const Status read = decoder_.Next(&end);
    if (decoder_.cancelled()) return Status::Ok();
    if (end || !read.ok()) return End(read);
    if (Status status = Take(); !status.ok()) return status;
    cpu.Update();
  }
  return Status::Ok();
}

Status SourceDecoder::Take() {
  FramePtr frame = decoder_.Share();
  if (frame == nullptr) return OutOfMemory();
  if (!std::exchange(begun_, true)) Begin();
  end_ = decoder_.time() + decoder_.frame_duration();
  frame->pts = grid_.Next(decoder_.time() - first_);
  if (Status status = normalizer_.Send(std::move(frame)); !status.ok()) return status;
  return PushPictures();
}

void SourceDecoder::Begin() {
  // Whole frames, so that the rate stays constant.
  const double rate = config_.input.frame_rate.value();
  const double before = std::round(HoldBefore() * rate) / rate;
  first_ = decoder_.time() - before;
  origin_ = decoder_.stream_time() - before;
  if (config_.source.hold_first && config_.source.duration >= 0) {
    // A part that begins between two pictures ends where it was to end.
    const double late = before > 0 ? 0 : std::max(0.0, decoder_.range_time());
    limit_ = Ticks(config_.source.duration - late);
  }
  clock_.Begin(origin_, Clock::now());
}

/// Seconds for which the first picture is shown before its time.
double SourceDecoder::HoldBefore() {
  if (config_.source.start <= 0) return sound_around_.HoldBefore(decoder_.stream_time());
  // The part begins while it is held, or behind it.
  return decoder_.at_first() ? std::max(0.0, decoder_.range_time()) : 0;
}

Status SourceDecoder::PushPictures() {
  while (FramePtr picture = normalizer_.Receive()) {
    if (end_ticks_ == 0 && config_.source.hold_first) {
      if (Status status = PushHeld(*picture, 0, picture->pts); !status.ok()) return status;
      // It was stopped meanwhile: all that follows would be behind a hole.
      if (end_ticks_ + frame_ticks() / 2 < std::min(picture->pts, limit_)) limit_ = end_ticks_;
    }
    if (picture->pts >= limit_) {
      limit_reached_ = true;
      break;
    }
    if (config_.source.hold_last) {
      newest_ = ShareFrame(picture.get());
      if (newest_ == nullptr) return OutOfMemory();
    }
    end_ticks_ = picture->pts + frame_ticks();
    if (cancelled_ || !ingest_.Push(InputFrameOf(std::move(picture)))) {
      cancelled_ = true;
      break;
    }
  }
  return Status::Ok();
}

std::int64_t SourceDecoder::Ticks(double seconds) const {
  return std::llround(seconds * static_cast<double>(config_.input.ticks_per_second));
}

/// Shows a picture again and again from `begin` to `end`, in ticks, at the nominal rate: so it is
/// encoded, and cut into segments, like any other part of the video.
Status SourceDecoder::PushHeld(const AVFrame& picture, std::int64_t begin, std::int64_t end) {
  const std::int64_t wanted = std::min(end, limit_);
  std::int64_t pts = begin;
  for (std::int64_t i = 1; pts + frame_ticks() / 2 < wanted; ++i) {
    // One at least: a presentation that is stopped begins at 0 too.
    if (cancelled_ || (end_ticks_ > 0 && demuxer_.stopped())) break;
    FramePtr again = ShareFrame(&picture);
    if (again == nullptr) return OutOfMemory();
    again->pts = pts;
    end_ticks_ = pts + frame_ticks();
    cancelled_ = !ingest_.Push(InputFrameOf(std::move(again)));
    pts = begin + Ticks(static_cast<double>(i) / config_.input.frame_rate.value());
  }
  return Status::Ok();
}

Status SourceDecoder::HoldLast() {
  if (range_reached() || end_ticks_ == 0) return Status::Ok();
  const auto per_second = static_cast<double>(config_.input.ticks_per_second);
  const double end = static_cast<double>(end_ticks_) / per_second;
  const double wanted = config_.source.duration >= 0 ? config_.source.duration - end : HUGE_VAL;
  const double held = sound_around_.HoldBehind(origin_ + end, wanted);
  if (newest_ == nullptr || held <= 0) return Status::Ok();
  return PushHeld(*newest_, end_ticks_, end_ticks_ + Ticks(held));
}

/// No more was wanted.
bool SourceDecoder::range_reached() const {
  return decoder_.range_reached() || limit_reached_ || demuxer_.stopped();
}

Status SourceDecoder::End(const Status& read) {
  if (!begun_) return read.ok() ? source_end_.NothingKept(demuxer_.stopped()) : read;
  if (Status status = normalizer_.Send(nullptr); !status.ok()) return status;
  if (Status status = PushPictures(); !status.ok() || cancelled_) return status;
  if (read.ok()) {
    if (Status status = HoldLast(); !status.ok() || cancelled_) return status;
  }
  const double position =
      static_cast<double>(end_ticks_) / static_cast<double>(config_.input.ticks_per_second);
  sink_(source_end_.Tell({.video_end = end_,
                          .furthest = demuxer_.furthest(),
                          .position = position,
                          .range_reached = range_reached(),
                          .status = read}));
  ingest_.Close();
  return Status::Ok();
}

}  // namespace streamgear
