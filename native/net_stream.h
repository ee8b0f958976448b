// net_stream: bytes to and from a URL of libavformat, with an end to every wait: no progress for
// too long, or an abort.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "av.h"
#include "config.h"

namespace streamgear {

/// One thread uses it; Abort() comes from any. Errors are libav's codes: AVERROR(ETIMEDOUT) when
/// nothing moved for the whole timeout, AVERROR_EXIT after Abort().
class NetStream {
 public:
  /// `timeout` of zero: waits for ever.
  explicit NetStream(std::chrono::microseconds timeout) : timeout_(timeout) {}
  NetStream(const NetStream&) = delete;
  NetStream& operator=(const NetStream&) = delete;

  /// Opens an URL for writing, or as a connection for both. Options that nobody takes are no error.
  [[nodiscard]] int OpenForWriting(const std::string& url, const OptionList& options);
  [[nodiscard]] int OpenConnection(const std::string& url, const OptionList& options);
  [[nodiscard]] bool is_open() const { return io_ != nullptr; }

  [[nodiscard]] int Write(const std::uint8_t* data, std::size_t size);

  /// The number of bytes, at least 1; 0 at the end.
  [[nodiscard]] int Read(std::uint8_t* data, std::size_t size);

  /// What was written is at the other side, as far as the protocol tells. 0 when nothing is open.
  int Close();

  void Abort() { aborted_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool aborted() const { return aborted_.load(std::memory_order_relaxed); }

 private:
  struct Closer {
    void operator()(AVIOContext* io) const { avio_close(io); }
  };

  [[nodiscard]] int Open(const std::string& url, const OptionList& options, int flags);
  static int IsOver(void* opaque);
  void StartWaiting() { waiting_since_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] bool expired() const;
  [[nodiscard]] int Result(int error) const;

  const std::chrono::microseconds timeout_;
  std::chrono::steady_clock::time_point waiting_since_;
  std::atomic<bool> aborted_{false};
  std::unique_ptr<AVIOContext, Closer> io_;
};

}  // namespace streamgear
