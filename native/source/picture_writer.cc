#include "source/picture_writer.h"

#include "pixels/pack_pixels.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace streamgear {
namespace {

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

}  // namespace

PictureWriter::PictureWriter(const Target& target)
    : target_(target),
      layout_(LayoutOf(target.format, target.width, target.height)),
      converter_(target.orientation) {
  for (int i = 0; i < layout_.count; ++i) {
    const PlaneSize& plane = layout_.planes[static_cast<std::size_t>(i)];
    size_ += plane.row_bytes * static_cast<std::size_t>(plane.rows);
  }
}

AVPixelFormat PictureWriter::PassFormat(AVPixelFormat source) const {
  // swscale makes full-resolution RGB eight times as fast in planes as interleaved, and of packed
  // 4:2:2 of odd width it leaves the last column unwritten: both are interleaved in CopyOut().
  if (IsPacked422(target_.format)) return AV_PIX_FMT_YUV422P;
  if (IsInterleavedRgb(target_.format) && IsOpaqueYuv(source)) return AV_PIX_FMT_GBRP;
  return ToAv(target_.format);
}

Status PictureWriter::Write(const AVFrame& frame, std::uint8_t* data) {
  const PictureSpec from = SpecOf(frame);
  const PictureSpec to{.width = target_.width,
                       .height = target_.height,
                       .format = PassFormat(from.format),
                       .full_range = IsRgbLike(target_.format),
                       .matrix = target_.matrix,
                       .siting = AVCHROMA_LOC_LEFT};
  const bool same_format = from.format == to.format || from.format == ToAv(target_.format);
  const bool same_size = from.width == to.width && from.height == to.height;
  if (target_.orientation.identity() && same_format && same_size && SameColor(from, to)) {
    CopyOut(frame, data);
    return Status::Ok();
  }
  // Not straight into `data`: swscale writes whole SIMD registers, past the end of rows that are
  // not padded.
  if (converted_ == nullptr || converted_->format != to.format) {
    converted_ = NewFrame(to.width, to.height, to.format);
    if (converted_ == nullptr) {
      return Status(Failure{.code = "OUT_OF_MEMORY",
                            .message = "Expected memory for a picture but the system gave none",
                            .stage = "reader",
                            .averror = AVERROR(ENOMEM)});
    }
  }
  if (Status status = converter_.Convert(frame, to, converted_.get()); !status.ok()) return status;
  CopyOut(*converted_, data);
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
