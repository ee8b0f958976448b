#include "http_sink.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

namespace streamgear {
namespace {

constexpr auto kRetryDelay = std::chrono::milliseconds(500);

bool IsOn(const std::string& value) { return value != "0" && value != "false"; }

/// The protocol options of libavformat's http that mean something here; the others are for the
/// connection.
HttpOptions HttpOptionsOf(const OptionList& options) {
  HttpOptions http;
  http.connection = {{"tcp_nodelay", "1"}};
  for (const auto& [key, value] : options) {
    if (key == "headers") {
      for (auto& header : ParseHeaderLines(value)) http.headers.push_back(std::move(header));
    } else if (key == "user_agent") {
      http.headers.emplace_back("User-Agent", value);
    } else if (key == "referer") {
      http.headers.emplace_back("Referer", value);
    } else if (key == "content_type") {
      http.headers.emplace_back("Content-Type", value);
    } else if (key == "http_proxy") {
      http.proxy = value;
      http.connection.emplace_back(key, value);
    } else if (key == "multiple_requests") {
      http.persistent = IsOn(value);
    } else if (key == "send_expect_100") {
      http.expect_continue = IsOn(value);
    } else if (key == "timeout" || key == "rw_timeout") {
      std::int64_t micros = 0;
      std::from_chars(value.data(), value.data() + value.size(), micros);
      http.timeout = std::chrono::microseconds(std::max<std::int64_t>(0, micros));
    } else if (key != "method" && key != "reconnect") {
      http.connection.emplace_back(key, value);
    }
  }
  return http;
}

std::string Find(const OptionList& options, std::string_view name, std::string fallback) {
  for (const auto& [key, value] : options) {
    if (key == name) fallback = value;
  }
  return fallback;
}

/// So that a server can serve the files as what they are.
std::string ContentTypeOf(std::string_view name) {
  if (name.ends_with(".mpd")) return "application/dash+xml";
  if (name.ends_with(".m3u8")) return "application/vnd.apple.mpegurl";
  if (name.ends_with(".ts")) return "video/mp2t";
  if (name.ends_with(".m4s")) return "video/iso.segment";
  return name.ends_with(".mp4") ? "video/mp4" : "application/octet-stream";
}

bool Succeeded(const HttpAnswer& answer) { return answer.status / 100 == 2; }

/// Worth another try: the server is busy or restarts, or the connection broke.
bool Passes(const HttpAnswer& answer) {
  switch (answer.status) {
    case 0:
      return answer.error != AVERROR_EXIT && answer.error != AVERROR(ETIMEDOUT);
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

int ErrorOf(const HttpAnswer& answer) {
  switch (answer.status) {
    case 0:
      return answer.error;
    case 400:
      return AVERROR_HTTP_BAD_REQUEST;
    case 401:
      return AVERROR_HTTP_UNAUTHORIZED;
    case 403:
      return AVERROR_HTTP_FORBIDDEN;
    case 404:
      return AVERROR_HTTP_NOT_FOUND;
    default:
      if (answer.status / 100 == 4) return AVERROR_HTTP_OTHER_4XX;
      return answer.status / 100 == 5 ? AVERROR_HTTP_SERVER_ERROR : AVERROR_INVALIDDATA;
  }
}

std::string TextOf(const HttpAnswer& answer) {
  if (answer.status != 0) return "the server answered " + answer.reason;
  if (answer.error != AVERROR(ETIMEDOUT)) return answer.reason;
  return "the server did not go on for too long (option timeout)";
}

}  // namespace

HttpSink::HttpSink(std::string base, std::string query, const OptionList& options, EventSink sink)
    : base_(std::move(base)),
      query_(std::move(query)),
      sink_(std::move(sink)),
      method_(Find(options, "method", "PUT")),
      retries_(IsOn(Find(options, "reconnect", "1"))),
      client_(HttpOptionsOf(options)) {}

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

HttpAnswer HttpSink::Send(const HttpRequest& request, const std::string& name) {
  HttpAnswer first = client_.Send(request);
  if (Succeeded(first) || !retries_ || !Passes(first) || !Wait()) return first;
  HttpAnswer second = client_.Send(request);
  if (Succeeded(second)) {
    sink_(WarningEvent{"WRITE_RETRIED", request.method + " " + PathOf(name) + ": " + TextOf(first) +
                                            "; the second try went well"});
  }
  return second;
}

Status HttpSink::Put(const std::string& name, const std::uint8_t* data, std::size_t size) {
  const std::optional<HttpUrl> url = ParseHttpUrl(UrlOf(name));
  if (!url.has_value()) return Status(WriteFailure(PathOf(name), AVERROR(EINVAL), "no HTTP URL"));
  const HttpAnswer answer = Send({.method = method_,
                                  .url = *url,
                                  .content_type = ContentTypeOf(name),
                                  .data = data,
                                  .size = size},
                                 name);
  if (Succeeded(answer)) return Status::Ok();
  return Status(WriteFailure(PathOf(name), ErrorOf(answer), TextOf(answer)));
}

Status HttpSink::Remove(const std::string& name) {
  const std::optional<HttpUrl> url = ParseHttpUrl(UrlOf(name));
  if (!deletes_ || !url.has_value()) return Status::Ok();
  const HttpAnswer answer = Send({.method = "DELETE", .url = *url}, name);
  if (Succeeded(answer) || answer.status == 404 || answer.status == 410) return Status::Ok();
  if (answer.status == 0) {
    return Status(Failure{.code = "DELETE_FAILED",
                          .message = "Could not delete " + PathOf(name) + ": " + TextOf(answer),
                          .stage = "packager",
                          .averror = ErrorOf(answer)});
  }
  deletes_ = false;
  sink_(WarningEvent{"DELETE_REFUSED", "Could not delete " + PathOf(name) + ": " + TextOf(answer) +
                                           ". Old segments stay on the server"});
  return Status::Ok();
}

}  // namespace streamgear
