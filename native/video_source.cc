#include "video_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "frame_reader.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace streamgear {
namespace {

using std::chrono::milliseconds;

/// How often a device that has nothing to give is asked again.
constexpr milliseconds kPollInterval{5};
/// Read or decode errors in a row, with no packet between them, after which the source is given up.
constexpr int kMaxErrorsInARow = 100;

int IsClosed(void* closed) { return static_cast<const std::atomic<bool>*>(closed)->load() ? 1 : 0; }

void RegisterDevices() {
  static std::once_flag once;
  std::call_once(once, [] { avdevice_register_all(); });
}

std::optional<std::int64_t> Ticks(std::int64_t timestamp) {
  if (timestamp == AV_NOPTS_VALUE) return std::nullopt;
  return timestamp;
}

/// The default stream, else the largest: what a person means by "the video". Cover pictures are
/// none.
std::int64_t ScoreOf(const AVStream* stream) {
  const AVCodecParameters* parameters = stream->codecpar;
  if (parameters->codec_type != AVMEDIA_TYPE_VIDEO) return -1;
  if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) return -1;
  const std::int64_t area = static_cast<std::int64_t>(parameters->width) * parameters->height;
  const bool is_default = (stream->disposition & AV_DISPOSITION_DEFAULT) != 0;
  return area + (is_default ? std::int64_t{1} << 40 : 0);
}

bool IsPowerOfTen(std::int64_t value) {
  while (value >= 10 && value % 10 == 0) value /= 10;
  return value == 1;
}

}  // namespace

VideoSource::VideoSource(const FrameReaderConfig& config, LogRing& log, const EventSink& sink,
                         const std::atomic<bool>& closed)
    : config_(config), log_(log), sink_(sink), closed_(closed) {}

Status VideoSource::Fail(std::string code, std::string message, int averror) const {
  return Status(Failure{.code = std::move(code),
                        .message = std::move(message),
                        .stage = "reader",
                        .averror = averror,
                        .log = log_.LastComplaint()});
}

Status VideoSource::Open() {
  RegisterDevices();
  packet_.reset(av_packet_alloc());
  frame_.reset(av_frame_alloc());
  if (packet_ == nullptr || frame_ == nullptr) {
    return Fail("OUT_OF_MEMORY", "Expected memory for a frame but the system gave none",
                AVERROR(ENOMEM));
  }
  if (Status status = OpenInput(); !status.ok()) return status;
  if (Status status = ChooseStream(); !status.ok()) return status;
  if (Status status = OpenDecoder(); !status.ok()) return status;
  ReadTraits();
  ResetClock();
  // Half a tick, but no more than what a container that counts milliseconds needs.
  tolerance_ = std::min(av_q2d(stream_->time_base) / 2, 0.0005) + 1e-6;
  if (config_.start > 0 && CanSeek() && SeekTo(config_.start)) seek_distance_ = 0;
  return Status::Ok();
}

Status VideoSource::OpenInput() {
  const std::string what =
      "Expected a readable video source but received \"" + config_.source + "\": ";
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
  if (context == nullptr) return Fail("OUT_OF_MEMORY", what + "no memory", AVERROR(ENOMEM));
  context->interrupt_callback = {IsClosed, const_cast<std::atomic<bool>*>(&closed_)};
  // A capture device without a signal must not block for ever: then it says EAGAIN, and Feed()
  // waits.
  context->flags |= AVFMT_FLAG_NONBLOCK;
  Dict options(config_.options);
  int error = avformat_open_input(&context, config_.source.c_str(), format, &options.raw);
  input_.reset(context);  // null when it failed
  if (error < 0) return Fail("SOURCE_OPEN_FAILED", what + AvErrorText(error), error);
  if (const std::string key = options.FirstKey(); !key.empty()) {
    return Fail("UNKNOWN_OPTION",
                "Expected an option of the " + std::string(input_->iformat->name) +
                    " demuxer or its protocol but received \"" + key + "\"",
                AVERROR_OPTION_NOT_FOUND);
  }
  error = avformat_find_stream_info(input_.get(), nullptr);
  if (error < 0) return Fail("SOURCE_OPEN_FAILED", what + AvErrorText(error), error);
  return Status::Ok();
}

