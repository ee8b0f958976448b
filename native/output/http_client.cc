#include "output/http_client.h"

#ifdef _WIN32
#include <winsock2.h>
#else
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

#include <algorithm>
#include <cerrno>
#include <limits>
#include <sstream>
#include <utility>

#include "base/av.h"
#include "base/from_c.h"

namespace streamgear {
namespace {

using Clock = std::chrono::steady_clock;

/// A wait is woken when something happens; this only bounds how late a timeout is seen.
constexpr std::chrono::milliseconds kStep{500};

/// Bytes of the body so far: what does not grow any more hangs. What the server sends is no
/// progress: it could answer 100 Continue, or send a body byte by byte, for ever.
curl_off_t BytesSent(CURL* easy) {
  curl_off_t sent = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  return sent;
}

/// The code of libav for what libcurl says; `system` is errno, or 0.
int ErrorOf(CURLcode code, long system) {
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return AVERROR_EXIT;
    case CURLE_OPERATION_TIMEDOUT:
      return AVERROR(ETIMEDOUT);
    case CURLE_OUT_OF_MEMORY:
      return AVERROR(ENOMEM);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return AVERROR(EHOSTUNREACH);
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer that is no HTTP
    case CURLE_WEIRD_SERVER_REPLY:
      return AVERROR_INVALIDDATA;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return AVERROR(EACCES);
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return system == 0 ? AVERROR(ECONNRESET) : AVERROR(static_cast<int>(system));
    case CURLE_GOT_NOTHING:
      return AVERROR(ECONNRESET);
    default:
      return AVERROR(EIO);
  }
}

long ToLong(std::int64_t number) {
  return static_cast<long>(std::min<std::int64_t>(number, std::numeric_limits<int>::max()));
}

}  // namespace

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)) {
  PrepareCurl();
  easy_.reset(curl_easy_init());
  multi_.reset(curl_multi_init());
  if (easy_ != nullptr) SetUp();
}

void HttpClient::Abort() {
  aborted_.store(true, std::memory_order_relaxed);
  curl_multi_wakeup(multi_.get());
}

/// What is the same for every request.
void HttpClient::SetUp() {
  Set(CURLOPT_NOSIGNAL, 1L);
  // The resolver cannot be interrupted: its thread is left behind when the wait for it ends.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(CURLOPT_PATH_AS_IS, 1L);
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_ERRORBUFFER, error_text_.data());
  Set(CURLOPT_HEADERFUNCTION, &HttpClient::OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &HttpClient::OnBody);
  Set(CURLOPT_WRITEDATA, this);
  SetText(CURLOPT_USERAGENT, options_.user_agent);
  SetText(CURLOPT_REFERER, options_.referer);
  Set(CURLOPT_FORBID_REUSE, options_.persistent ? 0L : 1L);
  // libcurl shares it among the addresses of a host; of itself it would wait for five minutes.
  const std::int64_t timeout = options_.timeout.count();
  Set(CURLOPT_CONNECTTIMEOUT_MS, ToLong(timeout > 0 ? timeout : std::int64_t{1} << 40));
  SetUpConnection();
}

void HttpClient::SetUpConnection() {
  Set(CURLOPT_SSL_VERIFYPEER, options_.verify ? 1L : 0L);
  Set(CURLOPT_SSL_VERIFYHOST, options_.verify ? 2L : 0L);
  SetText(CURLOPT_CAINFO, options_.ca_file);
  // Those of the file, and not the system's as well.
  if (!options_.ca_file.empty()) Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  SetText(CURLOPT_SSLCERT, options_.cert_file);
  SetText(CURLOPT_SSLKEY, options_.key_file);
  SetText(CURLOPT_PROXY, options_.proxy);
  if (!options_.local_address.empty()) {
    SetText(CURLOPT_INTERFACE, "host!" + options_.local_address);
  }
  Set(CURLOPT_LOCALPORT, ToLong(options_.local_port));
  Set(CURLOPT_TCP_NODELAY, options_.no_delay ? 1L : 0L);
  Set(CURLOPT_TCP_KEEPALIVE, options_.keep_alive ? 1L : 0L);
  Set(CURLOPT_SOCKOPTFUNCTION, &HttpClient::OnSocket);
  Set(CURLOPT_SOCKOPTDATA, this);
}

