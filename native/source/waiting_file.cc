#include "source/waiting_file.h"

#include <cerrno>
#include <charconv>
#include <string_view>

#ifndef _WIN32
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace streamgear {

#ifdef _WIN32

bool WaitingFile::Knows(const std::string& /*url*/) { return false; }
int WaitingFile::Open(const std::string& /*url*/, const AVIOInterruptCB& /*interrupt*/,
                      std::unique_ptr<WaitingFile>* /*opened*/) {
  return AVERROR(ENOSYS);
}
WaitingFile::~WaitingFile() = default;

#else

namespace {

constexpr int kBufferSize = 64 * 1024;
/// How often a wait asks whether it is still wanted, milliseconds.
constexpr int kStep = 50;

/// The number of the file that "pipe:3" names, -1 = none. As libavformat has it: 0 by default.
int NumberOf(std::string_view url) {
  if (url == "-") return STDIN_FILENO;
  constexpr std::string_view kPipe = "pipe:";
  if (!url.starts_with(kPipe)) return -1;
  url.remove_prefix(kPipe.size());
  if (url.empty()) return STDIN_FILENO;
  int number = -1;
  const auto [end, error] = std::from_chars(url.data(), url.data() + url.size(), number);
  return error == std::errc() && end == url.data() + url.size() ? number : -1;
}

bool Waits(const struct stat& file) { return S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode); }

}  // namespace

bool WaitingFile::Knows(const std::string& url) {
  struct stat file {};
  if (const int number = NumberOf(url); number >= 0) {
    return fstat(number, &file) == 0 && (Waits(file) || S_ISCHR(file.st_mode));
  }
  return stat(url.c_str(), &file) == 0 && S_ISFIFO(file.st_mode);
}

int WaitingFile::Open(const std::string& url, const AVIOInterruptCB& interrupt,
                      std::unique_ptr<WaitingFile>* opened) {
  const int number = NumberOf(url);
  // Without O_NONBLOCK, open() itself waits for whoever writes.
  const int file = number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 0)
                               : open(url.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return AVERROR(errno);
  std::unique_ptr<WaitingFile> made(new WaitingFile(file, interrupt));
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferSize));
  if (buffer == nullptr) return AVERROR(ENOMEM);
  made->context_ =
      avio_alloc_context(buffer, kBufferSize, 0, made.get(), &WaitingFile::Read, nullptr, nullptr);
  if (made->context_ == nullptr) {
    av_free(buffer);
    return AVERROR(ENOMEM);
  }
  made->context_->seekable = 0;
  *opened = std::move(made);
  return 0;
}

WaitingFile::~WaitingFile() {
  if (context_ != nullptr) av_freep(&context_->buffer);
  avio_context_free(&context_);
  close(file_);
}

/// poll() first: the file may be shared with another process, whose reads must go on waiting, so it
/// is not made one that never waits.
int WaitingFile::Read(void* opaque, std::uint8_t* data, int size) noexcept {
  const auto* self = static_cast<const WaitingFile*>(opaque);
  for (;;) {
    if (self->interrupt_.callback(self->interrupt_.opaque) != 0) return AVERROR_EXIT;
    pollfd waiting{.fd = self->file_, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, kStep);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) return AVERROR(errno);
    const ssize_t count = read(self->file_, data, static_cast<std::size_t>(size));
    if (count > 0) return static_cast<int>(count);
    if (count == 0) return AVERROR_EOF;
    if (errno != EAGAIN && errno != EINTR) return AVERROR(errno);
  }
}

#endif

}  // namespace streamgear
