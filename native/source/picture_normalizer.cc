#include "source/picture_normalizer.h"

#include <utility>

#include "pixels/picture_scaler.h"

extern "C" {
#include <libavfilter/avfilter.h>
}

namespace streamgear {
namespace {

/// One frame per frame, not one per field: the rate stays what it was. Progressive frames pass.
constexpr const char* kDeinterlace = "bwdif=mode=send_frame:parity=auto:deint=interlaced";
/// To linear light of which 1.0 is 100 cd/m2, then BT.709's primaries, the tone curve, and BT.709.
constexpr const char* kToneMap =
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited";

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
      converter_(source_.orientation),
      pool_(target.width, target.height, wanted_.format),
      sizes_(source_.url, {target.width, target.height}, sink_),
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
                         .interlaced = interlaced_};
  if (!(input == chain_input_)) {
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
  chain_input_ = input;
  if (input.format == AV_PIX_FMT_NONE) return Status::Ok();
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
  return source_.orientation.identity() && from.format == wanted_.format &&
         from.width == wanted_.width && from.height == wanted_.height && SameColor(from, wanted_) &&
         (from.siting == AVCHROMA_LOC_LEFT || from.siting == AVCHROMA_LOC_UNSPECIFIED);
}

Status PictureNormalizer::Convert(FramePtr frame) {
  if (!IsDone(SpecOf(*frame))) {
    FramePtr picture = pool_.Get();
    if (picture == nullptr) return OutOfMemory();
    if (Status status = converter_.Convert(*frame, wanted_, picture.get()); !status.ok()) {
      return status;
    }
    picture->pts = frame->pts;
    frame = std::move(picture);
  }
  done_.push_back(std::move(frame));
  return Status::Ok();
}

}  // namespace streamgear
