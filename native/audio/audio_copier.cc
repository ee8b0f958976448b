#include "audio/audio_copier.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "audio/audio_container.h"

namespace streamgear {
namespace {

/// Samples that an encoder puts before the first at most (Apple's AAC: 2112; Opus: 3840).
constexpr std::int64_t kLongestPriming = 4096;

}  // namespace

AudioCopier::AudioCopier(const PipelineConfig& config, std::size_t index, AudioPacer& pacer,
                         PacketQueue& output, PipelineStats& stats, EventSink sink)
    : config_(config),
      index_(static_cast<int>(config.renditions.size() + index)),
      pacer_(pacer),
      output_(output),
      rendition_stats_(*stats.renditions[static_cast<std::size_t>(index_)]),
      stats_(stats.audio),
      gaps_(false, std::move(sink)) {}

Status AudioCopier::Fail(const std::string& code, const std::string& what, int error) const {
  return Status(Failure{.code = code,
                        .message = "The audio (rendition " + std::to_string(index_) +
                                   ") cannot be copied: " + what + ": " + AvErrorText(error),
                        .stage = "audio",
                        .rendition = index_,
                        .averror = error});
}

Status AudioCopier::Open(const StreamDescription& stream, const AudioTraits& traits,
                         const TimelineRules& rules) {
  const AVCodecParameters* parameters = stream.parameters.get();
  const SegmentType type = config_.packaging.segment_type;
  if (Status status = CheckAudioCodec(parameters->codec_id, type, index_); !status.ok()) {
    return status;
  }
  if (parameters->sample_rate <= 0) {
    return Fail("DECODE_FAILED", "nobody knows its sample rate", AVERROR_INVALIDDATA);
  }
  stream_ = &stream;
  timeline_.emplace(rules, parameters->sample_rate, -config_.audio.start);
  info_.rendition = index_;
  info_.kind = MediaKind::kAudio;
  info_.ticks_per_second = parameters->sample_rate;
  info_.language = traits.language;
  info_.name = traits.name;
  info_.parameters.reset(avcodec_parameters_alloc());
  if (info_.parameters == nullptr ||
      avcodec_parameters_copy(info_.parameters.get(), parameters) < 0) {
    return Fail("OUT_OF_MEMORY", "there is no memory", AVERROR(ENOMEM));
  }
  info_.parameters->codec_tag = 0;  // of the container that it came from
  const bool adts = parameters->codec_id == AV_CODEC_ID_AAC && parameters->extradata_size == 0;
  // With its headers at hand the packager need not wait for the first packet, which may be late.
  return adts && type == SegmentType::kFmp4 ? OpenConverter() : Announce();
}

/// AAC of MPEG-TS and of .aac files says in each packet what MP4 wants in its header.
Status AudioCopier::OpenConverter() {
  const AVBitStreamFilter* filter = av_bsf_get_by_name("aac_adtstoasc");
  AVBSFContext* context = nullptr;
  int error = filter == nullptr ? AVERROR_BSF_NOT_FOUND : av_bsf_alloc(filter, &context);
  converter_.reset(context);
  if (error >= 0) error = avcodec_parameters_copy(context->par_in, stream_->parameters.get());
  if (error >= 0) {
    context->time_base_in = stream_->time_base;
    error = av_bsf_init(context);
  }
  return error < 0 ? Fail("ENCODER_OPEN_FAILED", "its headers cannot be converted", error)
                   : Status::Ok();
}

/// `*damaged`: nobody could play it.
Status AudioCopier::Convert(AVPacket* packet, bool* damaged) {
  int error = av_bsf_send_packet(converter_.get(), packet);
  if (error >= 0) error = av_bsf_receive_packet(converter_.get(), packet);
  *damaged = error < 0;
  if (*damaged) return Status::Ok();
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (data == nullptr || announced_) return Status::Ok();
  AVCodecParameters* parameters = info_.parameters.get();
  av_freep(&parameters->extradata);
  parameters->extradata_size = 0;
  parameters->extradata =
      static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
  if (parameters->extradata == nullptr) {
    return Fail("OUT_OF_MEMORY", "there is no memory", AVERROR(ENOMEM));
  }
  std::copy_n(data, size, parameters->extradata);
  parameters->extradata_size = static_cast<int>(size);
  return Status::Ok();
}

std::int64_t AudioCopier::DurationOf(const AVPacket& packet) const {
  const AVRational samples{1, timeline_->rate()};
  const int exact = av_get_audio_frame_duration2(stream_->parameters.get(), packet.size);
  if (packet.duration <= 0) return std::max(1, exact);
  // Matroska rounds to milliseconds, which would add up to gaps.
  const std::int64_t told = av_rescale_q(packet.duration, stream_->time_base, samples);
  const std::int64_t tick = av_rescale_q_rnd(1, stream_->time_base, samples, AV_ROUND_UP);
  return exact > 0 && std::abs(exact - told) <= tick ? exact : told;
}

Status AudioCopier::Add(const AVPacket& packet, std::optional<double> time) {
  // Cut off at the end of the file, or torn: nobody could play it.
  if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0) return Status::Ok();
  PacketPtr copy(av_packet_clone(&packet));
  if (copy == nullptr) return Fail("OUT_OF_MEMORY", "there is no memory", AVERROR(ENOMEM));
  copy->duration = DurationOf(packet);
  if (converter_ != nullptr) {
    bool damaged = false;
    Status status = Convert(copy.get(), &damaged);
    if (!status.ok() || damaged) return status;
  }
  if (Status status = Announce(); !status.ok()) return status;
  const std::int64_t duration = copy->duration;
  waiting_.push_back(std::move(copy));
  return Settle(timeline_->Add(time, duration));
}

