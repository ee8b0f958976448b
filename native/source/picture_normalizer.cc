#include "source/picture_normalizer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/size_text.h"
#include "pixels/picture_scaler.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavutil/imgutils.h>
}

namespace streamgear {
namespace {

/// One frame per frame, not one per field: the rate stays what it was. Progressive frames pass.
constexpr const char* kDeinterlace = "bwdif=mode=send_frame:parity=auto:deint=interlaced";
/// To linear light of which 1.0 is 100 cd/m2, then BT.709's primaries, the tone curve, and BT.709.
constexpr const char* kToneMap =
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited";

/// Shapes that are as near as this are one: sizes are whole numbers, and even ones.
constexpr double kSameShape = 0.97;

bool HasFilters(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (avfilter_get_by_name(name) == nullptr) return false;
  }
  return true;
}

/// Matrices that swscale takes for BT.709, without a word.
bool NeedsZscale(AVColorSpace matrix) {
  switch (matrix) {
    case AVCOL_SPC_YCGCO:
    case AVCOL_SPC_BT2020_CL:
    case AVCOL_SPC_SMPTE2085:
    case AVCOL_SPC_CHROMA_DERIVED_NCL:
    case AVCOL_SPC_CHROMA_DERIVED_CL:
    case AVCOL_SPC_ICTCP:
      return true;
    default:
      return false;
  }
}

PictureSpec WantedOf(const InputConfig& target) {
  return {.width = target.width,
          .height = target.height,
          .format = ToAv(target.pixel_format),
          .full_range = IsRgbLike(target.pixel_format) || target.full_range,
          .matrix = ColorTagsOf(target.color_space).space,
          .siting = AVCHROMA_LOC_LEFT};
}

/// HDR whose other tags are missing is BT.2020 in practice; zscale wants to be told.
void CompleteTags(AVFrame* frame) {
  if (!IsHdr(frame->color_trc)) return;
  const bool rgb = IsRgb(static_cast<AVPixelFormat>(frame->format));
  if (frame->colorspace == AVCOL_SPC_UNSPECIFIED && !rgb) frame->colorspace = AVCOL_SPC_BT2020_NCL;
  if (frame->color_primaries == AVCOL_PRI_UNSPECIFIED) frame->color_primaries = AVCOL_PRI_BT2020;
  if (frame->color_range == AVCOL_RANGE_UNSPECIFIED && !rgb) frame->color_range = AVCOL_RANGE_MPEG;
}

Status Unsupported(const char* code, const std::string& message) {
  return Status(Failure{
      .code = code, .message = message, .stage = "reader", .averror = AVERROR_FILTER_NOT_FOUND});
}

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for a picture but the system gave none",
                        .stage = "reader",
                        .averror = AVERROR(ENOMEM)});
}

}  // namespace

PictureNormalizer::PictureNormalizer(const InputConfig& target, Source source, EventSink sink)
    : target_(target),
      source_(std::move(source)),
      sink_(std::move(sink)),
      wanted_(WantedOf(target)),
      converter_(std::make_unique<PictureConverter>(source_.orientation)),
      pool_(target.width, target.height, wanted_.format),
      sizes_(source_.url, {target.width, target.height}, sink_),
      orientation_(source_.orientation),
      interlaced_(source_.interlaced && source_.deinterlace) {}

Status PictureNormalizer::Send(FramePtr frame) {
  if (frame == nullptr) return ChangeChain({});
  sizes_.See(*frame);
  CompleteTags(frame.get());
  interlaced_ = interlaced_ || (source_.deinterlace && IsInterlaced(frame.get()));
  const ChainInput input{.width = frame->width,
                         .height = frame->height,
                         .format = frame->format,
                         .matrix = frame->colorspace,
                         .primaries = frame->color_primaries,
                         .transfer = frame->color_trc,
                         .range = frame->color_range,
                         .interlaced = interlaced_,
                         .orientation = OrientationOf(*frame),
                         .aspect = AspectOf(*frame)};
  if (!(input == chain_input_)) {
    WarnOfShape(input);
    if (Status status = ChangeChain(input); !status.ok()) return status;
  }
  if (chain_ == nullptr) return Convert(std::move(frame));
  if (Status status = chain_->Send(std::move(frame)); !status.ok()) return status;
  return DrainChain();
}

