// WaitingFile: a pipe, a named pipe or a socket of the file system as libavformat's input, whose
// every wait can be ended. libavformat's own protocols open and read them in the kernel, where
// nobody is asked and nothing wakes a thread.
#pragma once

#include <memory>
#include <string>

#include "base/av.h"

namespace streamgear {

class WaitingFile {
 public:
  /// `url` is one: the path of a named pipe, "-", "pipe:", "pipe:0", "/dev/stdin" of a pipe.
  [[nodiscard]] static bool Knows(const std::string& url);

  /// Never waits: whoever writes may come later. 0 or libav's code.
  [[nodiscard]] static int Open(const std::string& url, const AVIOInterruptCB& interrupt,
                                std::unique_ptr<WaitingFile>* opened);
  WaitingFile(const WaitingFile&) = delete;
  WaitingFile& operator=(const WaitingFile&) = delete;
  ~WaitingFile();

  /// For AVFormatContext::pb; stays ours.
  [[nodiscard]] AVIOContext* context() const { return context_; }

 private:
  WaitingFile(int file, const AVIOInterruptCB& interrupt) : file_(file), interrupt_(interrupt) {}
  static int Read(void* opaque, std::uint8_t* data, int size) noexcept;

  const int file_;
  const AVIOInterruptCB interrupt_;
  AVIOContext* context_ = nullptr;
};

}  // namespace streamgear
