#include "video/scaler.h"

#include <optional>
#include <utility>

#include "base/worker.h"

namespace streamgear {
namespace {

std::int64_t FrameTicks(std::int64_t ticks_per_second, Rational rate) {
  return rate.valid() ? ticks_per_second * rate.den / rate.num : 0;
}

}  // namespace

Scaler::Scaler(const PipelineConfig& config, std::vector<AVPixelFormat> formats,
               IngestQueue& ingest, std::vector<std::unique_ptr<PictureQueue>>& outputs,
               PresentationClock& clock, PipelineStats& stats, EventSink sink)
    : config_(config),
      formats_(std::move(formats)),
      ingest_(ingest),
      outputs_(outputs),
      clock_(clock),
      stats_(stats),
      sink_(std::move(sink)),
      scaled_input_(config.input) {}

Status Scaler::Setup() {
  if (!config_.filter.empty()) {
    const PictureFormat format{.width = config_.input.width,
                               .height = config_.input.height,
                               .pixel_format = ToAv(config_.input.pixel_format),
                               .frame_rate = config_.input.frame_rate,
                               .sample_aspect_ratio = config_.input.sample_aspect_ratio,
                               .time_base = {1, config_.input.ticks_per_second},
                               .color_space = config_.input.color_space,
                               .full_range = config_.input.full_range};
    if (Status status = FilterChain::Create(config_.filter, format, &filter_); !status.ok()) {
      return status;
    }
    filter_pool_ = std::make_unique<FramePool>(format.width, format.height, format.pixel_format,
                                               &stats_.pictures);
    scaled_input_.width = filter_->output().width;
    scaled_input_.height = filter_->output().height;
    scaled_input_.frame_rate = filter_->output().frame_rate;
  }
  const SegmentGrid grid(config_.grid.segment_duration, config_.grid.gop_duration);
  std::vector<PictureTarget> targets;
  for (std::size_t i = 0; i < config_.renditions.size(); ++i) {
    const RenditionConfig& rendition = config_.renditions[i];
    targets.push_back({rendition.width, rendition.height, formats_[i]});
    schedules_.emplace_back(grid, FrameTicks(config_.input.ticks_per_second, rendition.frame_rate));
  }
  decisions_.resize(schedules_.size());
  return PictureScaler::Create(scaled_input_, targets, config_.scaling, &scaler_, &stats_.pictures);
}

Status Scaler::Run() {
  Status status = Setup();
  while (status.ok()) {
    std::optional<InputFrame> frame = ingest_.Pop();
    if (!frame.has_value()) break;
    status = filter_ == nullptr ? HandOut(*frame, true) : Filter(*frame);
    stats_.frames_in.fetch_add(1, std::memory_order_relaxed);
    stats_.scaler_cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  if (status.ok() && filter_ != nullptr) {
    status = filter_->Send(nullptr);
    if (status.ok()) status = DrainFilter(Clock::now());
  }
  if (status.ok()) {
    clock_.End(end_);  // before the encoders can be done: the packager asks for it then
    for (auto& output : outputs_) output->Close();
  }
  return status;
}

Status Scaler::Filter(const InputFrame& frame) {
  FramePtr copy = filter_pool_->Get();
  if (copy == nullptr) {
    return Status(Failure{.code = "OUT_OF_MEMORY",
                          .message = "Expected memory for a picture but the system gave none",
                          .stage = "filter",
                          .averror = AVERROR(ENOMEM)});
  }
  CopyPixels(config_.input, frame, copy.get());
  TellRead(frame);

  const ColorTags tags = ColorTagsOf(config_.input.color_space);
  const AVPixFmtDescriptor* descriptor =
      av_pix_fmt_desc_get(static_cast<AVPixelFormat>(copy->format));
  const bool rgb = (descriptor->flags & AV_PIX_FMT_FLAG_RGB) != 0;
  const bool full_range = IsRgbLike(config_.input.pixel_format) || config_.input.full_range;
  copy->colorspace = rgb ? AVCOL_SPC_RGB : tags.space;
  copy->color_range = full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  copy->sample_aspect_ratio = ToAv(config_.input.sample_aspect_ratio);
  copy->pts = frame.pts;
  if (frame.force_key_frame) {
    forced_ = frame.pts;
    copy->pict_type = AV_PICTURE_TYPE_I;  // which filters hand on
  }
  SetDuration(copy.get(), FrameTicks(config_.input.ticks_per_second, config_.input.frame_rate));
  if (Status status = filter_->Send(std::move(copy)); !status.ok()) return status;
  return DrainFilter(frame.pushed_at);
}

/// Whether this is the picture of the frame that was to be a key frame, or, where the filter has
/// left that out, the next one.
bool Scaler::TakeForcedKeyFrame(const AVFrame& filtered, std::int64_t pts) {
  const bool is_it =
      forced_.has_value() && (filtered.pict_type == AV_PICTURE_TYPE_I || pts >= *forced_);
  if (is_it) forced_.reset();
  return is_it;
}

Status Scaler::DrainFilter(Clock::time_point pushed_at) {
  // A chain may give pictures without end (loop=-1), also such as are left out here: it must not
  // outlast the pipeline.
  while (!outputs_.front()->closed()) {
    FramePtr filtered;
    if (Status status = filter_->Receive(&filtered); !status.ok()) return status;
    if (filtered == nullptr) return Status::Ok();
    InputFrame frame{.pts = av_rescale_q(filtered->pts, ToAv(filter_->output().time_base),
                                         {1, static_cast<int>(config_.input.ticks_per_second)}),
                     .pushed_at = pushed_at};
    for (std::size_t i = 0; i < 3; ++i) {
      frame.data[i] = filtered->data[i];
      frame.stride[i] = filtered->linesize[i];
    }
    if (frame.pts <= last_pts_ || frame.pts < 0)
      continue;  // setpts may well go backwards; no encoder can
    frame.force_key_frame = TakeForcedKeyFrame(*filtered, frame.pts);
    if (Status status = HandOut(frame, false); !status.ok()) return status;
  }
  return Status::Ok();
}

void Scaler::TellRead(const InputFrame& frame) {
  if (frame.owner != nullptr) return;
  stats_.read_latency.Record(Clock::now() - frame.pushed_at);
  sink_(ReadEvent{frame.id});
}

Status Scaler::HandOut(const InputFrame& frame, bool release_after_convert) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    decisions_[i] = schedules_[i].Next(frame.pts, frame.force_key_frame);
    if (decisions_[i].take) scaler_->Want(i);
  }
  if (Status status = scaler_->Convert(frame); !status.ok()) return status;
  if (release_after_convert) TellRead(frame);
  last_pts_ = frame.pts;
  end_ = frame.pts + FrameTicks(config_.input.ticks_per_second, scaled_input_.frame_rate);
  clock_.Begin(0, frame.pushed_at);
  clock_.Advance(end_, frame.pushed_at);
  stats_.duration.store(
      static_cast<double>(end_) / static_cast<double>(config_.input.ticks_per_second),
      std::memory_order_relaxed);
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const FrameSchedule::Decision decision = decisions_[i];
    if (!decision.take) continue;
    Picture picture{
        .pts = frame.pts, .key_frame = decision.key_frame, .pushed_at = frame.pushed_at};
    if (Status status = scaler_->Get(i, &picture.frame); !status.ok()) return status;
    if (!outputs_[i]->Push(std::move(picture)))
      return Status::Ok();  // cancelled: the pipeline is ending
  }
  return Status::Ok();
}

}  // namespace streamgear