Status AudioCopier::Announce() {
  if (announced_) return Status::Ok();
  parameters_.reset(avcodec_parameters_alloc());
  if (parameters_ == nullptr ||
      avcodec_parameters_copy(parameters_.get(), info_.parameters.get()) < 0) {
    return Fail("OUT_OF_MEMORY", "there is no memory", AVERROR(ENOMEM));
  }
  announced_ = true;
  Send(std::move(info_));
  return Status::Ok();
}

Status AudioCopier::Settle(const std::vector<AudioTimeline::Placement>& placements) {
  for (const AudioTimeline::Placement& placement : placements) {
    PacketPtr packet = std::move(waiting_.front());
    waiting_.pop_front();
    if (done_) continue;
    if (placement.gap > 0 && end_ > INT64_MIN) stats_.gaps.fetch_add(1, std::memory_order_relaxed);
    if (Status status = Emit(std::move(packet), placement.begin); !status.ok()) return status;
  }
  return Status::Ok();
}

/// Before 0: the priming, or the one packet that a decoder needs to be in tune at 0. Later: what
/// does not overlap.
bool AudioCopier::IsWanted(std::int64_t begin, std::int64_t duration) {
  if (!primed_.has_value()) primed_ = begin > -kLongestPriming;
  if (!*primed_ && begin + 2 * duration <= 0) return false;
  return end_ == INT64_MIN || begin >= end_ - duration / 2;
}

Status AudioCopier::Emit(PacketPtr packet, std::int64_t begin) {
  const std::int64_t duration = packet->duration;
  const bool wanted = IsWanted(begin, duration);
  // What an edit list hides must not be heard: a copy has none. Its encoder's priming says nothing.
  const bool hidden = (packet->flags & AV_PKT_FLAG_DISCARD) != 0 && (begin >= 0 || !*primed_);
  if (!wanted || hidden) {
    stats_.dropped_samples.fetch_add(duration, std::memory_order_relaxed);
    return Status::Ok();
  }
  const int rate = timeline_->rate();
  if (pacer_.Admit(begin, rate) != AudioPacer::Verdict::kGo) {
    done_ = true;
    return Status::Ok();
  }
  const std::int64_t before = std::max<std::int64_t>(end_, 0);
  if (begin > before) {
    gaps_.Tell(static_cast<double>(before) / rate, static_cast<double>(begin) / rate,
               AudioGaps::Kind::kCopied);
  }
  packet->pts = begin;
  packet->dts = begin;
  packet->stream_index = 0;
  end_ = begin + duration;
  rendition_stats_.frames_encoded.fetch_add(1, std::memory_order_relaxed);
  stats_.position.store(static_cast<double>(end_) / rate, std::memory_order_relaxed);
  Send(EncodedPacket{.rendition = index_, .packet = std::move(packet), .pushed_at = Clock::now()});
  return Status::Ok();
}

Status AudioCopier::Stop() {
  if (Status status = Settle(timeline_->Flush()); !status.ok()) return status;
  return Announce();
}

double AudioCopier::position() const {
  return static_cast<double>(std::max<std::int64_t>(end_, 0)) / timeline_->rate();
}

Status AudioCopier::Finish() {
  if (Status status = Stop(); !status.ok()) return status;
  Send(StreamEnd{index_});
  done_ = true;
  return Status::Ok();
}

void AudioCopier::Send(EncoderOutput output) {
  if (!cancelled_ && !output_.Push(std::move(output))) cancelled_ = done_ = true;
}

}  // namespace streamgear
