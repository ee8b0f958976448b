// PictureConverter: a decoded frame, of whatever size, format and colour, as a picture of another
// size, format and colour, upright. One thread.
#pragma once

#include <memory>

#include "base/av.h"
#include "base/status.h"
#include "source/orientation.h"
#include "source/picture_color.h"

struct SwsContext;

namespace streamgear {

/// A frame with rows so aligned and padded that swscale's SIMD never writes past them; null when
/// memory is out.
[[nodiscard]] FramePtr NewFrame(int width, int height, AVPixelFormat format);

class PictureConverter {
 public:
  explicit PictureConverter(Orientation orientation);
  ~PictureConverter();
  PictureConverter(const PictureConverter&) = delete;
  PictureConverter& operator=(const PictureConverter&) = delete;

  /// Converts, scales and turns `frame` into `result`, whose size and format are those of `to`
  /// (after the turn) and whose rows are padded (NewFrame, FramePool). What the frames are may
  /// change from call to call.
  [[nodiscard]] Status Convert(const AVFrame& frame, const PictureSpec& to, AVFrame* result);

 private:
  struct SwsDeleter {
    void operator()(SwsContext* context) const;
  };

  /// One swscale pass.
  struct Pass {
    PictureSpec from;
    PictureSpec to;
    std::unique_ptr<SwsContext, SwsDeleter> sws;
    FramePtr even_from;  ///< only for odd sizes
    FramePtr even_to;    ///< alike
  };

  [[nodiscard]] Status GiveChroma(const AVFrame& gray, AVPixelFormat format);
  [[nodiscard]] Status ConvertColored(const AVFrame& frame, const PictureSpec& to, AVFrame* result);
  [[nodiscard]] static Status Prepare(const PictureSpec& from, const PictureSpec& to, Pass* pass);
  [[nodiscard]] static Status RunEven(const AVFrame& frame, const PictureSpec& from,
                                      const PictureSpec& to, Pass* pass, AVFrame* result);
  [[nodiscard]] static Status Run(const AVFrame& frame, const PictureSpec& from,
                                  const PictureSpec& to, Pass* pass, AVFrame* result);
  [[nodiscard]] Status Turn(const AVFrame& frame, const PictureSpec& to, AVFrame* result);
  void TurnPlanes(AVFrame* upright) const;

  const Orientation orientation_;
  Pass first_;
  Pass second_;       ///< only for turned Y'CbCr pictures
  FramePtr colored_;  ///< only for gray pictures of limited range
  FramePtr lying_;    ///< only for turned pictures
  FramePtr turned_;   ///< only for turned Y'CbCr pictures
};

}  // namespace streamgear
