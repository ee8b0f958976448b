#include "audio/audio_stage.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/time.h>
}

#include "audio/audio_container.h"
#include "audio/audio_copier.h"
#include "audio/audio_decoder.h"
#include "audio/audio_encoder.h"
#include "audio/audio_flow.h"
#include "audio/audio_pacer.h"
#include "audio/audio_packet_reader.h"
#include "audio/capture_clock.h"
#include "base/language.h"
#include "base/worker.h"

namespace streamgear {
namespace {

/// Devices of libavdevice stamp what they capture with the wall's time; what is further from it is
/// another clock.
constexpr double kNearWallTime = 3600;

Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

bool IsCopy(const AudioRenditionConfig& rendition) { return rendition.codec == kCopyCodec; }

double FrameDuration(const PipelineConfig& config) {
  return static_cast<double>(config.picture_rate.den) /
         static_cast<double>(config.picture_rate.num);
}

Status Fail(std::string code, std::string message) {
  return Status(Failure{.code = std::move(code), .message = std::move(message), .stage = "audio"});
}

}  // namespace

struct AudioStage::State {
  State(const PipelineConfig& pipeline_config, PacketReader* source_packets,
        PresentationClock& presentation_clock, PacketQueue& packet_queue,
        PipelineStats& pipeline_stats, EventSink event_sink, LogRing& log_ring);

  [[nodiscard]] Status Run();
  void Cancel();
  void GiveUpSoon();
  [[nodiscard]] bool HurryOpening();

  // Opening.
  [[nodiscard]] Status OpenPushed();
  [[nodiscard]] Status OpenPackets();
  void EndOpening();
  [[nodiscard]] Status OpenFailed(const Status& status) const;
  [[nodiscard]] Status OpenFlow(const AudioTraits& traits, const TimelineRules& rules);

  // Running.
  [[nodiscard]] Status ReadChunk();
  [[nodiscard]] Status ReadPacket();
  [[nodiscard]] Status TakePacket();
  [[nodiscard]] Status TakeDecoded();
  [[nodiscard]] Status TakeCaptured(FramePtr samples, std::optional<double> stamp);
  [[nodiscard]] std::optional<double> Presented(std::optional<double> time) const;
  [[nodiscard]] bool Done() const;

