#include "net_stream.h"

#include <gtest/gtest.h>

#include "host_lookup.h"
#include "http_sink.h"
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
#include <string>
#include <thread>

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

#ifndef _WIN32
/// Listens on loopback; answers each connection with the same text when it is told one, and is
/// silent otherwise.
class Listener {
 public:
  explicit Listener(std::string answer = "") : answer_(std::move(answer)) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 8);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (!answer_.empty()) thread_ = std::thread([this] { Serve(); });
  }
  ~Listener() {
    shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(socket_);
  }
  [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void Serve() {
    for (;;) {
      const int client = accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      std::array<char, 4096> bytes{};
      // A request of a test fits in one packet.
      while (recv(client, bytes.data(), bytes.size(), 0) > 0) {
        if (send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) break;
      }
      close(client);
    }
  }

  const std::string answer_;
  int socket_ = -1;
  int port_ = 0;
  std::thread thread_;
};

TEST(NetStream, GivesUpWhenNothingMoves) {
  const Listener silent;
  NetStream stream(milliseconds(300));
  ASSERT_EQ(stream.OpenConnection("tcp://" + silent.authority(), {}), 0);
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(stream.Read(bytes.data(), bytes.size()), AVERROR(ETIMEDOUT));
}

TEST(NetStream, IsWokenByAnAbort) {
  const Listener silent;
  NetStream stream(seconds(0));
  ASSERT_EQ(stream.OpenConnection("tcp://" + silent.authority(), {}), 0);
  std::thread other([&stream] {
    std::this_thread::sleep_for(milliseconds(100));
    stream.Abort();
  });
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(stream.Read(bytes.data(), bytes.size()), AVERROR_EXIT);
  other.join();
  EXPECT_EQ(stream.OpenConnection("tcp://" + silent.authority(), {}), AVERROR_EXIT)
      << "nothing begins after it";
}

TEST(NetStream, TellsTheEndOfAConnection) {
  auto listener = std::make_unique<Listener>("bye");
  NetStream stream(seconds(10));
  ASSERT_EQ(stream.OpenConnection("tcp://" + listener->authority(), {}), 0);
  const std::uint8_t byte = 1;
  ASSERT_EQ(stream.Write(&byte, 1), 0);
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(stream.Read(bytes.data(), bytes.size()), 3);
  EXPECT_EQ(stream.Close(), 0);
  EXPECT_EQ(stream.Close(), 0);
  EXPECT_FALSE(stream.is_open());
}

TEST(HttpSink, IsAbortedWhileItWaitsForAnAnswer) {
  const Listener silent;
  HttpSink sink("http://" + silent.authority() + "/", "", {}, [](const Event&) {});
  std::thread other([&sink] {
    std::this_thread::sleep_for(milliseconds(100));
    sink.Abort();
  });
  const Status status = sink.Put("out.mpd", nullptr, 0);
  other.join();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR_EXIT);
}

TEST(HttpSink, IsAbortedWhileItWaitsToTryAgain) {
  const Listener busy("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  EventRecorder recorder;
  HttpSink sink("http://" + busy.authority() + "/", "", {}, recorder.sink());
  std::thread other([&sink] {
    std::this_thread::sleep_for(milliseconds(100));
    sink.Abort();
  });
  const Status status = sink.Put("out.mpd", nullptr, 0);
  other.join();
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(recorder.All<WarningEvent>().empty());
}

TEST(HttpSink, RefusesAnAnswerThatIsNoHttp) {
  const Listener other("SSH-2.0-OpenSSH\r\n\r\n");
  HttpSink sink("http://" + other.authority() + "/", "", {{"reconnect", "0"}}, [](const Event&) {});
  const Status status = sink.Put("out.mpd", nullptr, 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().averror, AVERROR_INVALIDDATA);
}
#endif

TEST(LookUpHost, TellsWhetherANameIsKnown) {
  const auto never = [] { return false; };
  EXPECT_EQ(LookUpHost("127.0.0.1", never), "");
  EXPECT_EQ(LookUpHost("::1", never), "");
  EXPECT_EQ(LookUpHost("localhost", never), "");
  EXPECT_NE(LookUpHost("no-such-host.invalid", never), "");
}

TEST(LookUpHost, DoesNotWaitForTheResolver) {
  // Over from the start: whatever the resolver does, this returns, and soon.
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(LookUpHost("no-such-host.invalid", [] { return true; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
}

}  // namespace
}  // namespace streamgear::test
