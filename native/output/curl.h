// curl: the one place that knows libcurl's C API as such: owners for its objects.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <string>

namespace streamgear {

struct CurlEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct CurlTextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

using CurlEasyPtr = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlMultiPtr = std::unique_ptr<CURLM, CurlMultiDeleter>;
using CurlUrlPtr = std::unique_ptr<CURLU, CurlUrlDeleter>;
using CurlTextPtr = std::unique_ptr<char, CurlTextDeleter>;

/// Lines for libcurl, which reads them for as long as a transfer takes.
class CurlLines {
 public:
  CurlLines() = default;
  ~CurlLines() { curl_slist_free_all(lines_); }
  CurlLines(const CurlLines&) = delete;
  CurlLines& operator=(const CurlLines&) = delete;

  void Add(const std::string& line) {
    // Null when memory is short: then the lines so far are still ours.
    curl_slist* longer = curl_slist_append(lines_, line.c_str());
    if (longer != nullptr) lines_ = longer;
  }
  void Clear() {
    curl_slist_free_all(lines_);
    lines_ = nullptr;
  }
  [[nodiscard]] curl_slist* get() const { return lines_; }

 private:
  curl_slist* lines_ = nullptr;
};

/// Once per process, from any thread, before anything else of libcurl.
inline void PrepareCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace streamgear
