// pipeline: builds the stages and the queues between them and owns the threads.
//
//   Write() -> [ingest] -> scaler -> [pictures] -> encoder i -> [packets] -> packager -> files
//   source (demuxer, decoder) --^                                  ^
//   WriteAudio(), file, device, the source's audio -> audio stage --+
//
// One way in, one way out, one way to end early. Every method is called on one thread
// (JavaScript's) and none waits, but Join(), which is called when ClosedEvent has come or when the
// environment goes away.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audio/audio_stage.h"
#include "base/event.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/status.h"
#include "base/worker.h"
#include "config.h"
#include "packager.h"
#include "presentation_clock.h"
#include "source/media_input.h"
#include "source/source.h"
#include "video/encoder.h"
#include "video/scaler.h"

namespace streamgear {

class Pipeline {
 public:
  /// `sink` is called from all threads and must not block. `packager` may be null: the one that the
  /// config asks for. `source` is open, and there exactly when the config has a source.
  Pipeline(PipelineConfig config, EventSink sink, std::unique_ptr<Packager> packager = nullptr,
           std::unique_ptr<MediaInput> source = nullptr);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  /// Aborts and joins, if nobody did.
  ~Pipeline();

  /// Starts the threads. OpenedEvent or FailedEvent follows.
  void Start();

  /// Takes a frame whose memory stays valid until its ReadEvent or until ClosedEvent. False: the
  /// pipeline has ended.
  [[nodiscard]] bool Write(const InputFrame& frame);

  /// The queues hold as many frames as they are made for: who can leave one out does. A frame is
  /// never counted twice, so that no burst that the queues have room for is cut.
  [[nodiscard]] bool IsFull() const;

  /// Takes samples, for which an AudioReadEvent follows. False: the pipeline has ended.
  [[nodiscard]] bool WriteAudio(AudioChunk chunk);

  /// No more frames and samples: drains everything, then FinishedEvent and ClosedEvent. Idempotent.
  void Finish();

  /// Single-Source Mode: the source ends here; the rest is as at its end. Idempotent.
  void Stop();

  /// Drops what is under way and wakes every wait; ClosedEvent follows. Idempotent.
  void Abort();

  /// Waits for the threads.
  void Join();

  /// As Join(), but no longer than until `deadline`; false: a thread still runs.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] const PipelineConfig& config() const { return config_; }
  [[nodiscard]] const PipelineStats& stats() const { return stats_; }
  [[nodiscard]] std::size_t ingest_size() const { return ingest_.size(); }
  [[nodiscard]] std::size_t packets_size() const { return packets_.size(); }
  [[nodiscard]] std::size_t pictures_size(std::size_t rendition) const {
    return rendition < pictures_.size() ? pictures_[rendition]->size() : 0;
  }
  [[nodiscard]] std::size_t audio_size() const;

 private:
  /// What the threads work with. It owns files, sockets, codecs and pictures, and goes with the
  /// last thread: before ClosedEvent, and not when JavaScript's garbage collector comes round.
  struct Stages {
    std::unique_ptr<Scaler> scaler;
    std::vector<std::unique_ptr<Encoder>> encoders;
    std::unique_ptr<Source> source;     ///< Single-Source Mode
    std::unique_ptr<AudioStage> audio;  ///< null without audio
    std::unique_ptr<Packager> packager;
  };

  /// What comes before the last encoder is open.
  struct Early {
    std::vector<StreamInfo> streams;
    std::vector<EncodedPacket> packets;
    std::size_t bytes = 0;
    bool held = false;  ///< the video waits
  };

  void StartWorker(const std::string& name, Worker::Body body);
  void StartThread(const std::string& name, Worker::Body body);
  void OnWorkerDone(const Status& status);
  void Release();
  void Fail(Failure failure);
  void CancelAll();
  [[nodiscard]] Status RunPackager();
  [[nodiscard]] Status OpenPackager(Early early);
  [[nodiscard]] Status GoOnWithoutAudio(Early* early, std::size_t opened);
  void KeepEarly(EncodedPacket packet, Early* early);
  [[nodiscard]] Status FinishPackager();
  [[nodiscard]] bool CheckFormats();
  void StartVideo();
  void StartAudio();

  const PipelineConfig config_;
  const EventSink sink_;
  LogRing log_;
  PipelineStats stats_;
  const std::vector<AVPixelFormat> formats_;

  IngestQueue ingest_;
  std::vector<std::unique_ptr<PictureQueue>> pictures_;
  PacketQueue packets_;

  PresentationClock clock_;
  /// Guards `stages_` against the last thread, which takes it away. Threads of the pipeline need no
  /// lock: it stays as long as one of them runs.
  mutable std::mutex stages_mutex_;
  std::unique_ptr<Stages> stages_;  ///< null when all threads have ended
  std::size_t streams_ = 0;         ///< that the packager waits for: video, then audio

  std::atomic<bool> ended_{false};  ///< failed or aborted: the first wins
  std::atomic<int> running_{0};     ///< threads, and one for Start() itself
  // Last, so that the threads end before what they use.
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace streamgear
