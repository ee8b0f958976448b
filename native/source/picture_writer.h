// PictureWriter: a decoded frame, of whatever size, format and colour, into the caller's tightly
// packed buffer. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/av.h"
#include "base/status.h"
#include "pixels/pixel_format.h"
#include "source/orientation.h"
#include "source/picture_color.h"
#include "source/picture_converter.h"

namespace streamgear {

class PictureWriter {
 public:
  struct Target {
    PixelFormat format = PixelFormat::kBgr24;
    int width = 0;  ///< after the orientation
    int height = 0;
    Orientation orientation;
    AVColorSpace matrix =
        AVCOL_SPC_BT709;  ///< of Y'CbCr formats, which are limited range; see YieldedMatrix()
  };

  explicit PictureWriter(const Target& target);

  /// Bytes of one picture: the planes of LayoutOf(), one after the other.
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Writes exactly size() bytes. The frame's size, format and colour tags may change from call to
  /// call.
  [[nodiscard]] Status Write(const AVFrame& frame, std::uint8_t* data);

 private:
  /// What the converter makes of a source on the way to the target format.
  [[nodiscard]] AVPixelFormat PassFormat(AVPixelFormat source) const;
  void CopyOut(const AVFrame& frame, std::uint8_t* data) const;

  const Target target_;
  const PlaneLayout layout_;
  std::size_t size_ = 0;
  PictureConverter converter_;
  FramePtr converted_;  ///< of the target's size, in the last pass format
};

}  // namespace streamgear
