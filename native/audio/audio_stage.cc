#include "audio/audio_stage.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "audio/audio_failure.h"
#include "audio/audio_packet_reader.h"
#include "audio/audio_renditions.h"
#include "base/worker.h"

namespace streamgear {
struct AudioStage::State {
  State(const PipelineConfig& pipeline_config, PacketReader* source_packets,
        PresentationClock& presentation_clock, PacketQueue& packet_queue,
        PipelineStats& pipeline_stats, EventSink event_sink, LogRing& log_ring);

  [[nodiscard]] Status Run();
  void Cancel();
  void GiveUpSoon();
  [[nodiscard]] bool HurryOpening();

  // Opening.
  [[nodiscard]] Status OpenPackets();
  void EndOpening();
  [[nodiscard]] Status OpenFailed(const Status& status) const;
  [[nodiscard]] Status LeaveOut(const Status& status);

  // Running.
  [[nodiscard]] Status ReadChunk();
  [[nodiscard]] Status ReadPacket();
  [[nodiscard]] bool Done() const;

  // Ending.
  void EndEarly(const Status& status);
  void CheckEnd(double video_end);
  void Close();
  void SettleChunks();
  [[nodiscard]] Status Finish();

  const PipelineConfig& config;
  const AudioConfig& audio;
  PresentationClock& clock;
  PacketQueue& output;
  PipelineStats& stats;
  const EventSink sink;
  LogRing& log;

  AudioChunkQueue chunks;                     ///< kPush
  std::mutex reader_mutex;                    ///< guards it against other threads' calls
  std::unique_ptr<AudioPacketReader> reader;  ///< kInput
  bool opening = false;                       ///< the reader; under its mutex
  PacketReader* packets = nullptr;            ///< kInput, kSource

