#include "output/url_sink.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/av.h"
#include "base/url.h"

namespace streamgear {
namespace {

/// A slow connection makes progress: the wait begins anew with each of these.
constexpr std::size_t kChunk = 64 * 1024;

struct IoCloser {
  void operator()(AVIOContext* io) const { avio_close(io); }
};

}  // namespace

UrlSink::UrlSink(std::string base, OptionList options, std::chrono::milliseconds timeout)
    : base_(std::move(base)), options_(std::move(options)), timeout_(timeout) {}

std::string UrlSink::PathOf(const std::string& name) const { return PublicUrl(base_ + name); }

bool UrlSink::expired() const {
  return std::chrono::steady_clock::now() - waiting_since_ > timeout_;
}

/// libav asks this at least ten times a second while it waits, on the waiting thread.
int UrlSink::IsOver(void* opaque) noexcept {
  const auto* sink = static_cast<const UrlSink*>(opaque);
  return sink->aborted() || sink->expired() ? 1 : 0;
}

/// 0 or libav's code. Options that nobody takes are no error.
int UrlSink::Write(const std::string& url, const std::uint8_t* data, std::size_t size) {
  if (aborted()) return AVERROR_EXIT;
  StartWaiting();
  Dict dict(options_);
  const AVIOInterruptCB interrupt{IsOver, this};
  AVIOContext* raw = nullptr;
  const int opened = avio_open2(&raw, url.c_str(), AVIO_FLAG_WRITE, &interrupt, &dict.raw);
  if (opened < 0) return opened;
  std::unique_ptr<AVIOContext, IoCloser> io(raw);
  while (size > 0) {
    const std::size_t chunk = std::min(size, kChunk);
    StartWaiting();
    avio_write(io.get(), data, static_cast<int>(chunk));
    avio_flush(io.get());
    if (io->error < 0) return io->error;
    data += chunk;
    size -= chunk;
  }
  StartWaiting();
  return avio_close(io.release());
}

Status UrlSink::Put(const std::string& name, const std::uint8_t* data, std::size_t size) {
  int error = Write(base_ + name, data, size);
  if (error >= 0) return Status::Ok();
  if (!aborted() && expired()) error = AVERROR(ETIMEDOUT);
  return Status(WriteFailure(PathOf(name), error, AvErrorText(error)));
}

}  // namespace streamgear
