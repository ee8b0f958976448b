// MediaInput: one opened file, URL or device. Lives on one thread at a time; only Cancel() and
// SetDeadline() may be called by another.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/av.h"
#include "base/clock.h"
#include "base/stats.h"
#include "base/status.h"
#include "config.h"
#include "source/media_info.h"
#include "source/waiting_file.h"

namespace streamgear {

class MediaInput {
 public:
  /// `tick_clock` measures the deadlines, and outlives this.
  explicit MediaInput(MediaInputConfig config, const TickClock& tick_clock = SteadyClock::Get())
      : config_(std::move(config)), tick_clock_(tick_clock) {}
  MediaInput(const MediaInput&) = delete;
  MediaInput& operator=(const MediaInput&) = delete;
  ~MediaInput() { Close(); }

  /// Opens it and reads what its streams are. Waits for the disk, the network, the device.
  [[nodiscard]] Status Open();

  /// Opens it once more, at its beginning; what it is stays what Open() found. SOURCE_READ_FAILED
  /// when other streams are in it now.
  [[nodiscard]] Status Reopen();

  /// Gives file, connection or device back; what it is stays known. A server that does not answer
  /// the farewell is waited for a second. On the thread that reads.
  void Close();

  [[nodiscard]] const MediaInputConfig& config() const { return config_; }
  [[nodiscard]] const TickClock& tick_clock() const { return tick_clock_; }
  [[nodiscard]] const MediaInfo& info() const { return info_; }
  [[nodiscard]] AVFormatContext* context() const { return context_.get(); }
  [[nodiscard]] AVStream* stream(int index) const {
    return context_->streams[static_cast<unsigned>(index)];
  }

  /// NO_VIDEO, unless stream `index` is a video.
  [[nodiscard]] Status CheckVideo(int index) const;

  /// From now on only packets of these streams come; the others are skipped by the demuxer.
  void Select(const std::vector<int>& streams);

  enum class Result { kPacket, kEnd, kCancelled };

  /// The next packet of any selected stream. A device without a signal is waited for. Errors of one
  /// packet are passed over and counted; what ends the input is a failure.
  [[nodiscard]] Status Read(AVPacket* packet, Result* result);

  /// It can go to another time, and say where it has landed.
  [[nodiscard]] bool CanSeek(int stream) const;

  /// Goes to the last key frame that the container knows at or before `seconds` from the stream's
  /// start; many containers guess. False: it has stayed where it was.
  [[nodiscard]] bool SeekTo(int stream, double seconds);

  /// Packets that could not be read so far.
  [[nodiscard]] std::int64_t read_errors() const { return read_errors_; }

  /// From any thread: calls that wait return soon, for good.
  void Cancel() { cancelled_.store(true); }
  [[nodiscard]] bool cancelled() const { return cancelled_.load(); }

  /// From any thread: a call that still waits at `deadline` fails then (AVERROR_EXIT). Moves with
  /// every call.
  void SetDeadline(Clock::time_point deadline) {
    deadline_.store(deadline.time_since_epoch().count());
  }
  [[nodiscard]] bool expired() const {
    return tick_clock_.Now().time_since_epoch().count() > deadline_.load();
  }

  /// A failure of stage "reader".
  [[nodiscard]] static Status Fail(std::string code, std::string message, int averror);

 private:
  [[nodiscard]] Status OpenInTime(Status (MediaInput::*open)());
  [[nodiscard]] Status OpenAndDescribe();
  [[nodiscard]] Status OpenAgain();
  [[nodiscard]] Status OpenContainer(const OptionList& more);
  [[nodiscard]] Status ReadStreams();
  [[nodiscard]] bool HasUnknownStream() const;
  [[nodiscard]] Status CheckContainer() const;
  [[nodiscard]] Status CheckSizes() const;
  [[nodiscard]] Status CheckAnySize() const;
  [[nodiscard]] Status NotMedia(int error) const;
  [[nodiscard]] std::string RefusedFormat() const;
  [[nodiscard]] bool late() const {
    return tick_clock_.Now().time_since_epoch().count() > open_by_.load();
  }
  static int IsOver(void* opaque) noexcept;
  static int OpenNested(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                        AVDictionary** options) noexcept;

  const MediaInputConfig config_;
  const TickClock& tick_clock_;
  std::atomic<bool> cancelled_{false};
  std::atomic<Clock::rep> deadline_{Clock::time_point::max().time_since_epoch().count()};
  std::atomic<Clock::rep> open_by_{Clock::time_point::max().time_since_epoch().count()};
  decltype(AVFormatContext::io_open) open_nested_ = nullptr;  ///< libavformat's own
  OptionList probe_;                                          ///< that the streams were found with
  int opened_ = 0;                                            ///< files that a playlist named
  bool opening_ = false;
  bool persistent_later_ = false;      ///< connections are kept from when it is open
  std::unique_ptr<WaitingFile> file_;  ///< what `context_` reads, when it is a pipe
  InputPtr context_;
  MediaInfo info_;
  std::int64_t read_errors_ = 0;
  int errors_in_a_row_ = 0;
};

}  // namespace streamgear