Status VideoSource::ChooseStream() {
  std::int64_t best = -1;
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    AVStream* stream = input_->streams[i];
    stream->discard = AVDISCARD_ALL;
    if (const std::int64_t score = ScoreOf(stream); score > best) {
      best = score;
      stream_ = stream;
    }
  }
  if (stream_ == nullptr) {
    return Fail("NO_VIDEO",
                "Expected a source with a video stream but \"" + config_.source + "\" has none",
                AVERROR_STREAM_NOT_FOUND);
  }
  stream_->discard = AVDISCARD_DEFAULT;
  return Status::Ok();
}

Status VideoSource::OpenDecoder() {
  const AVCodecParameters* parameters = stream_->codecpar;
  const std::string name = avcodec_get_name(parameters->codec_id);
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (codec == nullptr) {
    return Fail("NO_DECODER",
                "Expected a codec that the local libavcodec decodes but the video of \"" +
                    config_.source + "\" is " + name,
                AVERROR_DECODER_NOT_FOUND);
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  if (decoder_ == nullptr)
    return Fail("OUT_OF_MEMORY", "Expected memory for a decoder", AVERROR(ENOMEM));
  int error = avcodec_parameters_to_context(decoder_.get(), parameters);
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->thread_count = std::max(config_.threads, 0);
  decoder_->opaque = &log_;  // what its own threads say comes to our log
  if (error >= 0) error = avcodec_open2(decoder_.get(), codec, nullptr);
  if (error >= 0 && (parameters->width <= 0 || parameters->height <= 0))
    error = AVERROR_INVALIDDATA;
  if (error < 0) {
    return Fail("SOURCE_OPEN_FAILED",
                "Expected video that can be decoded but the " + name + " video of \"" +
                    config_.source + "\" cannot: " + AvErrorText(error),
                error);
  }
  return Status::Ok();
}

void VideoSource::ReadTraits() {
  const AVCodecParameters* parameters = stream_->codecpar;
  traits_.width = parameters->width;
  traits_.height = parameters->height;
  traits_.pixel_format = static_cast<AVPixelFormat>(parameters->format);
  traits_.color_space = parameters->color_space;
  traits_.transfer = parameters->color_trc;
  traits_.codec = avcodec_get_name(parameters->codec_id);
  if (const std::int32_t* matrix = DisplayMatrixOf(stream_); matrix != nullptr) {
    std::array<std::int32_t, 9> values{};
    std::copy_n(matrix, values.size(), values.begin());
    traits_.orientation = OrientationFromMatrix(values);
  }
  const Rational aspect = FromAv(av_guess_sample_aspect_ratio(input_.get(), stream_, nullptr));
  if (aspect.valid()) traits_.sample_aspect_ratio = aspect.reduced();
  const Rational rate = FromAv(av_guess_frame_rate(input_.get(), stream_, nullptr));
  if (rate.valid()) traits_.frame_rate = rate.reduced();

  const double total = SourceDuration();
  const double start = std::max(config_.start, 0.0);
  if (total >= 0) traits_.duration = std::max(total - start, 0.0);
  const bool shortened =
      config_.duration >= 0 && (total < 0 || config_.duration < traits_.duration);
  if (shortened) traits_.duration = config_.duration;
  if (stream_->nb_frames > 0 && start == 0 && !shortened) {
    traits_.frame_count = stream_->nb_frames;
  } else if (traits_.duration >= 0) {
    traits_.frame_count = std::llround(traits_.duration * traits_.frame_rate.value());
  }
}

double VideoSource::SourceDuration() const {
  if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0) {
    return static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  }
  if (input_->duration != AV_NOPTS_VALUE && input_->duration > 0) {
    return static_cast<double>(input_->duration) / AV_TIME_BASE;
  }
  return -1;
}

void VideoSource::ResetClock() {
  clock_ = FrameClock(FromAv(stream_->time_base), traits_.frame_rate, Ticks(stream_->start_time));
}

