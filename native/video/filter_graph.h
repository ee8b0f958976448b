// filter_graph: what the filter chains of pictures and of samples have in common.
#pragma once

#include <memory>
#include <string>

#include "base/av.h"
#include "base/status.h"

struct AVFilterGraph;
struct AVFilterContext;

namespace streamgear {

struct AvFilterGraphDeleter {
  void operator()(AVFilterGraph* graph) const;
};
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, AvFilterGraphDeleter>;

/// A failure of stage "filter".
[[nodiscard]] Status FilterFailed(int error, const std::string& what);

/// Puts the filters of `description` between `source` and `sink`, and configures the graph.
[[nodiscard]] Status ConnectChain(AVFilterGraph* graph, const std::string& description,
                                  AVFilterContext* source, AVFilterContext* sink);

/// Gives the chain a frame, or null at the end. A filter that wants no more (trim) refuses nothing:
/// the rest of the input is not an error.
[[nodiscard]] Status SendToChain(AVFilterContext* source, AVFrame* frame);

/// The next frame; `*frame` is null when the chain wants more input or has ended, which `*ended`
/// (may be null) tells apart.
[[nodiscard]] Status ReceiveFromChain(AVFilterContext* sink, FramePtr* frame,
                                      bool* ended = nullptr);

}  // namespace streamgear
