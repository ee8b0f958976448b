#include "source/source.h"

#include <optional>
#include <utility>

#include "source/demuxer.h"
#include "source/packet_copier.h"
#include "source/source_decoder.h"

namespace streamgear {
namespace {

int AudioStreamOf(const PipelineConfig& config, const MediaInfo& media) {
  if (config.audio.origin != AudioOrigin::kSource || config.audio.renditions.empty()) return -1;
  const int index = config.audio.stream >= 0 ? config.audio.stream : media.best_audio;
  const bool known = index >= 0 && static_cast<std::size_t>(index) < media.streams.size();
  return known && media.streams[static_cast<std::size_t>(index)].kind == "audio" ? index : -1;
}

Demuxer::Streams StreamsOf(const PipelineConfig& config, const MediaInfo& media) {
  return {.video = config.source.video_stream,
          .audio = AudioStreamOf(config, media),
          .start = config.source.start,
          .hold_first = config.source.hold_first,
          .hold_last = config.source.hold_last,
          .landing = config.source.copy_video ? Landing::kKeyPacket : Landing::kFrame,
          .realtime = config.source.realtime};
}

}  // namespace

struct Source::State {
  std::unique_ptr<MediaInput> input;
  Status problem;  ///< there is no video to read
  std::unique_ptr<Demuxer> demuxer;
  std::unique_ptr<SourceDecoder> decoder;
  std::unique_ptr<PacketCopier> copier;
};

Source::Source(const PipelineConfig& config, std::unique_ptr<MediaInput> input, IngestQueue& ingest,
               PacketQueue& packets, PresentationClock& clock, PipelineStats& stats, EventSink sink,
               LogRing& log)
    : state_(std::make_unique<State>()) {
  state_->input = std::move(input);
  const MediaInfo& media = state_->input->info();
  state_->problem = state_->input->CheckVideo(config.source.video_stream);
  if (!state_->problem.ok()) return;
  state_->demuxer =
      std::make_unique<Demuxer>(*state_->input, StreamsOf(config, media), stats, sink);
  if (config.source.copy_video) {
    state_->copier = std::make_unique<PacketCopier>(config, media, *state_->demuxer, packets, clock,
                                                    stats, std::move(sink));
  } else {
    state_->decoder = std::make_unique<SourceDecoder>(config, media, *state_->demuxer, ingest,
                                                      clock, stats, std::move(sink), log);
  }
}

Source::~Source() = default;

std::vector<Source::Thread> Source::Threads() {
  if (!state_->problem.ok()) {
    return {{"demuxer", [problem = state_->problem] { return problem; }}};
  }
  std::vector<Thread> threads{{"demuxer", [this] { return state_->demuxer->Run(); }}};
  if (state_->copier != nullptr) {
    threads.push_back({"copier", [this] { return state_->copier->Run(); }});
  } else {
    threads.push_back({"decoder", [this] { return state_->decoder->Run(); }});
  }
  return threads;
}

PacketReader* Source::audio() {
  return state_->demuxer == nullptr ? nullptr : state_->demuxer->audio();
}

void Source::CloseAudio() {
  if (state_->demuxer != nullptr) state_->demuxer->CloseAudio();
}

void Source::Stop() {
  if (state_->demuxer != nullptr) state_->demuxer->Stop();
}

void Source::Cancel() {
  state_->input->Cancel();
  if (state_->demuxer != nullptr) state_->demuxer->Cancel();
}

}  // namespace streamgear