  AudioEnd end;
  bool ended = false;     ///< the input
  bool left_out = false;  ///< it could not be opened, and need not be
  PacketPtr packet{av_packet_alloc()};
  std::optional<AudioRenditions> renditions;
};

AudioStage::State::State(const PipelineConfig& pipeline_config, PacketReader* source_packets,
                         PresentationClock& presentation_clock, PacketQueue& packet_queue,
                         PipelineStats& pipeline_stats, EventSink event_sink, LogRing& log_ring)
    : config(pipeline_config),
      audio(pipeline_config.audio),
      clock(presentation_clock),
      output(packet_queue),
      stats(pipeline_stats),
      sink(std::move(event_sink)),
      log(log_ring),
      chunks(clock.tick_clock()),
      packets(source_packets),
      end(audio, sink) {
  if (audio.origin != AudioOrigin::kInput) return;
  reader = std::make_unique<AudioPacketReader>(audio, clock.tick_clock(), sink);
  packets = reader.get();
  opening = true;
}

Status AudioStage::State::Run() {
  const bool pushed = audio.origin == AudioOrigin::kPush;
  if (packet == nullptr)
    return AudioFailure("OUT_OF_MEMORY", "Expected memory but the system gave none");
  renditions.emplace(config, clock, output, stats, end, sink, log);
  // Once the video has ended, each wait for the input is a short one.
  if (clock.Now().ended) GiveUpSoon();
  if (Status status = pushed ? renditions->OpenPushed() : OpenPackets(); !status.ok())
    return status;
  if (left_out) return Status::Ok();
  while (!ended && !Done()) {
    if (clock.Now().ended) GiveUpSoon();
    if (Status status = pushed ? ReadChunk() : ReadPacket(); !status.ok()) return status;
    stats.audio.cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  }
  if (clock.Now().cancelled) return Status::Ok();
  return Finish();
}

void AudioStage::State::Cancel() {
  clock.Cancel();
  chunks.Cancel();
  const std::lock_guard lock(reader_mutex);
  if (reader != nullptr) reader->Cancel();
}

void AudioStage::State::GiveUpSoon() {
  const Clock::time_point deadline = clock.tick_clock().Now() + kStallPatience;
  chunks.SetDeadline(deadline);
  const std::lock_guard lock(reader_mutex);
  if (reader != nullptr) reader->SetDeadline(deadline);
}

bool AudioStage::State::HurryOpening() {
  {
    const std::lock_guard lock(reader_mutex);
    if (reader == nullptr) return false;
    if (!opening) return true;
    reader->SetDeadline(clock.tick_clock().Now() + kOpenPatience);
  }
  sink(WarningEvent{.code = "VIDEO_WAITS_FOR_AUDIO",
                    .message = "The video waits for the audio, as \"" + audio.input.url +
                               "\" is still being opened: " +
                               std::to_string(kOpenPatience.count()) + " s more at most"});
  return true;
}

Status AudioStage::State::OpenPackets() {
  if (packets == nullptr) {
    return AudioFailure("NO_AUDIO", "Expected a source with an audio stream but it has none");
  }
  bool captured = false;
  if (reader != nullptr) {
    Status opened = reader->Open();
    if (!opened.ok()) opened = OpenFailed(opened);
    EndOpening();
    if (!opened.ok() && audio.optional) return LeaveOut(opened);
    if (!opened.ok() || reader->input().cancelled()) return opened;
    captured = audio.clock == AudioClock::kWall ||
               (audio.clock == AudioClock::kByInput && reader->input().info().device);
  }
  if (Status status = renditions->Open(packets->stream(), captured); !status.ok()) return status;
  // The first frame of a source says what time it is.
  renditions->SetOrigin(reader != nullptr ? reader->origin() : clock.WaitForBegin().origin);
  return Status::Ok();
}

void AudioStage::State::EndOpening() {
  const std::lock_guard lock(reader_mutex);
  opening = false;
  if (!clock.Now().ended) reader->SetDeadline(Clock::time_point::max());
}

/// Opening waits for the network: who ended it?
Status AudioStage::State::OpenFailed(const Status& status) const {
  if (reader->input().cancelled()) return Status::Ok();
  if (!reader->input().expired()) return status;
  const bool ended_first = clock.Now().ended;
  const auto patience = ended_first ? kStallPatience : kOpenPatience;
  return AudioFailure("SOURCE_OPEN_FAILED",
                      "Expected audio but \"" + audio.input.url + "\" had given none " +
                          std::to_string(patience.count()) + " s after the video had " +
                          (ended_first ? "ended" : "begun to wait for it"));
}

Status AudioStage::State::LeaveOut(const Status& status) {
  left_out = true;
  sink(WarningEvent{.code = "AUDIO_LEFT_OUT",
                    .message = "The video comes without audio: " + status.failure().message});
  (void)output.Push(AudioLeftOut{});  // a queue that was cancelled needs no word
  return Status::Ok();
}

bool AudioStage::State::Done() const { return clock.Now().cancelled || renditions->done(); }

Status AudioStage::State::ReadChunk() {
  AudioChunk chunk;
  switch (chunks.Pop(&chunk)) {
    case AudioChunkQueue::Result::kChunk:
      break;
    case AudioChunkQueue::Result::kExpired:
      end.Stall(renditions->position());
      [[fallthrough]];
    default:
      ended = true;
      return Status::Ok();
  }
  sink(AudioReadEvent{chunk.id});
  if (chunk.samples == nullptr || chunk.samples->nb_samples == 0) return Status::Ok();
  std::optional<double> time;
  if (chunk.timestamp >= 0) time = chunk.timestamp;
  return renditions->AddSamples(std::move(chunk.samples), time);
}

Status AudioStage::State::ReadPacket() {
  PacketReader::Result result = PacketReader::Result::kEnd;
  if (Status status = packets->Read(packet.get(), &result); !status.ok()) {
    ended = true;
    EndEarly(status);
    return Status::Ok();
  }
  ended = result != PacketReader::Result::kPacket;
  if (result == PacketReader::Result::kEnd && reader != nullptr) {
    end.CheckSource(renditions->position(), reader->duration());
  }
  if (ended) return Status::Ok();
  Status status = renditions->Add(*packet);
  av_packet_unref(packet.get());
  return status;
}

void AudioStage::State::EndEarly(const Status& status) {
  if (clock.Now().cancelled) return;
  if (reader != nullptr && reader->input().expired()) {
    end.Stall(renditions->position());
    return;
  }
  end.Break(renditions->position(), status.failure().message);
}

/// What was encoded before anybody knew the end of the video is cut by the packager.
void AudioStage::State::CheckEnd(double video_end) {
  const double position = std::min(stats.audio.position.load(), video_end);
  stats.audio.position.store(position);
  end.CheckVideo(position, video_end);
}

Status AudioStage::State::Finish() {
  Status status = renditions->Finish();
  stats.audio.cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  return status;
}

/// On the thread that opened it all, whatever the way out.
void AudioStage::State::Close() {
  renditions.reset();
  std::unique_ptr<AudioPacketReader> closing;
  {
    const std::lock_guard lock(reader_mutex);
    closing = std::move(reader);
  }
  if (closing != nullptr) closing->Cancel();  // nothing that it has to say is waited for
}

/// What nobody will take any more: their callers wait.
void AudioStage::State::SettleChunks() {
  chunks.Close();
  AudioChunk chunk;
  while (chunks.Pop(&chunk) == AudioChunkQueue::Result::kChunk) sink(AudioReadEvent{chunk.id});
}

AudioStage::AudioStage(const PipelineConfig& config, PacketReader* source, PresentationClock& clock,
                       PacketQueue& output, PipelineStats& stats, EventSink sink, LogRing& log)
    : state_(std::make_unique<State>(config, source, clock, output, stats, std::move(sink), log)) {
  clock.OnEnd([state = state_.get()] { state->GiveUpSoon(); });
}

AudioStage::~AudioStage() = default;

Status AudioStage::Run() {
  Status status = state_->Run();
  state_->Close();
  state_->SettleChunks();
  return status;
}

bool AudioStage::Push(AudioChunk chunk) { return state_->chunks.Push(std::move(chunk)); }

void AudioStage::FinishPush() { state_->chunks.Close(); }

bool AudioStage::HurryOpening() { return state_->HurryOpening(); }

void AudioStage::CheckEnd(double video_end) { state_->CheckEnd(video_end); }

void AudioStage::Cancel() { state_->Cancel(); }

std::size_t AudioStage::queue_size() const { return state_->chunks.size(); }

}  // namespace streamgear
