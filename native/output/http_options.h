// http_options: the options of libavformat's http, tls and tcp protocols that mean something to
// requests that send whole files, by libavformat's names.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config.h"

namespace streamgear {

struct HttpOptions {
  std::string method = "PUT";        ///< method
  std::vector<std::string> headers;  ///< headers, as libcurl takes them; they win over ours
  std::string user_agent = "streamgear";
  std::string referer;           ///< "" = none
  std::string content_type;      ///< "" = by the file's extension
  std::string proxy;             ///< http_proxy; "" = what the environment says
  bool persistent = true;        ///< multiple_requests: one connection for many requests
  bool retries = true;           ///< reconnect: a second try for what passes
  bool expect_continue = false;  ///< send_expect_100: ask before the body is sent
  int max_redirects = 5;         ///< on the same host
  std::chrono::milliseconds timeout{30000};  ///< timeout, rw_timeout: without progress; 0 = none

  bool verify = true;       ///< tls_verify
  std::string ca_file;      ///< PEM; "" = the system's authorities
  std::string cert_file;    ///< PEM, of the client
  std::string key_file;     ///< PEM
  std::string verify_host;  ///< verifyhost: whom the certificate must name; "" = the URL's host

  bool no_delay = true;       ///< tcp_nodelay
  bool keep_alive = false;    ///< tcp_keepalive
  int send_buffer = 0;        ///< send_buffer_size, bytes; 0 = the system's
  int receive_buffer = 0;     ///< recv_buffer_size, bytes; 0 = the system's
  int segment_size = 0;       ///< tcp_mss, bytes; 0 = the system's
  std::string local_address;  ///< local_addr; "" = any
  int local_port = 0;         ///< 0 = any
};

/// Takes what libavformat found to be valid. Names that are not of above have no effect.
[[nodiscard]] HttpOptions ParseHttpOptions(const OptionList& options);

/// Whether a header is among lines of "Name: value", whatever the case of its name.
[[nodiscard]] bool HasHeader(const std::vector<std::string>& headers, const std::string& name);

}  // namespace streamgear
