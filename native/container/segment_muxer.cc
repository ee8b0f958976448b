#include "container/segment_muxer.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/from_c.h"
#include "base/language.h"

namespace streamgear {
namespace {

constexpr int kIoBufferSize = 64 * 1024;

int AppendBytes(void* opaque, AvioWriteByte* data, int size) noexcept {
  auto* buffer = static_cast<Bytes*>(opaque);
  return CalledFromC(AVERROR(ENOMEM), [&] {
    buffer->insert(buffer->end(), data, data + size);
    return size;
  });
}

/// Microseconds. libavformat's MPEG-TS muxer adds twice this to every time, so that no time of
/// B-frames or of audio's priming is negative and wraps around; audio and video get the same. It
/// also lets several frames of audio share a packet. (The ffmpeg program's own value.)
constexpr int kTransportStreamDelay = 700'000;

/// Seconds, longer than any segment; each segment starts with tables all the same.
constexpr const char* kOncePerSegment = "3600";

/// CMAF fragments, cut by us. The reordering delay of B-frames and the priming of audio go into an
/// edit list (delay_moov: it is known with the first packet), so that every rendition starts at 0
/// whatever its delay.
/// Signed composition offsets would do without, but libavformat's own demuxer, and all that is
/// built on it, reads those late by the delay.
constexpr const char* kMovFlags =
    "+frag_custom+delay_moov+default_base_moof+cmaf+skip_sidx+skip_trailer";

}  // namespace

void SegmentMuxer::OutputDeleter::operator()(AVFormatContext* context) const {
  if (context->pb != nullptr) {
    av_freep(&context->pb->buffer);
    avio_context_free(&context->pb);
  }
  avformat_free_context(context);
}

SegmentMuxer::~SegmentMuxer() = default;

Status SegmentMuxer::Fail(const char* what, int error) const {
  return Status(Failure{.code = "MUX_FAILED",
                        .message = std::string(what) + " for rendition " +
                                   std::to_string(rendition_) + ": " + AvErrorText(error),
                        .stage = "packager",
                        .rendition = rendition_,
                        .averror = error});
}

Status SegmentMuxer::Create(const StreamInfo& stream, SegmentType type,
                            std::int64_t ticks_per_second, const OptionList& metadata,
                            const OptionList& options, std::unique_ptr<SegmentMuxer>* muxer) {
  std::unique_ptr<SegmentMuxer> made(new SegmentMuxer(stream.rendition, type));
  if (Status status = made->Setup(stream, ticks_per_second, metadata, options); !status.ok()) {
    return status;
  }
  *muxer = std::move(made);
  return Status::Ok();
}

Status SegmentMuxer::Setup(const StreamInfo& stream, std::int64_t ticks_per_second,
                           const OptionList& metadata, const OptionList& options) {
  packet_time_base_ = {1, static_cast<int>(ticks_per_second)};
  if (Status status = OpenContext(); !status.ok()) return status;
  for (const auto& [key, value] : metadata) {
    av_dict_set(&context_->metadata, key.c_str(), value.c_str(), 0);
  }
  if (Status status = AddTrack(stream); !status.ok()) return status;
  return WriteHeader(options);
}

Status SegmentMuxer::OpenContext() {
  const char* name = type_ == SegmentType::kFmp4 ? "mp4" : "mpegts";
  AVFormatContext* raw = nullptr;
  const int error = avformat_alloc_output_context2(&raw, nullptr, name, nullptr);
  if (error < 0) return Fail("The segment muxer could not be made", error);
  context_.reset(raw);
  auto* io_buffer = static_cast<unsigned char*>(av_malloc(kIoBufferSize));
  if (io_buffer == nullptr) return Fail("No memory", AVERROR(ENOMEM));
  raw->pb =
      avio_alloc_context(io_buffer, kIoBufferSize, 1, &buffer_, nullptr, AppendBytes, nullptr);
  if (raw->pb == nullptr) {
    av_free(io_buffer);
    return Fail("No memory", AVERROR(ENOMEM));
  }
  raw->pb->seekable = 0;
  // Times are ours: a muxer that shifts them would shift each rendition by its own reordering
  // delay.
  raw->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  raw->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  raw->max_delay = kTransportStreamDelay;
  // FLAC and Opus in mp4 have become standards since libavformat called them experiments.
  raw->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  return Status::Ok();
}

Status SegmentMuxer::AddTrack(const StreamInfo& stream) {
  const bool mp4 = type_ == SegmentType::kFmp4;
  AVStream* track = avformat_new_stream(context_.get(), nullptr);
  if (track == nullptr) return Fail("No memory", AVERROR(ENOMEM));
  const int error = avcodec_parameters_copy(track->codecpar, stream.parameters.get());
  if (error < 0) return Fail("The stream could not be described", error);
  track->codecpar->codec_tag =
      mp4 && track->codecpar->codec_id == AV_CODEC_ID_HEVC ? MKTAG('h', 'v', 'c', '1') : 0;
  track->time_base = packet_time_base_;
  if (!stream.language.empty()) {
    av_dict_set(&track->metadata, "language", LanguageCode(stream.language).c_str(), 0);
  }
  if (stream.kind == MediaKind::kAudio) return Status::Ok();
  track->avg_frame_rate = ToAv(stream.frame_rate);
  track->sample_aspect_ratio = stream.parameters->sample_aspect_ratio;
  return mp4 ? Status::Ok() : AddParameterSetFilter(stream);
}

Status SegmentMuxer::WriteHeader(const OptionList& options) {
  Dict dict(options);
  if (type_ == SegmentType::kFmp4) {
    const AVDictionaryEntry* given = av_dict_get(dict.raw, "movflags", nullptr, 0);
    const std::string flags = std::string(kMovFlags) + (given == nullptr ? "" : given->value);
    av_dict_set(&dict.raw, "movflags", flags.c_str(), 0);
    av_dict_set(&dict.raw, "video_track_timescale", std::to_string(packet_time_base_.den).c_str(),
                AV_DICT_DONT_OVERWRITE);
    av_dict_set(&dict.raw, "use_editlist", "1", AV_DICT_DONT_OVERWRITE);
  } else {
    // Tables once per segment, which is what players of HLS ask for. Ten times a second, as is
    // usual in a broadcast, they would take 30 kbit/s: a third of what audio takes.
    for (const char* period : {"pat_period", "sdt_period"}) {
      av_dict_set(&dict.raw, period, kOncePerSegment, AV_DICT_DONT_OVERWRITE);
    }
  }
  const int error = avformat_write_header(context_.get(), &dict.raw);
  if (error < 0) return Fail("The header could not be written", error);
  if (const std::string left = dict.FirstKey(); !left.empty()) {
    return Fail(("The segment muxer does not know the option \"" + left + "\"").c_str(),
                AVERROR_OPTION_NOT_FOUND);
  }
  return Status::Ok();
}

Status SegmentMuxer::AddParameterSetFilter(const StreamInfo& stream) {
  // Encoders keep the parameter sets out of the stream (GLOBAL_HEADER, for the codecs string); each
  // TS segment needs them.
  if (stream.parameters->extradata_size <= 0 || stream.parameters->extradata[0] == 1) {
    return Status::Ok();  // none, or avcC / hvcC: mpegts converts and inserts those itself
  }
  AVBSFContext* raw = nullptr;
  int error = av_bsf_alloc(av_bsf_get_by_name("dump_extra"), &raw);
  if (error < 0) return Fail("The parameter sets could not be repeated", error);
  parameter_sets_.reset(raw);
  error = avcodec_parameters_copy(raw->par_in, stream.parameters.get());
  raw->time_base_in = packet_time_base_;
  if (error >= 0) error = av_opt_set(raw->priv_data, "freq", "keyframe", 0);
  if (error >= 0) error = av_bsf_init(raw);
  return error < 0 ? Fail("The parameter sets could not be repeated", error) : Status::Ok();
}

Status SegmentMuxer::Write(AVPacket* packet) {
  if (parameter_sets_ != nullptr) {
    int error = av_bsf_send_packet(parameter_sets_.get(), packet);
    if (error >= 0) error = av_bsf_receive_packet(parameter_sets_.get(), packet);
    if (error < 0) return Fail("The parameter sets could not be repeated", error);
  }
  packet->stream_index = 0;
  av_packet_rescale_ts(packet, packet_time_base_, context_->streams[0]->time_base);
  if (type_ == SegmentType::kMpegTs) {
    // It counts in 1/90000 s: what is a tick of ours apart may be the same there, which it refuses.
    packet->dts = last_dts_ = std::max(packet->dts, last_dts_ + 1);
    packet->pts = std::max(packet->pts, packet->dts);
  }
  const int error = av_write_frame(context_.get(), packet);
  if (error < 0) return Fail("A packet could not be muxed", error);
  if (type_ == SegmentType::kFmp4 && !init_written_) return WriteInit();
  return Status::Ok();
}

Status SegmentMuxer::WriteInit() {
  init_written_ = true;
  // With delay_moov the first flush writes the moov box and nothing else.
  if (Status status = CutFragment(); !status.ok()) return status;
  avio_flush(context_->pb);
  init_ = std::exchange(buffer_, {});
  return Status::Ok();
}

Status SegmentMuxer::CutFragment() {
  const int error = av_write_frame(context_.get(), nullptr);
  return error < 0 ? Fail("A fragment could not be cut", error) : Status::Ok();
}

Status SegmentMuxer::BreakTime() {
  if (type_ != SegmentType::kFmp4) return Status::Ok();  // each packet has its own time
  if (init_written_) {
    if (Status status = CutFragment(); !status.ok()) return status;
  }
  // One flag among the others, for the next fragment only: its time is then the packet's, and not
  // the sum of all durations before it.
  const int error = av_opt_set(context_->priv_data, "movflags", "+frag_discont", 0);
  return error < 0 ? Fail("A gap could not be marked", error) : Status::Ok();
}

Status SegmentMuxer::CutSegment(Bytes* segment) {
  if (Status status = CutFragment(); !status.ok()) return status;
  avio_flush(context_->pb);
  *segment = std::exchange(buffer_, {});
  // The next segment is about as large: no growing step by step.
  buffer_.reserve(segment->size() + segment->size() / 4);
  if (type_ == SegmentType::kMpegTs) {
    av_opt_set(context_->priv_data, "mpegts_flags", "+resend_headers", 0);
  }
  return Status::Ok();
}

}  // namespace streamgear
