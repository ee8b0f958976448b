#include "source/media_input.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/size_text.h"
#include "source/device_list.h"

extern "C" {
#include <libavutil/avstring.h>
}

namespace streamgear {
namespace {

/// How often a device that has nothing to give is asked again.
constexpr std::chrono::milliseconds kPollInterval{5};
/// Read errors in a row after which the input is given up.
constexpr int kMaxErrorsInARow = 100;

/// How long closing may take: RTSP and the like say goodbye.
constexpr std::chrono::seconds kFarewell{1};

/// How far into a file streams are looked for that begin late: a minute, or 100 MB.
OptionList LongProbe() { return {{"analyzeduration", "60000000"}, {"probesize", "100000000"}}; }

/// Playlists and segments that a playlist may load until it is open. One that names itself goes on
/// for ever.
constexpr int kMaxNested = 1000;

/// The demuxers of a list, or all of them, but some, as libavformat wants them.
std::string AllBut(const std::string& refused, const AVDictionaryEntry* chosen) {
  std::string list;
  void* position = nullptr;
  while (const AVInputFormat* format = av_demuxer_iterate(&position)) {
    if (av_match_list(format->name, refused.c_str(), ',') > 0) continue;
    if (chosen != nullptr && av_match_list(format->name, chosen->value, ',') <= 0) continue;
    list += (list.empty() ? "" : ",") + std::string(format->name);
  }
  return list.empty() ? "none" : list;
}

/// libavformat's decoders, of which it asks what the container does not tell, one entry a stream.
class DecoderOptions {
 public:
  DecoderOptions(unsigned streams, std::int64_t max_pixels) : options_(streams, nullptr) {
    if (max_pixels <= 0) return;
    for (AVDictionary*& entry : options_) av_dict_set_int(&entry, "max_pixels", max_pixels, 0);
  }
  DecoderOptions(const DecoderOptions&) = delete;
  DecoderOptions& operator=(const DecoderOptions&) = delete;
  ~DecoderOptions() {
    for (AVDictionary*& entry : options_) av_dict_free(&entry);
  }
  [[nodiscard]] AVDictionary** get() { return options_.empty() ? nullptr : options_.data(); }