  // Ending.
  void EndEarly(const Status& status);
  void CheckEnd(double video_end);
  [[nodiscard]] double Position() const;
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
  bool captured = false;  ///< by a device: its time is the wall's
  double origin = 0;      ///< seconds on the input's time line that are presentation time 0
  PacketPtr packet{av_packet_alloc()};
  std::optional<AudioPacer> pacer;
  std::optional<AudioDecoder> decoder;
  std::optional<AudioFlow> flow;  ///< empty when all renditions are copies
  std::vector<std::unique_ptr<AudioCopier>> copiers;
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
      packets(source_packets),
      end(audio, sink) {
  if (audio.origin != AudioOrigin::kInput) return;
  reader = std::make_unique<AudioPacketReader>(audio, sink);
  packets = reader.get();
  opening = true;
}

Status AudioStage::State::Run() {
  const bool pushed = audio.origin == AudioOrigin::kPush;
  if (packet == nullptr) return Fail("OUT_OF_MEMORY", "Expected memory but the system gave none");
  // Once the video has ended, each wait for the input is a short one.
  if (clock.Now().ended) GiveUpSoon();
  if (Status status = pushed ? OpenPushed() : OpenPackets(); !status.ok()) return status;
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
  const Clock::time_point deadline = Clock::now() + kStallPatience;
  chunks.SetDeadline(deadline);
  const std::lock_guard lock(reader_mutex);
  if (reader != nullptr) reader->SetDeadline(deadline);
}

bool AudioStage::State::HurryOpening() {
  {
    const std::lock_guard lock(reader_mutex);
    if (reader == nullptr) return false;
    if (!opening) return true;
    reader->SetDeadline(Clock::now() + kOpenPatience);
  }
  sink(WarningEvent{.code = "VIDEO_WAITS_FOR_AUDIO",
                    .message = "The video waits for the audio, as \"" + audio.input.url +
                               "\" is still being opened: " +
                               std::to_string(kOpenPatience.count()) + " s more at most"});
  return true;
}

Status AudioStage::State::OpenPushed() {
  if (std::ranges::any_of(audio.renditions, IsCopy)) {
    return Fail("AUDIO_FORMAT_UNSUPPORTED",
                "Expected an audio encoder for samples that are pushed but received \"copy\"");
  }
  pacer.emplace(clock, config.input.ticks_per_second, true, sink);
  return OpenFlow({.format = PushFormat(audio), .language = audio.language, .name = audio.name},
                  PushRules());
}

Status AudioStage::State::OpenPackets() {
  if (packets == nullptr) {
    return Fail("NO_AUDIO", "Expected a source with an audio stream but it has none");
  }
  if (reader != nullptr) {
    if (Status status = reader->Open(); !status.ok()) return OpenFailed(status);
    EndOpening();
    origin = reader->origin();
    captured = audio.clock == "wall" || (audio.clock.empty() && reader->input().info().device);
  }
  pacer.emplace(clock, config.input.ticks_per_second, !captured, sink);
  const StreamDescription& stream = packets->stream();
  AudioTraits traits{
      .parameters = stream.parameters.get(),
      .language = audio.language.empty() ? LanguageTag(stream.language) : audio.language,
      .name = audio.name.empty() ? stream.title : audio.name};
  for (std::size_t i = 0; i < audio.renditions.size(); ++i) {
    if (!IsCopy(audio.renditions[i])) continue;
    copiers.push_back(std::make_unique<AudioCopier>(config, i, *pacer, output, stats));
    Status status = copiers.back()->Open(stream, traits, CopyRules());
    if (!status.ok()) return status;
  }
  if (!std::ranges::all_of(audio.renditions, IsCopy)) {
    decoder.emplace(stream, log, sink);
    if (Status status = decoder->Open(); !status.ok()) return status;
    traits.format = decoder->format();
    Status status = OpenFlow(traits, captured ? CaptureRules() : ContainerRules());
    if (!status.ok()) return status;
  }
  // Its first frame says what time it is.
  if (reader == nullptr) origin = clock.WaitForBegin().origin;
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
  return Fail("SOURCE_OPEN_FAILED", "Expected audio but \"" + audio.input.url +
                                        "\" had given none " + std::to_string(patience.count()) +
                                        " s after the video had " +
                                        (ended_first ? "ended" : "begun to wait for it"));
}

Status AudioStage::State::OpenFlow(const AudioTraits& traits, const TimelineRules& rules) {
  flow.emplace(config, rules, *pacer, output, stats, sink, log);
  return flow->Open(traits);
}

/// Seconds of presentation.
std::optional<double> AudioStage::State::Presented(std::optional<double> time) const {
  if (!time.has_value()) return std::nullopt;
  return *time - origin - audio.start;
}

bool AudioStage::State::Done() const {
  return clock.Now().cancelled ||
         ((!flow.has_value() || flow->done()) && std::ranges::all_of(copiers, &AudioCopier::done));
}

Status AudioStage::State::ReadChunk() {
  AudioChunk chunk;
  switch (chunks.Pop(&chunk)) {
    case AudioChunkQueue::Result::kChunk:
      break;
    case AudioChunkQueue::Result::kExpired:
      end.Stall(Position());
      [[fallthrough]];
    default:
      ended = true;
      return Status::Ok();
  }
  sink(AudioReadEvent{chunk.id});
  if (chunk.samples == nullptr || chunk.samples->nb_samples == 0) return Status::Ok();
  std::optional<double> time;
  if (chunk.timestamp >= 0) time = chunk.timestamp;
  return flow->Add(std::move(chunk.samples), Presented(time));
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
    end.CheckSource(Position(), reader->duration());
  }
  if (ended) return Status::Ok();
  Status status = TakePacket();
  av_packet_unref(packet.get());
  return status;
}

Status AudioStage::State::TakePacket() {
  std::optional<double> time;
  if (packet->pts != AV_NOPTS_VALUE) {
    time = static_cast<double>(packet->pts) * av_q2d(packets->stream().time_base);
  }
  for (const auto& copier : copiers) {
    if (copier->done()) continue;
    if (Status status = copier->Add(*packet, Presented(time)); !status.ok()) return status;
  }
  if (!decoder.has_value() || flow->done()) return Status::Ok();
  decoder->Send(packet.get());
  return TakeDecoded();
}

Status AudioStage::State::TakeDecoded() {
  std::optional<double> time;
  while (FramePtr samples = decoder->Receive(&time)) {
    Status status = captured ? TakeCaptured(std::move(samples), time)
                             : flow->Add(std::move(samples), Presented(time));
    if (!status.ok() || flow->done()) return status;
  }
  return Status::Ok();
}

/// What a device gives has the time of the frames that were pushed when it was captured.
Status AudioStage::State::TakeCaptured(FramePtr samples, std::optional<double> stamp) {
  const double duration = static_cast<double>(samples->nb_samples) / samples->sample_rate;
  double age = duration;
  if (stamp.has_value()) {
    const double stamped = static_cast<double>(av_gettime()) / 1e6 - *stamp;
    if (std::abs(stamped) < kNearWallTime) age = stamped;
  }
  const Clock::time_point begin = Clock::now() - Seconds(age);
  const CaptureClock::Answer answer =
      CaptureClock(clock, FrameDuration(config)).At(begin, begin + Seconds(duration));
  if (!answer.wanted) {
    ended = clock.Now().ended;
    return Status::Ok();
  }
  // It cannot wait, and must not fill the memory.
  if (pacer->IsTooFarAhead(flow->position())) return flow->Miss(*samples);
  return flow->Add(std::move(samples), answer.time);
}

void AudioStage::State::EndEarly(const Status& status) {
  if (clock.Now().cancelled) return;
  if (reader != nullptr && reader->input().expired()) {
    end.Stall(Position());
    return;
  }
  end.Break(Position(), status.failure().message);
}

/// What was encoded before anybody knew the end of the video is cut by the packager.
void AudioStage::State::CheckEnd(double video_end) {
  const double position = std::min(stats.audio.position.load(), video_end);
  stats.audio.position.store(position);
  end.CheckVideo(position, video_end);
}

double AudioStage::State::Position() const {
  return flow.has_value() ? flow->position() : stats.audio.position.load();
}

Status AudioStage::State::Finish() {
  if (decoder.has_value() && !flow->done()) {
    decoder->Send(nullptr);
    if (Status status = TakeDecoded(); !status.ok()) return status;
    if (Status status = decoder->Verdict(); !status.ok()) return status;
  }
  for (const auto& copier : copiers) {
    if (Status status = copier->Finish(); !status.ok()) return status;
  }
  if (!flow.has_value()) return Status::Ok();
  Status status = flow->Finish();
  stats.audio.cpu_nanoseconds.store(ThreadCpuNanoseconds(), std::memory_order_relaxed);
  return status;
}

/// On the thread that opened it all, whatever the way out.
void AudioStage::State::Close() {
  flow.reset();
  copiers.clear();
  decoder.reset();
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
