#include "http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "host_lookup.h"

namespace streamgear {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kLongestHead = 64 * 1024;
/// Bytes of an answer's body that are read for the sake of the connection.
constexpr std::int64_t kLongestBody = 1024 * 1024;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

HttpAnswer NoAnswer(int error, const std::string& reason) {
  return {.status = 0, .error = error, .reason = reason};
}

}  // namespace

bool MatchesNoProxy(const std::string& host, const std::string& list) {
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (entry == "*") return true;
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || !host.ends_with(entry)) continue;
    const std::size_t before = host.size() - entry.size();
    if (before == 0 || host[before - 1] == '.') return true;
  }
  return false;
}

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), stream_(options_.timeout) {}

std::optional<HttpUrl> HttpClient::ProxyFor(const HttpUrl& url) const {
  // libavformat's tls protocol tunnels through a proxy by itself.
  if (url.scheme == "https") return std::nullopt;
  const std::string proxy = options_.proxy.empty() ? Environment("http_proxy") : options_.proxy;
  if (proxy.empty() || MatchesNoProxy(url.host, Environment("no_proxy"))) return std::nullopt;
  return ParseHttpUrl(proxy.find("://") == std::string::npos ? "http://" + proxy : proxy);
}

int HttpClient::Connect(const HttpUrl& url) {
  const bool connected = stream_.is_open() && server_.same_server(url);
  if (connected) return 0;
  received_.clear();
  stream_.Close();
  const HttpUrl at = ProxyFor(url).value_or(url);
  const auto begin = std::chrono::steady_clock::now();
  lookup_error_ = LookUpHost(at.host, [&] {
    const bool late =
        options_.timeout.count() > 0 && std::chrono::steady_clock::now() - begin > options_.timeout;
    return stream_.aborted() || late;
  });
  if (!lookup_error_.empty()) return stream_.aborted() ? AVERROR_EXIT : AVERROR(EHOSTUNREACH);
  const bool literal = at.host.find(':') != std::string::npos;
  const std::string host = literal ? "[" + at.host + "]" : at.host;
  server_ = url;
  return stream_.OpenConnection(
      (at.scheme == "https" ? "tls://" : "tcp://") + host + ":" + std::to_string(at.port),
      options_.connection);
}

std::string HttpClient::HeadOf(const HttpRequest& request, bool expect) {
  const HttpUrl& url = request.url;
  const std::optional<HttpUrl> proxy = ProxyFor(url);
  HttpHeaders headers = {{"Host", url.authority()}};
  const auto add = [&](const char* name, const std::string& value) {
    // What the caller gives wins.
    if (!value.empty() && FindHeader(options_.headers, name) == nullptr) {
      headers.emplace_back(name, value);
    }
  };
  if (url.host == auth_host_) {
    add("Authorization", auth_.Authorization(request.method, url.target));
  }
  if (proxy.has_value() && proxy->has_user) {
    add("Proxy-Authorization", BasicAuthorization(proxy->user, proxy->password));
  }
  add("User-Agent", "streamgear");
  add("Content-Type", request.content_type);
  add("Connection", options_.persistent ? "keep-alive" : "close");
  if (expect) add("Expect", "100-continue");
  headers.insert(headers.end(), options_.headers.begin(), options_.headers.end());
  headers.emplace_back("Content-Length", std::to_string(request.size));
  const std::string target =
      proxy.has_value() ? url.scheme + "://" + url.authority() + url.target : url.target;
  std::string text = request.method + " " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

int HttpClient::ReadMore() {
  std::array<std::uint8_t, 4096> bytes;
  const int count = stream_.Read(bytes.data(), bytes.size());
  if (count > 0) {
    received_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
  }
  return count;
}

int HttpClient::ReadHead(HttpHead* head) {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (received_.size() > kLongestHead) return AVERROR_INVALIDDATA;
    const int count = ReadMore();
    if (count == 0) return received_.empty() ? AVERROR(ECONNRESET) : AVERROR_INVALIDDATA;
    if (count < 0) return count;
  }
  const std::optional<HttpHead> parsed = ParseHead(std::string_view(received_).substr(0, end + 2));
  received_.erase(0, end + 4);
  if (!parsed.has_value()) return AVERROR_INVALIDDATA;
  *head = *parsed;
  return 0;
}

bool HttpClient::ReadLine(std::string* line) {
  std::size_t end = std::string::npos;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (received_.size() > kLongestHead || ReadMore() <= 0) return false;
  }
  *line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return true;
}