FramePtr PictureNormalizer::Receive() {
  if (done_.empty()) return nullptr;
  FramePtr frame = std::move(done_.front());
  done_.pop_front();
  return frame;
}

Status PictureNormalizer::ChangeChain(const ChainInput& input) {
  if (chain_ != nullptr) {
    Status status = chain_->Send(nullptr);
    if (status.ok()) status = DrainChain();
    if (!status.ok()) return status;
    chain_.reset();
  }
  if (input.format == AV_PIX_FMT_NONE) {
    chain_input_ = input;
    return Status::Ok();
  }
  if (!(input.orientation == orientation_)) {
    orientation_ = input.orientation;
    converter_ = std::make_unique<PictureConverter>(orientation_);
  }
  chain_input_ = input;
  std::string filters;
  if (Status status = Describe(input, &filters); !status.ok()) return status;
  if (filters.empty()) return Status::Ok();
  const PictureFormat format{.width = input.width,
                             .height = input.height,
                             .pixel_format = static_cast<AVPixelFormat>(input.format),
                             .frame_rate = target_.frame_rate,
                             .time_base = {1, target_.ticks_per_second},
                             .color_space = target_.color_space,
                             .full_range = input.range == AVCOL_RANGE_JPEG};
  // A tone-mapped 4K picture takes a tenth of a second on one core.
  return FilterChain::Create(filters, format, &chain_, IsHdr(input.transfer) ? 0 : 1);
}

Status PictureNormalizer::Describe(const ChainInput& input, std::string* filters) {
  if (input.interlaced) *filters = kDeinterlace;
  const char* separator = filters->empty() ? "" : ",";
  if (IsHdr(input.transfer)) {
    const std::string what =
        "\"" + source_.url + "\" is HDR (" + av_color_transfer_name(input.transfer) + "): ";
    if (!HasFilters({"zscale", "tonemap"})) {
      return Unsupported("HDR_UNSUPPORTED",
                         what +
                             "Expected the filters zscale and tonemap to make it SDR but this "
                             "libavfilter was built without them (libzimg)");
    }
    if (!warned_of_hdr_) {
      warned_of_hdr_ = true;
      sink_(WarningEvent{.code = "HDR_TONE_MAPPED",
                         .message = what + "its frames are tone-mapped to BT.709"});
    }
    *filters += std::string(separator) + kToneMap;
  } else if (NeedsZscale(input.matrix)) {
    if (!HasFilters({"zscale"})) {
      return Unsupported("COLOR_UNSUPPORTED",
                         "Expected the filter zscale to convert the colours (" +
                             std::string(av_color_space_name(input.matrix)) + ") of \"" +
                             source_.url + "\" but this libavfilter was built without it");
    }
    *filters += std::string(separator) + "zscale=matrix=" + target_.color_space;
  }
  return Status::Ok();
}

Status PictureNormalizer::DrainChain() {
  for (;;) {
    FramePtr frame;
    if (Status status = chain_->Receive(&frame); !status.ok()) return status;
    if (frame == nullptr) return Status::Ok();
    frame->pts = av_rescale_q(frame->pts, ToAv(chain_->output().time_base),
                              {1, static_cast<int>(target_.ticks_per_second)});
    if (Status status = Convert(std::move(frame)); !status.ok()) return status;
  }
}

bool PictureNormalizer::IsDone(const PictureSpec& from) const {
  return orientation_.identity() && from.format == wanted_.format && from.width == wanted_.width &&
         from.height == wanted_.height && SameColor(from, wanted_) &&
         (from.siting == AVCHROMA_LOC_LEFT || from.siting == AVCHROMA_LOC_UNSPECIFIED);
}

Status PictureNormalizer::Convert(FramePtr frame) {
  const PictureSpec inner = FitInto(*frame);
  if (!(inner == wanted_) || !IsDone(SpecOf(*frame))) {
    FramePtr picture = pool_.Get();
    if (picture == nullptr) return OutOfMemory();
    const Status status = inner == wanted_ ? converter_->Convert(*frame, wanted_, picture.get())
                                           : ConvertBetweenBars(*frame, inner, picture.get());
    if (!status.ok()) return status;
    picture->pts = frame->pts;
    frame = std::move(picture);
  }
  done_.push_back(std::move(frame));
  return Status::Ok();
}

