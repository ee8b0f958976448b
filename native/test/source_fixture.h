// Runs a Source as a pipeline does, and keeps everything that comes out of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/worker.h"
#include "source/source.h"

namespace streamgear::test {

/// One picture as the scaler gets it.
struct SourcePicture {
  std::int64_t pts = 0;
  std::array<std::vector<std::uint8_t>, 3> planes;  ///< without padding
  bool copied = true;  ///< not the decoder's own memory; unknown to the test unless it asks
};

struct SourceRun {
  MediaInfo info;
  std::int64_t ticks_per_second = 90000;
  std::vector<SourcePicture> pictures;
  std::vector<StreamInfo> streams;               ///< of a copy
  std::vector<EncodedPacket> packets;            ///< of a copy
  std::vector<std::pair<double, double>> audio;  ///< packets' times and durations, seconds
  std::vector<WarningEvent> warnings;
  std::vector<SourceEndEvent> ends;
  std::optional<Failure> failure;
  double origin = -1;
  double end = -1;  ///< seconds; of a copy

  [[nodiscard]] int CountWarnings(const std::string& code) const {
    return static_cast<int>(std::ranges::count(warnings, code, &WarningEvent::code));
  }
  [[nodiscard]] double Time(std::size_t picture) const {
    return static_cast<double>(pictures[picture].pts) / static_cast<double>(ticks_per_second);
  }
};

using EditConfig = std::function<void(PipelineConfig&)>;

/// What TypeScript makes of the media.
inline PipelineConfig ConfigFor(const MediaInfo& info) {
  PipelineConfig config;
  config.source.enabled = true;
  config.source.video_stream = info.best_video;
  config.source.threads = 1;
  if (info.best_video < 0) return config;
  const DecodedPictures& pictures =
      info.streams[static_cast<std::size_t>(info.best_video)].pictures;
  config.input.width = pictures.width;
  config.input.height = pictures.height;
  config.input.pixel_format = PixelFormat::kYuv420p;
  config.input.frame_rate = pictures.frame_rate;
  config.input.sample_aspect_ratio = pictures.sample_aspect_ratio;
  config.input.color_space = pictures.color_space;
  const std::int64_t rate = pictures.frame_rate.num;
  config.input.ticks_per_second = (90000 + rate - 1) / rate * rate;
  config.picture_rate = pictures.frame_rate;
  config.renditions.resize(1);
  return config;
}

/// One run; Cancel() may be called from any thread meanwhile.
class SourceRunner {
 public:
  SourceRunner(const MediaInputConfig& media, const EditConfig& edit) : log_(EventSink()) {
    auto input = std::make_unique<MediaInput>(media);
    const LogScope scope(&log_);
    if (Status status = input->Open(); !status.ok()) {
      run_.failure = status.failure();
      return;
    }
    run_.info = input->info();
    config_ = ConfigFor(run_.info);
    if (edit) edit(config_);
    run_.ticks_per_second = config_.input.ticks_per_second;
    clock_ = std::make_unique<PresentationClock>(config_.input.ticks_per_second);
    source_ = std::make_unique<Source>(config_, std::move(input), ingest_, packets_, *clock_,
                                       stats_, Sink(), log_);
  }

  /// Reads to the end. `take_pictures` false: nobody takes pictures, so that the queues fill.
  SourceRun Run(bool take_pictures = true) {
    if (source_ == nullptr) return std::move(run_);
    std::vector<std::unique_ptr<Worker>> workers;
    for (Source::Thread& thread : source_->Threads()) {
      workers.push_back(std::make_unique<Worker>());
      const Status status = workers.back()->Start(thread.name, &log_, std::move(thread.body),
                                                  [this](const Status& result) { OnDone(result); });
      EXPECT_TRUE(status.ok());
    }
    std::thread audio([this] { ReadAudio(); });
    if (take_pictures) TakePictures();
    for (auto& worker : workers) worker->Join();
    packets_.Close();
    audio.join();
    TakePackets();
    const PresentationClock::State state = clock_->Now();
    run_.origin = state.begun ? state.origin : -1;
    run_.end = state.ended ? state.position : -1;
    return std::move(run_);
  }