bool HttpClient::SkipChunks() {
  std::int64_t total = 0;
  std::string line;
  while (ReadLine(&line)) {
    std::int64_t size = -1;
    std::from_chars(line.data(), line.data() + line.size(), size, 16);
    total += size;
    if (size < 0 || total > kLongestBody) return false;
    if (size == 0) break;
    while (static_cast<std::int64_t>(received_.size()) < size + 2) {
      if (ReadMore() <= 0) return false;
    }
    received_.erase(0, static_cast<std::size_t>(size) + 2);
  }
  // Behind the last chunk come trailers, up to an empty line.
  while (ReadLine(&line)) {
    if (line.empty() || line == "\r") return true;
  }
  return false;
}

/// False when the connection cannot be used any more.
bool HttpClient::SkipBody(const HttpHead& head) {
  if (head.chunked()) return SkipChunks();
  const std::int64_t size = head.body_size();
  if (size < 0 || size > kLongestBody) return false;
  while (static_cast<std::int64_t>(received_.size()) < size) {
    if (ReadMore() <= 0) return false;
  }
  received_.erase(0, static_cast<std::size_t>(size));
  return true;
}

/// With `expect_continue` the body is sent only when the server wants it; else `head` is its
/// answer.
int HttpClient::WriteRequest(const HttpRequest& request, HttpHead* head) {
  const bool expect = options_.expect_continue && request.size > 0;
  const std::string text = HeadOf(request, expect);
  int error = stream_.Write(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (error >= 0 && expect) error = ReadHead(head);
  if (error < 0 || head->status >= 200) return error;
  return stream_.Write(request.data, request.size);
}

HttpClient::Exchanged HttpClient::ExchangeOnce(const HttpRequest& request) {
  Exchanged result;
  if ((result.error = Connect(request.url)) < 0) return result;
  const int written = WriteRequest(request, &result.head);
  if (written == AVERROR(ETIMEDOUT) || written == AVERROR_EXIT) return {.error = written};
  const bool has_body = result.head.status < 200;
  // A server that refuses may stop reading: then its answer says more than the failed write.
  while (result.error >= 0 && result.head.status < 200) result.error = ReadHead(&result.head);
  if (result.error < 0) return {.error = written < 0 ? written : result.error};
  const bool reusable = options_.persistent && written >= 0 && has_body && !result.head.closes();
  if (!reusable || !SkipBody(result.head)) stream_.Close();
  return result;
}

HttpClient::Exchanged HttpClient::Exchange(const HttpRequest& request) {
  const bool reused = stream_.is_open() && server_.same_server(request.url);
  Exchanged result = ExchangeOnce(request);
  if (result.error >= 0) return result;
  const bool nothing_came = received_.empty();
  stream_.Close();
  // A server may close a connection that is idle at the very moment in which it is used again.
  const bool stale = reused && nothing_came && !stream_.aborted() &&
                     (result.error == AVERROR(ECONNRESET) || result.error == AVERROR(EPIPE) ||
                      result.error == AVERROR(EIO) || result.error == AVERROR_EOF);
  if (!stale) return result;
  result = ExchangeOnce(request);
  if (result.error < 0) stream_.Close();
  return result;
}

HttpAnswer HttpClient::Send(const HttpRequest& given) {
  HttpRequest request = given;
  if (request.url.has_user && auth_host_ != request.url.host) {
    auth_ = HttpAuth(request.url.user, request.url.password);
    auth_host_ = request.url.host;
  }
  bool challenged = false;
  for (int redirects = 0; redirects <= kMostRedirects;) {
    const Exchanged result = Exchange(request);
    if (result.error < 0) {
      return NoAnswer(result.error,
                      lookup_error_.empty() ? AvErrorText(result.error) : lookup_error_);
    }
    const HttpHead& head = result.head;
    const std::string said = std::to_string(head.status) + " " + head.reason;
    if (head.status == 401 && !challenged && request.url.host == auth_host_ &&
        auth_.Challenge(head.headers)) {
      challenged = true;
      continue;
    }
    const std::string* location = FindHeader(head.headers, "Location");
    if (!IsRedirect(head.status) || location == nullptr) {
      return {.status = head.status, .error = 0, .reason = said};
    }
    const std::optional<HttpUrl> next = ResolveLocation(request.url, *location);
    if (!next.has_value() || next->host != request.url.host) {
      return {.status = head.status,
              .error = 0,
              .reason = said + " to " + PublicUrl(*location) + ", another host"};
    }
    request.url = *next;
    ++redirects;
  }
  return {.status = 310, .error = 0, .reason = "too many redirects"};
}

}  // namespace streamgear