/// A turn that the frames tell themselves counts from where it differs from the first frame's: the
/// size of the pictures was chosen by what the container says.
Orientation PictureNormalizer::OrientationOf(const AVFrame& frame) {
  Orientation turn;
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (std::array<std::int32_t, 9> matrix{}; data != nullptr && data->size >= sizeof(matrix)) {
    std::memcpy(matrix.data(), data->data, sizeof(matrix));
    turn = OrientationFromMatrix(matrix);
  }
  if (!first_turn_) first_turn_ = turn;
  return turn == *first_turn_ ? source_.orientation : turn;
}

/// Relative to the first frame's, which is what the container says or was not believed in.
double PictureNormalizer::AspectOf(const AVFrame& frame) {
  const Rational told = FromAv(frame.sample_aspect_ratio);
  const double aspect = told.valid() ? told.value() : first_aspect_.value_or(1);
  if (!first_aspect_) first_aspect_ = aspect;
  return aspect / *first_aspect_;
}

/// The part of the picture that shows the frame in its own shape.
PictureSpec PictureNormalizer::FitInto(const AVFrame& frame) const {
  double width = frame.width * chain_input_.aspect;
  double height = frame.height;
  // The stored pixels have the aspect of the upright ones, turned back.
  const double pixel = target_.sample_aspect_ratio.value();
  width *= source_.orientation.swap_axes ? 1 / pixel : pixel;
  if (orientation_.swap_axes) std::swap(width, height);
  const double ratio = width / height / (wanted_.width * pixel / wanted_.height);
  PictureSpec inner = wanted_;
  if (!(ratio > kSameShape && ratio < 1 / kSameShape)) {
    const auto even = [](double side) { return std::max(2, 2 * static_cast<int>(side / 2 + 0.5)); };
    if (ratio > 1) inner.height = std::min(wanted_.height, even(wanted_.height / ratio));
    if (ratio < 1) inner.width = std::min(wanted_.width, even(wanted_.width * ratio));
  }
  return inner;
}

Status PictureNormalizer::ConvertBetweenBars(const AVFrame& frame, const PictureSpec& inner,
                                             AVFrame* picture) {
  // Not straight into the picture: swscale writes whole SIMD registers, past the end of rows.
  if (inner_ == nullptr || inner_->width != inner.width || inner_->height != inner.height) {
    inner_ = NewFrame(inner.width, inner.height, inner.format);
    if (inner_ == nullptr) return OutOfMemory();
  }
  if (Status status = converter_->Convert(frame, inner, inner_.get()); !status.ok()) return status;
  const std::array<std::ptrdiff_t, 4> strides{picture->linesize[0], picture->linesize[1],
                                              picture->linesize[2], 0};
  av_image_fill_black(picture->data, strides.data(), inner.format,
                      inner.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG, wanted_.width,
                      wanted_.height);
  // On even columns and rows, where chroma begins.
  const int left = (wanted_.width - inner.width) / 4 * 2;
  const int top = (wanted_.height - inner.height) / 4 * 2;
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    av_image_copy_plane(picture->data[plane] +
                            static_cast<std::ptrdiff_t>(top >> shift) * picture->linesize[plane] +
                            (left >> shift),
                        picture->linesize[plane], inner_->data[plane], inner_->linesize[plane],
                        AV_CEIL_RSHIFT(inner.width, shift), AV_CEIL_RSHIFT(inner.height, shift));
  }
  return Status::Ok();
}

void PictureNormalizer::WarnOfShape(const ChainInput& input) {
  const bool first = chain_input_.format == AV_PIX_FMT_NONE;
  const bool same =
      input.orientation == chain_input_.orientation && input.aspect == chain_input_.aspect;
  if (first || same || warned_of_shape_) return;
  warned_of_shape_ = true;
  sink_(WarningEvent{.code = "SHAPE_CHANGED",
                     .message = "\"" + source_.url +
                                "\" changes the aspect of its pixels or how it is turned: its "
                                "frames are fitted into " +
                                SizeText(target_.width, target_.height) +
                                ", with black bars where the shape differs"});
}

}  // namespace streamgear