bool VideoSource::CanSeek() const {
  if (stream_->start_time == AV_NOPTS_VALUE) return false;
  const bool random_access =
      input_->pb == nullptr || (input_->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0;
  // Without timestamps nobody knows where a seek has landed.
  return random_access && (input_->iformat->flags & (AVFMT_NOTIMESTAMPS | AVFMT_NOFILE)) == 0;
}

bool VideoSource::SeekTo(double seconds) {
  const std::int64_t target =
      stream_->start_time + std::llround(seconds / av_q2d(stream_->time_base));
  if (avformat_seek_file(input_.get(), stream_->index, INT64_MIN, target, target, 0) < 0)
    return false;
  avcodec_flush_buffers(decoder_.get());
  ResetClock();
  return true;
}

/// Containers without an index land where they guess, and key frames are found by decoding time,
/// which may be earlier than their presentation: a seek that landed after the start, or found no
/// key frame, is repeated from further back.
bool VideoSource::SeekFurtherBack(double landed) {
  if (seek_distance_ < 0) return false;
  const double distance = seek_distance_;
  seek_distance_ = -1;
  // The last try aims clearly before the beginning, which every demuxer takes for the beginning
  // itself.
  if (landed <= config_.start + tolerance_ || distance > config_.start + 1) return false;
  const double further = distance == 0 ? 2 : distance * 2;
  if (!SeekTo(config_.start - further)) return false;
  seek_distance_ = further;
  return true;
}

Status VideoSource::Next(bool* end) {
  *end = false;
  while (!closed_) {
    const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (error == AVERROR_EOF) {
      if (SeekFurtherBack(std::numeric_limits<double>::infinity())) continue;
      *end = true;
      return AtEnd();
    }
    if (error == AVERROR(EAGAIN)) {
      if (Status status = Feed(); !status.ok()) return status;
      continue;
    }
    if (error < 0) {
      NoteDecodeError(AvErrorText(error));
      // A decoder that only ever repeats its error would never be drained.
      if (++errors_in_a_row_ > kMaxErrorsInARow) {
        *end = true;
        return AtEnd();
      }
      continue;
    }
    const Verdict verdict = Judge();
    *end = verdict == Verdict::kEnd;
    if (verdict != Verdict::kSkip) return Status::Ok();
  }
  *end = true;
  return Status::Ok();
}

Status VideoSource::Feed() {
  const int error = av_read_frame(input_.get(), packet_.get());
  if (error == AVERROR(EAGAIN)) {
    std::this_thread::sleep_for(kPollInterval);
    return Status::Ok();
  }
  if (error == AVERROR_INVALIDDATA && ++errors_in_a_row_ <= kMaxErrorsInARow) {
    NoteDecodeError(AvErrorText(error));
    return Status::Ok();
  }
  if (error < 0) {
    if (error != AVERROR_EOF) {
      read_status_ =
          Fail("SOURCE_READ_FAILED",
               "Reading \"" + config_.source + "\" stopped: " + AvErrorText(error), error);
    }
    // From here on the decoder only gives what it holds. This fails only when that is so already.
    (void)avcodec_send_packet(decoder_.get(), nullptr);
    return Status::Ok();
  }
  errors_in_a_row_ = 0;
  if (packet_->stream_index == stream_->index) {
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    if (sent < 0 && sent != AVERROR_EOF) NoteDecodeError(AvErrorText(sent));
  }
  av_packet_unref(packet_.get());
  return Status::Ok();
}

VideoSource::Verdict VideoSource::Judge() {
  any_frame_ = true;
  errors_in_a_row_ = 0;
  const double time = clock_.Next(Ticks(frame_->best_effort_timestamp));
  if (SeekFurtherBack(time)) return Verdict::kSkip;
  const double start = std::max(config_.start, 0.0);
  if (time < start - tolerance_) return Verdict::kSkip;
  timestamp_ = std::max(time - start, 0.0);
  if (config_.duration >= 0 && timestamp_ >= config_.duration - tolerance_) return Verdict::kEnd;
  if (frame_->decode_error_flags != 0) NoteDecodeError("concealed errors in a frame");
  return Verdict::kYield;
}

Status VideoSource::AtEnd() const {
  if (!read_status_.ok()) return read_status_;
  if (!any_frame_ && decode_errors_ > 0) {
    return Fail("DECODE_FAILED",
                "Expected video that can be decoded but not one frame of \"" + config_.source +
                    "\" could be",
                AVERROR_INVALIDDATA);
  }
  return Status::Ok();
}

void VideoSource::NoteDecodeError(const std::string& reason) {
  ++decode_errors_;
  // A broken hour of video must not become a flood: the first, the tenth, the hundredth …
  if (!IsPowerOfTen(decode_errors_)) return;
  sink_(WarningEvent{.code = "DECODE_ERROR",
                     .message = "Part of \"" + config_.source + "\" could not be decoded (" +
                                std::to_string(decode_errors_) + " so far): " + reason});
}

}  // namespace streamgear
