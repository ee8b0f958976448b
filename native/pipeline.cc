#include "pipeline.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "container/track_description.h"
#include "segment_packager.h"

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
      log_(sink_, config_.debug_log),
      stats_(config_.renditions.size() + config_.audio.renditions.size()),
      formats_(FormatsOf(config_)),
      ingest_(static_cast<std::size_t>(config_.ingest_queue)),
      pictures_(MakeQueues(config_)),
      packets_(static_cast<std::size_t>(config_.packet_queue)),
      clock_(config_.input.ticks_per_second),
      stages_(std::make_unique<Stages>()) {
  streams_ = config_.renditions.size() + config_.audio.renditions.size();
  stages_->scaler =
      std::make_unique<Scaler>(config_, formats_, ingest_, pictures_, clock_, stats_, sink_);
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    stages_->encoders.push_back(std::make_unique<Encoder>(
        config_, static_cast<int>(i), *pictures_[i], packets_, *stats_.renditions[i], log_, sink_));
  }
  if (source != nullptr) {
    stages_->source = std::make_unique<Source>(config_, std::move(source), ingest_, packets_,
                                               clock_, stats_, sink_, log_);
  }
  if (!config_.audio.renditions.empty()) {
    stages_->audio = std::make_unique<AudioStage>(
        config_, stages_->source == nullptr ? nullptr : stages_->source->audio(), clock_, packets_,
        stats_, sink_, log_);
  }
  stages_->packager = packager != nullptr
                          ? std::move(packager)
                          : std::make_unique<SegmentPackager>(config_, stats_, sink_);
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
  if (running_.fetch_sub(1) != 1) return;
  // All have ended already. Closing may wait for a server, which this thread must not.
  running_.store(1);
  StartThread("closer", [] { return Status::Ok(); });
}

void Pipeline::StartVideo() {
  for (std::size_t i = 0; i < stages_->encoders.size(); ++i) {
    StartWorker("encoder " + std::to_string(i),
                [encoder = stages_->encoders[i].get()] { return encoder->Run(); });
  }
  if (!config_.source.copy_video) {
    StartWorker("scaler", [scaler = stages_->scaler.get()] { return scaler->Run(); });
  }
  if (stages_->source == nullptr) return;
  for (Source::Thread& thread : stages_->source->Threads()) {
    StartWorker(thread.name, std::move(thread.body));
  }
}

void Pipeline::StartAudio() {
  AudioStage* audio = stages_->audio.get();
  if (audio == nullptr) return;
  StartWorker("audio", [audio, source = stages_->source.get()] {
    Status status = audio->Run();
    if (source != nullptr) source->CloseAudio();
    return status;
  });
}

void Pipeline::StartWorker(const std::string& name, Worker::Body body) {
  if (ended_.load()) return;
  running_.fetch_add(1);
  StartThread(name, std::move(body));
}

void Pipeline::StartThread(const std::string& name, Worker::Body body) {
  workers_.push_back(std::make_unique<Worker>());
  Status status = workers_.back()->Start(name, &log_, std::move(body),
                                         [this](const Status& result) { OnWorkerDone(result); });
  if (!status.ok()) OnWorkerDone(status);
}

void Pipeline::OnWorkerDone(const Status& status) {
  if (!status.ok()) Fail(status.failure());
  Release();
}

/// The last thread closes what all of them have used, so that ClosedEvent tells the truth.
void Pipeline::Release() {
  if (running_.fetch_sub(1) != 1) return;
  std::unique_ptr<Stages> closing;
  {
    const std::lock_guard lock(stages_mutex_);
    closing = std::move(stages_);
  }
  closing.reset();
  sink_(ClosedEvent{});
}

void Pipeline::Fail(Failure failure) {
  if (ended_.exchange(true)) return;
  if (failure.log.empty()) failure.log = log_.LastComplaint();
  sink_(FailedEvent{std::move(failure)});
  CancelAll();
}

void Pipeline::CancelAll() {
  const std::lock_guard lock(stages_mutex_);
  if (stages_ == nullptr) return;
  stages_->packager->Abort();
  // From the far end: a stage that takes a cancelled queue for the end of its input must not be
  // able to tell the next.
  packets_.Cancel();
  for (auto& queue : pictures_) queue->Cancel();
  ingest_.Cancel();
  clock_.Cancel();
  if (stages_->audio != nullptr) stages_->audio->Cancel();
  if (stages_->source != nullptr) stages_->source->Cancel();
}

