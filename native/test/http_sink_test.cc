#include "output/http_sink.h"

#include <gtest/gtest.h>

#include "output/curl.h"
#include "output/url_sink.h"
#include "pipeline_fixture.h"

#ifndef _WIN32
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Curl, AsksTheResolverOnAThread) {
  PrepareCurl();
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  EXPECT_NE(info->features & CURL_VERSION_ASYNCHDNS, 0) << "abort() could not leave it";
  EXPECT_NE(info->features & CURL_VERSION_SSL, 0);
}

#ifndef _WIN32
/// Listens on loopback. Silent, or with the same answer to each request, after which it may hang
/// up: at once, or when the next request has come, read (a FIN) or unread (a RST). Or it repeats
/// the end of the answer for ever.
class Listener {
 public:
  enum class Then { kStays, kHangsUp, kHangsUpOnNext, kResetsOnNext, kRepeats };

  explicit Listener(std::string answer = "", Then then = Then::kStays)
      : answer_(std::move(answer)), then_(then) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    bind(socket_, reinterpret_cast<sockaddr*>(&address_), size);
    listen(socket_, 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
    if (!answer_.empty()) thread_ = std::thread([this] { Serve(); });
  }
  ~Listener() {
    shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    for (const int client : clients_) close(client);
    close(socket_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::string authority() const {
    return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }
  [[nodiscard]] int connections() const { return connections_.load(); }
  /// The first line of the last request. Valid once it was answered.
  [[nodiscard]] std::string request_line() const {
    const std::lock_guard lock(mutex_);
    return request_line_;
  }

  /// Whoever connects after this gets no answer at all, as from a host that is not there.
  void FillBacklog() {
    for (int i = 0; i < 4; ++i) {
      clients_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      connect(clients_.back(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_));
    }
  }

 private:
  void Note(const std::string& request) {
    const std::lock_guard lock(mutex_);
    request_line_ = request.substr(0, request.find("\r\n"));
  }

  void Serve() {
    for (int client = -1; (client = accept(socket_, nullptr, nullptr)) >= 0;) {
      ++connections_;
      std::array<char, 4096> bytes{};
      // A request of a test fits in one packet.
      for (int requests = 0;; ++requests) {
        const int unread = then_ == Then::kResetsOnNext && requests > 0 ? MSG_PEEK : 0;
        const ssize_t size = recv(client, bytes.data(), bytes.size(), unread);
        if (size <= 0) break;
        Note({bytes.data(), static_cast<std::size_t>(size)});
        if (unread != 0 || (then_ == Then::kHangsUpOnNext && requests > 0)) break;
        if (send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) break;
        if (then_ == Then::kRepeats) {
          const std::string end = answer_.substr(answer_.size() - std::min(answer_.size(), kEnd));
          while (send(client, end.data(), end.size(), MSG_NOSIGNAL) >= 0) {
            std::this_thread::sleep_for(milliseconds(5));
          }
          break;
        }
        if (then_ == Then::kHangsUp) {
          // As servers do: to close with bytes unread is a RST, which may overtake the answer.
          shutdown(client, SHUT_WR);
          while (recv(client, bytes.data(), bytes.size(), 0) > 0) {
          }
          break;
        }
      }
      close(client);
    }
  }

  static constexpr std::size_t kEnd = 25;  ///< of "HTTP/1.1 100 Continue", an answer of its own

  const std::string answer_;
  const Then then_;
  sockaddr_in address_{};
  int socket_ = -1;
  std::vector<int> clients_;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::string request_line_;  ///< guarded by mutex_
  std::thread thread_;
};

constexpr const char* kStored = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

/// The end of a Put that is aborted a moment after it began. It must not take long.
Status AbortedPut(OutputSink* sink) {
  const auto begin = std::chrono::steady_clock::now();
  std::thread other([sink] {
    std::this_thread::sleep_for(milliseconds(200));
    sink->Abort();
  });
  Status status = sink->Put("out.mpd", nullptr, 0);
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5)) << "promised: 2 s";
  return status;
}

