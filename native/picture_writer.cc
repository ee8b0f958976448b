#include "picture_writer.h"

#include <string>
#include <utility>

#include "log.h"
#include "pack_pixels.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

namespace streamgear {
namespace {

/// Rows of the frames that swscale writes are this aligned, so that its SIMD never has to write
/// past them.
constexpr int kAlignment = 64;
constexpr int kFlags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP;

Status Failed(const char* what, int error, std::string log = "") {
  return Status(Failure{.code = "CONVERT_FAILED",
                        .message = std::string(what) + ": " + AvErrorText(error),
                        .stage = "reader",
                        .averror = error,
                        .log = std::move(log)});
}

bool IsRgb(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool IsYuv(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && descriptor->nb_components >= 3 && !IsRgb(format);
}

/// The deprecated "J" formats say full range by their name: swscale complains about them.
AVPixelFormat WithoutJ(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ411P:
      return AV_PIX_FMT_YUV411P;
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    default:
      return format;
  }
}

int SwsMatrix(AVColorSpace matrix) {
  // SWS_CS_* are AVCOL_SPC_* but for the two that share a matrix with another.
  switch (matrix) {
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return SWS_CS_ITU601;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    default:
      return SWS_CS_ITU709;
  }
}

/// Where chroma lies, in 1/256 of a luma sample from the first one; only for subsampled directions,
/// as swscale wants it.
void SetSiting(SwsContext* sws, AVPixelFormat format, AVChromaLocation siting, const char* x_option,
               const char* y_option) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr || IsRgb(format)) return;
  const bool centred =
      siting == AVCHROMA_LOC_CENTER || siting == AVCHROMA_LOC_TOP || siting == AVCHROMA_LOC_BOTTOM;
  int y = 128;
  if (siting == AVCHROMA_LOC_TOPLEFT || siting == AVCHROMA_LOC_TOP) y = 0;
  if (siting == AVCHROMA_LOC_BOTTOMLEFT || siting == AVCHROMA_LOC_BOTTOM) y = 256;
  if (descriptor->log2_chroma_w == 1) av_opt_set_int(sws, x_option, centred ? 128 : 0, 0);
  if (descriptor->log2_chroma_h == 1) av_opt_set_int(sws, y_option, y, 0);
}

bool IsPacked422(PixelFormat format) {
  return format == PixelFormat::kYuyv422 || format == PixelFormat::kUyvy422;
}

bool IsInterleavedRgb(PixelFormat format) {
  return format == PixelFormat::kBgr24 || format == PixelFormat::kRgb24 ||
         format == PixelFormat::kBgra || format == PixelFormat::kRgba;
}

bool IsOpaqueYuv(AVPixelFormat format) {
  return IsYuv(format) && (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_ALPHA) == 0;
}

PlanarPicture PlanesOf(const AVFrame& frame) {
  return {.width = frame.width,
          .height = frame.height,
          .data = {frame.data[0], frame.data[1], frame.data[2]},
          .stride = {frame.linesize[0], frame.linesize[1], frame.linesize[2]}};
}

FramePtr NewFrame(int width, int height, AVPixelFormat format) {
  FramePtr frame(av_frame_alloc());
  if (frame == nullptr) return nullptr;
  frame->width = width;
  frame->height = height;
  frame->format = format;
  if (av_frame_get_buffer(frame.get(), kAlignment) < 0) return nullptr;
  return frame;
}

}  // namespace

AVColorSpace MatrixOf(AVColorSpace tag, int height) {
  if (tag != AVCOL_SPC_UNSPECIFIED && tag != AVCOL_SPC_RESERVED && tag != AVCOL_SPC_RGB) return tag;
  return height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

AVColorSpace YieldedMatrix(AVPixelFormat format, AVColorSpace tag, int height) {
  if (!IsYuv(format)) return MatrixOf(AVCOL_SPC_UNSPECIFIED, height);
  switch (tag) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_BT2020_NCL:
      return tag;
    default:
      return MatrixOf(AVCOL_SPC_UNSPECIFIED, height);
  }
}

void PictureWriter::SwsDeleter::operator()(SwsContext* context) const { sws_freeContext(context); }

