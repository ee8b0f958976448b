#include "video/filter_graph.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

namespace streamgear {
namespace {

struct InOutDeleter {
  void operator()(AVFilterInOut* list) const { avfilter_inout_free(&list); }
};
using InOutPtr = std::unique_ptr<AVFilterInOut, InOutDeleter>;

InOutPtr MakeEnd(const char* name, AVFilterContext* context) {
  InOutPtr end(avfilter_inout_alloc());
  if (end != nullptr) {
    end->name = av_strdup(name);
    end->filter_ctx = context;
    end->pad_idx = 0;
    end->next = nullptr;
  }
  return end;
}

}  // namespace

void AvFilterGraphDeleter::operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }

Status FilterFailed(int error, const std::string& what) {
  return Status(Failure{.code = "FILTER_FAILED",
                        .message = what + ": " + AvErrorText(error),
                        .stage = "filter",
                        .averror = error});
}

Status ConnectChain(AVFilterGraph* graph, const std::string& description, AVFilterContext* source,
                    AVFilterContext* sink) {
  AVFilterInOut* outputs = MakeEnd("in", source).release();
  AVFilterInOut* inputs = MakeEnd("out", sink).release();
  int error = avfilter_graph_parse_ptr(graph, description.c_str(), &inputs, &outputs, nullptr);
  const InOutPtr free_inputs(inputs);
  const InOutPtr free_outputs(outputs);
  if (error < 0) {
    return FilterFailed(error, "The filter chain \"" + description + "\" was not understood");
  }
  error = avfilter_graph_config(graph, nullptr);
  if (error < 0) {
    return FilterFailed(error, "The filter chain \"" + description + "\" could not be set up");
  }
  return Status::Ok();
}

Status SendToChain(AVFilterContext* source, AVFrame* frame) {
  const int error = av_buffersrc_add_frame_flags(source, frame, 0);
  if (error < 0 && error != AVERROR_EOF) {
    return FilterFailed(error, "The filter chain refused a frame");
  }
  return Status::Ok();
}

Status ReceiveFromChain(AVFilterContext* sink, FramePtr* frame, bool* ended) {
  frame->reset(av_frame_alloc());
  if (*frame == nullptr) return FilterFailed(AVERROR(ENOMEM), "No memory for a filtered frame");
  const int error = av_buffersink_get_frame(sink, frame->get());
  if (ended != nullptr) *ended = error == AVERROR_EOF;
  if (error >= 0) return Status::Ok();
  frame->reset();
  if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return Status::Ok();
  return FilterFailed(error, "The filter chain failed");
}

}  // namespace streamgear