 private:
  std::vector<AVDictionary*> options_;
};

}  // namespace

/// libav asks it while it waits.
int MediaInput::IsOver(void* opaque) noexcept {
  const auto* input = static_cast<const MediaInput*>(opaque);
  return input->cancelled() || input->expired() || input->late() ? 1 : 0;
}

int MediaInput::OpenNested(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                           AVDictionary** options) noexcept {
  auto* input = static_cast<MediaInput*>(context->opaque);
  const bool is_playlist =
      context->iformat != nullptr && av_match_name("hls", context->iformat->name) != 0;
  if (input->opening_ && is_playlist && ++input->opened_ > kMaxNested) {
    return AVERROR(ELOOP);
  }
  return input->open_nested_(context, io, url, flags, options);
}

Status MediaInput::Fail(std::string code, std::string message, int averror) {
  return Status(Failure{.code = std::move(code),
                        .message = std::move(message),
                        .stage = "reader",
                        .averror = averror});
}

Status MediaInput::Open() {
  RegisterDevices();
  return OpenInTime(&MediaInput::OpenAndDescribe);
}

Status MediaInput::Reopen() { return OpenInTime(&MediaInput::OpenAgain); }

Status MediaInput::OpenInTime(Status (MediaInput::*open)()) {
  if (config_.limits.open_timeout > 0) {
    const auto limit = std::chrono::duration<double>(config_.limits.open_timeout);
    open_by_.store((tick_clock_.Now() + std::chrono::duration_cast<Clock::duration>(limit))
                       .time_since_epoch()
                       .count());
  }
  opened_ = 0;
  opening_ = true;
  Status status = (this->*open)();
  opening_ = false;
  if (context_ != nullptr && context_->iformat->priv_class != nullptr && persistent_later_) {
    av_opt_set(context_->priv_data, "http_persistent", "1", 0);  // only playlists know it
  }
  open_by_.store(Clock::time_point::max().time_since_epoch().count());
  return status;
}

Status MediaInput::OpenAndDescribe() {
  if (Status status = OpenContainer({}); !status.ok()) return status;
  if (Status status = ReadStreams(); !status.ok()) return status;
  info_ = DescribeMedia(context_.get(), config_.url);
  // A stream that begins late: looking further costs nothing but reading.
  if (!info_.seekable || !HasUnknownStream()) return CheckAnySize();
  probe_ = LongProbe();
  if (Status status = OpenContainer(probe_); !status.ok()) return status;
  if (Status status = ReadStreams(); !status.ok()) return status;
  info_ = DescribeMedia(context_.get(), config_.url);
  return CheckAnySize();
}

Status MediaInput::OpenAgain() {
  if (Status status = OpenContainer(probe_); !status.ok()) return status;
  if (Status status = ReadStreams(); !status.ok()) return status;
  // Others may read what it is: that is not described anew.
  const auto is_same = [this](const MediaStream& described) {
    const char* kind = av_get_media_type_string(stream(described.index)->codecpar->codec_type);
    return described.kind == (kind == nullptr ? "data" : kind);
  };
  if (context_->nb_streams >= info_.streams.size() && std::ranges::all_of(info_.streams, is_same)) {
    return Status::Ok();
  }
  return Fail("SOURCE_READ_FAILED",
              "Expected \"" + config_.url + "\" to be what it was but it has other streams now",
              AVERROR_INVALIDDATA);
}

void MediaInput::Close() {
  if (context_ != nullptr) {
    SetDeadline(tick_clock_.Now() + kFarewell);
    context_.reset();
  }
  file_.reset();  // there without a context when libavformat refused what came out of it
}

Status MediaInput::ReadStreams() {
  DecoderOptions decoders(context_->nb_streams, config_.limits.max_pixels);
  const int error = avformat_find_stream_info(context_.get(), decoders.get());
  if (opened_ > kMaxNested) return NotMedia(AVERROR(ELOOP));
  if (late()) return NotMedia(AVERROR_EXIT);
  if (error < 0) return NotMedia(error);
  if (Status status = CheckSizes(); !status.ok()) return status;
  return CheckContainer();
}

bool MediaInput::HasUnknownStream() const {
  return std::ranges::any_of(info_.streams, [](const MediaStream& stream) {
    return (stream.kind == "audio" && stream.sample_rate == 0) ||
           (stream.kind == "video" && stream.width == 0);
  });
}

Status MediaInput::OpenContainer(const OptionList& more) {
  const AVInputFormat* format = nullptr;
  if (!config_.format.empty()) {
    format = av_find_input_format(config_.format.c_str());
    if (format == nullptr) {
      return Fail("SOURCE_OPEN_FAILED",
                  "Expected a demuxer or device of libavformat such as \"lavfi\" for format but "
                  "received \"" +
                      config_.format + "\"",
                  AVERROR_DEMUXER_NOT_FOUND);
    }
  }
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) {
    return Fail("OUT_OF_MEMORY", "Expected memory for a container but the system gave none",
                AVERROR(ENOMEM));
  }
  context->interrupt_callback = {IsOver, this};
  // A capture device without a signal must not block for ever: then it says EAGAIN, and Read()
  // waits.
  context->flags |= AVFMT_FLAG_NONBLOCK;
  context->opaque = this;
  open_nested_ = context->io_open;
  context->io_open = &MediaInput::OpenNested;
  context_.reset();
  file_.reset();
  if (config_.format.empty() || (format != nullptr && (format->flags & AVFMT_NOFILE) == 0)) {
    if (WaitingFile::Knows(config_.url)) {
      const int refused = WaitingFile::Open(config_.url, context->interrupt_callback, &file_);
      if (refused < 0) {
        avformat_free_context(context);
        return NotMedia(refused);
      }
      context->pb = file_->context();
    }
  }
  Dict options(config_.options);
  const auto set = [&options](const char* key, const std::string& value) {
    if (!value.empty()) av_dict_set(&options.raw, key, value.c_str(), 0);
  };
  set("protocol_whitelist", config_.limits.protocols);
  if (const std::string& refused = config_.limits.refused_formats; !refused.empty()) {
    set("format_whitelist",
        AllBut(refused, av_dict_get(options.raw, "format_whitelist", nullptr, 0)));
  }
  // libavformat opens what it loads over a connection that it has already without asking us.
  const bool counts = av_dict_get(options.raw, "http_persistent", nullptr, 0) == nullptr;
  if (counts) set("http_persistent", "0");
  persistent_later_ = counts;
  for (const auto& [key, value] : more) {
    av_dict_set(&options.raw, key.c_str(), value.c_str(), AV_DICT_DONT_OVERWRITE);
  }
  const int error = avformat_open_input(&context, config_.url.c_str(), format, &options.raw);
  context_.reset(context);  // null when it failed
  if (opened_ > kMaxNested) return NotMedia(AVERROR(ELOOP));
  if (error < 0) return NotMedia(error);
  if (counts) av_dict_set(&options.raw, "http_persistent", nullptr, 0);
  if (const std::string key = options.FirstKey(); !key.empty()) {
    return Fail("UNKNOWN_OPTION",
                "Expected an option of the " + std::string(context_->iformat->name) +
                    " demuxer or its protocol but received \"" + key + "\"",
                AVERROR_OPTION_NOT_FOUND);
  }
  return Status::Ok();
}

