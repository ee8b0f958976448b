// url: the parts of an output's URL, and what of it people may see. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace streamgear {

/// An http or https URL, taken apart.
struct HttpUrl {
  std::string text;    ///< what is asked for: without user, password and fragment, escaped
  std::string scheme;  ///< "http" | "https"
  std::string host;    ///< an IPv6 address with its brackets
  std::string port;    ///< also where it is the scheme's own
  bool has_user = false;
  std::string user;      ///< decoded
  std::string password;  ///< decoded

  /// "host:port".
  [[nodiscard]] std::string authority() const { return host + ":" + port; }
};

/// Empty when it is none. What a request line cannot hold is escaped, and nothing else.
[[nodiscard]] std::optional<HttpUrl> ParseHttpUrl(std::string_view url);

/// The URL that a Location header means, seen from `base`, with the user of `base`.
[[nodiscard]] std::optional<HttpUrl> ResolveLocation(const HttpUrl& base,
                                                     std::string_view location);

/// The text of a URL with another host.
[[nodiscard]] std::string TextWithHost(const HttpUrl& url, const std::string& host);

/// Starts with "http://" or "https://", whatever the case.
[[nodiscard]] bool IsHttpUrl(std::string_view url);

/// "a%20b" as "a b".
[[nodiscard]] std::string DecodeUri(const std::string& text);

/// A URL for people: without user, password, query and fragment, where secrets are.
[[nodiscard]] std::string PublicUrl(const std::string& url);

}  // namespace streamgear
