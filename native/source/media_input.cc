#include "source/media_input.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "source/device_list.h"

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

int IsOver(void* opaque) noexcept {
  const auto* input = static_cast<const MediaInput*>(opaque);
  return input->cancelled() || input->expired() ? 1 : 0;
}

}  // namespace

Status MediaInput::Fail(std::string code, std::string message, int averror) {
  return Status(Failure{.code = std::move(code),
                        .message = std::move(message),
                        .stage = "reader",
                        .averror = averror});
}

Status MediaInput::Open() {
  RegisterDevices();
  if (Status status = OpenContainer({}); !status.ok()) return status;
  if (Status status = ReadStreams(); !status.ok()) return status;
  info_ = DescribeMedia(context_.get(), config_.url);
  // A stream that begins late: looking further costs nothing but reading.
  if (!info_.seekable || !HasUnknownStream()) return Status::Ok();
  if (Status status = OpenContainer(LongProbe()); !status.ok()) return status;
  if (Status status = ReadStreams(); !status.ok()) return status;
  info_ = DescribeMedia(context_.get(), config_.url);
  return Status::Ok();
}

void MediaInput::Close() {
  if (context_ == nullptr) return;
  SetDeadline(Clock::now() + kFarewell);
  context_.reset();
  file_.reset();
}

Status MediaInput::ReadStreams() {
  const int error = avformat_find_stream_info(context_.get(), nullptr);
  return error < 0 ? NotMedia(error) : CheckContainer();
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
  for (const auto& [key, value] : more) {
    av_dict_set(&options.raw, key.c_str(), value.c_str(), AV_DICT_DONT_OVERWRITE);
  }
  const int error = avformat_open_input(&context, config_.url.c_str(), format, &options.raw);
  context_.reset(context);  // null when it failed
  if (error < 0) return NotMedia(error);
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
