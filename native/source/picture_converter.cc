#include "source/picture_converter.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "source/even_picture.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

namespace streamgear {
namespace {

constexpr int kAlignment = 64;
constexpr int kFlags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP;

Status Failed(const char* what, int error, std::string log = "") {
  return Status(Failure{.code = "CONVERT_FAILED",
                        .message = std::string(what) + ": " + AvErrorText(error),
                        .stage = "reader",
                        .averror = error,
                        .log = std::move(log)});
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

/// swscale takes every gray for one of full range. What is not, is the luma of a video: the same
/// with chroma.
AVPixelFormat WithChroma(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_GRAY8:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_GRAY10:
      return AV_PIX_FMT_YUV420P10;
    case AV_PIX_FMT_GRAY12:
      return AV_PIX_FMT_YUV420P12;
    case AV_PIX_FMT_GRAY14:
      return AV_PIX_FMT_YUV420P14;
    default:
      return AV_PIX_FMT_NONE;
  }
}

/// Where only the place of chroma differs, swscale copies and leaves it where it was, unless it is
/// given a filter: this one changes nothing.
bool OnlySitingDiffers(const PictureSpec& from, PictureSpec to) {
  if (from.siting == to.siting || from.siting == AVCHROMA_LOC_UNSPECIFIED) return false;
  to.siting = from.siting;
  return from == to;
}

int InitContext(SwsContext* sws, bool with_filter) {
  double coefficients[3] = {0, 1, 0};
  SwsVector identity{.coeff = coefficients, .length = 3};
  SwsFilter filter{.chrH = &identity, .chrV = &identity};
  return sws_init_context(sws, with_filter ? &filter : nullptr, nullptr);
}

/// Makes `frame` one of this size and format, unless it is.
Status Provide(int width, int height, AVPixelFormat format, FramePtr* frame) {
  if (*frame != nullptr && (*frame)->width == width && (*frame)->height == height &&
      (*frame)->format == format) {
    return Status::Ok();
  }
  *frame = NewFrame(width, height, format);
  return *frame == nullptr ? Failed("Expected memory for a picture", AVERROR(ENOMEM))
                           : Status::Ok();
}

}  // namespace

FramePtr NewFrame(int width, int height, AVPixelFormat format) {
  FramePtr frame(av_frame_alloc());
  if (frame == nullptr) return nullptr;
  frame->width = width;
  frame->height = height;
  frame->format = format;
  if (av_frame_get_buffer(frame.get(), kAlignment) < 0) return nullptr;
  return frame;
}

void PictureConverter::SwsDeleter::operator()(SwsContext* context) const {
  sws_freeContext(context);
}

PictureConverter::PictureConverter(Orientation orientation) : orientation_(orientation) {}

PictureConverter::~PictureConverter() = default;

Status PictureConverter::Prepare(const PictureSpec& from, const PictureSpec& to, Pass* pass) {
  if (pass->sws != nullptr && pass->from == from && pass->to == to) return Status::Ok();
  pass->sws.reset(sws_alloc_context());
  SwsContext* sws = pass->sws.get();
  if (sws == nullptr) return Failed("Expected memory for a picture", AVERROR(ENOMEM));
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
  if (const int error = InitContext(sws, OnlySitingDiffers(from, to)); error < 0) {
    pass->sws.reset();
    return Failed("Expected a picture that swscale can convert", error, log.LastComplaint());
  }
  pass->from = from;
  pass->to = to;
  return Status::Ok();
}

Status PictureConverter::RunEven(const AVFrame& frame, const PictureSpec& from,
                                 const PictureSpec& to, Pass* pass, AVFrame* result) {
  PictureSpec even_from = from;
  PictureSpec even_to = to;
  even_from.width = even_to.width = from.width + from.width % 2;
  even_from.height = even_to.height = from.height + from.height % 2;
  Status status = Provide(even_from.width, even_from.height, even_from.format, &pass->even_from);
  if (!status.ok()) return status;
  status = Provide(even_to.width, even_to.height, even_to.format, &pass->even_to);
  if (!status.ok()) return status;
  CopyWithEdges(frame, pass->even_from.get());
  status = Run(*pass->even_from, even_from, even_to, pass, pass->even_to.get());
  if (!status.ok()) return status;
  av_image_copy(result->data, result->linesize,
                const_cast<const std::uint8_t**>(pass->even_to->data), pass->even_to->linesize,
                to.format, to.width, to.height);
  return Status::Ok();
}

Status PictureConverter::Run(const AVFrame& frame, const PictureSpec& from, const PictureSpec& to,
                             Pass* pass, AVFrame* result) {
  if (MovesChroma(from, to)) return RunEven(frame, from, to, pass, result);
  if (Status status = Prepare(from, to, pass); !status.ok()) return status;
  const int rows = sws_scale(pass->sws.get(), frame.data, frame.linesize, 0, from.height,
                             result->data, result->linesize);
  return rows < 0 ? Failed("A picture could not be converted", rows) : Status::Ok();
}

Status PictureConverter::Convert(const AVFrame& frame, const PictureSpec& to, AVFrame* result) {
  const PictureSpec from = SpecOf(frame);
  const AVPixelFormat colored = from.full_range ? AV_PIX_FMT_NONE : WithChroma(from.format);
  if (colored == AV_PIX_FMT_NONE) return ConvertColored(frame, to, result);
  if (Status status = GiveChroma(frame, colored); !status.ok()) return status;
  return ConvertColored(*colored_, to, result);
}

Status PictureConverter::GiveChroma(const AVFrame& gray, AVPixelFormat format) {
  if (Status status = Provide(gray.width, gray.height, format, &colored_); !status.ok()) {
    return status;
  }
  const ptrdiff_t strides[4] = {colored_->linesize[0], colored_->linesize[1], colored_->linesize[2],
                                0};
  // All black first: that is the neutral chroma.
  av_image_fill_black(colored_->data, strides, format, AVCOL_RANGE_MPEG, gray.width, gray.height);
  const int sample = av_pix_fmt_desc_get(format)->comp[0].step;
  av_image_copy_plane(colored_->data[0], colored_->linesize[0], gray.data[0], gray.linesize[0],
                      gray.width * sample, gray.height);
  colored_->color_range = AVCOL_RANGE_MPEG;
  colored_->colorspace = gray.colorspace;
  return Status::Ok();
}

Status PictureConverter::ConvertColored(const AVFrame& frame, const PictureSpec& to,
                                        AVFrame* result) {
  if (!orientation_.identity()) return Turn(frame, to, result);
  return Run(frame, SpecOf(frame), to, &first_, result);
}

Status PictureConverter::Turn(const AVFrame& frame, const PictureSpec& to, AVFrame* result) {
  // Subsampled chroma cannot be turned by itself: 4:2:2 would become 4:4:0, and left-sited chroma
  // top-sited.
  PictureSpec upright = to;
  if (IsYuv(to.format)) upright.format = AV_PIX_FMT_YUV444P;
  PictureSpec lying = upright;
  if (orientation_.swap_axes) std::swap(lying.width, lying.height);
  if (Status status = Provide(lying.width, lying.height, lying.format, &lying_); !status.ok()) {
    return status;
  }
  if (Status status = Run(frame, SpecOf(frame), lying, &first_, lying_.get()); !status.ok()) {
    return status;
  }
  if (!IsYuv(to.format)) {
    TurnPlanes(result);
    return Status::Ok();
  }
  if (Status status = Provide(to.width, to.height, upright.format, &turned_); !status.ok()) {
    return status;
  }
  TurnPlanes(turned_.get());
  return Run(*turned_, upright, to, &second_, result);
}

void PictureConverter::TurnPlanes(AVFrame* upright) const {
  // Interleaved pixels are turned whole; the planes of the others all have full size.
  const auto format = static_cast<AVPixelFormat>(lying_->format);
  const int pixel_bytes = av_pix_fmt_desc_get(format)->comp[0].step;
  for (int i = 0; i < av_pix_fmt_count_planes(format); ++i) {
    const PlaneView view{.data = lying_->data[i],
                         .stride = lying_->linesize[i],
                         .width = lying_->width,
                         .height = lying_->height,
                         .pixel_bytes = pixel_bytes};
    OrientPlane(view, orientation_, upright->data[i], upright->linesize[i]);
  }
}

}  // namespace streamgear
