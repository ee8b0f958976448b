// url_sink: files through a protocol of libavformat that stores them by name (ftp, sftp).
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "config.h"
#include "output/output_sink.h"

namespace streamgear {

/// One connection per file. No such protocol of libavformat can delete.
class UrlSink final : public OutputSink {
 public:
  /// `base` is the URL of the folder. `timeout` is for a wait without progress.
  UrlSink(std::string base, OptionList options,
          std::chrono::milliseconds timeout = std::chrono::seconds(30));

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override;
  Status Remove(const std::string& /*name*/, bool* /*removed*/) override { return Status::Ok(); }
  [[nodiscard]] std::string PathOf(const std::string& name) const override;
  void Abort() override { aborted_.store(true, std::memory_order_relaxed); }

 private:
  [[nodiscard]] int Write(const std::string& url, const std::uint8_t* data, std::size_t size);
  static int IsOver(void* opaque) noexcept;
  void StartWaiting() { waiting_since_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] bool aborted() const { return aborted_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool expired() const;

  const std::string base_;
  const OptionList options_;
  const std::chrono::milliseconds timeout_;
  std::chrono::steady_clock::time_point waiting_since_;
  std::atomic<bool> aborted_{false};
};

}  // namespace streamgear
