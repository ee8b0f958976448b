#include "net_stream.h"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace streamgear {
namespace {

/// A slow connection makes progress: the wait begins anew with each of these.
constexpr std::size_t kChunk = 64 * 1024;

}  // namespace

bool NetStream::expired() const {
  return timeout_.count() > 0 && std::chrono::steady_clock::now() - waiting_since_ > timeout_;
}

/// libav asks this at least ten times a second while it waits, on the waiting thread.
int NetStream::IsOver(void* opaque) {
  const auto* stream = static_cast<const NetStream*>(opaque);
  return stream->aborted() || stream->expired() ? 1 : 0;
}

int NetStream::Result(int error) const {
  return error < 0 && !aborted() && expired() ? AVERROR(ETIMEDOUT) : error;
}

int NetStream::Open(const std::string& url, const OptionList& options, int flags) {
  const int closed = Close();
  if (closed < 0) return closed;
  if (aborted()) return AVERROR_EXIT;
  StartWaiting();
  Dict dict(options);
  const AVIOInterruptCB interrupt{IsOver, this};
  AVIOContext* raw = nullptr;
  const int error = avio_open2(&raw, url.c_str(), flags, &interrupt, &dict.raw);
  io_.reset(raw);
  return error < 0 ? Result(error) : 0;
}

int NetStream::OpenForWriting(const std::string& url, const OptionList& options) {
  return Open(url, options, AVIO_FLAG_WRITE);
}

int NetStream::OpenConnection(const std::string& url, const OptionList& options) {
  return Open(url, options, AVIO_FLAG_READ_WRITE | AVIO_FLAG_DIRECT);
}

int NetStream::Write(const std::uint8_t* data, std::size_t size) {
  while (size > 0) {
    const std::size_t chunk = std::min(size, kChunk);
    StartWaiting();
    avio_write(io_.get(), data, static_cast<int>(chunk));
    avio_flush(io_.get());
    if (io_->error < 0) return Result(io_->error);
    data += chunk;
    size -= chunk;
  }
  return 0;
}

int NetStream::Read(std::uint8_t* data, std::size_t size) {
  StartWaiting();
  const auto most = static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
  const int count = avio_read_partial(io_.get(), data, most);
  return count == AVERROR_EOF ? 0 : Result(count);
}

int NetStream::Close() {
  if (io_ == nullptr) return 0;
  StartWaiting();
  return Result(avio_close(io_.release()));
}

}  // namespace streamgear
