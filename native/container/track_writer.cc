#include "container/track_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "container/codec_string.h"
#include "container/track_description.h"
#include "timeline/follower.h"

namespace streamgear {
namespace {

/// The most ticks from sample to sample that libavformat's mp4 muxer believes.
constexpr std::int64_t kLongestSample = INT32_MAX - 1;

}  // namespace

TrackWriter::TrackWriter(StreamInfo stream, std::int64_t timescale,
                         const PackagingConfig& packaging, double fragment,
                         LatencyHistogram* latency)
    : stream_(std::move(stream)),
      timescale_(timescale),
      packaging_(packaging),
      fragment_(fragment),
      latency_(latency) {}

double TrackWriter::Seconds(std::int64_t ticks) const {
  return static_cast<double>(ticks) / static_cast<double>(timescale_);
}

Status TrackWriter::Open() { return NeedsExtradata(stream_) ? Status::Ok() : OpenMuxer(); }

Status TrackWriter::OpenMuxer() {
  AVCodecParameters* parameters = stream_.parameters.get();
  if (parameters->codec_id == AV_CODEC_ID_VP9 && parameters->level < 0) {
    // libavformat 5.1 computes the vpcC box's level without the frame rate: given, it agrees with
    // our codecs string.
    parameters->level = Vp9Level(parameters->width, parameters->height, stream_.frame_rate.value());
  }
  return SegmentMuxer::Create(stream_, packaging_.segment_type, timescale_, packaging_.metadata,
                              packaging_.muxer_options, &muxer_);
}

Status TrackWriter::TakeExtradata(const AVPacket* first) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(first, AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (data == nullptr) return Status::Ok();
  auto* copy = static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
  if (copy == nullptr) {
    return Status(Failure{.code = "OUT_OF_MEMORY",
                          .message = "Expected memory for a codec header but the system gave none",
                          .stage = "packager",
                          .averror = AVERROR(ENOMEM)});
  }
  std::memcpy(copy, data, size);
  AVCodecParameters* parameters = stream_.parameters.get();
  av_freep(&parameters->extradata);
  parameters->extradata = copy;
  parameters->extradata_size = static_cast<int>(size);
  return Status::Ok();
}

Status TrackWriter::WriteUntil(const AVPacket* next) {
  if (held_ == nullptr) return Status::Ok();
  const std::int64_t duration = next->dts - held_->dts;
  pause_ = IsLongPause(next);
  return Write(pause_ ? std::min(held_->duration, kLongestSample) : duration);
}

Status TrackWriter::WriteLast(std::int64_t end) {
  const std::int64_t decoded_at = held_->dts + reordering_delay_;
  return Write(std::min(end - decoded_at, kLongestSample));
}

Status TrackWriter::WriteAudioUntil(const AVPacket* next, AudioStep* step) {
  const std::int64_t pts = next->pts;
  step->end = pts;
  step->hole = !started_ && pts > 0;
  if (!std::exchange(started_, true)) priming_ = std::max<std::int64_t>(0, -pts);
  if (held_ == nullptr) return Status::Ok();
  const std::int64_t begin = held_->pts;
  pause_ = IsLongPause(next);
  step->hole = IsHole(pts - begin, held_->duration);
  if (step->hole) step->end = begin + held_->duration;
  return Write(step->end - begin);
}

Status TrackWriter::BreakTime(bool in_segment) {
  const bool anew = std::exchange(pause_, false) && !in_segment;
  return anew ? GoOnAfterPause() : muxer_->BreakTime();
}

Status TrackWriter::WriteLastAudio(std::int64_t presentation_end, std::int64_t* end) {
  const std::int64_t begin = held_->pts;
  const std::int64_t rest = presentation_end - begin;
  const std::int64_t duration = held_->duration > 0 ? std::min(held_->duration, rest) : rest;
  *end = begin + duration;
  return Write(duration);
}

Status TrackWriter::Hold(EncodedPacket encoded) {
  const AVPacket* packet = encoded.packet.get();
  if (std::exchange(pause_, false) && stream_.kind == MediaKind::kVideo) {
    if (Status status = GoOnAfterPause(); !status.ok()) return status;
  }
  if (muxer_ == nullptr) {
    if (Status status = TakeExtradata(packet); !status.ok()) return status;
    if (Status status = OpenMuxer(); !status.ok()) return status;
  }
  if (!std::exchange(started_, true)) reordering_delay_ = packet->pts - packet->dts;
  held_ = std::move(encoded.packet);
  held_since_ = encoded.pushed_at;
  return Status::Ok();
}

/// Hours without a packet: the mp4 muxer would take the time of the next one, with which a segment
/// begins, for a mistake, whatever it is told. Another one can go on where the edit list stays
/// true.
bool TrackWriter::IsLongPause(const AVPacket* next) const {
  return packaging_.segment_type == SegmentType::kFmp4 && next->dts - held_->dts > kLongestSample &&
         (next->flags & AV_PKT_FLAG_KEY) != 0 && next->pts - next->dts == reordering_delay_;
}

/// The initialization stays what it was.
Status TrackWriter::GoOnAfterPause() {
  shift_ = priming_;
  if (Status status = OpenMuxer(); !status.ok()) return status;
  return muxer_->BreakTime();
}

Status TrackWriter::Write(std::int64_t duration) {
  PacketPtr packet = std::move(held_);
  packet->duration = std::max<std::int64_t>(1, duration);
  const std::int64_t next = packet->dts + reordering_delay_ + packet->duration;
  packet->pts += shift_;
  packet->dts += shift_;
  payload_ += packet->size;
  if (Status status = muxer_->Write(packet.get()); !status.ok()) return status;
  if (latency_ != nullptr) latency_->Record(Clock::now() - held_since_);
  Bytes init = muxer_->TakeInit();
  if (!init.empty() && !std::exchange(has_init_, true)) init_ = std::move(init);
  return CutFragment(next);
}

/// Called before the packet at `next`, a decoding time on the time line that starts at 0: with it
/// the fragment would be longer than it may be.
Status TrackWriter::CutFragment(std::int64_t next) {
  constexpr double kNoise = 1e-9;  // seconds: audio counts in samples
  if (fragment_ <= 0 || Seconds(next - fragment_start_) + kNoise < fragment_) return Status::Ok();
  fragment_start_ = next;
  return muxer_->CutFragment();
}

Status TrackWriter::CutSegment(Bytes* bytes, std::int64_t* payload) {
  *payload = std::exchange(payload_, 0);
  return muxer_->CutSegment(bytes);
}

}  // namespace streamgear
