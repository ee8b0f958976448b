#include "video/encoder_trial.h"

#include <cstring>
#include <utility>
#include <variant>

#include "base/stats.h"
#include "pixels/frame.h"
#include "video/encoder.h"
#include "video/encoder_input.h"
#include "video/scaler.h"

namespace streamgear {
namespace {

constexpr int kPictures = 5;
/// What an encoder gives for them, and its beginning and end: it never waits.
constexpr std::size_t kOutputs = 64;

PipelineConfig ConfigOf(const TrialConfig& trial) {
  PipelineConfig config;
  config.input.color_space = "bt709";
  config.renditions = {trial.rendition};
  config.hardware = trial.hardware;
  return config;
}

/// Gray pictures, the first of them a key frame.
bool FillQueue(const PipelineConfig& config, PictureQueue* queue) {
  const RenditionConfig& rendition = config.renditions.front();
  const AVPixelFormat format = EncoderPixelFormat(rendition);
  if (format == AV_PIX_FMT_NONE) return true;  // the encoder will say so
  FramePool pool(rendition.width, rendition.height, format);
  for (int i = 0; i < kPictures; ++i) {
    FramePtr frame = pool.Get();
    if (frame == nullptr) return false;
    std::memset(frame->buf[0]->data, 0x80, frame->buf[0]->size);
    const std::int64_t frame_ticks =
        config.input.ticks_per_second * config.picture_rate.den / config.picture_rate.num;
    if (!queue->Push({.frame = std::move(frame), .pts = i * frame_ticks, .key_frame = i == 0})) {
      return false;
    }
  }
  queue->Close();
  return true;
}

Failure NoPackets(const RenditionConfig& rendition, const std::string& what) {
  return {.code = "ENCODER_FAILED",
          .message = rendition.codec + " took pictures but gave " + what,
          .stage = "encoder"};
}

/// What went wrong, or "".
Failure Try(const TrialConfig& trial, LogRing* log) {
  const PipelineConfig config = ConfigOf(trial);
  PictureQueue pictures(kPictures);
  PacketQueue packets(kOutputs);
  RenditionStats stats;
  if (!FillQueue(config, &pictures)) {
    return {.code = "OUT_OF_MEMORY",
            .message = "Expected memory for pictures but the system gave none",
            .stage = "encoder",
            .averror = AVERROR(ENOMEM)};
  }
  Encoder encoder(config, 0, pictures, packets, stats, *log, [](const Event&) {});
  if (Status status = encoder.Run(); !status.ok()) return status.failure();
  packets.Close();
  bool any = false;
  while (auto output = packets.Pop()) {
    const auto* packet = std::get_if<EncodedPacket>(&*output);
    if (packet == nullptr) continue;
    if (!any && (packet->packet->flags & AV_PKT_FLAG_KEY) == 0) {
      return NoPackets(trial.rendition, "no key frame first");
    }
    any = true;
  }
  return any ? Failure{} : NoPackets(trial.rendition, "nothing back");
}

}  // namespace

EncoderTrial::EncoderTrial(std::vector<TrialConfig> trials, EventSink sink)
    : trials_(std::move(trials)), sink_(std::move(sink)), log_(EventSink()) {}

EncoderTrial::~EncoderTrial() {
  Close();
  Join();
}

Status EncoderTrial::Start() {
  return worker_.Start(
      "trial", &log_, [this] { return Run(); },
      [this](const Status& /*status*/) { sink_(ClosedEvent{}); });
}

void EncoderTrial::Close() { closed_ = true; }

void EncoderTrial::Join() { worker_.Join(); }

bool EncoderTrial::JoinUntil(std::chrono::steady_clock::time_point deadline) {
  return worker_.JoinUntil(deadline);
}

Status EncoderTrial::Run() {
  for (std::size_t i = 0; i < trials_.size() && !closed_; ++i) {
    Failure failure = Try(trials_[i], &log_);
    const bool works = failure.code.empty();
    if (!closed_) sink_(EncoderTriedEvent{static_cast<int>(i), works, std::move(failure)});
  }
  return Status::Ok();
}

}  // namespace streamgear
