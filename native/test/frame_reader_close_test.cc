// When a FrameReader ends: by an error of the caller, by Close() wherever it waits, by its
// destruction.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <variant>
#include <vector>

#include "read_all.h"
#include "silent_server.h"
#include "source/frame_reader.h"

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
