#include "http_auth.h"

extern "C" {
#include <libavutil/base64.h>
#include <libavutil/hash.h>
#include <libavutil/random_seed.h>
}

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace streamgear {
namespace {

struct HashDeleter {
  void operator()(AVHashContext* context) const { av_hash_freep(&context); }
};

/// Lower-case hexadecimal; "" when libavutil lacks the hash. `name` is libavutil's.
std::string Hash(const char* name, const std::string& text) {
  AVHashContext* raw = nullptr;
  if (av_hash_alloc(&raw, name) < 0) return "";
  const std::unique_ptr<AVHashContext, HashDeleter> hash(raw);
  av_hash_init(raw);
  av_hash_update(raw, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  std::array<std::uint8_t, 2 * AV_HASH_MAX_SIZE + 1> hex{};
  av_hash_final_hex(raw, hex.data(), static_cast<int>(hex.size()));
  return reinterpret_cast<const char*>(hex.data());
}

/// libavutil's name of a Digest algorithm; null for one that is not supported.
const char* HashNameOf(std::string_view algorithm) {
  if (algorithm.empty() || algorithm == "MD5") return "MD5";
  return algorithm == "SHA-256" ? "SHA256" : nullptr;
}

/// `Digest realm="a, b", qop="auth"` without its first word, as pairs.
std::map<std::string, std::string> ParseParameters(std::string_view text) {
  std::map<std::string, std::string> parameters;
  std::size_t i = 0;
  while (i < text.size()) {
    i = text.find_first_not_of(" ,\t", i);
    if (i == std::string_view::npos) break;
    const std::size_t equals = text.find('=', i);
    if (equals == std::string_view::npos) break;
    const std::string key(text.substr(i, equals - i));
    std::string value;
    i = equals + 1;
    if (i < text.size() && text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      ++i;
    } else {
      const std::size_t end = std::min(text.find(',', i), text.size());
      value = text.substr(i, end - i);
      i = end;
    }
    parameters[key] = value;
  }
  return parameters;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string BasicAuthorization(const std::string& user, const std::string& password) {
  const std::string pair = user + ":" + password;
  std::vector<char> text(AV_BASE64_SIZE(pair.size()));
  av_base64_encode(text.data(), static_cast<int>(text.size()),
                   reinterpret_cast<const std::uint8_t*>(pair.data()),
                   static_cast<int>(pair.size()));
  return std::string("Basic ") + text.data();
}

bool HttpAuth::Challenge(const HttpHeaders& headers) {
  constexpr std::string_view kScheme = "Digest ";
  if (!has_user_) return false;
  for (const auto& [name, value] : headers) {
    if (!StartsWithWord(name, "WWW-Authenticate") || !StartsWithWord(value, kScheme)) continue;
    auto parameters = ParseParameters(std::string_view(value).substr(kScheme.size()));
    const std::string& qop = parameters["qop"];
    const bool knows_qop = qop.empty() || qop.find("auth") != std::string::npos;
    if (HashNameOf(parameters["algorithm"]) == nullptr || !knows_qop) continue;
    // The same nonce again means that the password is wrong.
    if (parameters["nonce"].empty() || parameters["nonce"] == nonce_) return false;
    realm_ = parameters["realm"];
    nonce_ = parameters["nonce"];
    opaque_ = parameters["opaque"];
    algorithm_ = parameters["algorithm"];
    has_qop_ = !qop.empty();
    count_ = 0;
    return true;
  }
  return false;
}

std::string HttpAuth::Authorization(const std::string& method, const std::string& target) {
  if (!has_user_) return "";
  return nonce_.empty() ? BasicAuthorization(user_, password_) : Digest(method, target);
}

std::string HttpAuth::Digest(const std::string& method, const std::string& target) {
  const char* hash = HashNameOf(algorithm_);
  std::array<char, 9> count{};
  std::array<char, 17> own_nonce{};
  std::snprintf(count.data(), count.size(), "%08x", ++count_);
  std::snprintf(own_nonce.data(), own_nonce.size(), "%08x%08x", av_get_random_seed(),
                av_get_random_seed());
  const std::string tail =
      has_qop_ ? std::string(":") + count.data() + ":" + own_nonce.data() + ":auth" : std::string();
  const std::string secret = Hash(hash, user_ + ":" + realm_ + ":" + password_);
  const std::string response =
      Hash(hash, secret + ":" + nonce_ + tail + ":" + Hash(hash, method + ":" + target));
  std::string header = "Digest username=" + Quoted(user_) + ", realm=" + Quoted(realm_) +
                       ", nonce=" + Quoted(nonce_) + ", uri=" + Quoted(target) +
                       ", response=" + Quoted(response);
  if (!algorithm_.empty()) header += ", algorithm=" + algorithm_;
  if (!opaque_.empty()) header += ", opaque=" + Quoted(opaque_);
  if (has_qop_) {
    header +=
        std::string(", qop=auth, nc=") + count.data() + ", cnonce=" + Quoted(own_nonce.data());
  }
  return header;
}

}  // namespace streamgear
