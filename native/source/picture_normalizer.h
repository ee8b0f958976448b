// PictureNormalizer: decoded frames of any kind as the pictures that a pipeline takes: progressive,
// upright, SDR, of one size, format and colour. One thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/av.h"
#include "base/event.h"
#include "base/status.h"
#include "config.h"
#include "pixels/frame.h"
#include "source/orientation.h"
#include "source/picture_color.h"
#include "source/picture_converter.h"
#include "source/size_watch.h"
#include "video/filter_chain.h"

namespace streamgear {

/// A frame that is such a picture already is handed on as it is, without a copy. What changes in
/// the middle of a source (size, format, colour, fields, pixel aspect, rotation) is followed. A
/// frame that is to be shown in another shape than the first one keeps its own, between black bars.
class PictureNormalizer {
 public:
  struct Source {
    std::string url;
    Orientation orientation;
    bool deinterlace = true;  ///< frames that are flagged
    bool interlaced = false;  ///< the container says so
  };

  /// `target`: what the pictures are; `sink` gets HDR_TONE_MAPPED and SIZE_CHANGED warnings.
  PictureNormalizer(const InputConfig& target, Source source, EventSink sink);

  /// Takes a frame with its pts in ticks, or null at the end. Fails with HDR_UNSUPPORTED or
  /// COLOR_UNSUPPORTED when this libavfilter cannot show the frame in true colours.
  [[nodiscard]] Status Send(FramePtr frame);

  /// The next picture, in the order in which the frames came; null when there is none yet.
  [[nodiscard]] FramePtr Receive();

 private:
  /// What the filter chain was made for.
  struct ChainInput {
    int width = 0;
    int height = 0;
    int format = AV_PIX_FMT_NONE;
    AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
    AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
    AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
    AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
    bool interlaced = false;
    Orientation orientation{};
    double aspect = 1;  ///< of its pixels, relative to the first frame's
    bool operator==(const ChainInput&) const = default;
  };

  [[nodiscard]] Status ChangeChain(const ChainInput& input);
  [[nodiscard]] Status Describe(const ChainInput& input, std::string* filters);
  [[nodiscard]] Status DrainChain();
  [[nodiscard]] Status Convert(FramePtr frame);
  [[nodiscard]] Status ConvertBetweenBars(const AVFrame& frame, const PictureSpec& inner,
                                          AVFrame* picture);
  [[nodiscard]] PictureSpec FitInto(const AVFrame& frame) const;
  [[nodiscard]] Orientation OrientationOf(const AVFrame& frame);
  [[nodiscard]] double AspectOf(const AVFrame& frame);
  void WarnOfShape(const ChainInput& input);
  [[nodiscard]] bool IsDone(const PictureSpec& from) const;

  const InputConfig target_;
  const Source source_;
  const EventSink sink_;
  const PictureSpec wanted_;
  std::unique_ptr<PictureConverter> converter_;  ///< for the orientation of chain_input_
  FramePtr inner_;                               ///< only for frames between bars
  FramePool pool_;
  SizeWatch sizes_;
  Orientation orientation_;                ///< of chain_input_
  std::optional<Orientation> first_turn_;  ///< that the first frame tells itself
  std::optional<double> first_aspect_;     ///< of the first frame's pixels
  bool interlaced_;                        ///< a frame was, and from then on all may be
  bool warned_of_hdr_ = false;
  bool warned_of_shape_ = false;
  ChainInput chain_input_;
  std::unique_ptr<FilterChain> chain_;  ///< null when the frames need none
  std::deque<FramePtr> done_;
};

}  // namespace streamgear
