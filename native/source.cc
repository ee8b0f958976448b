#include "source.h"

#include <utility>

namespace streamgear {

struct Source::State {
  std::unique_ptr<MediaInput> input;
};

Source::Source(const PipelineConfig& /*config*/, std::unique_ptr<MediaInput> input,
               IngestQueue& /*ingest*/, PacketQueue& /*packets*/, PresentationClock& /*clock*/,
               PipelineStats& /*stats*/, EventSink /*sink*/, LogRing& /*log*/)
    : state_(std::make_unique<State>()) {
  state_->input = std::move(input);
}

Source::~Source() = default;

std::vector<Source::Thread> Source::Threads() { return {}; }

PacketReader* Source::audio() { return nullptr; }

void Source::Cancel() { state_->input->Cancel(); }

}  // namespace streamgear