bool Pipeline::Write(const InputFrame& frame) { return ingest_.PushNoWait(frame); }

bool Pipeline::IsFull() const {
  std::size_t waiting = 0;
  for (const auto& queue : pictures_) waiting = std::max(waiting, queue->size());
  // Last: the scaler may hand a frame on meanwhile, which would be in both.
  waiting += ingest_.size();
  return waiting >= ingest_.capacity() + static_cast<std::size_t>(config_.encoder_queue) + 1;
}

bool Pipeline::WriteAudio(AudioChunk chunk) {
  const std::lock_guard lock(stages_mutex_);
  return stages_ != nullptr && stages_->audio != nullptr && stages_->audio->Push(std::move(chunk));
}

std::size_t Pipeline::audio_size() const {
  const std::lock_guard lock(stages_mutex_);
  return stages_ == nullptr || stages_->audio == nullptr ? 0 : stages_->audio->queue_size();
}

void Pipeline::Finish() {
  const std::lock_guard lock(stages_mutex_);
  if (stages_ == nullptr) return;
  // A source ends by itself.
  if (stages_->source == nullptr) ingest_.Close();
  if (stages_->audio != nullptr) stages_->audio->FinishPush();
}

void Pipeline::Stop() {
  const std::lock_guard lock(stages_mutex_);
  if (stages_ != nullptr && stages_->source != nullptr) stages_->source->Stop();
}

void Pipeline::Abort() {
  if (!ended_.exchange(true)) CancelAll();
}

void Pipeline::Join() {
  for (auto& worker : workers_) worker->Join();
}

bool Pipeline::JoinUntil(std::chrono::steady_clock::time_point deadline) {
  return std::ranges::all_of(
      workers_, [deadline](const auto& worker) { return worker->JoinUntil(deadline); });
}

Status Pipeline::OpenPackager(Early early) {
  OpenedEvent opened{.audio = AudioTracksOf(early.streams)};
  if (Status status = stages_->packager->Open(std::move(early.streams)); !status.ok())
    return status;
  opened.codecs = stages_->packager->Codecs();
  sink_(std::move(opened));
  for (EncodedPacket& packet : early.packets) {
    if (Status status = stages_->packager->Write(std::move(packet)); !status.ok()) return status;
  }
  clock_.Release();
  return Status::Ok();
}

/// Maybe the last that the packager has waited for.
Status Pipeline::GoOnWithoutAudio(Early* early, std::size_t opened) {
  streams_ = config_.renditions.size();
  return opened == streams_ ? OpenPackager(std::move(*early)) : Status::Ok();
}

/// Few, as a rule: the scaler waits when the queue of an encoder that opens is full, and the audio
/// for the video. But the audio's own input may hang while it is opened: then the video waits.
void Pipeline::KeepEarly(EncodedPacket packet, Early* early) {
  early->bytes += static_cast<std::size_t>(std::max(0, packet.packet->size));
  early->packets.push_back(std::move(packet));
  if (early->held || early->bytes < kMaxEarlyBytes || stages_->audio == nullptr) return;
  const bool video_is_open =
      std::ranges::count(early->streams, MediaKind::kVideo, &StreamInfo::kind) ==
      std::ssize(config_.renditions);
  if (!video_is_open || !stages_->audio->HurryOpening()) return;
  early->held = true;
  clock_.Hold();
}

Status Pipeline::FinishPackager() {
  if (ended_.load()) return Status::Ok();
  const std::int64_t end = clock_.end_ticks();
  if (streams_ > config_.renditions.size()) {
    stages_->audio->CheckEnd(static_cast<double>(end) /
                             static_cast<double>(config_.input.ticks_per_second));
  }
  Status status = stages_->packager->Finish(end);
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
        status = stages_->packager->Write(std::move(*packet));
      }
    } else if (std::holds_alternative<AudioLeftOut>(*output)) {
      status = GoOnWithoutAudio(&early, opened);
    } else {
      ++ended;
    }
    if (!status.ok()) return status;
    if (ended == streams_) return FinishPackager();
    stats_.packager_cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  return Status::Ok();
}

}  // namespace streamgear
