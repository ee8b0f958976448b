// http_sink: files to an HTTP server, one request for each.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "base/event.h"
#include "config.h"
#include "output/http_client.h"
#include "output/output_sink.h"

namespace streamgear {

/// Sends a file with PUT, or the method that the options say, and deletes with DELETE. A request
/// that fails for a reason that passes is sent once more, half a second later, with a WarningEvent
/// WRITE_RETRIED. A server that does not delete is told of in a WarningEvent DELETE_REFUSED; one
/// that refuses, or does not answer within 5 s, is not asked again.
class HttpSink final : public OutputSink {
 public:
  /// `base` is the URL of the folder; `query` (with its "?", or "") is put behind each name. Names
  /// are plain: they are escaped as in manifests.
  HttpSink(std::string base, std::string query, const OptionList& options, EventSink sink);

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override;
  Status Remove(const std::string& name, bool* removed) override;
  [[nodiscard]] std::string PathOf(const std::string& name) const override;
  void Abort() override;

 private:
  [[nodiscard]] HttpResult Send(const HttpRequest& request, const std::string& name);
  [[nodiscard]] bool Wait();
  [[nodiscard]] std::string UrlOf(const std::string& name) const;

  const std::string base_;
  const std::string query_;
  const EventSink sink_;
  bool deletes_ = true;
  bool told_ = false;
  HttpClient client_;
  std::mutex mutex_;
  std::condition_variable aborted_;
};

}  // namespace streamgear
