// hw_device: the hardware device of one encoder, and the surfaces to which its pictures are
// uploaded. Belongs to the encoder's thread, from opening to the end: no two encoders share a
// device of ours.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/av.h"
#include "base/status.h"
#include "config.h"

namespace streamgear {

/// The encoder runs on a card or another device, or may.
[[nodiscard]] bool IsHardwareEncoder(const AVCodec* codec);

/// Layouts in memory from which pictures get to an encoder: those that it takes itself, or, when it
/// takes nothing but surfaces, what can be uploaded. Empty when it does not say.
[[nodiscard]] std::vector<AVPixelFormat> PictureFormatsOf(const AVCodec* codec);

/// libavutil's names of the devices that an encoder can be given: "vaapi", "cuda".
[[nodiscard]] std::vector<std::string> DevicesOf(const AVCodec* codec);

/// What a person can do when an encoder's hardware is not there; a sentence without its dot.
[[nodiscard]] std::string HardwareAdvice(const AVCodec* codec);

/// Which device an encoder works with, and how.
struct DeviceUse {
  AVHWDeviceType type = AV_HWDEVICE_TYPE_NONE;
  AVPixelFormat surface = AV_PIX_FMT_NONE;  ///< AV_PIX_FMT_NONE: pictures stay in memory
};

/// The device that `codec` needs or that `config` asks for. Stays empty for an encoder that finds
/// its hardware by itself, unless `config` names a device. Fails as HwDevice::Open does.
[[nodiscard]] Status ChooseDevice(const AVCodec* codec, const HardwareConfig& config,
                                  std::optional<DeviceUse>* use);

class HwDevice {
 public:
  /// The failure has the code HARDWARE_UNAVAILABLE and says which device was tried, in words that
  /// go on a sentence.
  [[nodiscard]] static Status Open(DeviceUse use, const HardwareConfig& config,
                                   std::unique_ptr<HwDevice>* device);

  /// Makes surfaces for pictures of this size and layout, when the encoder wants them.
  [[nodiscard]] Status MakeSurfaces(int width, int height, AVPixelFormat layout);

  /// Gives the device, and the surfaces if there are any, to an encoder that is not open yet.
  void Attach(AVCodecContext* context) const;

  /// The picture as a surface, with its times and tags.
  [[nodiscard]] Status Upload(const AVFrame& picture, FramePtr* surface) const;

  [[nodiscard]] bool has_surfaces() const { return surfaces_ != nullptr; }

 private:
  HwDevice(BufferRefPtr device, AVPixelFormat surface)
      : device_(std::move(device)), surface_(surface) {}

  BufferRefPtr device_;
  AVPixelFormat surface_;
  BufferRefPtr surfaces_;
};

}  // namespace streamgear
