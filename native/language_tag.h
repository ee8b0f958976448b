// language_tag: from the language tags of containers to those of manifests. Pure.
#pragma once

#include <string>

namespace streamgear {

/// The BCP 47 tag (RFC 5646 §2.2.1: the shortest code) of what a container says: "eng" and "en" are
/// "en", "ger" and "deu" are "de", "gsw" has no shorter one, "en-GB" stays. "" when it says nothing
/// ("und") or nonsense.
[[nodiscard]] std::string LanguageTag(const std::string& tag);

}  // namespace streamgear