int HttpClient::OnSocket(void* client, curl_socket_t socket, curlsocktype /*purpose*/) noexcept {
  const HttpOptions& options = static_cast<const HttpClient*>(client)->options_;
  const auto set = [socket](int level, int name, int value) {
    if (value <= 0) return;
    setsockopt(socket, level, name, reinterpret_cast<const char*>(&value), sizeof(value));
  };
  set(SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  set(SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
#ifdef TCP_MAXSEG
  set(IPPROTO_TCP, TCP_MAXSEG, options.segment_size);
#endif
  return CURL_SOCKOPT_OK;
}

std::size_t HttpClient::OnHeader(char* data, std::size_t /*one*/, std::size_t size,
                                 void* client) noexcept {
  return CalledFromC(std::size_t{0}, [&] {
    static_cast<HttpClient*>(client)->answer_.AddHeader({data, size});
    return size;
  });
}

std::size_t HttpClient::OnBody(char* data, std::size_t /*one*/, std::size_t size,
                               void* client) noexcept {
  return CalledFromC(std::size_t{0}, [&] {
    return static_cast<HttpClient*>(client)->answer_.AddBody({data, size}) ? size : 0;
  });
}

void HttpClient::PrepareHeaders(const HttpRequest& request) {
  headers_.Clear();
  for (const std::string& header : options_.headers) headers_.Add(header);
  const auto add = [this](const std::string& name, const std::string& value) {
    if (!HasHeader(options_.headers, name)) headers_.Add(name + ": " + value);
  };
  const bool has_body = !request.content_type.empty();
  if (has_body) add("Content-Type", request.content_type);
  if (!options_.persistent) add("Connection", "close");
  // Without a value it is left out: libcurl would ask before a large body, and wait for a second.
  add("Expect", has_body && options_.expect_continue ? "100-continue" : "");
  if (!options_.verify_host.empty()) add("Host", request.url.authority());
  Set(CURLOPT_HTTPHEADER, headers_.get());
}

void HttpClient::Prepare(const HttpRequest& request) {
  answer_ = HttpAnswer();
  error_text_.front() = '\0';
  const HttpUrl& url = request.url;
  PrepareHeaders(request);
  Set(CURLOPT_URL, url.text.c_str());
  if (!options_.verify_host.empty()) {
    // To libcurl the server has the name that its certificate must have, and is found elsewhere.
    connect_to_.Clear();
    connect_to_.Add("::" + url.authority());
    Set(CURLOPT_CONNECT_TO, connect_to_.get());
    Set(CURLOPT_URL, TextWithHost(url, options_.verify_host).c_str());
  }
  Set(CURLOPT_USERNAME, url.has_user ? url.user.c_str() : nullptr);
  Set(CURLOPT_PASSWORD, url.has_user ? url.password.c_str() : nullptr);
  Set(CURLOPT_HTTPAUTH, authorization_);
  if (request.content_type.empty()) {
    Set(CURLOPT_HTTPGET, 1L);
  } else {
    // From memory, so that libcurl can send it again when it must.
    Set(CURLOPT_POSTFIELDS, request.size == 0 ? "" : reinterpret_cast<const char*>(request.data));
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.size));
  }
  Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

CURLcode HttpClient::Wait(std::chrono::milliseconds timeout) {
  auto since = Clock::now();
  curl_off_t sent = 0;
  for (;;) {
    int running = 0;
    if (aborted()) return CURLE_ABORTED_BY_CALLBACK;
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
    if (running == 0) break;
    const auto now = Clock::now();
    if (const curl_off_t bytes = BytesSent(easy_.get()); bytes != sent) {
      sent = bytes;
      since = now;
    }
    auto step = kStep;
    if (timeout.count() > 0) {
      if (now - since > timeout) return CURLE_OPERATION_TIMEDOUT;
      step = std::min(kStep, timeout);
    }
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(step.count()), nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
  return message == nullptr ? CURLE_OUT_OF_MEMORY : message->data.result;
}

CURLcode HttpClient::Transfer(const HttpRequest& request) {
  if (aborted()) return CURLE_ABORTED_BY_CALLBACK;
  if (easy_ == nullptr || multi_ == nullptr) return CURLE_OUT_OF_MEMORY;
  Prepare(request);
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  const CURLcode code = Wait(request.timeout.value_or(options_.timeout));
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return code;
}

/// A server may close a connection that is idle at the very moment in which it is used again.
/// libcurl then takes a new one, unless it notices only while it sends the body.
CURLcode HttpClient::Exchange(const HttpRequest& request) {
  const CURLcode code = Transfer(request);
  long connects = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connects);
  const bool stale = code == CURLE_SEND_ERROR && connects == 0 && !answer_.has_begun();
  return stale ? Transfer(request) : code;
}

/// True: the request is worth another try. Basic is sent at once; a server that wants Digest says
/// so, and says it again when what it gave for that has served its time.
bool HttpClient::TakeChallenge(const HttpUrl& url) {
  long offered = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTPAUTH_AVAIL, &offered);
  const bool can_answer = (offered & CURLAUTH_DIGEST) != 0 && url.has_user &&
                          !HasHeader(options_.headers, "Authorization");
  if (can_answer) authorization_ = CURLAUTH_DIGEST;
  return can_answer;
}

