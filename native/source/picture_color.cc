#include "source/picture_color.h"

extern "C" {
#include <libswscale/swscale.h>
}

namespace streamgear {

bool IsRgb(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool IsYuv(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && descriptor->nb_components >= 3 && !IsRgb(format);
}

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

bool IsHdr(AVColorTransferCharacteristic transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

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

PictureSpec SpecOf(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  PictureSpec spec{
      .width = frame.width,
      .height = frame.height,
      .format = WithoutJ(format),
      .full_range = frame.color_range == AVCOL_RANGE_JPEG || format != WithoutJ(format),
      .matrix = MatrixOf(frame.colorspace, frame.height),
      .siting = frame.chroma_location};
  // RGB always is; gray unless it is the luma of a video, which says so.
  if (IsRgb(spec.format)) spec.full_range = true;
  if (!IsYuv(spec.format) && frame.color_range != AVCOL_RANGE_MPEG) spec.full_range = true;
  return spec;
}

bool SameColor(const PictureSpec& from, const PictureSpec& to) {
  return from.full_range == to.full_range &&
         (!IsYuv(to.format) || SwsMatrix(from.matrix) == SwsMatrix(to.matrix));
}

}  // namespace streamgear
