#include "pixels/picture_scaler.h"

#include <algorithm>
#include <utility>

extern "C" {
#include <libswscale/swscale.h>
}

namespace streamgear {
namespace {

Status OutOfMemory() {
  return Status(Failure{.code = "OUT_OF_MEMORY",
                        .message = "Expected memory for a picture but the system gave none",
                        .stage = "scaler",
                        .averror = AVERROR(ENOMEM)});
}

Status ScaleFailed(int error) {
  return Status(Failure{.code = "SCALE_FAILED",
                        .message = "A picture could not be scaled: " + AvErrorText(error),
                        .stage = "scaler",
                        .averror = error});
}

/// Rows that are converted, and then scaled, at a time: even, and few enough that they stay in a
/// core's own cache.
constexpr int kBandRows = 32;

int Even(int value) { return std::max(2, value & ~1); }

std::int64_t Area(const PictureTarget& target) {
  return static_cast<std::int64_t>(target.width) * target.height;
}

PlaneScaler::Size SizeOf(const PictureTarget& target) { return {target.width, target.height}; }

int SwsMatrix(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::kBt709:
      return SWS_CS_ITU709;
    case ColorMatrix::kBt601:
      return SWS_CS_ITU601;
    case ColorMatrix::kBt2020:
      return SWS_CS_BT2020;
  }
  return SWS_CS_ITU709;
}

}  // namespace

ColorTags ColorTagsOf(const std::string& color_space) {
  if (color_space == "smpte170m") {
    return {AVCOL_SPC_SMPTE170M, AVCOL_PRI_SMPTE170M, AVCOL_TRC_SMPTE170M, ColorMatrix::kBt601};
  }
  if (color_space == "bt470bg") {
    return {AVCOL_SPC_BT470BG, AVCOL_PRI_BT470BG, AVCOL_TRC_SMPTE170M, ColorMatrix::kBt601};
  }
  if (color_space == "bt2020nc") {
    return {AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_BT2020_10, ColorMatrix::kBt2020};
  }
  return {};
}

void PictureScaler::SwsDeleter::operator()(SwsContext* context) const { sws_freeContext(context); }

PictureScaler::PictureScaler(const InputConfig& input, Scaling scaling, PoolStats* stats)
    : input_(input),
      scaling_(scaling),
      tags_(ColorTagsOf(input.color_space)),
      stats_(stats),
      cascade_({Even(input.width), Even(input.height)}, scaling) {}

PictureScaler::~PictureScaler() = default;

Status PictureScaler::Create(const InputConfig& input, const std::vector<PictureTarget>& targets,
                             Scaling scaling, std::unique_ptr<PictureScaler>* scaler,
                             PoolStats* stats) {
  const auto is_picture = [](int width, int height) { return width >= 2 && height >= 2; };
  if (!is_picture(input.width, input.height) ||
      !std::ranges::all_of(targets, [&](const PictureTarget& target) {
        return is_picture(target.width, target.height);
      })) {
    return ScaleFailed(AVERROR(EINVAL));
  }
  std::unique_ptr<PictureScaler> made(new PictureScaler(input, scaling, stats));
  const PictureTarget converted{Even(input.width), Even(input.height), AV_PIX_FMT_YUV420P};
  made->nodes_.push_back(Node{.target = converted, .pool = made->PoolFor(converted)});

  // Largest first, so that a parent always exists before the pictures that are scaled from it.
  std::vector<std::size_t> order(targets.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&targets](std::size_t a, std::size_t b) {
    return Area(targets[a]) > Area(targets[b]);
  });
  for (const std::size_t index : order) {
    if (Status status = made->AddTarget(targets[index]); !status.ok()) return status;
  }
  for (const PictureTarget& target : targets) {
    const auto found = std::find_if(made->nodes_.begin(), made->nodes_.end(),
                                    [&target](const Node& node) { return node.target == target; });
    made->node_of_.push_back(static_cast<std::size_t>(found - made->nodes_.begin()));
    if (target.format == AV_PIX_FMT_YUV420P) made->needs_i420_ = true;
  }
  *scaler = std::move(made);
  return Status::Ok();
}

std::unique_ptr<FramePool> PictureScaler::PoolFor(const PictureTarget& target) const {
  return std::make_unique<FramePool>(target.width, target.height, target.format, stats_);
}

Status PictureScaler::AddTarget(const PictureTarget& target) {
  const bool known = std::any_of(nodes_.begin(), nodes_.end(),
                                 [&target](const Node& node) { return node.target == target; });
  if (known) return Status::Ok();
  if (target.format != AV_PIX_FMT_YUV420P) return AddFromSource(target);
  if (scaling_ == Scaling::kBest) return AddFromTop(target);
  AddToCascade(target);
  return Status::Ok();
}