Status MediaInput::CheckContainer() const {
  // libavformat draws any text file as a video of its letters.
  const bool text = config_.format.empty() && std::string_view(context_->iformat->name) == "tty";
  return text || context_->nb_streams == 0 ? NotMedia(AVERROR_INVALIDDATA) : Status::Ok();
}

Status MediaInput::NotMedia(int error) const {
  std::string reason = AvErrorText(error);
  if (error == AVERROR(ELOOP)) {
    reason = "its playlists name each other without an end";
  } else if (late() && !cancelled()) {
    char seconds[32] = {};
    std::snprintf(seconds, sizeof(seconds), "%g", config_.limits.open_timeout);
    reason = std::string("it was not open after ") + seconds + " s (openTimeout)";
  }
  if (const std::string list = error == AVERROR(EINVAL) ? RefusedFormat() : ""; !list.empty()) {
    return Fail("SOURCE_OPEN_FAILED",
                "Expected media but received \"" + config_.url + "\", a list (" + list +
                    ") of other files or URLs: say which protocols it may use, such as protocols: "
                    "[\"file\"]",
                error);
  }
  std::error_code no_file;
  if (std::filesystem::is_regular_file(config_.url, no_file) &&
      std::filesystem::file_size(config_.url, no_file) == 0) {
    reason = "it is empty";
  } else if (error == AVERROR_INVALIDDATA || error == AVERROR_EOF) {
    reason = "it is not media that libavformat knows, or it is damaged (" + reason + ")";
  }
  return Fail("SOURCE_OPEN_FAILED",
              "Expected readable media but received \"" + config_.url + "\": " + reason, error);
}

Status MediaInput::CheckSizes() const {
  const std::int64_t limit = config_.limits.max_pixels;
  for (unsigned i = 0; limit > 0 && i < context_->nb_streams; ++i) {
    const AVCodecParameters& stream = *context_->streams[i]->codecpar;
    if (static_cast<std::int64_t>(stream.width) * stream.height <= limit) continue;
    return Fail("SOURCE_OPEN_FAILED",
                "Expected pictures of at most " + std::to_string(limit) +
                    " pixels (maxPixels) in \"" + config_.url + "\" but received " +
                    SizeText(stream.width, stream.height),
                AVERROR(EINVAL));
  }
  return Status::Ok();
}