TEST(HttpSink, IsAbortedWhileItWaitsForAnAnswer) {
  const Listener silent;
  for (const char* scheme : {"http://", "https://"}) {
    HttpSink sink(scheme + silent.authority() + "/", "", {{"timeout", "0"}}, [](const Event&) {});
    const Status status = AbortedPut(&sink);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.failure().averror, AVERROR_EXIT);
    EXPECT_EQ(sink.Put("out.mpd", nullptr, 0).failure().averror, AVERROR_EXIT)
        << "nothing begins after it";
  }
}

TEST(HttpSink, IsAbortedWhileNobodyLetsItConnect) {
  Listener full;
  full.FillBacklog();
  HttpSink sink("http://" + full.authority() + "/", "", {}, [](const Event&) {});
  const Status status = AbortedPut(&sink);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR_EXIT);
}

TEST(HttpSink, GivesUpWhenNothingMoves) {
  Listener full;
  full.FillBacklog();
  const Listener silent;
  for (const std::string& server : {full.authority(), silent.authority()}) {
    HttpSink sink("http://" + server + "/", "", {{"timeout", "300000"}}, [](const Event&) {});
    const Status status = sink.Put("out.mpd", nullptr, 0);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.failure().averror, AVERROR(ETIMEDOUT));
  }
}

TEST(HttpSink, GivesUpOnAServerThatOnlySaysThatItGoesOn) {
  const Listener server("HTTP/1.1 100 Continue\r\n\r\n", Listener::Then::kRepeats);
  HttpSink sink("http://" + server.authority() + "/", "", {{"timeout", "300000"}},
                [](const Event&) {});
  const Status status = sink.Put("out.mpd", nullptr, 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR(ETIMEDOUT));
}

TEST(HttpSink, DoesNotWaitForTheEndOfAnAnswerThatHasNone) {
  const Listener server(
      "HTTP/1.1 201 Created\r\nContent-Length: 999999\r\n\r\n" + std::string(25, '.'),
      Listener::Then::kRepeats);
  HttpSink sink("http://" + server.authority() + "/", "", {{"timeout", "300000"}},
                [](const Event&) {});
  EXPECT_TRUE(sink.Put("out.mpd", nullptr, 0).ok());
}

TEST(HttpSink, GoesOnWhereDeletesHang) {
  const Listener silent;
  EventRecorder recorder;
  HttpSink sink("http://" + silent.authority() + "/", "", {{"timeout", "300000"}}, recorder.sink());
  bool removed = false;
  EXPECT_TRUE(sink.Remove("1.m4s", &removed).ok());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(sink.Remove("2.m4s", &removed).ok()) << "not asked again";
  }
  EXPECT_FALSE(removed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(60));
  const auto warnings = recorder.All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings.front().code, "DELETE_REFUSED");
}

TEST(HttpSink, GoesOnWhereNobodyIsThereToDelete) {
  EventRecorder recorder;
  HttpSink sink("http://127.0.0.1:1/", "", {{"reconnect", "0"}}, recorder.sink());
  bool removed = false;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sink.Remove("1.m4s", &removed).ok());
  EXPECT_FALSE(removed);
  EXPECT_EQ(recorder.All<WarningEvent>().size(), 1u);
}

TEST(FolderSink, WritesThroughNoLink) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("streamgear-links-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "theirs") << "precious";
  std::filesystem::create_symlink(folder / "theirs", folder / "1.m4s.tmp");
  std::filesystem::create_hard_link(folder / "theirs", folder / "2.m4s.tmp");
  std::string root;
  const auto sink = MakeOutputSink((folder / "out.mpd").string(), {}, [](const Event&) {}, &root);
  const std::uint8_t byte = 1;
  for (const char* name : {"1.m4s", "2.m4s"}) {
    const Status status = sink->Put(name, &byte, 1);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.failure().code, "WRITE_FAILED");
  }
  EXPECT_EQ(std::filesystem::file_size(folder / "theirs"), 8u);
  EXPECT_TRUE(sink->Put("3.m4s", &byte, 1).ok());
  std::filesystem::remove_all(folder);
}

