// manifest_text: numbers, dates and escapes as manifests want them. No locale has a say: every
// digit is placed here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace streamgear {

/// `ticks / timescale` in seconds with `decimals` places (0 to 9), rounded half up: "4.004000".
[[nodiscard]] std::string SecondsText(std::int64_t ticks, std::int64_t timescale, int decimals);

/// `num / den` with three places: "23.976".
[[nodiscard]] std::string RateText(std::int64_t num, std::int64_t den);

/// An ISO 8601 duration to the microsecond, without trailing zeros: "PT4.004S". Negative is "PT0S".
[[nodiscard]] std::string IsoDuration(double seconds);

/// As IsoDuration, but never shorter than `seconds`; an error of a double's last bits does not
/// count.
[[nodiscard]] std::string IsoDurationUp(double seconds);

/// UTC with milliseconds: "2026-11-20T06:00:00.000Z".
[[nodiscard]] std::string DateTimeText(double unix_seconds);

/// Valid UTF-8 of characters that XML 1.0 knows (section 2.2), whatever bytes a source has as its
/// title: a mistake, a control character, U+FFFE and U+FFFF become U+FFFD.
[[nodiscard]] std::string WellFormedText(std::string_view text);

/// Well-formed, for the content of an XML element, or of an attribute in double quotes.
[[nodiscard]] std::string EscapeXml(std::string_view text);

/// A file name or relative path as a URI reference (RFC 3986): all but unreserved, "/" and harmless
/// delimiters is percent-encoded. A colon is too, or a first segment would read as a scheme.
[[nodiscard]] std::string EscapeUri(std::string_view path);

/// As EscapeUri, but "$…$" identifiers of a DASH template, such as "$Number%05d$", stay as they
/// are.
[[nodiscard]] std::string EscapeUriTemplate(std::string_view path_template);

}  // namespace streamgear