/// libavformat's decoders are told the limit too: of what they refuse the size stays unknown.
Status MediaInput::CheckAnySize() const {
  const bool any = std::ranges::any_of(info_.streams, [](const MediaStream& stream) {
    return stream.kind != "video" || stream.width > 0;
  });
  if (any || config_.limits.max_pixels <= 0) return Status::Ok();
  return Fail("SOURCE_OPEN_FAILED",
              "Expected pictures of at most " + std::to_string(config_.limits.max_pixels) +
                  " pixels (maxPixels) in \"" + config_.url +
                  "\" but received larger ones, or a video that does not tell its size",
              AVERROR(EINVAL));
}

/// The name of the demuxer that libavformat would have taken, when it is one that is refused.
std::string MediaInput::RefusedFormat() const {
  if (config_.limits.refused_formats.empty() || !config_.format.empty() || file_ != nullptr)
    return "";
  Dict options;
  if (const std::string& protocols = config_.limits.protocols; !protocols.empty()) {
    av_dict_set(&options.raw, "protocol_whitelist", protocols.c_str(), 0);
  }
  AVIOContext* io = nullptr;
  const AVIOInterruptCB interrupt{IsOver, const_cast<MediaInput*>(this)};
  if (avio_open2(&io, config_.url.c_str(), AVIO_FLAG_READ, &interrupt, &options.raw) < 0) return "";
  const AVInputFormat* format = nullptr;
  const int score = av_probe_input_buffer2(io, &format, config_.url.c_str(), nullptr, 0, 0);
  avio_closep(&io);
  const bool refused = score >= 0 && format != nullptr &&
                       av_match_list(format->name, config_.limits.refused_formats.c_str(), ',') > 0;
  return refused ? format->name : "";
}

Status MediaInput::CheckVideo(int index) const {
  const bool known = index >= 0 && static_cast<std::size_t>(index) < info_.streams.size();
  if (known && info_.streams[static_cast<std::size_t>(index)].kind == "video") return Status::Ok();
  return Fail("NO_VIDEO",
              "Expected a source with a video stream but \"" + config_.url + "\" has none",
              AVERROR_STREAM_NOT_FOUND);
}

bool MediaInput::CanSeek(int index) const {
  return info_.seekable && stream(index)->start_time != AV_NOPTS_VALUE;
}

bool MediaInput::SeekTo(int index, double seconds) {
  const AVStream* target_stream = stream(index);
  const std::int64_t target =
      target_stream->start_time + std::llround(seconds / av_q2d(target_stream->time_base));
  return avformat_seek_file(context_.get(), index, INT64_MIN, target, target, 0) >= 0;
}

void MediaInput::Select(const std::vector<int>& streams) {
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const bool wanted = std::ranges::find(streams, static_cast<int>(i)) != streams.end();
    context_->streams[i]->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

Status MediaInput::Read(AVPacket* packet, Result* result) {
  for (;;) {
    *result = Result::kCancelled;
    if (cancelled()) return Status::Ok();
    const int error = av_read_frame(context_.get(), packet);
    if (error >= 0) {
      errors_in_a_row_ = 0;
      if (stream(packet->stream_index)->discard == AVDISCARD_ALL) {
        av_packet_unref(packet);
        continue;
      }
      // Which a demuxer adds to samples that it has no key for.
      if (av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr) {
        av_packet_unref(packet);
        return Fail("SOURCE_ENCRYPTED",
                    "Expected media that is not encrypted but the samples of \"" + config_.url +
                        "\" are: decrypt it first, or give the demuxer its key",
                    AVERROR(EACCES));
      }
      *result = Result::kPacket;
      return Status::Ok();
    }
    if (cancelled()) return Status::Ok();
    if (error == AVERROR_EOF) {
      *result = Result::kEnd;
      return Status::Ok();
    }
    if (error == AVERROR(EAGAIN) && !expired()) {
      std::this_thread::sleep_for(kPollInterval);
      continue;
    }
    if (error == AVERROR_INVALIDDATA && ++errors_in_a_row_ <= kMaxErrorsInARow) {
      ++read_errors_;
      continue;
    }
    return Fail("SOURCE_READ_FAILED",
                "Reading \"" + config_.url + "\" stopped: " + AvErrorText(error), error);
  }
}

}  // namespace streamgear
