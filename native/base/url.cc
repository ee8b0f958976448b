#include "base/url.h"

#include <algorithm>

#include "output/curl.h"

namespace streamgear {
namespace {

/// Where the path, the query or the fragment begins; 0 in a URL without scheme and host.
std::size_t EndOfAuthority(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return 0;
  return std::min(url.find_first_of("/?#", scheme + 3), url.size());
}

/// Names of ours may hold any byte.
std::string Escape(std::string_view url) {
  constexpr std::string_view kUnsafe = "\"<>\\^`{|}";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::size_t begin = EndOfAuthority(url);
  std::string escaped(url.substr(0, begin));
  for (const char c : url.substr(begin)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && kUnsafe.find(c) == std::string_view::npos) {
      escaped += c;
    } else {
      escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return escaped;
}

/// Replaces what `url` holds; a partial URL is seen from there.
bool Set(CURLU* url, std::string_view text) {
  const std::string escaped = Escape(text);
  return curl_url_set(url, CURLUPART_URL, escaped.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK;
}

/// False when it lacks the part; `text` stays as it is.
bool Get(CURLU* url, CURLUPart part, unsigned flags, std::string* text) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, flags) != CURLUE_OK) return false;
  *text = CurlTextPtr(raw).get();
  return true;
}

/// Takes what `url` holds apart.
std::optional<HttpUrl> PartsOf(CURLU* url) {
  HttpUrl parts;
  if (!Get(url, CURLUPART_SCHEME, 0, &parts.scheme)) return std::nullopt;
  if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
  if (!Get(url, CURLUPART_HOST, 0, &parts.host)) return std::nullopt;
  if (!Get(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, &parts.port)) return std::nullopt;
  parts.has_user = Get(url, CURLUPART_USER, CURLU_URLDECODE, &parts.user);
  static_cast<void>(Get(url, CURLUPART_PASSWORD, CURLU_URLDECODE, &parts.password));
  for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    curl_url_set(url, secret, nullptr, 0);
  }
  if (!Get(url, CURLUPART_URL, 0, &parts.text)) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<HttpUrl> ParseHttpUrl(std::string_view text) {
  const CurlUrlPtr url(curl_url());
  return Set(url.get(), text) ? PartsOf(url.get()) : std::nullopt;
}

std::optional<HttpUrl> ResolveLocation(const HttpUrl& base, std::string_view location) {
  const CurlUrlPtr url(curl_url());
  if (!Set(url.get(), base.text) || !Set(url.get(), location)) return std::nullopt;
  std::optional<HttpUrl> parts = PartsOf(url.get());
  if (!parts.has_value()) return std::nullopt;
  parts->has_user = base.has_user;
  parts->user = base.user;
  parts->password = base.password;
  return parts;
}

std::string TextWithHost(const HttpUrl& url, const std::string& host) {
  const CurlUrlPtr other(curl_url());
  std::string text = url.text;
  if (!Set(other.get(), text)) return text;
  curl_url_set(other.get(), CURLUPART_HOST, host.c_str(), 0);
  static_cast<void>(Get(other.get(), CURLUPART_URL, 0, &text));
  return text;
}

bool IsHttpUrl(std::string_view url) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"http://", "https://"},
                             [url](std::string_view start) {
                               return url.size() >= start.size() &&
                                      curl_strnequal(url.data(), start.data(), start.size()) != 0;
                             });
}

std::string DecodeUri(const std::string& text) {
  int length = 0;
  const CurlTextPtr decoded(
      curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length));
  if (decoded == nullptr) return text;
  return {decoded.get(), static_cast<std::size_t>(length)};
}

std::string PublicUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("?#", begin), url.size());
  const std::size_t slash = std::min(url.find('/', begin), end);
  const std::size_t at = url.rfind('@', slash);
  const bool has_user = at != std::string::npos && at >= begin && at < slash;
  const std::size_t host = has_user ? at + 1 : begin;
  return url.substr(0, begin) + url.substr(host, end - host);
}

}  // namespace streamgear
