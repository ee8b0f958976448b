// picture_scaler: one frame in, N pictures out. Converts once, then scales down in a cascade,
// largest first. No thread and no queue of its own: the scaler stage calls it.
#pragma once

#include <memory>
#include <vector>

#include "base/av.h"
#include "base/status.h"
#include "config.h"
#include "pixels/frame.h"
#include "pixels/plane_scaler.h"
#include "pixels/scale_cascade.h"

struct SwsContext;

namespace streamgear {

/// Size and format of a picture that some encoder wants.
struct PictureTarget {
  int width = 0;
  int height = 0;
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  bool operator==(const PictureTarget&) const = default;
};

/// The tags that every picture of a pipeline carries, and the matrix that makes them true.
struct ColorTags {
  AVColorSpace space = AVCOL_SPC_BT709;
  AVColorPrimaries primaries = AVCOL_PRI_BT709;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_BT709;
  ColorMatrix matrix = ColorMatrix::kBt709;
};

/// Tags for the name of a colour space ("bt709", "smpte170m", "bt470bg", "bt2020nc"); BT.709 for
/// any other.
[[nodiscard]] ColorTags ColorTagsOf(const std::string& color_space);

class PictureScaler {
 public:
  /// `input` is what Convert() takes (after the filter chain, if there is one). Targets may repeat.
  [[nodiscard]] static Status Create(const InputConfig& input,
                                     const std::vector<PictureTarget>& targets, Scaling scaling,
                                     std::unique_ptr<PictureScaler>* scaler,
                                     PoolStats* stats = nullptr);
  ~PictureScaler();

  /// Says that targets[index] will be asked for of the next frame: then it is made during its
  /// Convert(), band by band, while what it is made from is in the cache.
  void Want(std::size_t index);

  /// Reads the caller's pixels. When it returns they are not needed any more.
  [[nodiscard]] Status Convert(const InputFrame& frame);

  /// The picture of targets[index], made now or shared with an equal target. Valid after Convert().
  [[nodiscard]] Status Get(std::size_t index, FramePtr* picture);

 private:
  struct SwsDeleter {
    void operator()(SwsContext* context) const;
  };

  /// One size of 4:2:0 to another.
  struct Planes {
    PlaneScaler luma;
    PlaneScaler chroma;
  };

  /// How many rows of a picture are there.
  struct Rows {
    int luma = 0;
    int chroma = 0;
  };

  /// One distinct picture: made from the converted source, from a larger picture, or from the
  /// caller's own format.
  struct Node {
    PictureTarget target{};
    int parent = -1;  ///< node to scale from; -1: `source_copy_` (other pixel formats)
    std::unique_ptr<FramePool> pool = nullptr;
    // How it is made; neither: it is the converted picture itself.
    std::unique_ptr<Planes> planes = nullptr;
    std::unique_ptr<SwsContext, SwsDeleter> sws = nullptr;
    FramePtr current = nullptr;  ///< this frame's picture, null until it is made
    Rows rows = {};
    bool wanted = false;
  };

  PictureScaler(const InputConfig& input, Scaling scaling, PoolStats* stats);

  [[nodiscard]] std::unique_ptr<FramePool> PoolFor(const PictureTarget& target) const;

  [[nodiscard]] Status AddTarget(const PictureTarget& target);
  [[nodiscard]] Status AddFromSource(const PictureTarget& target);
  [[nodiscard]] Status AddFromTop(const PictureTarget& target);
  void AddToCascade(const PictureTarget& target);
  [[nodiscard]] Node NodeOf(const ScaleCascade::Step& step) const;
  [[nodiscard]] Status MakeSws(const PictureTarget& from, Node* node);
  [[nodiscard]] Status NewPicture(Node& node) const;
  void ConvertBand(const InputFrame& frame, int first, int count);
  void Advance(Node& node) const;
  [[nodiscard]] Status Make(std::size_t node);
  void Tag(AVFrame* frame) const;

  const InputConfig input_;
  const Scaling scaling_;
  const ColorTags tags_;
  PoolStats* const stats_;
  ScaleCascade cascade_;
  std::vector<std::size_t> node_of_step_{0};  ///< per step of the cascade
  std::vector<Node> nodes_;  ///< nodes_[0] is the converted picture at the input's (even) size
  std::vector<std::size_t> node_of_;        ///< per target
  std::unique_ptr<FramePool> source_pool_;  ///< only when a target needs the caller's own format
  FramePtr source_copy_;
  bool needs_i420_ = false;
};

}  // namespace streamgear
