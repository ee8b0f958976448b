#include "pixels/pixel_format.h"

#include <algorithm>

namespace streamgear {
namespace {

struct NamedFormat {
  PixelFormat format;
  std::string_view name;
};

constexpr std::array<NamedFormat, 10> kFormats{{
    {PixelFormat::kGray, "gray"},
    {PixelFormat::kYa8, "ya8"},
    {PixelFormat::kBgr24, "bgr24"},
    {PixelFormat::kRgb24, "rgb24"},
    {PixelFormat::kBgra, "bgra"},
    {PixelFormat::kRgba, "rgba"},
    {PixelFormat::kYuv420p, "yuv420p"},
    {PixelFormat::kNv12, "nv12"},
    {PixelFormat::kYuyv422, "yuyv422"},
    {PixelFormat::kUyvy422, "uyvy422"},
}};

PlaneLayout OnePlane(std::size_t row_bytes, int rows) {
  PlaneLayout layout;
  layout.count = 1;
  layout.planes[0] = {row_bytes, rows};
  return layout;
}

}  // namespace

std::optional<PixelFormat> PixelFormatFromName(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &NamedFormat::name);
  if (found == kFormats.end()) return std::nullopt;
  return found->format;
}

std::string_view PixelFormatName(PixelFormat format) {
  const auto found = std::ranges::find(kFormats, format, &NamedFormat::format);
  return found == kFormats.end() ? std::string_view() : found->name;
}

PlaneLayout LayoutOf(PixelFormat format, int width, int height) {
  if (width <= 0 || height <= 0) return {};
  const auto row = static_cast<std::size_t>(width);
  const std::size_t half_row = (row + 1) / 2;
  const int half_rows = height / 2 + height % 2;
  switch (format) {
    case PixelFormat::kGray:
      return OnePlane(row, height);
    case PixelFormat::kYa8:
      return OnePlane(row * 2, height);
    case PixelFormat::kBgr24:
    case PixelFormat::kRgb24:
      return OnePlane(row * 3, height);
    case PixelFormat::kBgra:
    case PixelFormat::kRgba:
      return OnePlane(row * 4, height);
    case PixelFormat::kYuyv422:
    case PixelFormat::kUyvy422:
      return OnePlane(half_row * 4, height);
    case PixelFormat::kYuv420p:
      return {3, {{{row, height}, {half_row, half_rows}, {half_row, half_rows}}}};
    case PixelFormat::kNv12:
      return {2, {{{row, height}, {half_row * 2, half_rows}, {}}}};
  }
  return {};
}

bool IsRgbLike(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGray:
    case PixelFormat::kYa8:
    case PixelFormat::kBgr24:
    case PixelFormat::kRgb24:
    case PixelFormat::kBgra:
    case PixelFormat::kRgba:
      return true;
    case PixelFormat::kYuv420p:
    case PixelFormat::kNv12:
    case PixelFormat::kYuyv422:
    case PixelFormat::kUyvy422:
      return false;
  }
  return false;
}

}  // namespace streamgear
