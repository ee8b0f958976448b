// PictureWriter: a decoded frame, of whatever size, format and colour, into the caller's tightly
// packed buffer. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "av.h"
#include "orientation.h"
#include "pixel_format.h"
#include "status.h"

struct SwsContext;

namespace streamgear {

/// The Y'CbCr matrix of a stream: its tag or, untagged, BT.709 above 576 lines and BT.601
/// (smpte170m) up to there.
[[nodiscard]] AVColorSpace MatrixOf(AVColorSpace tag, int height);

/// The matrix of yielded Y'CbCr pictures: the source's, if it is one that streams are tagged with
/// every day, else as untagged.
[[nodiscard]] AVColorSpace YieldedMatrix(AVPixelFormat format, AVColorSpace tag, int height);

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
  ~PictureWriter();
  PictureWriter(const PictureWriter&) = delete;
  PictureWriter& operator=(const PictureWriter&) = delete;

  /// Bytes of one picture: the planes of LayoutOf(), one after the other.
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Writes exactly size() bytes. The frame's size, format and colour tags may change from call to
  /// call.
  [[nodiscard]] Status Write(const AVFrame& frame, std::uint8_t* data);

 private:
  struct SwsDeleter {
    void operator()(SwsContext* context) const;
  };

  /// All that a conversion depends on.
  struct Picture {
    int width = 0;
    int height = 0;
    AVPixelFormat format = AV_PIX_FMT_NONE;
    bool full_range = false;
    AVColorSpace matrix = AVCOL_SPC_BT709;
    AVChromaLocation siting = AVCHROMA_LOC_LEFT;
    bool operator==(const Picture&) const = default;
  };

  /// One swscale pass with the frame that it fills.
  struct Pass {
    Picture from;
    Picture to;
    std::unique_ptr<SwsContext, SwsDeleter> sws;
    FramePtr result;
  };

  [[nodiscard]] static Picture PictureOf(const AVFrame& frame);
  /// What swscale makes of a source on the way to the target format.
  [[nodiscard]] AVPixelFormat PassFormat(AVPixelFormat source) const;
  [[nodiscard]] Picture TargetPicture(AVPixelFormat format) const;
  [[nodiscard]] static Status Prepare(const Picture& from, const Picture& to, Pass* pass);
  [[nodiscard]] static Status Convert(const AVFrame& frame, const Picture& from, const Picture& to,
                                      Pass* pass);
  [[nodiscard]] Status Turn(const AVFrame& frame, std::uint8_t* data);
  [[nodiscard]] Status TurnPlanes(const AVFrame& lying);
  void CopyOut(const AVFrame& frame, std::uint8_t* data) const;

  const Target target_;
  const PlaneLayout layout_;
  std::size_t size_ = 0;
  Pass first_;
  Pass second_;      ///< only for turned Y'CbCr pictures
  FramePtr turned_;  ///< only for turned pictures
};

}  // namespace streamgear
