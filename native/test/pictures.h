// Pictures for the tests of pixel conversion, in heap buffers that are exactly as large as a
// caller's may be.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "pixels/pixel_convert.h"

namespace streamgear::test {

inline constexpr std::array<PixelFormat, 10> kAllFormats{
    PixelFormat::kGray,    PixelFormat::kYa8,    PixelFormat::kBgr24,   PixelFormat::kRgb24,
    PixelFormat::kBgra,    PixelFormat::kRgba,   PixelFormat::kYuv420p, PixelFormat::kNv12,
    PixelFormat::kYuyv422, PixelFormat::kUyvy422};

/// Bytes of a plane whose rows are `stride` apart: the last row ends with its last pixel.
inline std::size_t PlaneBytes(std::size_t row_bytes, int rows, std::size_t padding) {
  return (row_bytes + padding) * static_cast<std::size_t>(rows - 1) + row_bytes;
}

/// Not a std::vector: its capacity may exceed its size, which would hide an over-read from
/// AddressSanitizer.
class ExactBuffer {
 public:
  explicit ExactBuffer(std::size_t size)
      : size_(size), data_(std::make_unique<std::uint8_t[]>(size)) {}

  [[nodiscard]] std::uint8_t* data() { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> data_;
};

/// A source picture of random bytes.
class RandomPicture {
 public:
  RandomPicture(PixelFormat format, int width, int height, std::size_t padding, unsigned seed) {
    picture_.format = format;
    picture_.width = width;
    picture_.height = height;
    const PlaneLayout layout = LayoutOf(format, width, height);
    for (std::size_t i = 0; i < static_cast<std::size_t>(layout.count); ++i) {
      const PlaneSize plane = layout.planes[i];
      planes_.emplace_back(PlaneBytes(plane.row_bytes, plane.rows, padding));
      Fill(planes_.back().data(), plane, padding, seed + static_cast<unsigned>(i));
      picture_.data[i] = planes_.back().data();
      picture_.stride[i] = static_cast<std::ptrdiff_t>(plane.row_bytes + padding);
    }
  }

  /// The same visible bytes for every padding.
  static void Fill(std::uint8_t* data, PlaneSize plane, std::size_t padding, unsigned seed) {
    std::mt19937 random(seed);
    for (int y = 0; y < plane.rows; ++y) {
      std::uint8_t* row = data + static_cast<std::size_t>(y) * (plane.row_bytes + padding);
      std::generate_n(row, plane.row_bytes, [&] { return static_cast<std::uint8_t>(random()); });
    }
  }

  [[nodiscard]] const SourcePicture& picture() const { return picture_; }

 private:
  SourcePicture picture_;
  std::vector<ExactBuffer> planes_;
};

/// A target picture. `at` reads a sample of a plane.
class Result {
 public:
  Result(int source_width, int source_height)
      : width_(source_width / 2 * 2), height_(source_height / 2 * 2) {
    picture_.width = width_;
    picture_.height = height_;
    for (int i = 0; i < 3; ++i) {
      const int columns = i == 0 ? width_ : width_ / 2;
      const int rows = i == 0 ? height_ : height_ / 2;
      planes_.emplace_back(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
      picture_.data[static_cast<std::size_t>(i)] = planes_.back().data();
      picture_.stride[static_cast<std::size_t>(i)] = columns;
    }
  }

  Result(const SourcePicture& source, ColorMatrix matrix, bool full_range)
      : Result(source.width, source.height) {
    Convert(source, matrix, full_range);
  }

  void Convert(const SourcePicture& source, ColorMatrix matrix, bool full_range) {
    ConvertToI420(source, matrix, full_range, picture_);
  }

  [[nodiscard]] int at(int plane, int x, int y) const {
    const auto i = static_cast<std::size_t>(plane);
    return picture_.data[i][y * picture_.stride[i] + x];
  }

  [[nodiscard]] std::vector<std::uint8_t> bytes() {
    std::vector<std::uint8_t> all;
    for (ExactBuffer& plane : planes_) {
      all.insert(all.end(), plane.data(), plane.data() + plane.size());
    }
    return all;
  }

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }

 private:
  int width_;
  int height_;
  I420Picture picture_;
  std::vector<ExactBuffer> planes_;
};

}  // namespace streamgear::test
