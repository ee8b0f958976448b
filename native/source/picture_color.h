// picture_color: what the tags of a decoded picture mean, and what is assumed where there are none.
#pragma once

#include "base/av.h"

namespace streamgear {

[[nodiscard]] bool IsRgb(AVPixelFormat format);
/// Y'CbCr with chroma; gray is neither this nor RGB.
[[nodiscard]] bool IsYuv(AVPixelFormat format);

/// The deprecated "J" formats say full range by their name: the same format without.
[[nodiscard]] AVPixelFormat WithoutJ(AVPixelFormat format);

/// PQ or HLG.
[[nodiscard]] bool IsHdr(AVColorTransferCharacteristic transfer);

/// The Y'CbCr matrix of a stream: its tag or, untagged, BT.709 above 576 lines and BT.601
/// (smpte170m) up to there.
[[nodiscard]] AVColorSpace MatrixOf(AVColorSpace tag, int height);

/// The matrix of yielded Y'CbCr pictures: the source's, if it is one that streams are tagged with
/// every day, else as untagged.
[[nodiscard]] AVColorSpace YieldedMatrix(AVPixelFormat format, AVColorSpace tag, int height);

/// swscale's number (SWS_CS_*) for a matrix; BT.709's for what it does not know.
[[nodiscard]] int SwsMatrix(AVColorSpace matrix);

/// All that the conversion of a picture depends on.
struct PictureSpec {
  int width = 0;
  int height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  bool full_range = false;
  AVColorSpace matrix = AVCOL_SPC_BT709;
  AVChromaLocation siting = AVCHROMA_LOC_LEFT;
  bool operator==(const PictureSpec&) const = default;
};

/// What a decoded frame says of itself, with the gaps filled.
[[nodiscard]] PictureSpec SpecOf(const AVFrame& frame);

/// Range and matrix are the same, as far as `to` has them.
[[nodiscard]] bool SameColor(const PictureSpec& from, const PictureSpec& to);

}  // namespace streamgear
