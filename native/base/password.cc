#include "base/password.h"

#include <cctype>
#include <cstddef>

namespace streamgear {

std::string WithoutPasswords(std::string text) {
  constexpr char kSeparator[] = "://";
  std::size_t at = 0;
  while ((at = text.find(kSeparator, at)) != std::string::npos) {
    const bool has_scheme = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
    at += sizeof(kSeparator) - 1;
    if (!has_scheme) continue;
    // Up to the last: a password may hold one, as libavformat has it.
    const std::string host = text.substr(at, text.find_first_of("/?#\n", at) - at);
    const std::size_t end = host.rfind('@');
    if (end != std::string::npos) text.erase(at, end + 1);
  }
  return text;
}

}  // namespace streamgear
