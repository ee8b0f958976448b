// password: texts that are told to somebody, without what is secret in URLs. Pure.
#pragma once

#include <string>

namespace streamgear {

/// Leaves user and password out of every URL: "https://me:secret@host/a" is "https://host/a".
[[nodiscard]] std::string WithoutPasswords(std::string text);

}  // namespace streamgear
