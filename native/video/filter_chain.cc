#include "video/filter_chain.h"

#include <utility>

#include "base/size_text.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
}

namespace streamgear {
namespace {

/// "WxH", rate and so on, in the syntax of the `buffer` source.
std::string SourceArguments(const PictureFormat& input) {
  const auto ratio = [](Rational value) {
    return std::to_string(value.num) + "/" + std::to_string(value.den);
  };
  return "width=" + std::to_string(input.width) + ":height=" + std::to_string(input.height) +
         ":pix_fmt=" + std::to_string(static_cast<int>(input.pixel_format)) +
         ":time_base=" + ratio(input.time_base) + ":frame_rate=" + ratio(input.frame_rate) +
         ":sar=" + ratio(input.sample_aspect_ratio);
}

/// For the converters that libavfilter inserts between filters of RGB and of YUV: left alone, they
/// make BT.601 of limited range out of every RGB picture.
std::string ConverterArguments(const PictureFormat& input) {
  std::string matrix = input.color_space;  // the scale filter knows "bt470" and "bt2020"
  if (matrix == "bt470bg") matrix = "bt470";
  if (matrix == "bt2020nc") matrix = "bt2020";
  std::string arguments = "flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=" + matrix +
                          ":out_color_matrix=" + matrix;
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(input.pixel_format);
  const bool yuv = descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) == 0 &&
                   descriptor->nb_components >= 3;
  if (yuv) {
    const std::string range = input.full_range ? "pc" : "tv";
    arguments += ":in_range=" + range + ":out_range=" + range;
  }
  return arguments;
}

}  // namespace

FilterChain::~FilterChain() = default;

Status FilterChain::Create(const std::string& description, const PictureFormat& input,
                           std::unique_ptr<FilterChain>* chain, int threads) {
  std::unique_ptr<FilterChain> made(new FilterChain());
  made->graph_.reset(avfilter_graph_alloc());
  AVFilterGraph* graph = made->graph_.get();
  if (graph == nullptr) return FilterFailed(AVERROR(ENOMEM), "No memory for the filter graph");
  graph->nb_threads = threads;  // the cores belong to the encoders: 1 where it is fast enough
  graph->scale_sws_opts = av_strdup(ConverterArguments(input).c_str());

  int error = avfilter_graph_create_filter(&made->source_, avfilter_get_by_name("buffer"), "in",
                                           SourceArguments(input).c_str(), nullptr, graph);
  if (error < 0) return FilterFailed(error, "The filter source refused the frames");

  // A format filter in front of the sink, and not the sink's own list: that option differs between
  // FFmpeg 5 and 8.
  error = avfilter_graph_create_filter(&made->sink_, avfilter_get_by_name("buffersink"), "out",
                                       nullptr, nullptr, graph);
  if (error < 0) return FilterFailed(error, "The filter sink could not be made");
  AVFilterContext* format = nullptr;
  const std::string arguments = std::string("pix_fmts=") + av_get_pix_fmt_name(input.pixel_format);
  error = avfilter_graph_create_filter(&format, avfilter_get_by_name("format"), "format",
                                       arguments.c_str(), nullptr, graph);
  if (error >= 0) error = avfilter_link(format, 0, made->sink_, 0);
  if (error < 0) return FilterFailed(error, "The filter sink could not be made");

  if (Status status = ConnectChain(graph, description, made->source_, format); !status.ok()) {
    return status;
  }

  AVFilterContext* sink = made->sink_;
  made->output_ = {.width = av_buffersink_get_w(sink),
                   .height = av_buffersink_get_h(sink),
                   .pixel_format = static_cast<AVPixelFormat>(av_buffersink_get_format(sink)),
                   .frame_rate = FromAv(av_buffersink_get_frame_rate(sink)),
                   .sample_aspect_ratio = FromAv(av_buffersink_get_sample_aspect_ratio(sink)),
                   .time_base = FromAv(av_buffersink_get_time_base(sink))};
  if (!made->output_.frame_rate.valid()) made->output_.frame_rate = input.frame_rate;
  if (!made->output_.sample_aspect_ratio.valid()) made->output_.sample_aspect_ratio = {1, 1};
  *chain = std::move(made);
  return Status::Ok();
}

Status FilterChain::Send(FramePtr frame) { return SendToChain(source_, frame.get()); }

Status FilterChain::Receive(FramePtr* frame) {
  if (Status status = ReceiveFromChain(sink_, frame); !status.ok() || *frame == nullptr) {
    return status;
  }
  // The sink passes on whatever size comes (scale=…:eval=frame), and those who read know only one.
  const AVFrame& picture = **frame;
  if (picture.width == output_.width && picture.height == output_.height) return Status::Ok();
  return Status(Failure{.code = "FILTER_FAILED",
                        .message = "Expected pictures of " +
                                   SizeText(output_.width, output_.height) +
                                   " from the filter chain, like its first, but received one of " +
                                   SizeText(picture.width, picture.height),
                        .stage = "filter",
                        .averror = AVERROR_INPUT_CHANGED});
}

}  // namespace streamgear