/// Another pixel format (10 bit, 4:4:4 …) must not go through 8 bit 4:2:0: it is made from the
/// caller's own pixels.
Status PictureScaler::AddFromSource(const PictureTarget& target) {
  const PictureTarget from{nodes_[0].target.width, nodes_[0].target.height,
                           ToAv(input_.pixel_format)};
  if (source_pool_ == nullptr) {
    source_pool_ = PoolFor({input_.width, input_.height, from.format});
  }
  Node node{.target = target, .pool = PoolFor(target)};
  if (Status status = MakeSws(from, &node); !status.ok()) return status;
  nodes_.push_back(std::move(node));
  return Status::Ok();
}

Status PictureScaler::AddFromTop(const PictureTarget& target) {
  Node node{.target = target, .parent = 0, .pool = PoolFor(target)};
  if (Status status = MakeSws(nodes_[0].target, &node); !status.ok()) return status;
  nodes_.push_back(std::move(node));
  return Status::Ok();
}

void PictureScaler::AddToCascade(const PictureTarget& target) {
  cascade_.Add(SizeOf(target));
  for (std::size_t i = node_of_step_.size(); i < cascade_.steps().size(); ++i) {
    const ScaleCascade::Step& step = cascade_.steps()[i];
    node_of_step_.push_back(nodes_.size());
    nodes_.push_back(NodeOf(step));
  }
}

PictureScaler::Node PictureScaler::NodeOf(const ScaleCascade::Step& step) const {
  const PlaneScaler::Size from = cascade_.steps()[step.parent].size;
  const FilterShape shape = scaling_ == Scaling::kFast ? FilterShape::kTriangle
                            : step.parent == 0         ? FilterShape::kBicubic
                                                       : FilterShape::kSharpBicubic;
  const auto half = [](PlaneScaler::Size size) {
    return PlaneScaler::Size{size.width / 2, size.height / 2};
  };
  const PictureTarget target{step.size.width, step.size.height};
  Node node{.target = target,
            .parent = static_cast<int>(node_of_step_[step.parent]),
            .pool = PoolFor(target)};
  node.planes = std::make_unique<Planes>(
      Planes{PlaneScaler(from, step.size, shape, Siting::kCentered),
             PlaneScaler(half(from), half(step.size), shape, Siting::kLeft)});
  return node;
}

Status PictureScaler::MakeSws(const PictureTarget& from, Node* node) {
  node->sws.reset(sws_alloc_context());
  SwsContext* sws = node->sws.get();
  if (sws == nullptr) return OutOfMemory();
  int flags = (scaling_ == Scaling::kBest ? SWS_LANCZOS : SWS_BICUBIC) | SWS_ACCURATE_RND;
  if (from.format != AV_PIX_FMT_YUV420P) flags |= SWS_FULL_CHR_H_INP;
  av_opt_set_int(sws, "srcw", from.width, 0);
  av_opt_set_int(sws, "srch", from.height, 0);
  av_opt_set_int(sws, "src_format", from.format, 0);
  av_opt_set_int(sws, "dstw", node->target.width, 0);
  av_opt_set_int(sws, "dsth", node->target.height, 0);
  av_opt_set_int(sws, "dst_format", node->target.format, 0);
  av_opt_set_int(sws, "sws_flags", flags, 0);
  // Left-sited chroma on both sides (swscale's own default is centred), between the two luma rows.
  const bool from_420 = from.format == AV_PIX_FMT_YUV420P || from.format == AV_PIX_FMT_NV12;
  const AVPixFmtDescriptor* to = av_pix_fmt_desc_get(node->target.format);
  if (from_420) {
    av_opt_set_int(sws, "src_h_chr_pos", 0, 0);
    av_opt_set_int(sws, "src_v_chr_pos", 128, 0);
  }
  if (to != nullptr && to->log2_chroma_w == 1 && to->log2_chroma_h == 1) {
    av_opt_set_int(sws, "dst_h_chr_pos", 0, 0);
    av_opt_set_int(sws, "dst_v_chr_pos", 128, 0);
  }
  const bool converted = from.format == AV_PIX_FMT_YUV420P && node->parent >= 0;
  const int source_range =
      !converted && (IsRgbLike(input_.pixel_format) || input_.full_range) ? 1 : 0;
  const int* matrix = sws_getCoefficients(SwsMatrix(tags_.matrix));
  sws_setColorspaceDetails(sws, matrix, source_range, matrix, 0, 0, 1 << 16, 1 << 16);
  const int error = sws_init_context(sws, nullptr, nullptr);
  return error < 0 ? ScaleFailed(error) : Status::Ok();
}

