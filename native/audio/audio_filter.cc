#include "audio/audio_filter.h"

#include <utility>

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavutil/samplefmt.h>
}

namespace streamgear {
namespace {

/// In the syntax of the `abuffer` source.
std::string SourceArguments(const AudioFormat& input) {
  const std::string rate = std::to_string(input.sample_rate);
  const std::string layout = input.layout.named()
                                 ? ":channel_layout=" + input.layout.name()
                                 : ":channels=" + std::to_string(input.layout.channels());
  return "time_base=1/" + rate + ":sample_rate=" + rate +
         ":sample_fmt=" + av_get_sample_fmt_name(input.sample_format) + layout;
}

}  // namespace

Status AudioFilter::Create(const std::string& description, const AudioFormat& input,
                           std::unique_ptr<AudioFilter>* filter) {
  std::unique_ptr<AudioFilter> made(new AudioFilter());
  made->input_ = input;
  made->graph_.reset(avfilter_graph_alloc());
  AVFilterGraph* graph = made->graph_.get();
  if (graph == nullptr) return FilterFailed(AVERROR(ENOMEM), "No memory for the filter graph");
  graph->nb_threads = 1;  // the cores belong to the encoders
  int error = avfilter_graph_create_filter(&made->source_, avfilter_get_by_name("abuffer"), "in",
                                           SourceArguments(input).c_str(), nullptr, graph);
  if (error < 0) return FilterFailed(error, "The filter source refused the audio");
  error = avfilter_graph_create_filter(&made->sink_, avfilter_get_by_name("abuffersink"), "out",
                                       nullptr, nullptr, graph);
  if (error < 0) return FilterFailed(error, "The filter sink could not be made");
  if (Status status = ConnectChain(graph, description, made->source_, made->sink_); !status.ok()) {
    return status;
  }
  AVChannelLayout layout{};
  error = av_buffersink_get_ch_layout(made->sink_, &layout);
  if (error < 0) return FilterFailed(error, "The filter sink has no channel layout");
  made->output_ = {
      .sample_format = static_cast<AVSampleFormat>(av_buffersink_get_format(made->sink_)),
      .sample_rate = av_buffersink_get_sample_rate(made->sink_),
      .layout = UsableLayout(layout)};
  av_channel_layout_uninit(&layout);
  *filter = std::move(made);
  return Status::Ok();
}

Status AudioFilter::Send(FramePtr frame) { return SendToChain(source_, frame.get()); }

Status AudioFilter::Receive(FramePtr* frame) {
  if (Status status = ReceiveFromChain(sink_, frame, &ended_); !status.ok() || *frame == nullptr) {
    return status;
  }
  AVFrame* samples = frame->get();
  if (samples->pts != AV_NOPTS_VALUE) {
    samples->pts =
        av_rescale_q(samples->pts, av_buffersink_get_time_base(sink_), {1, samples->sample_rate});
  }
  if (av_channel_layout_copy(&samples->ch_layout, &output_.layout.raw()) < 0) {
    return FilterFailed(AVERROR(ENOMEM), "No memory for a channel layout");
  }
  return Status::Ok();
}

}  // namespace streamgear
