#include "source/video_decoder.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "source/media_info.h"

namespace streamgear {
namespace {

/// Errors in a row, with no packet between them, after which the stream is given up.
constexpr int kMaxErrorsInARow = 100;
/// Packets without a whole frame after which the stream is taken for one that has none (intra
/// refresh without recovery points), and the most bytes that are kept of them.
constexpr std::size_t kMaxKept = 600;
constexpr std::size_t kMaxKeptBytes = std::size_t{64} << 20;

/// Packets within which a damaged one shows: decoders with threads are late.
constexpr int kDamageReach = 64;

std::optional<std::int64_t> Ticks(std::int64_t timestamp) {
  if (timestamp == AV_NOPTS_VALUE) return std::nullopt;
  return timestamp;
}

Rational RateOf(const StreamDescription& stream) {
  return stream.frame_rate.valid() ? stream.frame_rate : Rational{25, 1};
}

}  // namespace

VideoDecoder::VideoDecoder(PacketReader& packets, const VideoRange& range, LogRing& log,
                           EventSink sink)
    : packets_(packets),
      range_(range),
      log_(log),
      sink_(std::move(sink)),
      decoder_log_(
          [this](Event event) {
            auto& line = std::get<LogEvent>(event);
            if (line.level <= AV_LOG_ERROR) complaints_.fetch_add(1, std::memory_order_relaxed);
            log_.Append(line.level, std::move(line.message));
          },
          log.max_level() > AV_LOG_INFO),
      packet_(av_packet_alloc()),
      frame_(av_frame_alloc()),
      clock_(FromAv(packets.stream().time_base), RateOf(packets.stream()),
             Ticks(packets.stream().start)),
      // Half a tick, but no more than what a container that counts milliseconds needs.
      tolerance_(std::min(av_q2d(packets.stream().time_base) / 2, 0.0005) + 1e-6) {}

Status VideoDecoder::Fail(std::string code, std::string message, int averror) const {
  return Status(Failure{.code = std::move(code),
                        .message = std::move(message),
                        .stage = "reader",
                        .averror = averror,
                        .log = log_.LastComplaint()});
}

Status VideoDecoder::Open() {
  const StreamDescription& stream = packets_.stream();
  const AVCodecParameters* parameters = stream.parameters.get();
  if (packet_ == nullptr || frame_ == nullptr || parameters == nullptr) {
    return Fail("OUT_OF_MEMORY", "Expected memory for a frame but the system gave none",
                AVERROR(ENOMEM));
  }
  const std::string name = CodecOf(parameters);
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (codec == nullptr) {
    return Fail("NO_DECODER",
                "Expected a codec that the local libavcodec decodes but the video of \"" +
                    stream.url + "\" is " + name,
                AVERROR_DECODER_NOT_FOUND);
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  if (decoder_ == nullptr) {
    return Fail("OUT_OF_MEMORY", "Expected memory for a decoder", AVERROR(ENOMEM));
  }
  int error = avcodec_parameters_to_context(decoder_.get(), parameters);
  decoder_->pkt_timebase = stream.time_base;
  decoder_->thread_count = std::max(range_.threads, 0);
  if (stream.max_pixels > 0) decoder_->max_pixels = stream.max_pixels;
  decoder_->opaque = &decoder_log_;  // what its own threads say comes to our log
  if (error >= 0) error = avcodec_open2(decoder_.get(), codec, nullptr);
  if (error >= 0 && (parameters->width <= 0 || parameters->height <= 0)) {
    error = AVERROR_INVALIDDATA;
  }
  if (error >= 0) return Status::Ok();
  return Fail("SOURCE_OPEN_FAILED",
              "Expected video that can be decoded but the " + name + " video of \"" + stream.url +
                  "\" cannot: " + AvErrorText(error),
              error);
}

Status VideoDecoder::Next(bool* end) {
  *end = false;
  while (!cancelled_) {
    const LogScope scope(&decoder_log_);
    const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
    NoteDamage();
    if (error == AVERROR(EAGAIN)) {
      if (Status status = Feed(); !status.ok()) return status;
      continue;
    }
    if (error < 0 && error != AVERROR_EOF) {
      NoteError(AvErrorText(error));
      // A decoder that only ever repeats its error would never be drained.
      if (++errors_in_a_row_ <= kMaxErrorsInARow) continue;
    }
    if (error == AVERROR_EOF && searching_ && !kept_.empty()) {
      GiveUpSearch();
      continue;
    }
    const Verdict verdict = error < 0 ? Verdict::kEnd : Judge();
    if (verdict == Verdict::kSkip) continue;
    *end = verdict == Verdict::kEnd;
    return error < 0 ? AtEnd() : Status::Ok();
  }
  *end = true;
  return Status::Ok();
}

Status VideoDecoder::Feed() {
  if (!again_.empty()) {
    errors_in_a_row_ = 0;
    Send(again_.front().get());
    again_.pop_front();
    return Status::Ok();
  }
  PacketReader::Result result = PacketReader::Result::kEnd;
  read_status_ = packets_.Read(packet_.get(), &result);
  if (read_status_.ok() && result == PacketReader::Result::kCancelled) {
    cancelled_ = true;
    return Status::Ok();
  }
  if (!read_status_.ok() || result == PacketReader::Result::kEnd) {
    // From here on the decoder only gives what it holds. This fails only when that is so already.
    Send(nullptr);
    return Status::Ok();
  }
  errors_in_a_row_ = 0;
  --damage_left_;
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0) damage_left_ = kDamageReach;
  const bool key_frame = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
  if (!std::exchange(started_, true) && !key_frame) BeginSearch(*packet_);
  if (key_frame && !first_key_pts_) first_key_pts_ = Ticks(packet_->pts);
  Status status = searching_ ? Keep(*packet_) : Status::Ok();
  if (status.ok()) Send(packet_.get());
  av_packet_unref(packet_.get());
  if (searching_ && (kept_.size() >= kMaxKept || kept_bytes_ >= kMaxKeptBytes)) GiveUpSearch();
  return status;
}

void VideoDecoder::Send(const AVPacket* packet) {
  const int sent = avcodec_send_packet(decoder_.get(), packet);
  if (packet != nullptr && sent < 0 && sent != AVERROR_EOF) NoteError(AvErrorText(sent));
}

/// The decoder of H.264 knows which of its frames are whole and keeps the others to itself. It is
/// told to give and mark them, because of a stream without recovery points it would give none.
void VideoDecoder::BeginSearch(const AVPacket& first) {
  searching_ = true;
  if (first.pts != AV_NOPTS_VALUE) clock_.BeginAt(first.pts);
  decoder_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

Status VideoDecoder::Keep(const AVPacket& packet) {
  kept_.emplace_back(av_packet_clone(&packet));
  if (kept_.back() == nullptr) {
    return Fail("OUT_OF_MEMORY", "Expected memory for a packet", AVERROR(ENOMEM));
  }
  ++skipped_;
  kept_bytes_ += static_cast<std::size_t>(std::max(0, packet.size));
  return Status::Ok();
}

bool VideoDecoder::IsWhole(const AVFrame& frame) const {
  const bool marked = (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0;
  if (decoder_->codec_id == AV_CODEC_ID_H264) {
    // Where a refresh begins the frame is a key frame to the decoder, and marked until it is done.
    return !marked || (frame.pict_type == AV_PICTURE_TYPE_I && frame.decode_error_flags == 0);
  }
  const std::optional<std::int64_t> ticks = Ticks(frame.best_effort_timestamp);
  return !marked && (IsKeyFrame(&frame) || (first_key_pts_ && ticks && *ticks >= *first_key_pts_));
}

/// `lossy`: the frames before this one were wanted.
void VideoDecoder::EndSearch(bool lossy) {
  const auto earlier = [this](const PacketPtr& packet) {
    return packet->pts == AV_NOPTS_VALUE || packet->pts < frame_->best_effort_timestamp;
  };
  const auto lost = std::ranges::count_if(kept_, earlier);
  if (lossy && lost > 0) {
    NoteSearch("its first " + std::to_string(lost) +
               " pictures refer to what is not there and are left out");
  }
  searching_ = false;
  kept_.clear();
}

/// Decodes once more what is kept, and takes all of it.
void VideoDecoder::GiveUpSearch() {
  NoteSearch("none of its first " + std::to_string(skipped_) +
             " pictures is known to be whole, and they are taken as they are");
  searching_ = false;
  gave_up_ = true;
  avcodec_flush_buffers(decoder_.get());
  again_ = std::exchange(kept_, {});
}

void VideoDecoder::NoteSearch(const std::string& what) {
  if (sink_ == nullptr) return;
  sink_(WarningEvent{
      .code = "NO_KEY_FRAME",
      .message = "\"" + packets_.stream().url + "\" does not begin with a key frame: " + what});
}

VideoDecoder::Verdict VideoDecoder::Judge() {
  errors_in_a_row_ = 0;
  const std::optional<std::int64_t> ticks = Ticks(frame_->best_effort_timestamp);
  if (searching_ && !IsWhole(*frame_)) return Verdict::kSkip;
  const bool leading = !any_frame_ && skipped_ == 0 && !IsKeyFrame(frame_.get());
  if (leading && ticks && first_key_pts_ && *ticks < *first_key_pts_) return Verdict::kSkip;
  time_ = clock_.Next(ticks);
  if (!std::exchange(any_frame_, true)) FindRange();
  if (searching_) EndSearch(range_.start <= 0 || time_ > start_ + tolerance_);
  if (time_ < start_ - tolerance_) return Verdict::kSkip;
  if (range_.duration >= 0 && range_time() >= range_.duration - tolerance_) {
    range_reached_ = true;
    return Verdict::kEnd;
  }
  if (frame_->decode_error_flags != 0) NoteError("concealed errors in a frame");
  return Verdict::kYield;
}

Status VideoDecoder::AtEnd() const {
  if (!read_status_.ok()) return read_status_;
  if (!any_frame_ && (errors_.count() > 0 || skipped_ > 0)) {
    return Fail("DECODE_FAILED",
                "Expected video that can be decoded but not one frame of \"" +
                    packets_.stream().url + "\" could be",
                AVERROR_INVALIDDATA);
  }
  return Status::Ok();
}

double VideoDecoder::origin() const {
  return static_cast<double>(clock_.origin().value_or(0)) * av_q2d(packets_.stream().time_base);
}

/// A range is counted from the first picture that is shown, which may come later than the stream
/// begins. This frame is it, unless the packets begin elsewhere.
void VideoDecoder::FindRange() {
  const std::optional<double> first = packets_.first_picture();
  first_ = first ? *first - origin() : time_;
  const double picture = origin() + first_;
  const double held = picture - HeldFrom(picture, range_.sound_begin);
  start_ = first_ - held + std::max(range_.start, 0.0);
}

double VideoDecoder::frame_duration() const {
  const double nominal = 1 / RateOf(packets_.stream()).value();
  const auto ticks = static_cast<double>(DurationOf(frame_.get()));
  return std::max(nominal, ticks * av_q2d(packets_.stream().time_base));
}

/// What a decoder conceals in one of its threads it may tell of in words only (libavcodec
/// before 6.1 loses decode_error_flags). Alone they mean little, and so does a packet that is
/// marked: at a splice of transport streams the mark is the missing count. Both together are
/// damage.
void VideoDecoder::NoteDamage() {
  const std::int64_t complaints = complaints_.load(std::memory_order_relaxed);
  if (complaints != complaints_heard_ && damage_left_ > 0) {
    damage_left_ = 0;
    NoteError("damaged packets");
  }
  complaints_heard_ = complaints;
}

void VideoDecoder::NoteError(const std::string& reason) {
  // What lacks its references is no damage.
  if (searching_ || !errors_.Add() || sink_ == nullptr) return;
  sink_(WarningEvent{.code = "DECODE_ERROR",
                     .message = "Part of \"" + packets_.stream().url + "\" could not be decoded (" +
                                std::to_string(errors_.count()) + " so far): " + reason});
}

}  // namespace streamgear