/// What a server may repeat and a message must not.
std::vector<std::string> HttpClient::SecretsOf(const HttpUrl& url) const {
  constexpr std::size_t kShortest = 6;  // of a word of a header
  std::vector<std::string> secrets = {url.user, url.password};
  if (const std::size_t query = url.text.find('?'); query != std::string::npos) {
    secrets.push_back(url.text.substr(query + 1));
  }
  for (const std::string& header : options_.headers) {
    std::istringstream words(header.substr(std::min(header.find(':') + 1, header.size())));
    for (std::string word; words >> word;) {
      if (word.size() >= kShortest) secrets.push_back(word);
    }
  }
  return secrets;
}

HttpResult HttpClient::FailureOf(CURLcode code, const HttpUrl& url) const {
  long system = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system);
  const int error = ErrorOf(code, system);
  std::string text = error_text_.front() == '\0' ? AvErrorText(error) : error_text_.data();
  if (code == CURLE_COULDNT_RESOLVE_HOST) text = "no address was found for \"" + url.host + '"';
  if (code == CURLE_COULDNT_CONNECT && system != 0) text = AvErrorText(error);
  return {.status = 0, .error = error, .text = std::move(text)};
}

HttpResult HttpClient::Send(const HttpRequest& given) {
  HttpRequest request = given;
  bool challenged = false;
  for (int redirects = 0; redirects <= options_.max_redirects;) {
    const CURLcode code = Exchange(request);
    if (aborted()) return {.status = 0, .error = AVERROR_EXIT, .text = AvErrorText(AVERROR_EXIT)};
    // What comes, or breaks, behind the head of the answer changes nothing.
    if (!answer_.is_final()) return FailureOf(code, request.url);
    if (answer_.status() == 401 && !challenged && TakeChallenge(request.url)) {
      challenged = true;
      continue;
    }
    HttpResult result{
        .status = answer_.status(), .error = 0, .text = answer_.Text(SecretsOf(request.url))};
    if (!answer_.is_redirect()) return result;
    const std::optional<HttpUrl> next = ResolveLocation(request.url, answer_.location());
    const bool same_host = next.has_value() && next->host == request.url.host;
    if (!same_host || (next->scheme == "http" && request.url.scheme == "https")) {
      result.text += " to " + PublicUrl(answer_.location());
      result.text += same_host ? ", without encryption" : ", another host";
      return result;
    }
    request.url = *next;
    ++redirects;
  }
  return {.status = 310, .error = 0, .text = "too many redirects"};
}

}  // namespace streamgear