void PictureScaler::Tag(AVFrame* frame) const {
  frame->colorspace = tags_.space;
  frame->color_primaries = tags_.primaries;
  frame->color_trc = tags_.transfer;
  frame->color_range = AVCOL_RANGE_MPEG;
  frame->chroma_location = AVCHROMA_LOC_LEFT;
}

void PictureScaler::Want(std::size_t index) {
  for (int i = static_cast<int>(node_of_[index]); i >= 0;) {
    Node& node = nodes_[static_cast<std::size_t>(i)];
    node.wanted = true;
    i = node.parent;
  }
}

Status PictureScaler::NewPicture(Node& node) const {
  node.current = node.pool->Get();
  if (node.current == nullptr) return OutOfMemory();
  node.rows = {};
  Tag(node.current.get());
  return Status::Ok();
}

Status PictureScaler::Convert(const InputFrame& input) {
  for (Node& node : nodes_) node.current.reset();
  if (source_pool_ != nullptr) {
    source_copy_ = source_pool_->Get();
    if (source_copy_ == nullptr) return OutOfMemory();
    CopyPixels(input_, input, source_copy_.get());
  }
  if (needs_i420_) {
    if (Status status = NewPicture(nodes_[0]); !status.ok()) return status;
    for (Node& node : nodes_) {
      if (!node.wanted || node.planes == nullptr) continue;
      if (Status status = NewPicture(node); !status.ok()) return status;
    }
    const int height = nodes_[0].target.height;
    for (int row = 0; row < height; row += kBandRows) {
      ConvertBand(input, row, std::min(kBandRows, height - row));
      // Parents come before what is made from them.
      for (Node& node : nodes_) {
        if (node.wanted && node.planes != nullptr) Advance(node);
      }
    }
  }
  for (Node& node : nodes_) node.wanted = false;
  return Status::Ok();
}

void PictureScaler::ConvertBand(const InputFrame& input, int first, int count) {
  Node& top = nodes_[0];
  SourcePicture source{.format = input_.pixel_format,
                       .width = input_.width,
                       .height = count,
                       .data = input.data,
                       .stride = input.stride};
  I420Picture target{.width = top.target.width, .height = count};
  for (std::size_t i = 0; i < 3; ++i) {
    const int row = i == 0 ? first : first / 2;  // all our planar formats are 4:2:0
    if (source.data[i] != nullptr) source.data[i] += row * source.stride[i];
    target.stride[i] = top.current->linesize[i];
    target.data[i] = top.current->data[i] + row * target.stride[i];
  }
  ConvertToI420(source, tags_.matrix, input_.full_range, target);
  top.rows = {first + count, (first + count) / 2};
}

/// Makes what rows can be made from those of the parent that are there.
void PictureScaler::Advance(Node& node) const {
  const Node& parent = nodes_[static_cast<std::size_t>(node.parent)];
  const AVFrame& from = *parent.current;
  const AVFrame& to = *node.current;
  const Rows done = node.rows;
  node.rows.luma = node.planes->luma.Scale(from.data[0], from.linesize[0], parent.rows.luma,
                                           to.data[0], to.linesize[0], done.luma);
  for (const int i : {1, 2}) {
    node.rows.chroma = node.planes->chroma.Scale(from.data[i], from.linesize[i], parent.rows.chroma,
                                                 to.data[i], to.linesize[i], done.chroma);
  }
}

Status PictureScaler::Make(std::size_t index) {
  Node& node = nodes_[index];
  if (node.current != nullptr) return Status::Ok();
  const AVFrame* from = source_copy_.get();
  if (node.parent >= 0) {
    const auto parent = static_cast<std::size_t>(node.parent);
    if (Status status = Make(parent); !status.ok()) return status;
    from = nodes_[parent].current.get();
  }
  if (Status status = NewPicture(node); !status.ok()) return status;
  if (node.planes != nullptr) {
    Advance(node);
    return Status::Ok();
  }
  // The height given is the even one: an odd last row of the caller's picture stays outside.
  const int rows = node.parent >= 0 ? from->height : nodes_[0].target.height;
  const int error = sws_scale(node.sws.get(), from->data, from->linesize, 0, rows,
                              node.current->data, node.current->linesize);
  return error < 0 ? ScaleFailed(error) : Status::Ok();
}

Status PictureScaler::Get(std::size_t index, FramePtr* picture) {
  const std::size_t node = node_of_[index];
  if (Status status = Make(node); !status.ok()) return status;
  *picture = ShareFrame(nodes_[node].current.get());
  return *picture == nullptr ? OutOfMemory() : Status::Ok();
}

}  // namespace streamgear
