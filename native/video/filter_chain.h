// filter_chain: the user's `-vf`, applied once, before the scaler.
#pragma once

#include <memory>
#include <string>

#include "base/av.h"
#include "base/status.h"
#include "pixels/frame.h"
#include "video/filter_graph.h"

namespace streamgear {

/// What goes into a chain or comes out of it.
struct PictureFormat {
  int width = 0;
  int height = 0;
  AVPixelFormat pixel_format = AV_PIX_FMT_NONE;
  Rational frame_rate{25, 1};
  Rational sample_aspect_ratio{1, 1};
  Rational time_base{1, 90000};
  std::string color_space = "bt709";  ///< matrix of every YUV picture in the chain, by libav's name
  bool full_range = false;            ///< of a YUV input
};

class FilterChain {
 public:
  /// Parses and configures `description`. Pictures leave in the pixel format in which they came, so
  /// that the colour conversion stays ours (libavfilter's own knows BT.601 only, unless told).
  /// `threads`: for slices of one picture; 0 = one per core.
  [[nodiscard]] static Status Create(const std::string& description, const PictureFormat& input,
                                     std::unique_ptr<FilterChain>* chain, int threads = 1);
  ~FilterChain();

  [[nodiscard]] const PictureFormat& output() const { return output_; }

  /// Gives it a picture, or null at the end of the stream.
  [[nodiscard]] Status Send(FramePtr frame);

  /// The next picture, as output() says and with pts in its time base; `*frame` is null when the
  /// chain wants more input or has ended. A chain that changes its size in the middle has failed.
  [[nodiscard]] Status Receive(FramePtr* frame);

 private:
  FilterChain() = default;

  FilterGraphPtr graph_;
  AVFilterContext* source_ = nullptr;  // owned by graph_
  AVFilterContext* sink_ = nullptr;    // owned by graph_
  PictureFormat output_;
};

}  // namespace streamgear
