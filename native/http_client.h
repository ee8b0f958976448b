// http_client: requests with their whole body in memory, over one connection that is used again,
// with the server's answer read. HTTP/1.1 over libavformat's tcp and tls protocols.
//
// libavformat's own http protocol cannot do this through its public interface: it makes a
// connection per request and tells a status only as one of six error codes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "config.h"
#include "http_auth.h"
#include "http_message.h"
#include "net_stream.h"

namespace streamgear {

struct HttpOptions {
  HttpHeaders headers;           ///< of each request
  std::string proxy;             ///< for http, "http://host:port"; "" = $http_proxy
  bool persistent = true;        ///< one connection for many requests
  bool expect_continue = false;  ///< ask before the body is sent
  std::chrono::microseconds timeout{std::chrono::seconds(30)};  ///< without progress; 0 = none
  OptionList connection;  ///< of libavformat's tcp and tls protocols
};

struct HttpRequest {
  std::string method;
  HttpUrl url;
  std::string content_type;  ///< "" = none
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

/// What a server said, or why it did not.
struct HttpAnswer {
  int status = 0;      ///< 0: no answer came
  int error = 0;       ///< libav's code, when no answer came
  std::string reason;  ///< for a person: "403 Forbidden", "Connection refused"
};

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);

  /// Sends a request and waits for the answer. Follows redirects on the same host, and answers a
  /// server that asks for Digest authorization.
  [[nodiscard]] HttpAnswer Send(const HttpRequest& request);

  /// From any thread: a Send that waits, and every later one, ends with AVERROR_EXIT.
  void Abort() { stream_.Abort(); }
  [[nodiscard]] bool aborted() const { return stream_.aborted(); }

 private:
  /// An answer, or an error of libav.
  struct Exchanged {
    int error = 0;
    HttpHead head{};
  };

  [[nodiscard]] Exchanged Exchange(const HttpRequest& request);
  [[nodiscard]] Exchanged ExchangeOnce(const HttpRequest& request);
  [[nodiscard]] int Connect(const HttpUrl& url);
  [[nodiscard]] std::string HeadOf(const HttpRequest& request, bool expect);
  [[nodiscard]] std::optional<HttpUrl> ProxyFor(const HttpUrl& url) const;
  [[nodiscard]] int WriteRequest(const HttpRequest& request, HttpHead* head);
  [[nodiscard]] int ReadHead(HttpHead* head);
  [[nodiscard]] bool SkipBody(const HttpHead& head);
  [[nodiscard]] bool SkipChunks();
  [[nodiscard]] bool ReadLine(std::string* line);
  [[nodiscard]] int ReadMore();

  const HttpOptions options_;
  NetStream stream_;
  HttpUrl server_;        ///< where the connection leads
  std::string received_;  ///< bytes that were read too far
  std::string lookup_error_;
  HttpAuth auth_;
  std::string auth_host_;  ///< credentials go to this host only
};

/// Whether a host is in a list such as "localhost,.example.com" ($no_proxy).
[[nodiscard]] bool MatchesNoProxy(const std::string& host, const std::string& list);

}  // namespace streamgear