TEST(HttpSink, IsAbortedWhileItWaitsToTryAgain) {
  const Listener busy("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  EventRecorder recorder;
  HttpSink sink("http://" + busy.authority() + "/", "", {}, recorder.sink());
  ASSERT_FALSE(AbortedPut(&sink).ok());
  EXPECT_TRUE(recorder.All<WarningEvent>().empty());
}

TEST(HttpSink, RefusesAnAnswerThatIsNoHttp) {
  const Listener other("SSH-2.0-OpenSSH\r\n\r\n");
  HttpSink sink("http://" + other.authority() + "/", "", {{"reconnect", "0"}}, [](const Event&) {});
  const Status status = sink.Put("out.mpd", nullptr, 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR_INVALIDDATA);
}

TEST(HttpSink, ReplacesAConnectionThatWasClosedWhileIdle) {
  for (const Listener::Then then :
       {Listener::Then::kHangsUp, Listener::Then::kHangsUpOnNext, Listener::Then::kResetsOnNext}) {
    const Listener server(kStored, then);
    EventRecorder recorder;
    HttpSink sink("http://" + server.authority() + "/", "", {}, recorder.sink());
    for (const std::uint8_t byte : {1, 2, 3}) EXPECT_TRUE(sink.Put("a.m4s", &byte, 1).ok());
    EXPECT_TRUE(recorder.All<WarningEvent>().empty());
    EXPECT_EQ(server.connections(), 3);
  }
}

TEST(HttpSink, HearsARefusalBeforeItHasSentAll) {
  const Listener server("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n",
                        Listener::Then::kHangsUp);
  const std::vector<std::uint8_t> large(16 << 20);
  HttpSink sink("http://" + server.authority() + "/", "", {}, [](const Event&) {});
  const Status status = sink.Put("a.m4s", large.data(), large.size());
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.failure().message.find("answered 413 Too Large"), std::string::npos)
      << status.failure().message;
}

TEST(HttpSink, StoresUnderTheNameThatManifestsSay) {
  const Listener server(kStored);
  std::string root;
  const auto sink =
      MakeOutputSink("http://" + server.authority() + "/a%20b/li%20ve.mpd?key=1", {}, {}, &root);
  const auto put = [&](const std::string& name) {
    EXPECT_TRUE(sink->Put(name, nullptr, 0).ok());
    return server.request_line();
  };
  EXPECT_EQ(put("50% #1?.m4s"), "PUT /a%20b/50%25%20%231%3F.m4s?key=1 HTTP/1.1");
  EXPECT_EQ(put(root), "PUT /a%20b/li%20ve.mpd?key=1 HTTP/1.1");
}

TEST(HttpSink, KeepsOneConnection) {
  const Listener server(kStored);
  HttpSink sink("http://" + server.authority() + "/", "", {}, [](const Event&) {});
  for (const std::uint8_t byte : {1, 2, 3}) EXPECT_TRUE(sink.Put("a.m4s", &byte, 1).ok());
  bool removed = false;
  EXPECT_TRUE(sink.Remove("a.m4s", &removed).ok());
  EXPECT_TRUE(removed);
  EXPECT_EQ(server.connections(), 1);
}

TEST(UrlSink, GivesUpWhenNothingMoves) {
  const Listener silent;
  UrlSink sink("ftp://" + silent.authority() + "/", {}, milliseconds(300));
  const Status status = sink.Put("out.mpd", nullptr, 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR(ETIMEDOUT));
}

TEST(UrlSink, IsWokenByAnAbort) {
  const Listener silent;
  UrlSink sink("ftp://" + silent.authority() + "/", {});
  ASSERT_FALSE(AbortedPut(&sink).ok());
  EXPECT_EQ(sink.Put("out.mpd", nullptr, 0).failure().averror, AVERROR_EXIT)
      << "nothing begins after it";
}
#endif

}  // namespace
}  // namespace streamgear::test
