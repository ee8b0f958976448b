#include "video/hw_device.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/size_text.h"

namespace streamgear {
namespace {

bool IsSurface(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0;
}

bool TakesOnlySurfaces(const AVCodec* codec) {
  const std::vector<AVPixelFormat> formats = PixelFormatsOf(codec);
  return !formats.empty() && std::ranges::all_of(formats, IsSurface);
}

std::string NameOf(AVHWDeviceType type) {
  const char* name = av_hwdevice_get_type_name(type);
  return name == nullptr ? "" : name;
}

/// In libavcodec's order.
std::vector<DeviceUse> DeviceUsesOf(const AVCodec* codec) {
  const bool only_surfaces = TakesOnlySurfaces(codec);
  const int method = only_surfaces ? AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX
                                   : AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX;
  std::vector<DeviceUse> uses;
  for (int i = 0; const AVCodecHWConfig* config = avcodec_get_hw_config(codec, i); ++i) {
    if ((config->methods & method) == 0) continue;
    const bool known = std::ranges::any_of(
        uses, [config](const DeviceUse& use) { return use.type == config->device_type; });
    if (known) continue;
    uses.push_back({config->device_type, only_surfaces ? config->pix_fmt : AV_PIX_FMT_NONE});
  }
  return uses;
}

bool IsAsked(const HardwareConfig& config) {
  return !config.type.empty() || !config.device.empty() || !config.options.empty();
}

/// "the vaapi device /dev/dri/renderD128"
std::string TextOf(AVHWDeviceType type, const HardwareConfig& config) {
  std::string text = config.device.empty() ? "the default " + NameOf(type) + " device"
                                           : "the " + NameOf(type) + " device " + config.device;
  for (std::size_t i = 0; i < config.options.size(); ++i) {
    const auto& [key, value] = config.options[i];
    text += (i == 0 ? " with " : ", ") + key + "=" + value;
  }
  return text;
}

Status Unavailable(const std::string& reason, int error) {
  return Status(Failure{.code = "HARDWARE_UNAVAILABLE",
                        .message = reason + ": " + AvErrorText(error),
                        .stage = "encoder",
                        .averror = error});
}

}  // namespace

bool IsHardwareEncoder(const AVCodec* codec) {
  if ((codec->capabilities & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID)) != 0) return true;
  // These do not say so themselves, or not in every version.
  constexpr std::array<std::string_view, 4> kSuffixes{"_videotoolbox", "_omx", "_amf",
                                                      "_mediacodec"};
  const std::string_view name = codec->name;
  return std::ranges::any_of(kSuffixes,
                             [name](std::string_view suffix) { return name.ends_with(suffix); });
}

std::vector<AVPixelFormat> PictureFormatsOf(const AVCodec* codec) {
  if (TakesOnlySurfaces(codec)) return {AV_PIX_FMT_NV12, AV_PIX_FMT_P010};
  std::vector<AVPixelFormat> formats = PixelFormatsOf(codec);
  std::erase_if(formats, IsSurface);
  return formats;
}

std::vector<std::string> DevicesOf(const AVCodec* codec) {
  std::vector<std::string> names;
  for (const DeviceUse& use : DeviceUsesOf(codec)) names.push_back(NameOf(use.type));
  return names;
}

std::string HardwareAdvice(const AVCodec* codec) {
  const std::string_view name = codec->name;
  if (name.ends_with("_nvenc")) {
    return "Check that the NVIDIA driver and its libnvidia-encode are installed, that they are new "
           "enough for this libavcodec, and that the card has an encoding session left";
  }
  if (name.ends_with("_vaapi")) {
    return "Check that a VA-API driver is installed (the program vainfo tells) and that this user "
           "may open the device (/dev/dri/renderD128, group \"render\")";
  }
  if (name.ends_with("_qsv")) {
    return "Check that Intel's media driver and its oneVPL or Media SDK runtime are installed and "
           "that this user may open the device (/dev/dri/renderD128, group \"render\")";
  }
  if (name.ends_with("_v4l2m2m")) {
    return "Check that the system has a video device that encodes (/dev/video*) and that this user "
           "may open it (group \"video\")";
  }
  return "Check that the device and its driver are there";
}

Status ChooseDevice(const AVCodec* codec, const HardwareConfig& config,
                    std::optional<DeviceUse>* use) {
  use->reset();
  if (!TakesOnlySurfaces(codec) && !IsAsked(config)) return Status::Ok();
  const AVHWDeviceType wanted = av_hwdevice_find_type_by_name(config.type.c_str());
  for (const DeviceUse& candidate : DeviceUsesOf(codec)) {
    if (!config.type.empty() && candidate.type != wanted) continue;
    *use = candidate;
    return Status::Ok();
  }
  const std::string type = config.type.empty() ? "any type" : "type \"" + config.type + "\"";
  return Unavailable("it takes no device of " + type, AVERROR(EINVAL));
}

Status HwDevice::Open(DeviceUse use, const HardwareConfig& config,
                      std::unique_ptr<HwDevice>* device) {
  Dict options(config.options);
  AVBufferRef* raw = nullptr;
  const char* node = config.device.empty() ? nullptr : config.device.c_str();
  const int error = av_hwdevice_ctx_create(&raw, use.type, node, options.raw, 0);
  if (error >= 0) {
    device->reset(new HwDevice(BufferRefPtr(raw), use.surface));
    return Status::Ok();
  }
  return Unavailable(TextOf(use.type, config) + " could not be opened", error);
}

Status HwDevice::MakeSurfaces(int width, int height, AVPixelFormat layout) {
  if (surface_ == AV_PIX_FMT_NONE) return Status::Ok();
  surfaces_.reset(av_hwframe_ctx_alloc(device_.get()));
  if (surfaces_ == nullptr) return Unavailable("surfaces cannot be made", AVERROR(ENOMEM));
  auto* frames = reinterpret_cast<AVHWFramesContext*>(surfaces_->data);
  frames->format = surface_;
  frames->sw_format = layout;
  frames->width = width;
  frames->height = height;
  const int error = av_hwframe_ctx_init(surfaces_.get());
  if (error >= 0) return Status::Ok();
  const char* name = av_get_pix_fmt_name(layout);
  return Unavailable("the device has no surfaces of " + SizeText(width, height) + " " +
                         (name == nullptr ? "" : name),
                     error);
}

void HwDevice::Attach(AVCodecContext* context) const {
  if (surfaces_ == nullptr) {
    context->hw_device_ctx = av_buffer_ref(device_.get());
    return;
  }
  context->pix_fmt = surface_;
  context->sw_pix_fmt = reinterpret_cast<AVHWFramesContext*>(surfaces_->data)->sw_format;
  context->hw_frames_ctx = av_buffer_ref(surfaces_.get());
}

Status HwDevice::Upload(const AVFrame& picture, FramePtr* surface) const {
  FramePtr frame(av_frame_alloc());
  int error = frame == nullptr ? AVERROR(ENOMEM) : 0;
  if (error >= 0) error = av_hwframe_get_buffer(surfaces_.get(), frame.get(), 0);
  if (error >= 0) error = av_hwframe_transfer_data(frame.get(), &picture, 0);
  if (error >= 0) error = av_frame_copy_props(frame.get(), &picture);
  if (error < 0) {
    return Status(Failure{
        .code = "UPLOAD_FAILED",
        .message = "A picture could not be uploaded to the hardware device: " + AvErrorText(error),
        .stage = "encoder",
        .averror = error});
  }
  *surface = std::move(frame);
  return Status::Ok();
}

}  // namespace streamgear
