// even_picture: pictures of odd size, made even.
#pragma once

#include "base/av.h"
#include "source/picture_color.h"

namespace streamgear {

/// swscale takes the chroma of 161 columns, which has 81, for as wide as the picture: what it gets
/// or gives in another subsampling ends up to a pixel beside its place, more so to the right and
/// the bottom. With one more column and row it is right.
[[nodiscard]] bool MovesChroma(const PictureSpec& from, const PictureSpec& to);

/// Copies `frame` into `even`, which is of the same format and up to one column and row larger:
/// these become like their neighbours.
void CopyWithEdges(const AVFrame& frame, AVFrame* even);

}  // namespace streamgear
