// language: language tags as sources have them, manifests want them (BCP 47) and containers write
// them (ISO 639-2). Pure.
#pragma once

#include <string>
#include <string_view>

namespace streamgear {

/// BCP 47 with the shortest code of the language, as RFC 5646 section 4.5 wants it: "eng" and "en"
/// are "en", "ger" and "deu" are "de", "eng_US" is "en-US". "" and "und" are "", undetermined. A
/// code that is unknown stays as it is. What is not well-formed (section 2.2.9) is "", or the
/// language alone where that is known.
[[nodiscard]] std::string LanguageTag(std::string_view tag);

/// ISO 639-2/T, three letters, for mp4 and MPEG-TS: "en-US" is "eng". "und" when there is none.
[[nodiscard]] std::string LanguageCode(std::string_view tag);

}  // namespace streamgear