  void Cancel() {
    packets_.Cancel();
    ingest_.Cancel();
    clock_->Cancel();
    source_->Cancel();
  }

  [[nodiscard]] const PipelineConfig& config() const { return config_; }
  [[nodiscard]] PipelineStats& stats() { return stats_; }
  /// Seconds of sound after which its reader has enough; negative = all.
  double audio_limit = -1;
  /// Pictures after which nobody takes any; negative = all.
  int picture_limit = -1;

 private:
  EventSink Sink() {
    return [this](Event event) {
      const std::lock_guard lock(mutex_);
      if (auto* warning = std::get_if<WarningEvent>(&event)) run_.warnings.push_back(*warning);
      if (auto* end = std::get_if<SourceEndEvent>(&event)) run_.ends.push_back(*end);
    };
  }

  void OnDone(const Status& status) {
    if (status.ok()) return;
    {
      const std::lock_guard lock(mutex_);
      if (!run_.failure) run_.failure = status.failure();
    }
    Cancel();
  }

  void TakePictures() {
    if (config_.source.copy_video) return;
    while (std::optional<InputFrame> frame = ingest_.Pop()) {
      SourcePicture picture{.pts = frame->pts};
      const PlaneLayout layout =
          LayoutOf(config_.input.pixel_format, config_.input.width, config_.input.height);
      for (std::size_t i = 0; i < static_cast<std::size_t>(layout.count); ++i) {
        for (int row = 0; row < layout.planes[i].rows; ++row) {
          const std::uint8_t* bytes = frame->data[i] + frame->stride[i] * row;
          picture.planes[i].insert(picture.planes[i].end(), bytes,
                                   bytes + layout.planes[i].row_bytes);
        }
      }
      run_.pictures.push_back(std::move(picture));
      if (static_cast<int>(run_.pictures.size()) == picture_limit) return;
    }
  }

  void TakePackets() {
    while (std::optional<EncoderOutput> output = packets_.Pop()) {
      if (auto* stream = std::get_if<StreamInfo>(&*output)) {
        run_.streams.push_back(std::move(*stream));
      } else if (auto* packet = std::get_if<EncodedPacket>(&*output)) {
        run_.packets.push_back(std::move(*packet));
      }
    }
  }

  void ReadAudio() {
    PacketReader* reader = source_->audio();
    if (reader == nullptr) return;
    const PacketPtr packet(av_packet_alloc());
    PacketReader::Result result = PacketReader::Result::kPacket;
    const double time_base = av_q2d(reader->stream().time_base);
    double end = 0;
    while (audio_limit < 0 || end < audio_limit) {
      if (!reader->Read(packet.get(), &result).ok()) break;
      if (result != PacketReader::Result::kPacket) break;
      const double time = static_cast<double>(packet->pts) * time_base;
      const double duration = static_cast<double>(packet->duration) * time_base;
      run_.audio.emplace_back(time, duration);
      end = time + duration;
      av_packet_unref(packet.get());
    }
    source_->CloseAudio();
  }

  std::mutex mutex_;
  SourceRun run_;
  PipelineConfig config_;
  LogRing log_;
  IngestQueue ingest_{3};
  PacketQueue packets_{1'000'000};  // taken when all has ended
  PipelineStats stats_{1};
  std::unique_ptr<PresentationClock> clock_;
  std::unique_ptr<Source> source_;
};

inline SourceRun RunSource(const MediaInputConfig& media, const EditConfig& edit = nullptr) {
  return SourceRunner(media, edit).Run();
}

/// Which ended as it should.
inline SourceRun RunClean(const MediaInputConfig& media, const EditConfig& edit = nullptr) {
  SourceRun run = RunSource(media, edit);
  EXPECT_FALSE(run.failure.has_value())
      << run.failure->code << ": " << run.failure->message << " | " << run.failure->log;
  if (run.ends.size() != 1U) {
    ADD_FAILURE() << "a source ends once and not " << run.ends.size() << " times";
    run.ends.resize(1);
  }
  return run;
}

inline MediaInputConfig FromGraph(const std::string& graph) {
  return {.url = graph, .format = "lavfi"};
}

}  // namespace streamgear::test
