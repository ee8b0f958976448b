#include "source/even_picture.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
#include <libavutil/imgutils.h>
}

namespace streamgear {
namespace {

constexpr std::uint64_t kNotByBytes =
    AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL;

bool IsChroma(const AVPixFmtDescriptor& descriptor, int component) {
  return component > 0 && component < 3 && descriptor.nb_components >= 3;
}

/// Every component's last sample again, behind it. Halved chroma reaches that far already.
void RepeatColumn(const AVPixFmtDescriptor& descriptor, int columns, int rows, AVFrame* frame) {
  for (int i = 0; i < descriptor.nb_components; ++i) {
    const AVComponentDescriptor& component = descriptor.comp[i];
    const bool chroma = IsChroma(descriptor, i);
    if (chroma && descriptor.log2_chroma_w > 0) continue;
    const int height = chroma ? AV_CEIL_RSHIFT(rows, descriptor.log2_chroma_h) : rows;
    const auto bytes = static_cast<std::size_t>((component.shift + component.depth + 7) / 8);
    for (int y = 0; y < height; ++y) {
      std::uint8_t* next = frame->data[component.plane] +
                           static_cast<std::ptrdiff_t>(y) * frame->linesize[component.plane] +
                           static_cast<std::ptrdiff_t>(columns) * component.step + component.offset;
      std::memcpy(next, next - component.step, bytes);
    }
  }
}

/// Every plane's last row again, below it, alike.
void RepeatRow(const AVPixFmtDescriptor& descriptor, int rows, AVFrame* frame) {
  for (int plane = 0; plane < av_pix_fmt_count_planes(static_cast<AVPixelFormat>(frame->format));
       ++plane) {
    if ((plane == 1 || plane == 2) && descriptor.log2_chroma_h > 0) continue;
    const int stride = frame->linesize[plane];
    std::uint8_t* next = frame->data[plane] + static_cast<std::ptrdiff_t>(rows) * stride;
    std::memcpy(next, next - stride, static_cast<std::size_t>(stride));
  }
}

}  // namespace

bool MovesChroma(const PictureSpec& from, const PictureSpec& to) {
  if (from.width != to.width || from.height != to.height) return false;
  const AVPixFmtDescriptor* source = av_pix_fmt_desc_get(from.format);
  const AVPixFmtDescriptor* target = av_pix_fmt_desc_get(to.format);
  if (source == nullptr || target == nullptr || (source->flags & kNotByBytes) != 0) return false;
  return (from.width % 2 == 1 && source->log2_chroma_w != target->log2_chroma_w) ||
         (from.height % 2 == 1 && source->log2_chroma_h != target->log2_chroma_h);
}

void CopyWithEdges(const AVFrame& frame, AVFrame* even) {
  const auto format = static_cast<AVPixelFormat>(even->format);
  const AVPixFmtDescriptor& descriptor = *av_pix_fmt_desc_get(format);
  av_image_copy(even->data, even->linesize, const_cast<const std::uint8_t**>(frame.data),
                frame.linesize, format, frame.width, frame.height);
  if (even->width > frame.width) RepeatColumn(descriptor, frame.width, frame.height, even);
  if (even->height > frame.height) RepeatRow(descriptor, frame.height, even);
}

}  // namespace streamgear
