#include "manifest/manifest_text.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace streamgear {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

std::string Padded(std::int64_t value, int digits) {
  std::string text = std::to_string(value);
  if (text.size() < static_cast<std::size_t>(digits)) {
    text.insert(0, static_cast<std::size_t>(digits) - text.size(), '0');
  }
  return text;
}

std::int64_t PowerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// `seconds` of the whole part and a fraction in units of 10^-decimals.
std::string FixedText(std::int64_t whole, std::int64_t fraction, int decimals) {
  std::string text = std::to_string(whole);
  if (decimals > 0) text.append(".").append(Padded(fraction, decimals));
  return text;
}

std::string MicrosText(std::int64_t micros) {
  micros = std::max<std::int64_t>(micros, 0);
  std::string text = FixedText(micros / kMicros, micros % kMicros, 6);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return "PT" + text + "S";
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes of the character of UTF-8 that `text` begins with. Negative: so many bytes are none (all
/// that a decoder takes for one mistake), or are one that XML does not know.
int CharacterSize(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : -1;
  const int size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return -1;
  std::uint32_t code = lead & (0xFFU >> (size + 1));
  for (int i = 1; i < size; ++i) {
    if (static_cast<std::size_t>(i) == text.size()) return -i;
    const char next = text[static_cast<std::size_t>(i)];
    if (!IsContinuation(next)) return -i;
    code = code << 6 | (static_cast<unsigned char>(next) & 0x3FU);
    // Written too long, beyond Unicode, or half of a pair: seen at the second byte.
    const std::uint32_t begin = code << (6 * (size - 1 - i));
    const std::uint32_t end = begin | ((1U << (6 * (size - 1 - i))) - 1);
    const bool is_too_long = end < (size == 4 ? 0x10000U : size == 3 ? 0x800U : 0x80U);
    if (is_too_long || begin > 0x10FFFF || (begin >= 0xD800 && end <= 0xDFFF)) return -i;
  }
  return code == 0xFFFE || code == 0xFFFF ? -size : size;
}

bool IsPlainInUri(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("-._~/!$&'()*+,;=@").find(c) != std::string_view::npos;
}

void AppendEscaped(std::string_view path, std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : path) {
    if (IsPlainInUri(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
}

}  // namespace

std::string SecondsText(std::int64_t ticks, std::int64_t timescale, int decimals) {
  const std::int64_t unit = PowerOfTen(decimals);
  std::int64_t whole = ticks / timescale;
  // The remainder alone is scaled: ticks * unit would overflow within hours at a nanosecond
  // timescale.
  std::int64_t fraction = static_cast<std::int64_t>(
      (static_cast<double>(ticks % timescale) * static_cast<double>(unit)) /
          static_cast<double>(timescale) +
      0.5);
  if (fraction >= unit) {
    ++whole;
    fraction -= unit;
  }
  return FixedText(whole, fraction, decimals);
}

std::string RateText(std::int64_t num, std::int64_t den) { return SecondsText(num, den, 3); }

std::string IsoDuration(double seconds) { return MicrosText(std::llround(seconds * kMicros)); }

std::string IsoDurationUp(double seconds) {
  constexpr double kNoise = 1e-3;  // of a microsecond
  return MicrosText(static_cast<std::int64_t>(std::ceil(seconds * kMicros - kNoise)));
}

std::string DateTimeText(double unix_seconds) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(std::llround(unix_seconds * 1000))};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return Padded(static_cast<int>(date.year()), 4) + "-" +
         Padded(static_cast<unsigned>(date.month()), 2) + "-" +
         Padded(static_cast<unsigned>(date.day()), 2) + "T" + Padded(clock.hours().count(), 2) +
         ":" + Padded(clock.minutes().count(), 2) + ":" + Padded(clock.seconds().count(), 2) + "." +
         Padded(clock.subseconds().count(), 3) + "Z";
}

std::string WellFormedText(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const int size = CharacterSize(text);
    const auto bytes = static_cast<std::size_t>(std::abs(size));
    result += size > 0 ? text.substr(0, bytes) : kReplacement;
    text.remove_prefix(bytes);
  }
  return result;
}

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : WellFormedText(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\r':
        escaped += "&#13;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string EscapeUri(std::string_view path) {
  std::string text;
  AppendEscaped(path, text);
  return text;
}

std::string EscapeUriTemplate(std::string_view path_template) {
  std::string text;
  while (!path_template.empty()) {
    const std::size_t open = path_template.find('$');
    AppendEscaped(path_template.substr(0, open), text);
    if (open == std::string_view::npos) break;
    path_template.remove_prefix(open);
    const std::size_t close = path_template.find('$', 1);
    if (close == std::string_view::npos) {
      AppendEscaped(path_template, text);
      break;
    }
    text += path_template.substr(0, close + 1);
    path_template.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace streamgear
