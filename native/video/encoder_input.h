// encoder_input: from the scaler's pictures to what an encoder takes: the picture itself, the same
// samples in another layout, or a surface of a hardware device. Works on the encoder's own thread.
#pragma once

#include <memory>

#include "base/av.h"
#include "base/status.h"
#include "config.h"
#include "pixels/frame.h"
#include "video/hw_device.h"

struct SwsContext;

namespace streamgear {

/// The layout of the pictures that the scaler makes for a rendition: the one asked for, else
/// yuv420p where the encoder takes that or nv12, else the encoder's first. AV_PIX_FMT_NONE when the
/// encoder does not exist.
[[nodiscard]] AVPixelFormat EncoderPixelFormat(const RenditionConfig& rendition);

class EncoderInput {
 public:
  /// Finds out what an encoder has to be given for pictures of `layout`, opens the device for it,
  /// and tells `context`, which is not open yet but has its size.
  [[nodiscard]] static Status Create(const AVCodec* codec, AVCodecContext* context,
                                     AVPixelFormat layout, const HardwareConfig& hardware,
                                     std::unique_ptr<EncoderInput>* input);
  ~EncoderInput();

  /// Replaces the picture by what the encoder takes; its tags stay.
  [[nodiscard]] Status Prepare(FramePtr* picture);

 private:
  struct SwsDeleter {
    void operator()(SwsContext* context) const;
  };

  EncoderInput() = default;
  [[nodiscard]] Status MakeConverter(const AVCodecContext& context, AVPixelFormat from,
                                     AVPixelFormat to);
  [[nodiscard]] Status Convert(FramePtr* picture);

  std::unique_ptr<SwsContext, SwsDeleter> converter_;  ///< null: the layout fits
  std::unique_ptr<FramePool> converted_;
  std::unique_ptr<HwDevice> device_;  ///< null without hardware, or where the encoder has its own
};

}  // namespace streamgear
