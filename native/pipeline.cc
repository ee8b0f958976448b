#include "pipeline.h"

#include <optional>
#include <utility>
#include <variant>

#include "segment_packager.h"

namespace streamgear {
namespace {

std::vector<AVPixelFormat> FormatsOf(const PipelineConfig& config) {
  std::vector<AVPixelFormat> formats;
  for (const RenditionConfig& rendition : config.renditions) {
    formats.push_back(EncoderPixelFormat(rendition));
  }
  return formats;
}

std::vector<std::unique_ptr<PictureQueue>> MakeQueues(const PipelineConfig& config) {
  std::vector<std::unique_ptr<PictureQueue>> queues;
  for (std::size_t i = 0; i < config.renditions.size(); ++i) {
    queues.push_back(
        std::make_unique<PictureQueue>(static_cast<std::size_t>(config.encoder_queue)));
  }
  return queues;
}

}  // namespace

Pipeline::Pipeline(PipelineConfig config, EventSink sink, std::unique_ptr<Packager> packager)
    : config_(std::move(config)),
      sink_(std::move(sink)),
      log_(sink_),
      stats_(config_.renditions.size()),
      formats_(FormatsOf(config_)),
      ingest_(static_cast<std::size_t>(config_.ingest_queue)),
      pictures_(MakeQueues(config_)),
      packets_(static_cast<std::size_t>(config_.packet_queue)),
      scaler_(config_, formats_, ingest_, pictures_, stats_, sink_),
      packager_(packager != nullptr ? std::move(packager)
                                    : std::make_unique<SegmentPackager>(config_, stats_, sink_)) {
  for (std::size_t i = 0; i < config_.renditions.size(); ++i) {
    encoders_.push_back(std::make_unique<Encoder>(config_, static_cast<int>(i), *pictures_[i],
                                                  packets_, *stats_.renditions[i], log_));
    encoder_workers_.push_back(std::make_unique<Worker>());
  }
}

Pipeline::~Pipeline() {
  Abort();
  Join();
}

bool Pipeline::CheckFormats() {
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    if (formats_[i] != AV_PIX_FMT_NONE) continue;
    const RenditionConfig& rendition = config_.renditions[i];
    Fail({.code = "ENCODER_NOT_FOUND",
          .message =
              "Expected a video encoder and a pixel format of this libavcodec for rendition " +
              std::to_string(i) + " but received \"" + rendition.codec + "\" and \"" +
              rendition.pixel_format + "\"",
          .stage = "encoder",
          .rendition = static_cast<int>(i),
          .averror = AVERROR_ENCODER_NOT_FOUND});
    return false;
  }
  return true;
}

void Pipeline::Start() {
  running_.store(1);
  if (CheckFormats()) {
    StartWorker(packager_worker_, "packager", [this] { return RunPackager(); });
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      StartWorker(*encoder_workers_[i], "encoder " + std::to_string(i),
                  [encoder = encoders_[i].get()] { return encoder->Run(); });
    }
    StartWorker(scaler_worker_, "scaler", [this] { return scaler_.Run(); });
  }
  Release();
}

void Pipeline::StartWorker(Worker& worker, const std::string& name, Worker::Body body) {
  if (ended_.load()) return;
  running_.fetch_add(1);
  Status status = worker.Start(name, &log_, std::move(body),
                               [this](const Status& result) { OnWorkerDone(result); });
  if (!status.ok()) OnWorkerDone(status);
}

void Pipeline::OnWorkerDone(const Status& status) {
  if (!status.ok()) Fail(status.failure());
  Release();
}

void Pipeline::Release() {
  if (running_.fetch_sub(1) == 1) sink_(ClosedEvent{});
}

void Pipeline::Fail(Failure failure) {
  if (ended_.exchange(true)) return;
  if (failure.log.empty()) failure.log = log_.LastComplaint();
  sink_(FailedEvent{std::move(failure)});
  CancelAll();
}

void Pipeline::CancelAll() {
  packager_->Abort();
  // From the far end: a stage that takes a cancelled queue for the end of its input must not be
  // able to tell the next.
  packets_.Cancel();
  for (auto& queue : pictures_) queue->Cancel();
  ingest_.Cancel();
}

bool Pipeline::Write(const InputFrame& frame) { return ingest_.PushNoWait(frame); }

void Pipeline::Finish() { ingest_.Close(); }

void Pipeline::Abort() {
  if (!ended_.exchange(true)) CancelAll();
}

void Pipeline::Join() {
  scaler_worker_.Join();
  for (auto& worker : encoder_workers_) worker->Join();
  packager_worker_.Join();
}

Status Pipeline::OpenPackager(std::vector<StreamInfo> streams, std::vector<EncodedPacket> early) {
  if (Status status = packager_->Open(std::move(streams)); !status.ok()) return status;
  sink_(OpenedEvent{packager_->Codecs()});
  for (EncodedPacket& packet : early) {
    if (Status status = packager_->Write(std::move(packet)); !status.ok()) return status;
  }
  return Status::Ok();
}

Status Pipeline::RunPackager() {
  std::vector<StreamInfo> streams;
  // What comes before the last encoder is open. Few: the scaler waits when that encoder's queue is
  // full.
  std::vector<EncodedPacket> early;
  std::size_t opened = 0;
  std::size_t ended = 0;
  while (std::optional<EncoderOutput> output = packets_.Pop()) {
    Status status;
    if (auto* stream = std::get_if<StreamInfo>(&*output)) {
      streams.push_back(std::move(*stream));
      if (++opened == encoders_.size()) status = OpenPackager(std::move(streams), std::move(early));
    } else if (auto* packet = std::get_if<EncodedPacket>(&*output)) {
      if (opened < encoders_.size()) {
        early.push_back(std::move(*packet));
      } else {
        status = packager_->Write(std::move(*packet));
      }
    } else if (++ended == encoders_.size()) {
      if (ended_.load()) return Status::Ok();
      status = packager_->Finish(scaler_.end());
      // An abort that came in the meantime has won: nobody is told that all went well.
      if (status.ok() && !ended_.load()) sink_(FinishedEvent{});
      return status;
    }
    if (!status.ok()) return status;
    stats_.packager_cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  return Status::Ok();
}

}  // namespace streamgear
