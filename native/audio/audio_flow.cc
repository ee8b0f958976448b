#include "audio/audio_flow.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "audio/audio_container.h"

namespace streamgear {
namespace {

/// Seconds of silence in one piece, live, where all segments stay in the list.
constexpr double kLongestLiveFill = 3600;

/// Seconds of silence in one piece. While live, what is older than the window is of use to nobody,
/// and encoding it would keep what is newer waiting.
double LongestFill(const PipelineConfig& config) {
  const PackagingConfig& packaging = config.packaging;
  if (!packaging.live) return std::numeric_limits<double>::infinity();
  const double window = static_cast<double>(packaging.LongestWindow()) *
                        static_cast<double>(config.grid.segment_duration) /
                        static_cast<double>(config.input.ticks_per_second);
  return window > 0 ? std::max(window, kMaxAudioLead) : kLongestLiveFill;
}

}  // namespace

AudioFlow::AudioFlow(const PipelineConfig& config, TimelineRules rules, AudioPacer& pacer,
                     PacketQueue& output, PipelineStats& stats, EventSink sink, LogRing& log)
    : config_(config),
      pacer_(pacer),
      output_(output),
      stats_(stats),
      sink_(std::move(sink)),
      log_(log),
      gaps_(!config.audio.fill_gaps, sink_),
      aligner_({.rules = rules,
                .start = -config.audio.start,
                .fill_gaps = config.audio.fill_gaps,
                .longest_fill = LongestFill(config)},
               stats.audio, gaps_) {}

Status AudioFlow::Open(const AudioTraits& traits) {
  AudioTraits filtered = traits;
  if (!config_.audio.filter.empty()) {
    if (Status status = OpenFilter(traits.format); !status.ok()) return status;
    filtered.format = filter_->output();
  }
  for (std::size_t i = 0; i < config_.audio.renditions.size(); ++i) {
    if (config_.audio.renditions[i].codec == kCopyCodec) continue;
    encoders_.push_back(std::make_unique<AudioEncoder>(config_, i, output_, stats_, log_));
    if (Status status = encoders_.back()->Open(filtered); !status.ok()) return status;
  }
  WarnOfMixdown(filtered.format);
  GroupEncoders();
  return Status::Ok();
}

Status AudioFlow::OpenFilter(const AudioFormat& input) {
  return AudioFilter::Create(config_.audio.filter, input, &filter_);
}

void AudioFlow::GroupEncoders() {
  for (const auto& encoder : encoders_) {
    const auto same = std::ranges::find_if(groups_, [&](const Group& group) {
      return group.framer.format() == encoder->format() &&
             group.framer.frame_size() == encoder->frame_size();
    });
    if (same == groups_.end()) {
      groups_.push_back({.framer = AudioFramer(encoder->format(), encoder->frame_size()),
                         .encoders = {encoder.get()}});
    } else {
      same->encoders.push_back(encoder.get());
    }
  }
}

void AudioFlow::WarnOfMixdown(const AudioFormat& source) {
  const auto mixed =
      std::ranges::find_if(encoders_, [](const auto& encoder) { return encoder->mixed_down(); });
  if (mixed == encoders_.end()) return;
  sink_(WarningEvent{.code = "AUDIO_MIXED_DOWN",
                     .message = "The audio has " + source.layout.name() +
                                ", which its encoder does not take: it is mixed down to " +
                                (*mixed)->format().layout.name()});
}

bool AudioFlow::done() const {
  if (filter_ != nullptr && filter_->ended()) return true;
  return std::ranges::all_of(groups_, [](const Group& group) { return group.done; });
}

Status AudioFlow::Add(FramePtr samples, std::optional<double> time) {
  if (Status status = aligner_.Add(std::move(samples), time); !status.ok()) return status;
  return Drain();
}

Status AudioFlow::Miss(const AVFrame& samples) {
  if (Status status = aligner_.Miss(&samples); !status.ok()) return status;
  return Drain();
}

/// Silence is made here, piece by piece: each waits for the video, and the end of either ends it.
Status AudioFlow::Drain() {
  while (!done()) {
    FramePtr frame;
    if (Status status = aligner_.Next(&frame); !status.ok() || frame == nullptr) return status;
    if (Status status = Filter(std::move(frame)); !status.ok()) return status;
  }
  return Status::Ok();
}

Status AudioFlow::Filter(FramePtr frame) {
  if (filter_ == nullptr) return Frame(*frame);
  if (const AudioFormat format = FormatOf(frame.get()); !(format == filter_->input())) {
    // The source has changed its format: the filters begin anew.
    if (Status status = filter_->Send(nullptr); !status.ok()) return status;
    if (Status status = DrainFilter(); !status.ok()) return status;
    if (Status status = OpenFilter(format); !status.ok()) return status;
  }
  if (Status status = filter_->Send(std::move(frame)); !status.ok()) return status;
  return DrainFilter();
}

/// At the end of its input a filter may go on for ever (apad): until the end of the video.
Status AudioFlow::DrainFilter() {
  FramePtr frame;
  do {
    if (Status status = filter_->Receive(&frame); !status.ok()) return status;
    if (frame == nullptr) return Status::Ok();
    if (Status status = Frame(*frame); !status.ok()) return status;
  } while (!std::ranges::all_of(groups_, [](const Group& group) { return group.done; }));
  return Status::Ok();
}

Status AudioFlow::Frame(const AVFrame& samples) {
  for (Group& group : groups_) {
    if (group.done) continue;
    if (Status status = group.framer.Add(samples); !status.ok()) return status;
    if (Status status = Encode(group); !status.ok()) return status;
  }
  return Status::Ok();
}

Status AudioFlow::Encode(Group& group) {
  const int rate = group.framer.format().sample_rate;
  while (!group.done) {
    const FramePtr frame = group.framer.Next();
    if (frame == nullptr) return Status::Ok();
    if (pacer_.Admit(frame->pts, rate) != AudioPacer::Verdict::kGo) {
      group.done = true;
      return Status::Ok();
    }
    // The presentation ends with the video, to the sample.
    const std::int64_t left = pacer_.End(rate) - frame->pts;
    if (left <= frame->nb_samples) {
      stats_.audio.dropped_samples.fetch_add(frame->nb_samples - left, std::memory_order_relaxed);
      frame->nb_samples = static_cast<int>(left);
      group.done = true;
    }
    for (AudioEncoder* encoder : group.encoders) {
      if (Status status = encoder->Encode(frame.get()); !status.ok()) return status;
      if (encoder->cancelled()) group.done = true;
    }
    stats_.audio.position.store(static_cast<double>(frame->pts + frame->nb_samples) / rate,
                                std::memory_order_relaxed);
  }
  return Status::Ok();
}

Status AudioFlow::Finish() {
  if (Status status = aligner_.Finish(); !status.ok()) return status;
  if (Status status = Drain(); !status.ok()) return status;
  if (config_.audio.fill_gaps && aligner_.begun()) {
    if (Status status = FillToEnd(); !status.ok()) return status;
  }
  if (filter_ != nullptr && !done()) {
    if (Status status = filter_->Send(nullptr); !status.ok()) return status;
    if (Status status = DrainFilter(); !status.ok()) return status;
  }
  return FinishGroups();
}

/// Audio of which nothing came is none: AUDIO_MISSING says so.
Status AudioFlow::FillToEnd() {
  if (pacer_.position() - aligner_.position() > LongestFill(config_)) {
    gaps_.Tell(aligner_.position(), pacer_.position(), AudioGaps::Kind::kLeft);
    return Status::Ok();
  }
  while (!done()) {
    if (Status status = aligner_.AddSilence(); !status.ok()) return status;
    if (Status status = Drain(); !status.ok()) return status;
  }
  return Status::Ok();
}

Status AudioFlow::FinishGroups() {
  for (Group& group : groups_) {
    if (!group.done) {
      if (Status status = group.framer.Finish(); !status.ok()) return status;
      if (Status status = Encode(group); !status.ok()) return status;
    }
    group.done = true;
  }
  for (const auto& encoder : encoders_) {
    if (Status status = encoder->Finish(); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace streamgear
