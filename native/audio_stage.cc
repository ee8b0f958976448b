#include "audio_stage.h"

#include <utility>

namespace streamgear {

struct AudioStage::State {};

AudioStage::AudioStage(const PipelineConfig& /*config*/, PacketReader* /*source*/,
                       PresentationClock& /*clock*/, PacketQueue& /*output*/,
                       PipelineStats& /*stats*/, EventSink /*sink*/, LogRing& /*log*/)
    : state_(std::make_unique<State>()) {}

AudioStage::~AudioStage() = default;

Status AudioStage::Run() { return Status::Ok(); }

bool AudioStage::Push(AudioChunk /*chunk*/) { return false; }

void AudioStage::FinishPush() {}

void AudioStage::Cancel() {}

std::size_t AudioStage::queue_size() const { return 0; }

Status MakeAudioFrame(const AudioConfig& /*config*/, const PixelView* /*planes*/,
                      std::size_t /*plane_count*/, std::size_t /*sample_count*/,
                      FramePtr* /*frame*/) {
  return Status::Ok();
}

}  // namespace streamgear
