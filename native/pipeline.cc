#include "pipeline.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "packaging/segment_packager.h"
#include "packaging/track_description.h"

namespace streamgear {
namespace {

/// Of the video that is kept until the audio is open.
constexpr std::size_t kMaxEarlyBytes = std::size_t{32} << 20;

/// Copied packets need no pictures.
std::vector<AVPixelFormat> FormatsOf(const PipelineConfig& config) {
  std::vector<AVPixelFormat> formats;
  if (config.source.copy_video) return formats;
  for (const RenditionConfig& rendition : config.renditions) {
    formats.push_back(EncoderPixelFormat(rendition));
  }
  return formats;
}

std::vector<std::unique_ptr<PictureQueue>> MakeQueues(const PipelineConfig& config) {
  std::vector<std::unique_ptr<PictureQueue>> queues;
  if (config.source.copy_video) return queues;
  for (std::size_t i = 0; i < config.renditions.size(); ++i) {
    queues.push_back(
        std::make_unique<PictureQueue>(static_cast<std::size_t>(config.encoder_queue)));
  }
  return queues;
}

std::vector<AudioTrackInfo> AudioTracksOf(const std::vector<StreamInfo>& streams) {
  std::vector<const StreamInfo*> audio;
  for (const StreamInfo& stream : streams) {
    if (stream.kind == MediaKind::kAudio) audio.push_back(&stream);
  }
  std::ranges::sort(audio, {}, &StreamInfo::rendition);
  std::vector<AudioTrackInfo> tracks;
  for (const StreamInfo* stream : audio) tracks.push_back(AudioTrackOf(*stream));
  return tracks;
}

}  // namespace

Pipeline::Pipeline(PipelineConfig config, EventSink sink, std::unique_ptr<Packager> packager,
                   std::unique_ptr<MediaInput> source)
    : config_(std::move(config)),
      sink_(std::move(sink)),
      log_(sink_),
      stats_(config_.renditions.size() + config_.audio.renditions.size()),
      formats_(FormatsOf(config_)),
      ingest_(static_cast<std::size_t>(config_.ingest_queue)),
      pictures_(MakeQueues(config_)),
      packets_(static_cast<std::size_t>(config_.packet_queue)),
      clock_(config_.input.ticks_per_second),
      scaler_(config_, formats_, ingest_, pictures_, clock_, stats_, sink_),
      packager_(packager != nullptr ? std::move(packager)
                                    : std::make_unique<SegmentPackager>(config_, stats_, sink_)) {
  streams_ = config_.renditions.size() + config_.audio.renditions.size();
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    encoders_.push_back(std::make_unique<Encoder>(config_, static_cast<int>(i), *pictures_[i],
                                                  packets_, *stats_.renditions[i], log_, sink_));
  }
  if (source != nullptr) {
    source_ = std::make_unique<Source>(config_, std::move(source), ingest_, packets_, clock_,
                                       stats_, sink_, log_);
  }
  if (!config_.audio.renditions.empty()) {
    audio_ = std::make_unique<AudioStage>(config_, source_ == nullptr ? nullptr : source_->audio(),
                                          clock_, packets_, stats_, sink_, log_);
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
    StartWorker("packager", [this] { return RunPackager(); });
    StartVideo();
    StartAudio();
  }
  Release();
}

void Pipeline::StartVideo() {
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    StartWorker("encoder " + std::to_string(i),
                [encoder = encoders_[i].get()] { return encoder->Run(); });
  }
  if (!config_.source.copy_video) StartWorker("scaler", [this] { return scaler_.Run(); });
  if (source_ == nullptr) return;
  for (Source::Thread& thread : source_->Threads()) {
    StartWorker(thread.name, std::move(thread.body));
  }
}

void Pipeline::StartAudio() {
  if (audio_ == nullptr) return;
  StartWorker("audio", [this] {
    Status status = audio_->Run();
    if (source_ != nullptr) source_->CloseAudio();
    return status;
  });
}

void Pipeline::StartWorker(const std::string& name, Worker::Body body) {
  if (ended_.load()) return;
  running_.fetch_add(1);
  workers_.push_back(std::make_unique<Worker>());
  Status status = workers_.back()->Start(name, &log_, std::move(body),
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
  clock_.Cancel();
  if (audio_ != nullptr) audio_->Cancel();
  if (source_ != nullptr) source_->Cancel();
}

bool Pipeline::Write(const InputFrame& frame) { return ingest_.PushNoWait(frame); }

bool Pipeline::WriteAudio(AudioChunk chunk) {
  return audio_ != nullptr && audio_->Push(std::move(chunk));
}

void Pipeline::Finish() {
  // A source ends by itself.
  if (source_ == nullptr) ingest_.Close();
  if (audio_ != nullptr) audio_->FinishPush();
}

void Pipeline::Stop() {
  if (source_ != nullptr) source_->Stop();
}

void Pipeline::Abort() {
  if (!ended_.exchange(true)) CancelAll();
}

void Pipeline::Join() {
  for (auto& worker : workers_) worker->Join();
}

Status Pipeline::OpenPackager(Early early) {
  OpenedEvent opened{.audio = AudioTracksOf(early.streams)};
  if (Status status = packager_->Open(std::move(early.streams)); !status.ok()) return status;
  opened.codecs = packager_->Codecs();
  sink_(std::move(opened));
  for (EncodedPacket& packet : early.packets) {
    if (Status status = packager_->Write(std::move(packet)); !status.ok()) return status;
  }
  clock_.Release();
  return Status::Ok();
}

/// Few, as a rule: the scaler waits when the queue of an encoder that opens is full, and the audio
/// for the video. But the audio's own input may hang while it is opened: then the video waits.
void Pipeline::KeepEarly(EncodedPacket packet, Early* early) {
  early->bytes += static_cast<std::size_t>(std::max(0, packet.packet->size));
  early->packets.push_back(std::move(packet));
  if (early->held || early->bytes < kMaxEarlyBytes || audio_ == nullptr) return;
  const bool video_is_open =
      std::ranges::count(early->streams, MediaKind::kVideo, &StreamInfo::kind) ==
      std::ssize(config_.renditions);
  if (!video_is_open || !audio_->HurryOpening()) return;
  early->held = true;
  clock_.Hold();
}

Status Pipeline::FinishPackager() {
  if (ended_.load()) return Status::Ok();
  const std::int64_t end = clock_.end_ticks();
  if (audio_ != nullptr) {
    audio_->CheckEnd(static_cast<double>(end) /
                     static_cast<double>(config_.input.ticks_per_second));
  }
  Status status = packager_->Finish(end);
  // An abort that came in the meantime has won: nobody is told that all went well.
  if (status.ok() && !ended_.load()) sink_(FinishedEvent{});
  return status;
}

Status Pipeline::RunPackager() {
  Early early;
  std::size_t opened = 0;
  std::size_t ended = 0;
  while (std::optional<EncoderOutput> output = packets_.Pop()) {
    Status status;
    if (auto* stream = std::get_if<StreamInfo>(&*output)) {
      early.streams.push_back(std::move(*stream));
      if (++opened == streams_) status = OpenPackager(std::move(early));
    } else if (auto* packet = std::get_if<EncodedPacket>(&*output)) {
      if (opened < streams_) {
        KeepEarly(std::move(*packet), &early);
      } else {
        status = packager_->Write(std::move(*packet));
      }
    } else if (++ended == streams_) {
      return FinishPackager();
    }
    if (!status.ok()) return status;
    stats_.packager_cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  return Status::Ok();
}

}  // namespace streamgear
