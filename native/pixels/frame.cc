#include "pixels/frame.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include <libavutil/imgutils.h>
}

namespace streamgear {
namespace {

/// Rows start at multiples of this; SIMD may also read and write this far past a row's end.
constexpr std::size_t kAlignment = 64;

std::size_t RoundUp(std::size_t value) {
  return (value + kAlignment - 1) / kAlignment * kAlignment;
}

/// Bytes from the first to the last byte of a plane: the last row need not be padded.
std::size_t BytesNeeded(const PlaneSize& plane, std::ptrdiff_t stride) {
  return static_cast<std::size_t>(stride) * static_cast<std::size_t>(plane.rows - 1) +
         plane.row_bytes;
}

Failure TooShort(std::size_t plane, std::size_t needed, std::size_t size) {
  return {.code = "FRAME_TOO_SHORT",
          .message = "Expected at least " + std::to_string(needed) + " bytes for plane " +
                     std::to_string(plane) + " of the frame but received " + std::to_string(size),
          .stage = "ingest"};
}

AVBufferRef* AllocateCounted(void* stats, std::size_t size) {
  AVBufferRef* buffer = av_buffer_alloc(size);
  if (stats != nullptr && buffer != nullptr) {
    auto* counters = static_cast<PoolStats*>(stats);
    counters->buffers.fetch_add(1, std::memory_order_relaxed);
    counters->bytes.fetch_add(static_cast<std::int64_t>(size), std::memory_order_relaxed);
  }
  return buffer;
}

/// Stride of plane i when only the first one's is known: the chroma rows of 4:2:0 are laid out in
/// proportion.
std::ptrdiff_t DerivedStride(const PlaneLayout& layout, std::size_t plane, std::ptrdiff_t first) {
  const auto tight_first = static_cast<std::ptrdiff_t>(layout.planes[0].row_bytes);
  const auto tight = static_cast<std::ptrdiff_t>(layout.planes[plane].row_bytes);
  if (plane == 0 || first == tight_first) return plane == 0 ? first : tight;
  return layout.count == 3 ? (first + 1) / 2 : first;
}

}  // namespace

Status LayOutPlanes(const InputConfig& input, const PixelView* views, std::size_t view_count,
                    const std::ptrdiff_t* strides, std::size_t stride_count, InputFrame* frame) {
  const PlaneLayout layout = LayoutOf(input.pixel_format, input.width, input.height);
  const auto count = static_cast<std::size_t>(layout.count);
  if (view_count != 1 && view_count != count) {
    return Status(Failure{.code = "FRAME_PLANES",
                          .message = "Expected 1 or " + std::to_string(count) +
                                     " planes but received " + std::to_string(view_count),
                          .stage = "ingest"});
  }
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto tight = static_cast<std::ptrdiff_t>(layout.planes[i].row_bytes);
    const std::ptrdiff_t first = stride_count > 0 && strides[0] > 0
                                     ? strides[0]
                                     : static_cast<std::ptrdiff_t>(layout.planes[0].row_bytes);
    std::ptrdiff_t stride = i < stride_count && strides[i] > 0 ? strides[i]
                            : view_count == 1                  ? DerivedStride(layout, i, first)
                                                               : tight;
    if (stride < tight) {
      return Status(Failure{.code = "FRAME_STRIDE",
                            .message = "Expected a stride of at least " + std::to_string(tight) +
                                       " bytes for plane " + std::to_string(i) + " but received " +
                                       std::to_string(stride),
                            .stage = "ingest"});
    }
    if (view_count > 1) offset = 0;
    const PixelView& view = views[view_count == 1 ? 0 : i];
    const std::size_t needed = BytesNeeded(layout.planes[i], stride);
    // Nor may the product have run over: a stride is no longer than the view, or there is one row.
    const bool too_wide = layout.planes[i].rows > 1 && static_cast<std::size_t>(stride) > view.size;
    if (view.data == nullptr || view.size < offset || too_wide || view.size - offset < needed) {
      return Status(TooShort(i, offset + needed, view.size));
    }
    frame->data[i] = view.data + offset;
    frame->stride[i] = stride;
    offset += static_cast<std::size_t>(stride) * static_cast<std::size_t>(layout.planes[i].rows);
  }
  return Status::Ok();
}

FramePool::FramePool(int width, int height, AVPixelFormat format, PoolStats* stats)
    : width_(width), height_(height), format_(format) {
  av_image_fill_linesizes(linesize_, format, width);
  std::size_t total = 0;
  ptrdiff_t aligned[4] = {};
  for (int i = 0; i < 4; ++i) {
    linesize_[i] = static_cast<int>(RoundUp(static_cast<std::size_t>(linesize_[i])));
    aligned[i] = linesize_[i];
  }
  std::size_t sizes[4] = {};
  av_image_fill_plane_sizes(sizes, format, height, aligned);
  for (int i = 0; i < 4; ++i) {
    offsets_[i] = total;
    if (sizes[i] > 0) total += RoundUp(sizes[i]) + kAlignment;
  }
  pool_.reset(av_buffer_pool_init2(total + kAlignment, stats, AllocateCounted, nullptr));
}

FramePtr FramePool::Get() {
  FramePtr frame(av_frame_alloc());
  if (frame == nullptr || pool_ == nullptr) return nullptr;
  frame->buf[0] = av_buffer_pool_get(pool_.get());
  if (frame->buf[0] == nullptr) return nullptr;
  auto address = reinterpret_cast<std::uintptr_t>(frame->buf[0]->data);
  std::uint8_t* base = frame->buf[0]->data + (RoundUp(address) - address);
  for (std::size_t i = 0; i < 4 && linesize_[i] > 0; ++i) {
    frame->data[i] = base + offsets_[i];
    frame->linesize[i] = linesize_[i];
  }
  frame->width = width_;
  frame->height = height_;
  frame->format = format_;
  return frame;
}

FramePtr ShareFrame(const AVFrame* frame) { return FramePtr(av_frame_clone(frame)); }

void CopyPixels(const InputConfig& input, const InputFrame& source, AVFrame* target) {
  const PlaneLayout layout = LayoutOf(input.pixel_format, input.width, input.height);
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout.count); ++i) {
    const PlaneSize& plane = layout.planes[i];
    const std::uint8_t* from = source.data[i];
    std::uint8_t* to = target->data[i];
    const std::size_t bytes =
        std::min(plane.row_bytes, static_cast<std::size_t>(target->linesize[i]));
    for (int row = 0; row < plane.rows; ++row) {
      std::memcpy(to, from, bytes);
      from += source.stride[i];
      to += target->linesize[i];
    }
  }
}

}  // namespace streamgear
