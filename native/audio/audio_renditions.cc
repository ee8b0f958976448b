#include "audio/audio_renditions.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

extern "C" {
#include <libavutil/time.h>
}

#include "audio/audio_container.h"
#include "audio/audio_failure.h"
#include "audio/capture_clock.h"
#include "base/language.h"

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

std::optional<double> TimeOf(const AVPacket& packet, AVRational time_base) {
  if (packet.pts == AV_NOPTS_VALUE) return std::nullopt;
  return static_cast<double>(packet.pts) * av_q2d(time_base);
}

}  // namespace

struct AudioRenditions::Continued {
  PipelineConfig config;  ///< of this rendition alone
  std::optional<AudioFlow> flow;
};

AudioRenditions::AudioRenditions(const PipelineConfig& config, PresentationClock& clock,
                                 PacketQueue& output, PipelineStats& stats, AudioEnd& end,
                                 EventSink sink, LogRing& log)
    : config_(config),
      clock_(clock),
      output_(output),
      stats_(stats),
      end_(end),
      sink_(std::move(sink)),
      log_(log) {}

AudioRenditions::~AudioRenditions() = default;

Status AudioRenditions::OpenPushed() {
  const AudioConfig& audio = config_.audio;
  if (std::ranges::any_of(audio.renditions, IsCopy)) {
    return AudioFailure(
        "AUDIO_FORMAT_UNSUPPORTED",
        "Expected an audio encoder for samples that are pushed but received \"copy\"");
  }
  pacer_.emplace(clock_, config_.input.ticks_per_second, true, sink_);
  SetOrigin(0);
  return OpenFlow({.format = PushFormat(audio), .language = audio.language, .name = audio.name},
                  PushRules());
}

Status AudioRenditions::Open(const StreamDescription& stream, bool captured) {
  const AudioConfig& audio = config_.audio;
  stream_ = &stream;
  captured_ = captured;
  pacer_.emplace(clock_, config_.input.ticks_per_second, !captured, sink_);
  AudioTraits traits{
      .parameters = stream.parameters.get(),
      .language = audio.language.empty() ? LanguageTag(stream.language) : audio.language,
      .name = audio.name.empty() ? stream.title : audio.name};
  if (Status status = OpenCopiers(traits); !status.ok()) return status;
  if (std::ranges::all_of(audio.renditions, IsCopy)) return Status::Ok();
  if (Status status = OpenDecoder(); !status.ok()) return status;
  traits.format = decoder_->format();
  return OpenFlow(traits, captured ? CaptureRules() : ContainerRules());
}

Status AudioRenditions::OpenCopiers(const AudioTraits& traits) {
  for (std::size_t i = 0; i < config_.audio.renditions.size(); ++i) {
    if (!IsCopy(config_.audio.renditions[i])) continue;
    copiers_.push_back(std::make_unique<AudioCopier>(config_, i, *pacer_, output_, stats_, sink_));
    Status status = copiers_.back()->Open(*stream_, traits, CopyRules());
    if (!status.ok()) return status;
  }
  if (!copiers_.empty()) watch_.emplace(*traits.parameters);
  return Status::Ok();
}

Status AudioRenditions::OpenDecoder() {
  if (decoder_.has_value()) return Status::Ok();
  decoder_.emplace(*stream_, log_, sink_);
  return decoder_->Open();
}

Status AudioRenditions::OpenFlow(const AudioTraits& traits, const TimelineRules& rules) {
  flow_.emplace(config_, rules, *pacer_, output_, stats_, sink_, log_);
  return flow_->Open(traits);
}

void AudioRenditions::SetOrigin(double seconds) {
  const bool counted = stream_ != nullptr && stream_->counted_times;
  packet_times_ = AudioTimes(seconds + config_.audio.start, counted);
  sample_times_ = packet_times_;
}

bool AudioRenditions::done() const {
  if (capture_ended_) return true;
  return (!flow_.has_value() || flow_->done()) &&
         std::ranges::all_of(copiers_, &AudioCopier::done) &&
         std::ranges::all_of(continued_, [](const auto& each) { return each->flow->done(); });
}

double AudioRenditions::position() const {
  return flow_.has_value() ? flow_->position() : stats_.audio.position.load();
}

Status AudioRenditions::AddSamples(FramePtr samples, std::optional<double> time) {
  time = sample_times_.Presented(time);
  for (const auto& each : continued_) {
    FramePtr shared = ShareFrame(samples.get());
    if (shared == nullptr) return AudioFailure("OUT_OF_MEMORY", "Expected memory for samples");
    if (each->flow->done()) continue;
    if (Status status = each->flow->Add(std::move(shared), time); !status.ok()) return status;
  }
  if (!flow_.has_value() || flow_->done()) return Status::Ok();
  return flow_->Add(std::move(samples), time);
}

Status AudioRenditions::Add(const AVPacket& packet) {
  if (!copiers_.empty()) {
    const std::optional<double> time = TimeOf(packet, stream_->time_base);
    if (Status status = Copy(packet, packet_times_.Presented(time)); !status.ok()) return status;
  }
  const bool encodes =
      (flow_.has_value() && !flow_->done()) ||
      std::ranges::any_of(continued_, [](const auto& each) { return !each->flow->done(); });
  return encodes ? Decode(&packet) : Status::Ok();
}

