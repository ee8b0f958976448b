#include "http_message.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace streamgear {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualWords(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

bool Contains(std::string_view text, std::string_view word) {
  return !std::ranges::search(text, word, {}, Lower, Lower).empty();
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

template <typename Number>
bool ParseNumber(std::string_view text, Number* number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size() && ParseNumber(text.substr(i + 1, 2), &byte, 16)) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// Names of ours may hold any byte; what a request line cannot hold is escaped, and nothing else.
std::string EncodeTarget(std::string_view text) {
  constexpr std::string_view kUnsafe = "\"<>\\^`{|}";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && kUnsafe.find(c) == std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

/// "host:port" or "[::1]:port"; false when the port is none.
bool ParseAuthority(std::string_view text, HttpUrl* url) {
  std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.find(']');
  if (text.starts_with('[') && bracket != std::string_view::npos) {
    url->host = text.substr(1, bracket - 1);
    if (colon != std::string_view::npos && colon < bracket) colon = std::string_view::npos;
  } else {
    url->host = text.substr(0, colon);
  }
  url->port = url->scheme == "https" ? 443 : 80;
  if (colon == std::string_view::npos) return !url->host.empty();
  const std::string_view port = text.substr(colon + 1);
  return !url->host.empty() && (port.empty() || ParseNumber(port, &url->port)) && url->port > 0 &&
         url->port < 65536;
}

}  // namespace

std::string HttpUrl::authority() const {
  const bool literal = host.find(':') != std::string::npos;
  const std::string name = literal ? "[" + host + "]" : host;
  return port == (scheme == "https" ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

std::optional<HttpUrl> ParseHttpUrl(const std::string& text) {
  HttpUrl url;
  std::string_view rest = text;
  for (const std::string_view scheme : {"http", "https"}) {
    const std::string start = std::string(scheme) + "://";
    if (!StartsWithWord(rest, start)) continue;
    url.scheme = scheme;
    rest.remove_prefix(start.size());
    break;
  }
  if (url.scheme.empty()) return std::nullopt;
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  const std::string_view target = rest.substr(slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const std::size_t colon = user.find(':');
    url.has_user = true;
    url.user = Decode(user.substr(0, colon));
    if (colon != std::string_view::npos) url.password = Decode(user.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }
  if (!ParseAuthority(authority, &url)) return std::nullopt;
  url.target = (target.starts_with('/') ? "" : "/") + EncodeTarget(target);
  return url;
}

std::optional<HttpUrl> ResolveLocation(const HttpUrl& base, const std::string& location) {
  if (location.starts_with("//")) return ParseHttpUrl(base.scheme + ":" + location);
  if (location.find("://") != std::string::npos) return ParseHttpUrl(location);
  HttpUrl url = base;
  const std::string folder = base.target.substr(0, base.target.find('?'));
  url.target = EncodeTarget(
      location.starts_with('/') ? location : folder.substr(0, folder.rfind('/') + 1) + location);
  return url;
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

const std::string* FindHeader(const HttpHeaders& headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const auto& header) { return EqualWords(header.first, name); });
  return found == headers.end() ? nullptr : &found->second;
}

HttpHeaders ParseHeaderLines(std::string_view lines) {
  HttpHeaders headers;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
  return headers;
}

bool HttpHead::closes() const {
  const std::string* connection = FindHeader(headers, "Connection");
  if (connection == nullptr) return minor_version == 0;
  if (Contains(*connection, "close")) return true;
  return minor_version == 0 && !Contains(*connection, "keep-alive");
}

bool HttpHead::chunked() const {
  const std::string* encoding = FindHeader(headers, "Transfer-Encoding");
  return encoding != nullptr && Contains(*encoding, "chunked");
}

std::int64_t HttpHead::body_size() const {
  if (status / 100 == 1 || status == 204 || status == 304) return 0;
  if (chunked()) return -1;
  const std::string* length = FindHeader(headers, "Content-Length");
  std::int64_t size = -1;
  return length != nullptr && ParseNumber<std::int64_t>(*length, &size) && size >= 0 ? size : -1;
}

std::optional<HttpHead> ParseHead(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = Trim(text.substr(0, end));
  HttpHead head;
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return std::nullopt;
  if (!ParseNumber(line.substr(7, 1), &head.minor_version)) return std::nullopt;
  if (!ParseNumber(line.substr(9, 3), &head.status) || head.status < 100) return std::nullopt;
  head.reason = Trim(line.substr(12));
  head.headers = ParseHeaderLines(text.substr(std::min(end + 1, text.size())));
  return head;
}

bool StartsWithWord(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && EqualWords(text.substr(0, word.size()), word);
}

}  // namespace streamgear