PictureWriter::PictureWriter(const Target& target)
    : target_(target), layout_(LayoutOf(target.format, target.width, target.height)) {
  for (int i = 0; i < layout_.count; ++i) {
    const PlaneSize& plane = layout_.planes[static_cast<std::size_t>(i)];
    size_ += plane.row_bytes * static_cast<std::size_t>(plane.rows);
  }
}

PictureWriter::~PictureWriter() = default;

PictureWriter::Picture PictureWriter::PictureOf(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  Picture picture{.width = frame.width,
                  .height = frame.height,
                  .format = WithoutJ(format),
                  .full_range = frame.color_range == AVCOL_RANGE_JPEG || format != WithoutJ(format),
                  .matrix = MatrixOf(frame.colorspace, frame.height),
                  .siting = frame.chroma_location};
  if (!IsYuv(picture.format)) picture.full_range = true;
  return picture;
}

AVPixelFormat PictureWriter::PassFormat(AVPixelFormat source) const {
  // swscale makes full-resolution RGB eight times as fast in planes as interleaved, and of packed
  // 4:2:2 of odd width it leaves the last column unwritten: both are interleaved in CopyOut().
  if (IsPacked422(target_.format)) return AV_PIX_FMT_YUV422P;
  if (IsInterleavedRgb(target_.format) && IsOpaqueYuv(source)) return AV_PIX_FMT_GBRP;
  return ToAv(target_.format);
}

PictureWriter::Picture PictureWriter::TargetPicture(AVPixelFormat format) const {
  return {.width = target_.width,
          .height = target_.height,
          .format = format,
          .full_range = IsRgbLike(target_.format),
          .matrix = target_.matrix,
          .siting = AVCHROMA_LOC_LEFT};
}

Status PictureWriter::Prepare(const Picture& from, const Picture& to, Pass* pass) {
  if (pass->sws != nullptr && pass->from == from && pass->to == to) return Status::Ok();
  pass->sws.reset(sws_alloc_context());
  pass->result = NewFrame(to.width, to.height, to.format);
  SwsContext* sws = pass->sws.get();
  if (sws == nullptr || pass->result == nullptr) {
    return Failed("Expected memory for a picture", AVERROR(ENOMEM));
  }
  av_opt_set_int(sws, "srcw", from.width, 0);
  av_opt_set_int(sws, "srch", from.height, 0);
  av_opt_set_int(sws, "src_format", from.format, 0);
  av_opt_set_int(sws, "src_range", from.full_range ? 1 : 0, 0);
  av_opt_set_int(sws, "dstw", to.width, 0);
  av_opt_set_int(sws, "dsth", to.height, 0);
  av_opt_set_int(sws, "dst_format", to.format, 0);
  av_opt_set_int(sws, "dst_range", to.full_range ? 1 : 0, 0);
  av_opt_set_int(sws, "sws_flags", kFlags, 0);
  SetSiting(sws, from.format, from.siting, "src_h_chr_pos", "src_v_chr_pos");
  SetSiting(sws, to.format, to.siting, "dst_h_chr_pos", "dst_v_chr_pos");
  // What swscale says here ("No accelerated colorspace conversion found") is of interest only if it
  // fails.
  LogRing log{EventSink()};
  const LogScope scope(&log);
  // One matrix is used for both sides where only one is Y'CbCr; where both are and differ, swscale
  // goes through RGB.
  const AVColorSpace to_matrix = IsYuv(to.format) ? to.matrix : from.matrix;
  const AVColorSpace from_matrix = IsYuv(from.format) ? from.matrix : to_matrix;
  sws_setColorspaceDetails(sws, sws_getCoefficients(SwsMatrix(from_matrix)),
                           from.full_range ? 1 : 0, sws_getCoefficients(SwsMatrix(to_matrix)),
                           to.full_range ? 1 : 0, 0, 1 << 16, 1 << 16);
  if (const int error = sws_init_context(sws, nullptr, nullptr); error < 0) {
    pass->sws.reset();
    return Failed("Expected a picture that swscale can convert", error, log.LastComplaint());
  }
  pass->from = from;
  pass->to = to;
  return Status::Ok();
}

