// http_answer: what a server says to a request, line by line as it comes. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace streamgear {

/// Without the space and line ends around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

class HttpAnswer {
 public:
  /// A line of the head with its end; an empty one ends the head. A further head (after 100, or
  /// after a request that was repeated) begins anew.
  void AddHeader(std::string_view line);

  /// False when the body is longer than anybody wants to read.
  [[nodiscard]] bool AddBody(std::string_view data);

  /// Its head is there as a whole, and it is the last word.
  [[nodiscard]] bool is_final() const { return has_head_ && status_ >= 200; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool has_begun() const { return status_ != 0; }
  [[nodiscard]] bool is_redirect() const;
  [[nodiscard]] const std::string& location() const { return location_; }

  /// "403 Forbidden", and of what refuses the beginning of the body: "403 Forbidden: over quota".
  /// A body that holds one of the secrets, or repeats an authorization, is left out.
  [[nodiscard]] std::string Text(const std::vector<std::string>& secrets) const;

 private:
  [[nodiscard]] std::string BodyText() const;

  int status_ = 0;
  bool has_head_ = false;
  std::string status_text_;
  std::string location_;
  std::string body_;  ///< its beginning
  std::size_t body_size_ = 0;
};

}  // namespace streamgear
