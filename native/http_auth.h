// http_auth: the Authorization header. Basic (RFC 7617) is sent at once; Digest (RFC 7616) answers
// the challenge of a server that wants it.
#pragma once

#include <string>
#include <utility>

#include "http_message.h"

namespace streamgear {

/// "Basic …" for a user and a password.
[[nodiscard]] std::string BasicAuthorization(const std::string& user, const std::string& password);

class HttpAuth {
 public:
  HttpAuth() = default;
  HttpAuth(std::string user, std::string password)
      : has_user_(true), user_(std::move(user)), password_(std::move(password)) {}

  /// Takes the challenge of a 401. True: the request is worth another try.
  [[nodiscard]] bool Challenge(const HttpHeaders& headers);

  /// The value of the header for a request; "" without a user.
  [[nodiscard]] std::string Authorization(const std::string& method, const std::string& target);

 private:
  [[nodiscard]] std::string Digest(const std::string& method, const std::string& target);

  bool has_user_ = false;
  std::string user_;
  std::string password_;
  // Of the last Digest challenge; without one, `nonce_` is empty.
  std::string realm_;
  std::string nonce_;
  std::string opaque_;
  std::string algorithm_;
  bool has_qop_ = false;
  unsigned count_ = 0;  ///< requests with this nonce
};

}  // namespace streamgear