Status PictureWriter::Convert(const AVFrame& frame, const Picture& from, const Picture& to,
                              Pass* pass) {
  if (Status status = Prepare(from, to, pass); !status.ok()) return status;
  const int rows = sws_scale(pass->sws.get(), frame.data, frame.linesize, 0, from.height,
                             pass->result->data, pass->result->linesize);
  return rows < 0 ? Failed("A picture could not be converted", rows) : Status::Ok();
}

Status PictureWriter::Write(const AVFrame& frame, std::uint8_t* data) {
  if (!target_.orientation.identity()) return Turn(frame, data);
  const Picture from = PictureOf(frame);
  const Picture to = TargetPicture(PassFormat(from.format));
  const bool same_format = from.format == to.format || from.format == ToAv(target_.format);
  const bool same_color = from.full_range == to.full_range &&
                          (!IsYuv(to.format) || SwsMatrix(from.matrix) == SwsMatrix(to.matrix));
  if (same_format && same_color && from.width == to.width && from.height == to.height) {
    CopyOut(frame, data);
    return Status::Ok();
  }
  // Not straight into `data`: swscale writes whole SIMD registers, past the end of rows that are
  // not padded.
  if (Status status = Convert(frame, from, to, &first_); !status.ok()) return status;
  CopyOut(*first_.result, data);
  return Status::Ok();
}

Status PictureWriter::Turn(const AVFrame& frame, std::uint8_t* data) {
  const Picture from = PictureOf(frame);
  // Subsampled chroma cannot be turned by itself: 4:2:2 would become 4:4:0, and left-sited chroma
  // top-sited.
  const bool needs_second_pass = !IsRgbLike(target_.format);
  const Picture upright =
      TargetPicture(needs_second_pass ? AV_PIX_FMT_YUV444P : PassFormat(from.format));
  Picture lying = upright;
  if (target_.orientation.swap_axes) std::swap(lying.width, lying.height);
  if (Status status = Convert(frame, from, lying, &first_); !status.ok()) return status;
  if (Status status = TurnPlanes(*first_.result); !status.ok()) return status;
  if (!needs_second_pass) {
    CopyOut(*turned_, data);
    return Status::Ok();
  }
  const Picture to = TargetPicture(PassFormat(upright.format));
  if (Status status = Convert(*turned_, upright, to, &second_); !status.ok()) return status;
  CopyOut(*second_.result, data);
  return Status::Ok();
}

Status PictureWriter::TurnPlanes(const AVFrame& lying) {
  const auto format = static_cast<AVPixelFormat>(lying.format);
  if (turned_ == nullptr || turned_->format != format) {
    turned_ = NewFrame(target_.width, target_.height, format);
    if (turned_ == nullptr) return Failed("Expected memory for a picture", AVERROR(ENOMEM));
  }
  // Interleaved pixels are turned whole; the planes of the others all have full size.
  const int pixel_bytes = av_pix_fmt_desc_get(format)->comp[0].step;
  for (int i = 0; i < av_pix_fmt_count_planes(format); ++i) {
    const PlaneView view{.data = lying.data[i],
                         .stride = lying.linesize[i],
                         .width = lying.width,
                         .height = lying.height,
                         .pixel_bytes = pixel_bytes};
    OrientPlane(view, target_.orientation, turned_->data[i], turned_->linesize[i]);
  }
  return Status::Ok();
}

void PictureWriter::CopyOut(const AVFrame& frame, std::uint8_t* data) const {
  if (frame.format != ToAv(target_.format)) {
    if (IsPacked422(target_.format)) return Pack422(PlanesOf(frame), target_.format, data);
    if (IsInterleavedRgb(target_.format)) return PackRgb(PlanesOf(frame), target_.format, data);
  }
  for (int i = 0; i < layout_.count; ++i) {
    const PlaneSize& plane = layout_.planes[static_cast<std::size_t>(i)];
    const int row_bytes = static_cast<int>(plane.row_bytes);
    av_image_copy_plane(data, row_bytes, frame.data[i], frame.linesize[i], row_bytes, plane.rows);
    data += plane.row_bytes * static_cast<std::size_t>(plane.rows);
  }
}

}  // namespace streamgear
