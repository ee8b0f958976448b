#include "video/encoder_input.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include <libswscale/swscale.h>
}

namespace streamgear {
namespace {

bool Has(const std::vector<AVPixelFormat>& formats, AVPixelFormat format) {
  return std::ranges::find(formats, format) != formats.end();
}

/// The layout that the encoder, or its surfaces, are given for pictures of `layout`.
AVPixelFormat LayoutFor(const AVCodec* codec, AVPixelFormat layout) {
  std::vector<AVPixelFormat> formats = PictureFormatsOf(codec);
  if (formats.empty() || Has(formats, layout)) return layout;
  formats.push_back(AV_PIX_FMT_NONE);
  return avcodec_find_best_pix_fmt_of_list(formats.data(), layout, 0, nullptr);
}

Status ConversionFailed(int error) {
  return Status(Failure{
      .code = "CONVERSION_FAILED",
      .message = "A picture could not be brought into the encoder's layout: " + AvErrorText(error),
      .stage = "encoder",
      .averror = error});
}

}  // namespace

AVPixelFormat EncoderPixelFormat(const RenditionConfig& rendition) {
  const AVCodec* codec = avcodec_find_encoder_by_name(rendition.codec.c_str());
  if (codec == nullptr) return AV_PIX_FMT_NONE;
  if (!rendition.pixel_format.empty()) return av_get_pix_fmt(rendition.pixel_format.c_str());
  const std::vector<AVPixelFormat> formats = PictureFormatsOf(codec);
  // nv12 has the same samples: the encoder's thread interleaves them, and the scaler keeps to the
  // one layout that it shares among renditions.
  const bool plain =
      formats.empty() || Has(formats, AV_PIX_FMT_YUV420P) || Has(formats, AV_PIX_FMT_NV12);
  return plain ? AV_PIX_FMT_YUV420P : formats.front();
}

void EncoderInput::SwsDeleter::operator()(SwsContext* context) const { sws_freeContext(context); }

EncoderInput::~EncoderInput() = default;

Status EncoderInput::Create(const AVCodec* codec, AVCodecContext* context, AVPixelFormat layout,
                            const HardwareConfig& hardware, std::unique_ptr<EncoderInput>* input) {
  std::unique_ptr<EncoderInput> made(new EncoderInput());
  const AVPixelFormat given = LayoutFor(codec, layout);
  context->pix_fmt = given;
  if (given != layout) {
    if (Status status = made->MakeConverter(*context, layout, given); !status.ok()) return status;
  }
  std::optional<DeviceUse> use;
  if (IsHardwareEncoder(codec)) {
    if (Status status = ChooseDevice(codec, hardware, &use); !status.ok()) return status;
  }
  if (use.has_value()) {
    Status status = HwDevice::Open(*use, hardware, &made->device_);
    if (status.ok()) status = made->device_->MakeSurfaces(context->width, context->height, given);
    if (!status.ok()) return status;
    made->device_->Attach(context);
  }
  *input = std::move(made);
  return Status::Ok();
}

/// Matrix and range stay as they are: the tags of the picture remain true.
Status EncoderInput::MakeConverter(const AVCodecContext& context, AVPixelFormat from,
                                   AVPixelFormat to) {
  converter_.reset(sws_getContext(context.width, context.height, from, context.width,
                                  context.height, to, SWS_POINT, nullptr, nullptr, nullptr));
  if (converter_ == nullptr) return ConversionFailed(AVERROR(EINVAL));
  converted_ = std::make_unique<FramePool>(context.width, context.height, to);
  return Status::Ok();
}

Status EncoderInput::Convert(FramePtr* picture) {
  FramePtr converted = converted_->Get();
  if (converted == nullptr) return ConversionFailed(AVERROR(ENOMEM));
  const AVFrame& from = **picture;
  int error = sws_scale(converter_.get(), from.data, from.linesize, 0, from.height, converted->data,
                        converted->linesize);
  if (error >= 0) error = av_frame_copy_props(converted.get(), &from);
  if (error < 0) return ConversionFailed(error);
  *picture = std::move(converted);
  return Status::Ok();
}

Status EncoderInput::Prepare(FramePtr* picture) {
  if (converter_ != nullptr) {
    if (Status status = Convert(picture); !status.ok()) return status;
  }
  if (device_ == nullptr || !device_->has_surfaces()) return Status::Ok();
  FramePtr surface;
  if (Status status = device_->Upload(**picture, &surface); !status.ok()) return status;
  *picture = std::move(surface);
  return Status::Ok();
}

}  // namespace streamgear
