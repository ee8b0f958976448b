#include "output/http_sink.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/av.h"
#include "base/url.h"
#include "manifest/manifest_text.h"

namespace streamgear {
namespace {

constexpr auto kRetryDelay = std::chrono::milliseconds(500);
/// The stream waits for the answer to DELETE, which it could do without.
constexpr std::chrono::milliseconds kDeletePatience{5000};

/// So that a server can serve the files as what they are.
std::string ContentTypeOf(std::string_view name) {
  if (name.ends_with(".mpd")) return "application/dash+xml";
  if (name.ends_with(".m3u8")) return "application/vnd.apple.mpegurl";
  if (name.ends_with(".ts")) return "video/mp2t";
  if (name.ends_with(".m4s")) return "video/iso.segment";
  return name.ends_with(".mp4") ? "video/mp4" : "application/octet-stream";
}

bool Succeeded(const HttpResult& result) { return result.status / 100 == 2; }

/// Worth another try: the server is busy or restarts, or the connection broke.
bool Passes(const HttpResult& result) {
  switch (result.status) {
    case 0:
      return result.error != AVERROR_EXIT && result.error != AVERROR(ETIMEDOUT) &&
             result.error != AVERROR(EACCES);
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

int ErrorOf(const HttpResult& result) {
  switch (result.status) {
    case 0:
      return result.error;
    case 400:
      return AVERROR_HTTP_BAD_REQUEST;
    case 401:
      return AVERROR_HTTP_UNAUTHORIZED;
    case 403:
      return AVERROR_HTTP_FORBIDDEN;
    case 404:
      return AVERROR_HTTP_NOT_FOUND;
    default:
      if (result.status / 100 == 4) return AVERROR_HTTP_OTHER_4XX;
      return result.status / 100 == 5 ? AVERROR_HTTP_SERVER_ERROR : AVERROR_INVALIDDATA;
  }
}

std::string TextOf(const HttpResult& result) {
  if (result.status != 0) return "the server answered " + result.text;
  if (result.error != AVERROR(ETIMEDOUT)) return result.text;
  return "the server did not go on for too long (option timeout)";
}

}  // namespace

HttpSink::HttpSink(std::string base, std::string query, const OptionList& options, EventSink sink)
    : base_(std::move(base)),
      query_(std::move(query)),
      sink_(std::move(sink)),
      client_(ParseHttpOptions(options)) {}

std::string HttpSink::UrlOf(const std::string& name) const {
  return base_ + EscapeUri(name) + query_;
}

std::string HttpSink::PathOf(const std::string& name) const { return PublicUrl(UrlOf(name)); }

void HttpSink::Abort() {
  client_.Abort();
  { std::lock_guard lock(mutex_); }  // whoever is about to wait has seen it, or waits already
  aborted_.notify_all();
}

/// False when it was aborted meanwhile.
bool HttpSink::Wait() {
  std::unique_lock lock(mutex_);
  return !aborted_.wait_for(lock, kRetryDelay, [this] { return client_.aborted(); });
}

HttpResult HttpSink::Send(const HttpRequest& request, const std::string& name) {
  HttpResult first = client_.Send(request);
  if (Succeeded(first) || !client_.options().retries || !Passes(first) || !Wait()) return first;
  HttpResult second = client_.Send(request);
  if (Succeeded(second)) {
    sink_(WarningEvent{"WRITE_RETRIED", request.method + " " + PathOf(name) + ": " + TextOf(first) +
                                            "; the second try went well"});
  }
  return second;
}

Status HttpSink::Put(const std::string& name, const std::uint8_t* data, std::size_t size) {
  const std::optional<HttpUrl> url = ParseHttpUrl(UrlOf(name));
  if (!url.has_value()) return Status(WriteFailure(PathOf(name), AVERROR(EINVAL), "no HTTP URL"));
  const HttpOptions& options = client_.options();
  const HttpResult result = Send(
      {.method = options.method,
       .url = *url,
       .content_type = options.content_type.empty() ? ContentTypeOf(name) : options.content_type,
       .data = data,
       .size = size},
      name);
  if (Succeeded(result)) return Status::Ok();
  return Status(WriteFailure(PathOf(name), ErrorOf(result), TextOf(result)));
}

Status HttpSink::Remove(const std::string& name, bool* removed) {
  const std::optional<HttpUrl> url = ParseHttpUrl(UrlOf(name));
  if (!deletes_ || !url.has_value()) return Status::Ok();
  const std::chrono::milliseconds timeout = client_.options().timeout;
  const bool is_shorter = timeout.count() > 0 && timeout < kDeletePatience;
  const HttpResult result = Send(
      {.method = "DELETE", .url = *url, .timeout = is_shorter ? timeout : kDeletePatience}, name);
  *removed = Succeeded(result);
  if (*removed || result.status == 404 || result.status == 410) return Status::Ok();
  if (client_.aborted()) return Status::Ok();
  // A connection that broke may come back. Who refuses, or hangs, is not waited for a second time.
  deletes_ = result.status == 0 && result.error != AVERROR(ETIMEDOUT);
  if (!std::exchange(told_, true)) {
    const bool own = result.status == 0 && result.error == AVERROR(ETIMEDOUT) && !is_shorter;
    sink_(DeleteRefusal(PathOf(name), own ? "the server did not answer within " +
                                                std::to_string(kDeletePatience.count() / 1000) +
                                                " s"
                                          : TextOf(result)));
  }
  return Status::Ok();
}

}  // namespace streamgear
