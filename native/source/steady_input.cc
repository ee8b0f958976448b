#include "source/steady_input.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/duration_text.h"

namespace streamgear {
namespace {

/// Packets that are read to find one of another stream. Interleaved containers need a few.
constexpr std::size_t kMaxAhead = 500;

bool HasTime(const AVPacket* packet) {
  return packet->dts != AV_NOPTS_VALUE || packet->pts != AV_NOPTS_VALUE;
}

}  // namespace

SteadyInput::SteadyInput(MediaInput& input, EventSink sink)
    : input_(input), sink_(std::move(sink)), time_line_(input.info().streams.size()) {}

SteadyInput::Item SteadyInput::ReadItem() {
  Item item{.packet = PacketPtr(av_packet_alloc())};
  if (item.packet == nullptr) {
    item.status =
        MediaInput::Fail("OUT_OF_MEMORY", "Expected memory for a packet", AVERROR(ENOMEM));
  } else {
    item.status = input_.Read(item.packet.get(), &item.result);
  }
  return item;
}

SteadyInput::Item SteadyInput::NextItem() {
  if (ahead_.empty()) return ReadItem();
  Item item = std::move(ahead_.front());
  ahead_.pop_front();
  return item;
}

Status SteadyInput::Read(AVPacket* packet, MediaInput::Result* result) {
  Item item = NextItem();
  NoteReadErrors();
  *result = item.result;
  if (!item.status.ok() || item.result != MediaInput::Result::kPacket) return item.status;
  av_packet_move_ref(packet, item.packet.get());
  Straighten(packet);
  return Status::Ok();
}

void SteadyInput::Straighten(AVPacket* packet) {
  // Streams that appear in the middle of a container were not there when it was opened: nobody
  // reads them.
  const auto stream = static_cast<std::size_t>(packet->stream_index);
  if (!HasTime(packet) || stream >= input_.info().streams.size()) return;
  const double time = TimeOf(packet);
  const TimeLine::Placement placement = Place(*packet, time);
  if (placement.jump) WarnOfJump(placement.from, time);
  const double time_base = av_q2d(input_.stream(packet->stream_index)->time_base);
  const auto shift = static_cast<std::int64_t>(std::llround(placement.shift / time_base));
  if (packet->dts != AV_NOPTS_VALUE) packet->dts += shift;
  if (packet->pts != AV_NOPTS_VALUE) packet->pts += shift;
}

TimeLine::Placement SteadyInput::Place(const AVPacket& packet, double time) {
  const auto stream = static_cast<std::size_t>(packet.stream_index);
  const double duration = DurationOf(&packet);
  if (!IsFarAhead(&packet)) return time_line_.Place(stream, time, duration, false);
  const bool restarts = (input_.context()->iformat->flags & AVFMT_TS_DISCONT) != 0;
  if (restarts || IsFarAhead(FindNext(packet.stream_index, true))) {
    return time_line_.Place(stream, time, duration, true);
  }
  const AVPacket* next = FindNext(packet.stream_index, false);
  if (next != nullptr && !IsFarAhead(next)) return time_line_.Mend(stream, time, duration);
  return time_line_.Place(stream, time, duration, false);
}

bool SteadyInput::IsFarAhead(const AVPacket* packet) const {
  return packet != nullptr &&
         time_line_.IsFarAhead(static_cast<std::size_t>(packet->stream_index), TimeOf(packet));
}

const AVPacket* SteadyInput::FindNext(int stream, bool of_another) {
  // Streams that appear in the middle are none that anybody reads.
  const auto known = static_cast<int>(input_.info().streams.size());
  const auto fits = [&](const Item& item) {
    return item.result == MediaInput::Result::kPacket && HasTime(item.packet.get()) &&
           item.packet->stream_index < known && (item.packet->stream_index != stream) == of_another;
  };
  for (const Item& item : ahead_) {
    if (fits(item)) return item.packet.get();
  }
  while (ahead_.size() < kMaxAhead) {
    if (!ahead_.empty() && ahead_.back().result != MediaInput::Result::kPacket) break;
    ahead_.push_back(ReadItem());
    if (!ahead_.back().status.ok()) break;
    if (fits(ahead_.back())) return ahead_.back().packet.get();
  }
  return nullptr;
}

double SteadyInput::TimeOf(const AVPacket* packet) const {
  const std::int64_t ticks = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
  return static_cast<double>(ticks) * av_q2d(input_.stream(packet->stream_index)->time_base);
}

double SteadyInput::DurationOf(const AVPacket* packet) const {
  if (packet->duration > 0) {
    return static_cast<double>(packet->duration) *
           av_q2d(input_.stream(packet->stream_index)->time_base);
  }
  const MediaStream& stream = input_.info().streams[static_cast<std::size_t>(packet->stream_index)];
  return stream.frame_rate.valid() ? 1 / stream.frame_rate.value() : 0;
}

void SteadyInput::NoteReadErrors() {
  while (read_errors_.count() < input_.read_errors()) {
    if (!read_errors_.Add() || sink_ == nullptr) continue;
    sink_(WarningEvent{.code = "DECODE_ERROR",
                       .message = "Part of \"" + input_.config().url + "\" could not be read (" +
                                  std::to_string(read_errors_.count()) + " so far)"});
  }
}

void SteadyInput::WarnOfJump(double from, double to) {
  if (!jumps_.Add() || sink_ == nullptr) return;
  sink_(WarningEvent{.code = "TIMESTAMP_JUMP",
                     .message = "The times of \"" + input_.config().url + "\" jump from " +
                                DurationText(from, 2) + " to " + DurationText(to, 2) + " (" +
                                std::to_string(jumps_.count()) +
                                " so far): what follows is moved up to what came before"});
}

}  // namespace streamgear
