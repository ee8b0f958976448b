// AudioFilter: the user's `-af`, applied once, before the resamplers. One thread.
#pragma once

#include <memory>
#include <string>

#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/status.h"
#include "video/filter_graph.h"

namespace streamgear {

class AudioFilter {
 public:
  /// Parses and configures `description` for samples of one format.
  [[nodiscard]] static Status Create(const std::string& description, const AudioFormat& input,
                                     std::unique_ptr<AudioFilter>* filter);

  [[nodiscard]] const AudioFormat& input() const { return input_; }
  [[nodiscard]] const AudioFormat& output() const { return output_; }

  /// Gives it samples with pts in samples, or null at the end.
  [[nodiscard]] Status Send(FramePtr frame);

  /// The next samples, with pts in samples; null when it wants more input or has ended.
  [[nodiscard]] Status Receive(FramePtr* frame);

  /// It gives nothing any more, whatever it is sent.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  AudioFilter() = default;

  AudioFormat input_;
  AudioFormat output_;
  FilterGraphPtr graph_;
  AVFilterContext* source_ = nullptr;  // owned by graph_
  AVFilterContext* sink_ = nullptr;    // owned by graph_
  bool ended_ = false;
};

}  // namespace streamgear
