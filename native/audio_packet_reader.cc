#include "audio_packet_reader.h"

#include <cmath>
#include <string>

#include "language_tag.h"

namespace streamgear {
namespace {

/// Seconds before the start from which it is decoded: what a decoder needs to be in tune.
constexpr double kPreroll = 1;

std::string TagOf(const AVStream* stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream->metadata, key, nullptr, 0);
  return entry == nullptr ? "" : entry->value;
}

/// Timestamps behind a seek are exact. Where libavformat builds the index itself it has to read all
/// packets up to there in any case, and where nothing has a time it guesses.
bool SeeksExactly(const AVFormatContext* container) {
  const bool random_access =
      container->pb != nullptr && (container->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0;
  return random_access &&
         (container->iformat->flags & (AVFMT_NOTIMESTAMPS | AVFMT_GENERIC_INDEX)) == 0;
}

}  // namespace

Status AudioPacketReader::Open() {
  if (Status status = input_.Open(); !status.ok()) return status;
  if (Status status = FindStream(); !status.ok()) return status;
  input_.Select({index_});
  const AVStream* stream = input_.stream(index_);
  stream_.parameters.reset(avcodec_parameters_alloc());
  if (stream_.parameters == nullptr ||
      avcodec_parameters_copy(stream_.parameters.get(), stream->codecpar) < 0) {
    return MediaInput::Fail("OUT_OF_MEMORY", "Expected memory for a stream but there is none",
                            AVERROR(ENOMEM));
  }
  stream_.time_base = stream->time_base;
  stream_.start = stream->start_time;
  stream_.language = TagOf(stream, "language");
  stream_.title = TagOf(stream, "title");
  stream_.url = config_.input.url;
  // What lies before 0 is an encoder's priming, which the decoder drops.
  const std::int64_t start = input_.context()->start_time;
  if (start != AV_NOPTS_VALUE && start > 0) origin_ = static_cast<double>(start) / AV_TIME_BASE;
  SeekToStart();
  return Status::Ok();
}

Status AudioPacketReader::FindStream() {
  const std::string what = "Expected a source with an audio stream but \"" + config_.input.url;
  index_ = config_.stream;
  if (index_ < 0) {
    index_ = av_find_best_stream(input_.context(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index_ < 0) {
      return MediaInput::Fail("NO_AUDIO", what + "\" has none", AVERROR_STREAM_NOT_FOUND);
    }
    return Status::Ok();
  }
  if (index_ >= static_cast<int>(input_.context()->nb_streams) ||
      input_.stream(index_)->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) {
    return MediaInput::Fail("NO_AUDIO",
                            what + "\" has none with the index " + std::to_string(index_),
                            AVERROR_STREAM_NOT_FOUND);
  }
  return Status::Ok();
}

void AudioPacketReader::SeekToStart() {
  const double target = origin_ + config_.start - kPreroll;
  if (config_.start <= kPreroll || !SeeksExactly(input_.context())) return;
  const auto ticks = std::llround(target / av_q2d(stream_.time_base));
  // Where it cannot, it stays at the begin, and what comes before the start is decoded and dropped.
  (void)avformat_seek_file(input_.context(), index_, INT64_MIN, ticks, ticks, 0);
}

Status AudioPacketReader::Read(AVPacket* packet, Result* result) {
  MediaInput::Result read = MediaInput::Result::kCancelled;
  Status status = input_.Read(packet, &read);
  *result = Result::kCancelled;
  if (read == MediaInput::Result::kPacket) *result = Result::kPacket;
  if (read == MediaInput::Result::kEnd) *result = Result::kEnd;
  return status;
}

}  // namespace streamgear
