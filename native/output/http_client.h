// http_client: requests with their whole body in memory, over one connection that is used again,
// with the server's answer read. HTTP/1.1 by libcurl.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/url.h"
#include "output/curl.h"
#include "output/http_answer.h"
#include "output/http_options.h"

namespace streamgear {

struct HttpRequest {
  std::string method;
  HttpUrl url;
  std::string content_type;  ///< "" = the request has no body
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  std::optional<std::chrono::milliseconds> timeout;  ///< without progress; else that of the options
};

/// How a request ended.
struct HttpResult {
  int status = 0;    ///< 0: no answer came
  int error = 0;     ///< libav's code, when no answer came
  std::string text;  ///< for a person: "403 Forbidden: over quota", "Connection refused"
};

/// One thread sends; Abort() comes from any.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] const HttpOptions& options() const { return options_; }

  /// Sends a request and waits for the answer. Follows redirects on the same host, and answers a
  /// server that asks for Digest authorization.
  [[nodiscard]] HttpResult Send(const HttpRequest& request);

  /// A Send that waits, and every later one, ends at once with AVERROR_EXIT.
  void Abort();
  [[nodiscard]] bool aborted() const { return aborted_.load(std::memory_order_relaxed); }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  void SetText(CURLoption option, const std::string& text) {
    if (!text.empty()) Set(option, text.c_str());
  }
  void SetUp();
  void SetUpConnection();
  void Prepare(const HttpRequest& request);
  void PrepareHeaders(const HttpRequest& request);
  [[nodiscard]] CURLcode Exchange(const HttpRequest& request);
  [[nodiscard]] CURLcode Transfer(const HttpRequest& request);
  [[nodiscard]] CURLcode Wait(std::chrono::milliseconds timeout);
  [[nodiscard]] bool TakeChallenge(const HttpUrl& url);
  [[nodiscard]] HttpResult FailureOf(CURLcode code, const HttpUrl& url) const;
  [[nodiscard]] std::vector<std::string> SecretsOf(const HttpUrl& url) const;

  static std::size_t OnHeader(char* data, std::size_t /*one*/, std::size_t size,
                              void* client) noexcept;
  static std::size_t OnBody(char* data, std::size_t /*one*/, std::size_t size,
                            void* client) noexcept;
  static int OnSocket(void* client, curl_socket_t socket, curlsocktype /*purpose*/) noexcept;

  const HttpOptions options_;
  CurlLines headers_;
  CurlLines connect_to_;
  HttpAnswer answer_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  long authorization_ = CURLAUTH_BASIC;
  std::atomic<bool> aborted_{false};
  CurlEasyPtr easy_;
  CurlMultiPtr multi_;  ///< unlike a lone easy handle it can be woken
};

}  // namespace streamgear
