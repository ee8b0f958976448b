// Which lines of libav a pipeline tells.
#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "base/av.h"

namespace streamgear::test {
namespace {

/// What is told of one line of each level.
std::vector<std::string> Told(bool debug, std::string* complaint) {
  std::vector<std::string> told;
  LogRing ring([&told](const Event& event) { told.push_back(std::get<LogEvent>(event).message); },
               debug);
  const LogScope scope(&ring);
  av_log(nullptr, AV_LOG_WARNING, "warning\n");
  av_log(nullptr, AV_LOG_INFO, "info\n");
  av_log(nullptr, AV_LOG_VERBOSE, "verbose\n");
  for (int i = 0; i < 100; ++i) av_log(nullptr, AV_LOG_DEBUG, "debug %d\n", i);
  *complaint = ring.LastComplaint();
  return told;
}

TEST(LogRing, TellsUpToInfo) {
  std::string complaint;
  EXPECT_EQ(Told(false, &complaint), (std::vector<std::string>{"warning", "info"}));
  EXPECT_EQ(complaint, "warning");
}

TEST(LogRing, TellsDebugLinesWhenAsked) {
  std::string complaint;
  const std::vector<std::string> told = Told(true, &complaint);
  ASSERT_EQ(told.size(), 103u);
  EXPECT_EQ(told[2], "verbose");
  EXPECT_EQ(told[102], "debug 99");
  EXPECT_EQ(complaint, "warning");  // not pushed out by a hundred lines
}

}  // namespace
}  // namespace streamgear::test
