// Not one byte outside of the pictures is touched: every format, odd and even sizes, with buffers
// that begin or end at the border of a page that cannot be accessed. An access beyond the border
// ends the test with SIGSEGV.
#include <gtest/gtest.h>

#if defined(__unix__) || defined(__APPLE__)

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "pictures.h"
#include "pixels/pixel_convert.h"

namespace streamgear {
namespace {

enum class Border { kBefore, kAfter };

/// Memory between two pages without access.
class GuardedMemory {
 public:
  GuardedMemory() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    inner_ = (kBytes + page_ - 1) / page_ * page_;
    void* mapped = mmap(nullptr, inner_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return;
    base_ = static_cast<std::uint8_t*>(mapped);
    usable_ = mprotect(base_ + page_, inner_, PROT_READ | PROT_WRITE) == 0;
  }
  ~GuardedMemory() {
    if (base_ != nullptr) munmap(base_, inner_ + 2 * page_);
  }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  /// `size` bytes that touch the page before or after them.
  [[nodiscard]] std::uint8_t* Place(std::size_t size, Border border) const {
    std::uint8_t* first = base_ + page_;
    return border == Border::kBefore ? first : first + inner_ - size;
  }

  [[nodiscard]] bool usable() const { return usable_; }

 private:
  static constexpr std::size_t kBytes = 16384;
  std::size_t page_;
  std::size_t inner_ = 0;
  std::uint8_t* base_ = nullptr;
  bool usable_ = false;
};

struct Case {
  PixelFormat format = PixelFormat::kGray;
  int width = 0;
  int height = 0;
  std::size_t padding = 0;
  Border border = Border::kAfter;
};

std::string Describe(const Case& c) {
  return std::string(PixelFormatName(c.format)) + " " + std::to_string(c.width) + "x" +
         std::to_string(c.height) + " +" + std::to_string(c.padding) +
         (c.border == Border::kBefore ? " before" : " after");
}

class ConvertBounds : public testing::Test {
 protected:
  void SetUp() override {
    for (const GuardedMemory& memory : memory_) ASSERT_TRUE(memory.usable());
  }

  /// Converts from guarded planes to guarded planes and returns the visible samples of the result.
  std::vector<std::uint8_t> Convert(const Case& c) {
    SourcePicture source{c.format, c.width, c.height, {}, {}};
    const PlaneLayout layout = LayoutOf(c.format, c.width, c.height);
    for (std::size_t i = 0; i < static_cast<std::size_t>(layout.count); ++i) {
      const PlaneSize plane = layout.planes[i];
      std::uint8_t* data =
          memory_[i].Place(test::PlaneBytes(plane.row_bytes, plane.rows, c.padding), c.border);
      test::RandomPicture::Fill(data, plane, c.padding, static_cast<unsigned>(i) + 1);
      source.data[i] = data;
      source.stride[i] = static_cast<std::ptrdiff_t>(plane.row_bytes + c.padding);
    }
    I420Picture target{c.width / 2 * 2, c.height / 2 * 2, {}, {}};
    const PlaneLayout planes = LayoutOf(PixelFormat::kYuv420p, target.width, target.height);
    for (std::size_t i = 0; i < 3; ++i) {
      const PlaneSize plane = planes.planes[i];
      target.stride[i] = static_cast<std::ptrdiff_t>(plane.row_bytes + c.padding);
      target.data[i] =
          memory_[3 + i].Place(test::PlaneBytes(plane.row_bytes, plane.rows, c.padding), c.border);
    }
    ConvertToI420(source, ColorMatrix::kBt709, full_range_, target);
    std::vector<std::uint8_t> visible;
    for (std::size_t i = 0; i < 3; ++i) {
      for (int y = 0; y < planes.planes[i].rows; ++y) {
        const std::uint8_t* row = target.data[i] + y * target.stride[i];
        visible.insert(visible.end(), row, row + planes.planes[i].row_bytes);
      }
    }
    return visible;
  }

  /// The layout in memory must not change the result either.
  void CheckSize(int width, int height) {
    for (const PixelFormat format : test::kAllFormats) {
      const auto expected = Convert({format, width, height, 0, Border::kAfter});
      for (const std::size_t padding : {std::size_t{0}, std::size_t{1}, std::size_t{13}}) {
        for (const Border border : {Border::kBefore, Border::kAfter}) {
          const Case c{format, width, height, padding, border};
          ASSERT_EQ(Convert(c), expected) << Describe(c);
        }
      }
    }
  }

  std::array<GuardedMemory, 6> memory_;
  bool full_range_ = false;
};

TEST_F(ConvertBounds, SmallSizes) {
  for (int height = 2; height <= 9; ++height) {
    for (int width = 2; width <= 67; ++width) CheckSize(width, height);
  }
}

TEST_F(ConvertBounds, SmallSizesInFullRange) {
  full_range_ = true;
  for (int width = 2; width <= 67; ++width) CheckSize(width, 3);
}

TEST_F(ConvertBounds, WidthsAroundTheBlockSize) {
  for (const int width : {254, 255, 256, 257, 258, 259, 320, 511, 512, 513, 514}) {
    for (const int height : {2, 3, 4}) CheckSize(width, height);
  }
}

TEST_F(ConvertBounds, APictureOfOneColumnOrRowLeavesNothingToWrite) {
  for (const PixelFormat format : test::kAllFormats) {
    EXPECT_TRUE(Convert({format, 1, 4, 0, Border::kAfter}).empty());
    EXPECT_TRUE(Convert({format, 4, 1, 0, Border::kAfter}).empty());
  }
}

TEST(ConvertHeapBounds,
     BuffersAsLargeAsThePicture) {  // for AddressSanitizer, which sees single bytes
  for (const PixelFormat format : test::kAllFormats) {
    for (int width = 2; width <= 67; ++width) {
      for (const std::size_t padding : {std::size_t{0}, std::size_t{5}}) {
        const test::RandomPicture padded(format, width, 5, padding, 9);
        const test::RandomPicture tight(format, width, 5, 0, 9);
        ASSERT_EQ(test::Result(padded.picture(), ColorMatrix::kBt2020, false).bytes(),
                  test::Result(tight.picture(), ColorMatrix::kBt2020, false).bytes())
            << PixelFormatName(format) << " " << width << " +" << padding;
      }
    }
  }
}

TEST(ConvertHeapBounds, PaddingOfTheTargetIsLeftAlone) {
  constexpr std::ptrdiff_t kStride = 40;
  for (const PixelFormat format : test::kAllFormats) {
    const test::RandomPicture random(format, 34, 4, 0, 5);
    std::array<std::vector<std::uint8_t>, 3> planes;
    I420Picture target{34, 4, {}, {}};
    for (std::size_t i = 0; i < 3; ++i) {
      planes[i].assign(static_cast<std::size_t>(kStride) * 4, 7);
      target.data[i] = planes[i].data();
      target.stride[i] = kStride;
    }
    ConvertToI420(random.picture(), ColorMatrix::kBt709, true, target);
    for (std::size_t i = 0; i < 3; ++i) {
      const int columns = i == 0 ? 34 : 17;
      const int rows = i == 0 ? 4 : 2;
      for (std::size_t at = 0; at < planes[i].size(); ++at) {
        const int x = static_cast<int>(at) % kStride;
        const int y = static_cast<int>(at) / kStride;
        if (x >= columns || y >= rows) {
          ASSERT_EQ(planes[i][at], 7) << PixelFormatName(format) << " " << x << "," << y;
        }
      }
    }
  }
}

}  // namespace
}  // namespace streamgear

#endif  // defined(__unix__) || defined(__APPLE__)
