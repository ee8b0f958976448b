#include "output/http_options.h"

extern "C" {
#include <libavutil/eval.h>
}

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "output/curl.h"
#include "output/http_answer.h"

namespace streamgear {
namespace {

/// As av_opt reads a number ("64k"); what is negative means "not set" in all of them.
double NumberOf(const std::string& value) {
  return std::max(0.0, av_strtod(value.c_str(), nullptr));
}

/// As av_opt reads a flag; "auto" is none of these.
bool IsOn(const std::string& value) {
  constexpr std::array<std::string_view, 6> kOn = {"true", "y", "yes", "on", "enable", "enabled"};
  return std::ranges::find(kOn, value) != kOn.end() || NumberOf(value) > 0;
}

/// Takes "Name: value" lines apart, ended by CRLF, LF or the end. libcurl would take a header
/// without a value as one to leave out, unless it is written "Name;".
std::vector<std::string> HeadersOf(std::string_view lines) {
  std::vector<std::string> headers;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name(Trimmed(line.substr(0, colon)));
    const std::string value(Trimmed(line.substr(colon + 1)));
    headers.push_back(value.empty() ? name + ";" : name + ": " + value);
  }
  return headers;
}

using Setter = std::function<void(HttpOptions*, const std::string&)>;

Setter Text(std::string HttpOptions::*member) {
  return [member](HttpOptions* options, const std::string& value) { options->*member = value; };
}

Setter Flag(bool HttpOptions::*member) {
  return
      [member](HttpOptions* options, const std::string& value) { options->*member = IsOn(value); };
}

Setter Number(int HttpOptions::*member) {
  return [member](HttpOptions* options, const std::string& value) {
    options->*member = static_cast<int>(NumberOf(value));
  };
}

void SetTimeout(HttpOptions* options, const std::string& micros) {
  const double milliseconds = NumberOf(micros) / 1000;
  // Less than a millisecond is still a timeout.
  const double least = milliseconds > 0 ? 1 : 0;
  options->timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(milliseconds, least, 1e12)));
}

const std::map<std::string, Setter, std::less<>>& Setters() {
  static const std::map<std::string, Setter, std::less<>> setters = {
      {"method", Text(&HttpOptions::method)},
      {"headers",
       [](HttpOptions* options, const std::string& value) { options->headers = HeadersOf(value); }},
      {"user_agent", Text(&HttpOptions::user_agent)},
      {"referer", Text(&HttpOptions::referer)},
      {"content_type", Text(&HttpOptions::content_type)},
      {"http_proxy", Text(&HttpOptions::proxy)},
      {"multiple_requests", Flag(&HttpOptions::persistent)},
      {"reconnect", Flag(&HttpOptions::retries)},
      {"send_expect_100", Flag(&HttpOptions::expect_continue)},
      {"max_redirects", Number(&HttpOptions::max_redirects)},
      {"timeout", SetTimeout},
      {"rw_timeout", SetTimeout},
      {"tls_verify", Flag(&HttpOptions::verify)},
      {"ca_file", Text(&HttpOptions::ca_file)},
      {"cafile", Text(&HttpOptions::ca_file)},
      {"cert_file", Text(&HttpOptions::cert_file)},
      {"key_file", Text(&HttpOptions::key_file)},
      {"verifyhost", Text(&HttpOptions::verify_host)},
      {"tcp_nodelay", Flag(&HttpOptions::no_delay)},
      {"tcp_keepalive", Flag(&HttpOptions::keep_alive)},
      {"send_buffer_size", Number(&HttpOptions::send_buffer)},
      {"recv_buffer_size", Number(&HttpOptions::receive_buffer)},
      {"tcp_mss", Number(&HttpOptions::segment_size)},
      {"local_addr", Text(&HttpOptions::local_address)},
      {"local_port", Number(&HttpOptions::local_port)},
  };
  return setters;
}

}  // namespace

HttpOptions ParseHttpOptions(const OptionList& options) {
  HttpOptions http;
  for (const auto& [name, value] : options) {
    const auto setter = Setters().find(name);
    if (setter != Setters().end()) setter->second(&http, value);
  }
  return http;
}

bool HasHeader(const std::vector<std::string>& headers, const std::string& name) {
  return std::ranges::any_of(headers, [&name](const std::string& header) {
    return curl_strnequal(header.c_str(), name.c_str(), name.size()) != 0 &&
           header.find_first_of(":;") == name.size();
  });
}

}  // namespace streamgear
