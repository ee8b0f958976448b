#include "source/video_seek.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "source/input_reader.h"
#include "source/video_decoder.h"

namespace streamgear {
namespace {

/// Seconds by which a rounded timestamp may lie behind the time.
constexpr double kTolerance = 0.0005;

/// Time of the first frame that comes out of a decoder; nothing when none does.
std::optional<double> FirstFrame(InputReader& packets) {
  LogRing log{EventSink()};  // what a first frame complains of will be said when it counts
  const LogScope scope(&log);
  VideoDecoder decoder(packets, {.threads = 1}, log, EventSink());
  bool end = false;
  if (!decoder.Open().ok() || !decoder.Next(&end).ok() || end) return std::nullopt;
  return decoder.time();
}

std::optional<double> FirstKeyPacket(InputReader& packets) {
  const PacketPtr packet(av_packet_alloc());
  PacketReader::Result result = PacketReader::Result::kPacket;
  while (packet != nullptr && packets.Read(packet.get(), &result).ok() &&
         result == PacketReader::Result::kPacket) {
    const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    const bool found = (packet->flags & AV_PKT_FLAG_KEY) != 0 && time != AV_NOPTS_VALUE;
    av_packet_unref(packet.get());
    if (!found) continue;
    const StreamDescription& stream = packets.stream();
    return static_cast<double>(time - stream.start) * av_q2d(stream.time_base);
  }
  return std::nullopt;
}

}  // namespace

Status SeekBefore(MediaInput& input, int index, double seconds, Landing landing) {
  if (seconds <= 0 || !input.CanSeek(index)) return Status::Ok();
  bool moved = false;
  for (double distance = 0;; distance = std::max(2.0, distance * 2)) {
    const double target = seconds - distance;
    if (!input.SeekTo(index, target)) break;
    moved = true;
    InputReader packets(input, index, EventSink());
    const auto landed = landing == Landing::kFrame ? FirstFrame(packets) : FirstKeyPacket(packets);
    if (input.cancelled()) return Status::Ok();
    // The last try aims clearly before the beginning, which every demuxer takes for the beginning
    // itself.
    const bool found = landed.has_value() && *landed <= seconds + kTolerance;
    if (!found && target > -1) continue;
    if (input.SeekTo(index, target)) return Status::Ok();
    break;
  }
  if (!moved) return Status::Ok();
  return MediaInput::Fail(
      "SOURCE_READ_FAILED",
      "Expected \"" + input.config().url + "\" to seek but it would not go back", AVERROR(ESPIPE));
}

}  // namespace streamgear
