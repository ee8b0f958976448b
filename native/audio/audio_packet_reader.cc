#include "audio/audio_packet_reader.h"

#include <algorithm>
#include <string>

#include "source/decoder_lookup.h"

namespace streamgear {
namespace {

/// Seconds before the start from which it is decoded: what a decoder needs to be in tune.
constexpr double kPreroll = 1;

}  // namespace

Status AudioPacketReader::Open() {
  if (Status status = input_.Open(); !status.ok()) return status;
  if (Status status = FindStream(); !status.ok()) return status;
  SeekToStart();
  reader_.emplace(input_, index_, sink_);
  if (reader_->stream().parameters != nullptr) return Status::Ok();
  return MediaInput::Fail("OUT_OF_MEMORY", "Expected memory for a stream but there is none",
                          AVERROR(ENOMEM));
}

Status AudioPacketReader::FindStream() {
  const MediaInfo& info = input_.info();
  index_ = info.best_audio;
  if (config_.track >= 0) {
    index_ = -1;
    int track = 0;
    for (const MediaStream& stream : info.streams) {
      if (stream.kind == "audio" && track++ == config_.track) index_ = stream.index;
    }
  }
  if (index_ >= 0) {
    if (config_.track < 0) TellLeftOut(info, "audio", index_, sink_);
    return Status::Ok();
  }
  const std::string wanted =
      config_.track <= 0 ? "an audio stream"
                         : "at least " + std::to_string(config_.track + 1) + " audio tracks";
  const auto count = std::ranges::count(info.streams, "audio", &MediaStream::kind);
  return MediaInput::Fail("NO_AUDIO",
                          "Expected a source with " + wanted + " but \"" + config_.input.url +
                              "\" has " + (count == 0 ? "none" : std::to_string(count)),
                          AVERROR_STREAM_NOT_FOUND);
}

/// What lies before 0 is an encoder's priming, which the decoder drops.
double AudioPacketReader::origin() const { return std::max(input_.info().start, 0.0); }

double AudioPacketReader::duration() const {
  const MediaInfo& info = input_.info();
  if (!info.duration_declared) return -1;
  const double own = info.streams[static_cast<std::size_t>(index_)].duration;
  return own < 0 && info.streams.size() == 1 ? info.duration : own;
}

/// Where libavformat builds the index itself it has to read all packets up to there in any case,
/// and where none has a time it guesses: there, what comes before the start is decoded and dropped.
void AudioPacketReader::SeekToStart() {
  const bool guesses = (input_.context()->iformat->flags & AVFMT_GENERIC_INDEX) != 0;
  if (config_.start <= kPreroll || guesses || !input_.CanSeek(index_)) return;
  const double begin = input_.info().streams[static_cast<std::size_t>(index_)].start;
  // Where it cannot, it stays at the begin.
  (void)input_.SeekTo(index_, origin() + config_.start - kPreroll - begin);
}

}  // namespace streamgear
