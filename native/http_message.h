// http_message: URLs, requests and the heads of answers as HTTP/1.1 writes them (RFC 9112). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamgear {

/// The parts of an http or https URL.
struct HttpUrl {
  std::string scheme;    ///< "http" | "https"
  std::string user;      ///< decoded
  std::string password;  ///< decoded
  bool has_user = false;
  std::string host;  ///< without the brackets of IPv6
  int port = 80;
  std::string target;  ///< path and query, encoded, from "/" on

  /// "host" or "host:port", as the Host header has it.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] bool same_server(const HttpUrl& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

/// Empty when it is none, or has a port that is none.
[[nodiscard]] std::optional<HttpUrl> ParseHttpUrl(const std::string& url);

/// The URL that a Location header means, seen from `base`.
[[nodiscard]] std::optional<HttpUrl> ResolveLocation(const HttpUrl& base,
                                                     const std::string& location);

/// A URL for people: without user, password, query and fragment, where secrets are.
[[nodiscard]] std::string PublicUrl(const std::string& url);

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The value of a header, whatever its case; null when there is none.
[[nodiscard]] const std::string* FindHeader(const HttpHeaders& headers, std::string_view name);

/// "Name: value" lines, ended by CRLF, LF or the end.
[[nodiscard]] HttpHeaders ParseHeaderLines(std::string_view lines);

/// What comes before the body of an answer.
struct HttpHead {
  int minor_version = 1;  ///< of HTTP/1.x
  int status = 0;
  std::string reason;
  HttpHeaders headers;

  /// The connection ends behind this answer.
  [[nodiscard]] bool closes() const;
  /// Bytes of the body; -1: chunks, or everything until the connection ends.
  [[nodiscard]] std::int64_t body_size() const;
  [[nodiscard]] bool chunked() const;
};

/// Parses a head that ends with an empty line. Empty when it is no HTTP.
[[nodiscard]] std::optional<HttpHead> ParseHead(std::string_view text);

/// Begins with the text, whatever its case.
[[nodiscard]] bool StartsWithWord(std::string_view text, std::string_view word);

}  // namespace streamgear