/// What is in doubt waits for the next packet. When that does not agree it was damaged.
Status AudioRenditions::Copy(const AVPacket& packet, std::optional<double> time) {
  switch (watch_->Judge(packet)) {
    case AudioChangeWatch::Verdict::kDoubt:
      doubtful_.reset(av_packet_clone(&packet));
      return doubtful_ != nullptr
                 ? Status::Ok()
                 : Status(AudioFailure("OUT_OF_MEMORY", "Expected memory for a packet"));
    case AudioChangeWatch::Verdict::kChanged:
      return EncodeInstead();
    case AudioChangeWatch::Verdict::kSame:
      doubtful_.reset();
  }
  for (const auto& copier : copiers_) {
    if (copier->done()) continue;
    if (Status status = copier->Add(packet, time); !status.ok()) return status;
  }
  return Status::Ok();
}

/// The header of the segments is written: what follows is made to fit it, or ends the audio.
Status AudioRenditions::EncodeInstead() {
  const bool decodes = flow_.has_value();  // and has had the packet that was in doubt
  const std::vector<std::unique_ptr<AudioCopier>> copiers = std::move(copiers_);
  copiers_.clear();
  for (const auto& copier : copiers) {
    if (copier->done()) {
      if (Status status = copier->Finish(); !status.ok()) return status;
      continue;
    }
    if (Status status = copier->Stop(); !status.ok()) return status;
    const std::string at = std::to_string(std::lround(copier->position() * 1000)) + " ms";
    Status refused;
    if (Status status = Continue(*copier, &refused); !status.ok()) return status;
    if (refused.ok()) {
      sink_(WarningEvent{.code = "AUDIO_CHANGED",
                         .message = "The audio, whose packets are copied, changes at " + at +
                                    " from " + watch_->change() +
                                    ": from there on it is encoded as it was before, because "
                                    "segments have one header"});
      continue;
    }
    end_.Break(copier->position(), "it changes from " + watch_->change() +
                                       ", which cannot be copied behind one header, nor encoded (" +
                                       refused.failure().message + ")");
    if (Status status = copier->Finish(); !status.ok()) return status;
  }
  if (continued_.empty() || decodes || doubtful_ == nullptr) return Status::Ok();
  const PacketPtr first = std::move(doubtful_);
  return Decode(first.get());
}

/// `*refused`: why nothing can go on behind this copy.
Status AudioRenditions::Continue(const AudioCopier& copier, Status* refused) {
  *refused = OpenDecoder();
  if (!refused->ok()) return Status::Ok();
  const AVCodecParameters* parameters = copier.parameters();
  const AVCodec* encoder = avcodec_find_encoder(parameters->codec_id);
  if (encoder == nullptr) {
    *refused = AudioFailure("ENCODER_NOT_FOUND", "there is no encoder");
    return Status::Ok();
  }
  auto made = std::make_unique<Continued>(Continued{.config = config_});
  AudioConfig& audio = made->config.audio;
  audio.start = -copier.position();  // nothing is wanted before that
  audio.sample_rate = parameters->sample_rate;
  audio.channels = ChannelsOf(parameters);
  audio.fill_gaps = true;
  for (std::size_t i = 0; i < audio.renditions.size(); ++i) {
    if (i == copier.rendition()) {
      audio.renditions[i] = {.codec = encoder->name, .bitrate = parameters->bit_rate};
    } else {
      audio.renditions[i].codec = std::string(kCopyCodec);  // somebody else's
    }
  }
  made->flow.emplace(made->config, ContainerRules(), *pacer_, output_, stats_, sink_, log_);
  *refused = made->flow->Open(
      {.format = decoder_->format(), .parameters = parameters, .continues = parameters});
  if (refused->ok()) continued_.push_back(std::move(made));
  return Status::Ok();
}

Status AudioRenditions::Decode(const AVPacket* packet) {
  decoder_->Send(packet);
  return TakeDecoded();
}

Status AudioRenditions::TakeDecoded() {
  std::optional<double> time;
  while (FramePtr samples = decoder_->Receive(&time)) {
    Status status = captured_ && flow_.has_value() ? TakeCaptured(std::move(samples), time)
                                                   : AddSamples(std::move(samples), time);
    if (!status.ok() || done()) return status;
  }
  return Status::Ok();
}

/// What a device gives has the time of the frames that were pushed when it was captured.
Status AudioRenditions::TakeCaptured(FramePtr samples, std::optional<double> stamp) {
  const double duration = static_cast<double>(samples->nb_samples) / samples->sample_rate;
  double age = duration;
  if (stamp.has_value()) {
    const double stamped = static_cast<double>(av_gettime()) / 1e6 - *stamp;
    if (std::abs(stamped) < kNearWallTime) age = stamped;
  }
  const Clock::time_point begin = Clock::now() - Seconds(age);
  const CaptureClock::Answer answer =
      CaptureClock(clock_, FrameDuration(config_)).At(begin, begin + Seconds(duration));
  if (!answer.wanted) {
    capture_ended_ = clock_.Now().ended;
    return Status::Ok();
  }
  // It cannot wait, and must not fill the memory.
  if (pacer_->IsTooFarAhead(flow_->position())) return flow_->Miss(*samples);
  return flow_->Add(std::move(samples), answer.time);
}

Status AudioRenditions::Finish() {
  const bool taken = (flow_.has_value() && flow_->done()) || capture_ended_;
  if (decoder_.has_value() && !taken) {
    if (Status status = Decode(nullptr); !status.ok()) return status;
    if (Status status = decoder_->Verdict(); !status.ok()) return status;
  }
  for (const auto& copier : copiers_) {
    if (Status status = copier->Finish(); !status.ok()) return status;
  }
  for (const auto& each : continued_) {
    if (Status status = each->flow->Finish(); !status.ok()) return status;
  }
  return flow_.has_value() ? flow_->Finish() : Status::Ok();
}

}  // namespace streamgear
