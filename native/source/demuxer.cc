#include "source/demuxer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/cpu_meter.h"
#include "source/input_reader.h"

namespace streamgear {
namespace {

std::unique_ptr<PacketFeed> MakeFeed(const MediaInput& input, int stream, FeedMonitor& monitor) {
  if (stream < 0) return nullptr;
  return std::make_unique<PacketFeed>(DescribePackets(input, stream), monitor);
}

/// `hold_last`: it waits for the sound's end.
Status TooFarApart(const std::string& url, std::size_t max_bytes, bool hold_last) {
  const char* advice = hold_last ? "it is kept until the last picture, which is to be held for it, "
                                   "is known: give a source whose pictures last as long"
                                 : "interleave the file anew, or leave its sound out";
  return Status(Failure{.code = "INTERLEAVING",
                        .message = "Expected sound and picture of \"" + url +
                                   "\" side by side but the sound is more than " +
                                   std::to_string(max_bytes >> 20) + " MB ahead: " + advice,
                        .stage = "reader"});
}

}  // namespace

Demuxer::Demuxer(MediaInput& input, const Streams& streams, PipelineStats& stats, EventSink sink,
                 std::size_t max_bytes)
    : input_(input),
      streams_(streams),
      max_bytes_(max_bytes),
      stats_(stats),
      packets_(input, std::move(sink)),
      video_(DescribePackets(input, streams.video), monitor_),
      audio_(MakeFeed(input, streams.audio, monitor_)) {
  if (audio_ == nullptr || audio_->stream().start == AV_NOPTS_VALUE) return;
  if (streams.start > 0) return;
  // Where the video comes first in the container, its first picture is shown before any sound is
  // read.
  const double begin = StartOf(audio_->stream());
  audio_span_ = {begin, begin};
}

double Demuxer::sound_begin() const {
  if (!streams_.hold_first || audio_ == nullptr || audio_->stream().start == AV_NOPTS_VALUE) {
    return kNoSound;
  }
  return StartOf(audio_->stream());
}

Status Demuxer::Prepare() {
  std::optional<double> first;
  Status status = SeekBefore(input_,
                             {.index = streams_.video,
                              .seconds = streams_.start,
                              .landing = streams_.landing,
                              .sound_begin = sound_begin()},
                             &first);
  if (!status.ok()) return status;
  video_.SetFirstPicture(first);
  const double picture = first.value_or(StartOf(video_.stream()));
  // What is held before the first picture is there as soon as that is.
  begin_ = std::max(picture, HeldFrom(picture, sound_begin()) + streams_.start);
  input_.Select({streams_.video, streams_.audio});
  return Status::Ok();
}

Status Demuxer::Run() {
  if (Status status = Prepare(); !status.ok()) {
    if (!stopped_.load()) return status;
    Finish(Status::Ok());
    return Status::Ok();
  }
  CpuMeter cpu(stats_.source_cpu_nanoseconds);
  const PacketPtr packet(av_packet_alloc());
  Status end;
  MediaInput::Result result = MediaInput::Result::kPacket;
  while (packet != nullptr && !Unwanted()) {
    const bool hurry = video_closed_.load();
    if (hurry) input_.SetDeadline(input_.tick_clock().Now() + kHang);
    Status status = packets_.Read(packet.get(), &result);
    if (!status.ok()) {
      // Past the deadline: the sound that is missing is not worth a failure.
      if (!input_.expired() && !stopped_.load()) end = std::move(status);
      break;
    }
    if (result != MediaInput::Result::kPacket) break;
    furthest_.store(packets_.furthest());
    if (packet->stream_index == streams_.audio) NoteAudio(*packet);
    if (hurry && IsBehindTail(*packet)) break;
    if (streams_.realtime) WaitForItsTime(*packet);
    if (status = Deliver(packet.get()); !status.ok()) return status;
    av_packet_unref(packet.get());
    cpu.Update();
  }
  Finish(end);
  return Status::Ok();
}

void Demuxer::Finish(const Status& end) {
  video_.Finish(end);
  if (audio_ != nullptr) audio_->Finish(end);
}

void Demuxer::WaitForItsTime(const AVPacket& packet) {
  const std::int64_t time = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  if (time == AV_NOPTS_VALUE) return;
  const double seconds =
      static_cast<double>(time) * av_q2d(input_.stream(packet.stream_index)->time_base) - begin_;
  const TickClock& clock = input_.tick_clock();
  const Clock::time_point due = pace_.DueAt(seconds, clock.Now());
  std::unique_lock lock(monitor_.mutex);
  clock.WaitUntil(monitor_.changed, lock, due,
                  [this] { return stopped_.load() || input_.cancelled() || UnwantedLocked(); });
}

Status Demuxer::Deliver(AVPacket* packet) {
  const bool is_audio = packet->stream_index == streams_.audio;
  if (!is_audio && packet->stream_index != streams_.video) return Status::Ok();
  PacketFeed& feed = is_audio ? *audio_ : video_;
  {
    std::unique_lock lock(monitor_.mutex);
    monitor_.changed.wait(lock, [&] {
      return feed.ClosedLocked() || !feed.FullLocked() || (is_audio && video_.StarvesLocked());
    });
    if (feed.ClosedLocked()) return Status::Ok();
    if (feed.BytesLocked() > max_bytes_) {
      return TooFarApart(input_.config().url, max_bytes_, streams_.hold_last);
    }
    if (Status status = feed.AppendLocked(packet); !status.ok()) return status;
  }
  monitor_.changed.notify_all();
  return Status::Ok();
}

bool Demuxer::IsBehindTail(const AVPacket& packet) {
  if (packet.stream_index != streams_.video || packet.dts == AV_NOPTS_VALUE) return false;
  const double time =
      static_cast<double>(packet.dts) * av_q2d(input_.stream(packet.stream_index)->time_base);
  if (tail_start_ < 0) tail_start_ = std::max(time, 0.0);
  return time > tail_start_ + kTail;
}

std::optional<Demuxer::Span> Demuxer::audio_span() const {
  const std::lock_guard lock(audio_span_mutex_);
  return audio_span_;
}

void Demuxer::NoteAudio(const AVPacket& packet) {
  /// Seconds from one packet to the next; more is a wrong timestamp that no other one follows.
  constexpr double kFar = 3600;
  const StreamDescription& stream = audio_->stream();
  if (stream.counted_times) return CountAudio(packet);
  if (packet.pts == AV_NOPTS_VALUE) return;
  const double tick = av_q2d(stream.time_base);
  const double begin = static_cast<double>(packet.pts) * tick;
  const double end = begin + static_cast<double>(packet.duration) * tick;
  const std::lock_guard lock(audio_span_mutex_);
  if (!audio_span_.has_value()) {
    audio_span_ = {begin, end};
  } else if (begin < audio_span_->end + kFar) {
    audio_span_->begin = std::min(audio_span_->begin, begin);
    audio_span_->end = std::max(audio_span_->end, end);
  }
}

/// Where its times may be wrong the sound is as long as its samples.
void Demuxer::CountAudio(const AVPacket& packet) {
  AVCodecParameters* parameters = audio_->stream().parameters.get();
  if (parameters == nullptr || parameters->sample_rate <= 0) return;
  const int samples = av_get_audio_frame_duration2(parameters, packet.size);
  const std::lock_guard lock(audio_span_mutex_);
  if (!audio_span_.has_value()) {
    if (packet.pts == AV_NOPTS_VALUE) return;
    // Behind a seek nothing else is known than the time by the container's index.
    const double begin = static_cast<double>(packet.pts) * av_q2d(audio_->stream().time_base);
    audio_span_ = {begin, begin};
  }
  audio_span_->end += static_cast<double>(std::max(0, samples)) / parameters->sample_rate;
}

bool Demuxer::Unwanted() {
  std::lock_guard lock(monitor_.mutex);
  return UnwantedLocked();
}

bool Demuxer::UnwantedLocked() const {
  return video_.ClosedLocked() && (audio_ == nullptr || audio_->ClosedLocked());
}

void Demuxer::CloseVideo() {
  video_closed_.store(true);
  video_.Close();
  if (Unwanted()) {
    input_.Cancel();
  } else {
    input_.SetDeadline(input_.tick_clock().Now() + kHang);
  }
}

void Demuxer::CloseAudio() {
  if (audio_ != nullptr) audio_->Close();
  if (Unwanted()) input_.Cancel();
}

void Demuxer::Stop() {
  {
    // Under the mutex, or a wait that is just beginning would miss it.
    std::lock_guard lock(monitor_.mutex);
    stopped_.store(true);
  }
  input_.Cancel();
  monitor_.changed.notify_all();
}

void Demuxer::Cancel() {
  input_.Cancel();
  video_.Cancel();
  if (audio_ != nullptr) audio_->Cancel();
}

}  // namespace streamgear
