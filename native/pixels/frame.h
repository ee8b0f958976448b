// frame: a picture on its way from the caller to the encoders.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/av.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "pixels/pixel_convert.h"

namespace streamgear {

/// A picture on its way in. Pushed: pointers into the caller's memory, which stays valid until the
/// ReadEvent with this id. Decoded: `owner` keeps the memory, and no event follows.
struct InputFrame {
  std::uint64_t id = 0;
  std::array<const std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride{};
  std::int64_t pts = 0;  ///< ticks
  bool force_key_frame = false;
  Clock::time_point pushed_at{};
  std::shared_ptr<AVFrame> owner{};
};

/// Bytes of caller memory that a frame is made of: one view with contiguous planes, or one view per
/// plane.
struct PixelView {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

/// Lays the views out as planes. A stride of 0 is a tight row; with one view for several planes,
/// the chroma strides follow from the first. Fails when a view is too short to hold the picture:
/// JavaScript's lengths are never trusted.
[[nodiscard]] Status LayOutPlanes(const InputConfig& input, const PixelView* views,
                                  std::size_t view_count, const std::ptrdiff_t* strides,
                                  std::size_t stride_count, InputFrame* frame);

/// A scaled picture for one encoder. The pixels are shared and immutable; the AVFrame is this
/// encoder's own reference.
struct Picture {
  FramePtr frame = nullptr;
  std::int64_t pts = 0;  ///< ticks
  bool key_frame = false;
  Clock::time_point pushed_at{};
};

/// Recycles the pixel buffers of one size and format: no allocation per frame once it runs.
class FramePool {
 public:
  /// What is allocated is counted in `stats`, which must outlive the pool.
  FramePool(int width, int height, AVPixelFormat format, PoolStats* stats = nullptr);

  /// A writable frame, or null when memory is out. Rows are aligned and padded for libav's SIMD.
  [[nodiscard]] FramePtr Get();

 private:
  int width_;
  int height_;
  AVPixelFormat format_;
  int linesize_[4] = {};
  std::size_t offsets_[4] = {};
  BufferPoolPtr pool_;
};

/// A new AVFrame that refers to the same pixels.
[[nodiscard]] FramePtr ShareFrame(const AVFrame* frame);

/// Copies the caller's rows into a (padded) frame of the same pixel format.
void CopyPixels(const InputConfig& input, const InputFrame& source, AVFrame* target);

}  // namespace streamgear
