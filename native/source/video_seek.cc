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

/// Seconds, clearly before the start of a stream and all that its decoder needs first. Demuxers
/// take that for the beginning, but for those that only know what is in their index.
constexpr double kFarBefore = -60;

/// Where decoding begins.
struct Landed {
  double seconds = 0;  ///< from the start of the stream
  bool whole = true;   ///< what it shows there is known to be whole
};

/// The first frame that comes out of a decoder; nothing when none does.
std::optional<Landed> FirstFrame(InputReader& packets) {
  LogRing log{EventSink()};  // what a first frame complains of will be said when it counts
  const LogScope scope(&log);
  VideoDecoder decoder(packets, {.threads = 1}, log, EventSink());
  bool end = false;
  if (!decoder.Open().ok() || !decoder.Next(&end).ok() || end) return std::nullopt;
  return Landed{.seconds = decoder.stream_time() - StartOf(packets.stream()),
                .whole = !decoder.gave_up()};
}

/// The first key frame's packet.
std::optional<Landed> FirstKeyPacket(InputReader& packets) {
  const PacketPtr packet(av_packet_alloc());
  PacketReader::Result result = PacketReader::Result::kPacket;
  while (packet != nullptr && packets.Read(packet.get(), &result).ok() &&
         result == PacketReader::Result::kPacket) {
    const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    const bool found = (packet->flags & AV_PKT_FLAG_KEY) != 0 && time != AV_NOPTS_VALUE;
    av_packet_unref(packet.get());
    if (!found) continue;
    const StreamDescription& stream = packets.stream();
    return Landed{static_cast<double>(time) * av_q2d(stream.time_base) - StartOf(stream)};
  }
  return std::nullopt;
}

std::optional<Landed> Look(MediaInput& input, const SeekGoal& goal) {
  InputReader packets(input, goal.index, EventSink());
  return goal.landing == Landing::kFrame ? FirstFrame(packets) : FirstKeyPacket(packets);
}

/// The first picture that is shown, seconds from the start of the stream; what is not known counts
/// as its start. `input` is at its beginning: it has just been opened.
double FirstPicture(MediaInput& input, const SeekGoal& goal) {
  const double first = Look(input, goal).value_or(Landed{}).seconds;
  // An edit list may hide the key frame: then a copy shows nothing before the stream's start.
  return goal.landing == Landing::kKeyPacket ? std::max(0.0, first) : first;
}

bool SeekToBeginning(MediaInput& input, int index) {
  return input.SeekTo(index, kFarBefore) || input.SeekTo(index, 0);
}

/// Goes to where the first picture is again. False: it will not; playlists whose first segment has
/// no key frame go to the one behind it.
bool GoBack(MediaInput& input, const SeekGoal& goal, double first) {
  if (!SeekToBeginning(input, goal.index)) return false;
  const std::optional<Landed> landed = Look(input, goal);
  if (landed && landed->seconds > first + kTolerance) return false;
  return SeekToBeginning(input, goal.index);
}

}  // namespace

Status SeekBefore(MediaInput& input, const SeekGoal& goal, std::optional<double>* first_picture) {
  const int index = goal.index;
  if (goal.seconds <= 0 || !input.CanSeek(index)) return Status::Ok();
  const double start = StartOf(DescribePackets(input, index));
  const double first = FirstPicture(input, goal);
  *first_picture = start + first;
  const double held = start + first - HeldFrom(start + first, goal.sound_begin);
  const double seconds = first - held + goal.seconds;
  // A seek goes to pictures, and may lose the sound before the first one.
  if (seconds < first - kTolerance) return input.Reopen();
  for (double distance = 0; seconds - distance > 0; distance = std::max(2.0, distance * 2)) {
    if (input.cancelled()) return Status::Ok();
    if (!input.SeekTo(index, seconds - distance)) continue;
    const std::optional<Landed> landed = Look(input, goal);
    if (!landed || !landed->whole || landed->seconds > seconds + kTolerance) continue;
    if (input.SeekTo(index, seconds - distance)) return Status::Ok();
    break;
  }
  if (GoBack(input, goal, first) || input.cancelled()) return Status::Ok();
  return input.Reopen();
}

}  // namespace streamgear
