// When a FrameReader ends: by an error of the caller, by Close() wherever it waits, by its
// destruction.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "frame_reader.h"
#include "read_all.h"

namespace streamgear::test {
namespace {

using std::chrono::milliseconds;

/// Within which Close() has to end here. It promises two seconds; the rest is for a busy machine.
constexpr milliseconds kCloseLimit{5000};

TEST(FrameReaderClose, RefusesABufferThatIsTooSmall) {
  EventLog events;
  FrameReader reader(Lavfi("testsrc2=size=64x36"), events.Sink());
  ASSERT_TRUE(reader.Start().ok());
  std::vector<std::uint8_t> buffer(64 * 36 * 3 - 1);
  ASSERT_TRUE(reader.Read(0, buffer.data(), buffer.size()));
  const auto failed = events.Await<FailedEvent>();
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->failure.code, "BUFFER_TOO_SMALL");
  EXPECT_TRUE(events.Await<ClosedEvent>().has_value());
  reader.Join();
  EXPECT_FALSE(reader.Read(1, buffer.data(), buffer.size())) << "it has ended";
}

TEST(FrameReaderClose, ClosesWhileItWaitsForABuffer) {
  EventLog events;
  FrameReader reader(Lavfi("testsrc2=size=64x36"), events.Sink());
  ASSERT_TRUE(reader.Start().ok());
  ASSERT_TRUE(events.Await<SourceOpenedEvent>().has_value());
  reader.Close();
  reader.Close();
  const auto event = events.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(std::holds_alternative<ClosedEvent>(*event)) << "and no EndEvent before it";
  std::uint8_t byte = 0;
  EXPECT_FALSE(reader.Read(0, &byte, 1));
}

TEST(FrameReaderClose, ClosesInTheMiddleOfAnEndlessSource) {
  EventLog events;
  FrameReader reader(Lavfi("testsrc2=size=640x360"), events.Sink());
  ASSERT_TRUE(reader.Start().ok());
  ASSERT_TRUE(events.Await<SourceOpenedEvent>().has_value());
  std::vector<std::uint8_t> buffer(640 * 360 * 3);
  for (std::uint64_t i = 0; i < 1000; ++i) (void)reader.Read(i, buffer.data(), buffer.size());
  const auto frame = events.Await<FrameEvent>();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->id, 0U);
  reader.Close();
  EXPECT_TRUE(events.Await<ClosedEvent>(kCloseLimit).has_value());
}

TEST(FrameReaderClose, ClosesBeforeItHasOpened) {
  EventLog events;
  FrameReader reader(Lavfi("testsrc2"), events.Sink());
  reader.Close();
  ASSERT_TRUE(reader.Start().ok());
  reader.Join();
  bool closed = false;
  while (const auto event = events.Next(milliseconds(0))) {
    EXPECT_FALSE(closed);
    closed = std::holds_alternative<ClosedEvent>(*event);
    EXPECT_FALSE(std::holds_alternative<FailedEvent>(*event));
  }
  EXPECT_TRUE(closed);
}

TEST(FrameReaderClose, MayBeDestroyedAtAnyTime) {
  for (int i = 0; i < 20; ++i) {
    EventLog events;
    std::vector<std::uint8_t> buffer(64 * 36 * 3);
    FrameReader reader(Lavfi("testsrc2=size=64x36"), events.Sink());
    ASSERT_TRUE(reader.Start().ok());
    for (std::uint64_t id = 0; id < 50; ++id) (void)reader.Read(id, buffer.data(), buffer.size());
    std::this_thread::sleep_for(milliseconds(i));
  }
}

/// Accepts connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 4), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() { close(socket_); }

  [[nodiscard]] std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/video.mp4";
  }

 private:
  int socket_;
  int port_ = 0;
};

TEST(FrameReaderClose, ClosesWhileAUrlHangs) {
  const SilentServer server;
  EventLog events;
  FrameReader reader({.source = server.Url()}, events.Sink());
  ASSERT_TRUE(reader.Start().ok());
  EXPECT_FALSE(events.Next(milliseconds(300)).has_value()) << "it hangs";
  reader.Close();
  const auto event = events.Next(kCloseLimit);
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(std::holds_alternative<ClosedEvent>(*event));
}

}  // namespace
}  // namespace streamgear::test
