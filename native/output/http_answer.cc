#include "output/http_answer.h"

#include <algorithm>
#include <charconv>

#include "output/curl.h"

namespace streamgear {
namespace {

/// Bytes of a body that are read for the sake of the connection.
constexpr std::size_t kLongestBody = 1024 * 1024;
constexpr std::size_t kKept = 4096;
constexpr std::size_t kShown = 200;

bool Contains(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

/// Does not end within a character of UTF-8.
std::string Shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  while (most > 0 && continues(text[most])) --most;
  text.resize(most);
  return text + " …";
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void HttpAnswer::AddHeader(std::string_view line) {
  constexpr std::string_view kStart = "HTTP/";
  constexpr std::string_view kLocation = "Location:";
  const std::string_view text = Trimmed(line);
  if (has_head_ || status_ == 0) {
    if (!text.starts_with(kStart)) return;  // a trailer
    *this = HttpAnswer();
    status_text_ = Trimmed(text.substr(std::min(text.find(' '), text.size())));
    std::from_chars(status_text_.data(), status_text_.data() + status_text_.size(), status_);
  } else if (text.empty()) {
    has_head_ = true;
  } else if (text.size() > kLocation.size() &&
             curl_strnequal(text.data(), kLocation.data(), kLocation.size()) != 0) {
    location_ = Trimmed(text.substr(kLocation.size()));
  }
}

bool HttpAnswer::AddBody(std::string_view data) {
  body_.append(data.substr(0, kKept - std::min(kKept, body_.size())));
  body_size_ += data.size();
  return body_size_ <= kLongestBody;
}

bool HttpAnswer::is_redirect() const {
  const bool moved = status_ == 301 || status_ == 302 || status_ == 307 || status_ == 308;
  return moved && !location_.empty();
}

/// In one line. Of HTML and XML, what is between the tags.
std::string HttpAnswer::BodyText() const {
  const std::string_view body = Trimmed(body_);
  const bool has_tags = body.starts_with('<');
  bool in_tag = false;
  std::string text;
  for (const char c : body) {
    const bool is_space = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    if (has_tags && c == '<') in_tag = true;
    if (!in_tag && !is_space) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
    if (c == '>') in_tag = false;
  }
  return Shortened(std::string(Trimmed(text)), kShown);
}

std::string HttpAnswer::Text(const std::vector<std::string>& secrets) const {
  if (status_ / 100 == 2 || is_redirect()) return status_text_;
  const bool tells = std::ranges::any_of(
      secrets, [this](const std::string& secret) { return Contains(body_, secret); });
  const std::string text =
      tells || Contains(body_, "Basic ") || Contains(body_, "uthorization:") ? "" : BodyText();
  return text.empty() ? status_text_ : status_text_ + ": " + text;
}

}  // namespace streamgear
