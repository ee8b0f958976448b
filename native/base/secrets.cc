#include "base/secrets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace streamgear {
namespace {

constexpr std::string_view kMask = "***";
/// Ends a URL in a sentence; libav quotes those with spaces.
constexpr std::string_view kUrlEnd = " \t\r\n\"'<>`|\\";
constexpr std::string_view kValueEnd = " \t\r\n\"'<>`|\\&;,";
constexpr std::string_view kLineEnd = "\r\n\"\\";

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// In lower case, with "_" for "-" and without those in front: "-X-Api-Key" is "x_api_key".
std::string Plain(std::string_view key) {
  std::string plain(key);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return plain.substr(std::min(plain.find_first_not_of('_'), plain.size()));
}

bool IsSecretKey(std::string_view key) {
  constexpr std::array<std::string_view, 11> kParts = {
      "passphrase", "password", "passwd", "secret",    "token",  "authorization",
      "credential", "cookie",   "apikey", "signature", "api_key"};
  constexpr std::array<std::string_view, 4> kWhole = {"sig", "auth", "key", "headers"};
  const std::string plain = Plain(key);
  return std::ranges::find(kWhole, plain) != kWhole.end() || plain.ends_with("_key") ||
         std::ranges::any_of(kParts, [&plain](std::string_view part) {
           return plain.find(part) != std::string::npos;
         });
}

/// A header whose value is a secret as a whole. "token: invalid" in a sentence is none.
bool IsSecretHeader(std::string_view key) {
  const std::string plain = Plain(key);
  const bool is_own = plain.starts_with("x_") || plain.find("api") != std::string::npos;
  return plain.ends_with("authorization") || plain.ends_with("cookie") ||
         plain.ends_with("cookies") || (is_own && IsSecretKey(key));
}

/// "a=1&b" as "a=***&***".
std::string MaskedQuery(std::string_view query) {
  std::string masked;
  while (true) {
    const std::size_t end = std::min(query.find_first_of("&;?#"), query.size());
    const std::string_view part = query.substr(0, end);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) masked += part.substr(0, equals + 1);
    if (!part.empty()) masked += kMask;
    if (end == query.size()) return masked;
    masked += query[end];
    query.remove_prefix(end + 1);
  }
}

std::string WithoutUsers(const std::string& text) {
  constexpr std::string_view kSeparator = "://";
  std::string result;
  std::size_t done = 0;
  std::size_t at = 0;
  while ((at = text.find(kSeparator, at)) != std::string::npos) {
    const bool has_scheme = at > 0 && IsWord(text[at - 1]);
    at += kSeparator.size();
    if (!has_scheme) continue;
    result.append(text, done, at - done);
    // Up to the last "@": a password may hold one, as libavformat has it.
    const std::size_t end = std::min(text.find_first_of("/?#\n", at), text.size());
    const std::string_view authority = std::string_view(text).substr(at, end - at);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos)
      at += user + 1;
    done = at;
  }
  return result.append(text, done);
}

/// Of every URL, what its query and fragment say.
std::string WithoutQueries(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kUrlEnd), text.size());
    std::string_view word = text.substr(0, end);
    // What ends a sentence or a part of it.
    const std::size_t last = word.find_last_not_of(":.,)");
    const std::string_view rest = last == std::string_view::npos ? word : word.substr(last + 1);
    word.remove_suffix(rest.size());
    const std::size_t scheme = word.find("://");
    const std::size_t query =
        scheme == std::string_view::npos ? scheme : word.find_first_of("?#", scheme);
    const std::size_t kept = query == std::string_view::npos ? word.size() : query + 1;
    result.append(word.substr(0, kept)).append(MaskedQuery(word.substr(kept))).append(rest);
    if (end < text.size()) result += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

/// What comes between a key and its value: "=" or ": "; 0 = the word is no key with a secret.
std::size_t SecretAfter(std::string_view text, std::size_t begin, std::size_t end) {
  if (end >= text.size()) return 0;
  const std::string_view key = text.substr(begin, end - begin);
  if (text[end] == '=' && IsSecretKey(key)) return 1;
  if (text[end] == ':' && IsSecretHeader(key)) {
    return std::min(text.find_first_not_of(' ', end + 1), text.size()) - end;
  }
  const std::string plain = Plain(key);
  return text[end] == ' ' && (plain == "bearer" || plain == "basic") ? 1 : 0;
}

std::size_t EndOfValue(std::string_view text, std::size_t value, bool is_header) {
  const std::string_view ends = is_header ? kLineEnd : kValueEnd;
  return std::min(text.find_first_of(ends, value), text.size());
}

}  // namespace

std::string WithoutSecrets(const std::string& given) {
  const std::string text = WithoutQueries(WithoutUsers(given));
  std::string result;
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!IsWord(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && IsWord(text[end])) ++end;
    const std::size_t gap = SecretAfter(text, i, end);
    i = end;
    if (gap == 0) continue;
    std::size_t value = end + gap;
    const bool is_quoted = value < text.size() && (text[value] == '"' || text[value] == '\'');
    if (is_quoted) ++value;
    const std::size_t value_end = is_quoted
                                      ? std::min(text.find(text[value - 1], value), text.size())
                                      : EndOfValue(text, value, text[end] == ':');
    if (value_end == value) continue;
    result.append(text, done, value - done).append(kMask);
    done = i = value_end;
  }
  return result.append(text, done);
}

}  // namespace streamgear
