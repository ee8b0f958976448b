#include "source/source_decoder.h"

#include <algorithm>
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
                .duration = config.source.duration,
                .threads = config.source.threads},
               log, sink_),
      normalizer_(config.input, PicturesOf(config, media), sink_),
      grid_(config.input.frame_rate, av_q2d(demuxer.video().stream().time_base),
            config.input.ticks_per_second) {}

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
  if (frame == nullptr) {
    return Status(Failure{.code = "OUT_OF_MEMORY",
                          .message = "Expected memory for a frame but the system gave none",
                          .stage = "reader",
                          .averror = AVERROR(ENOMEM)});
  }
  if (!begun_) {
    begun_ = true;
    first_ = decoder_.time();
    clock_.Begin(decoder_.stream_time(), Clock::now());
  }
  last_ = decoder_.time();
  end_ = last_ + decoder_.frame_duration();
  frame->pts = grid_.Next(decoder_.time() - first_);
  if (Status status = normalizer_.Send(std::move(frame)); !status.ok()) return status;
  return PushPictures();
}

Status SourceDecoder::PushPictures() {
  while (FramePtr picture = normalizer_.Receive()) {
    if (!ingest_.Push(InputFrameOf(std::move(picture)))) {
      cancelled_ = true;
      break;
    }
  }
  return Status::Ok();
}

Status SourceDecoder::End(const Status& read) {
  if (!begun_) return read.ok() ? source_end_.NothingKept(demuxer_.stopped()) : read;
  if (Status status = normalizer_.Send(nullptr); !status.ok()) return status;
  if (Status status = PushPictures(); !status.ok() || cancelled_) return status;
  const double position = last_ - first_ + 1 / config_.input.frame_rate.value();
  sink_(source_end_.Tell({.video_end = end_,
                          .furthest = demuxer_.furthest(),
                          .position = position,
                          .range_reached = decoder_.range_reached() || demuxer_.stopped(),
                          .status = read}));
  ingest_.Close();
  return Status::Ok();
}

}  // namespace streamgear
