#include "base/secrets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace streamgear {
namespace {

/// Text and what is left of it, a pair per line; test/02-messages.test.ts reads the same.
TEST(Secrets, AreLeftOutAsTheTableSays) {
  std::ifstream table(std::filesystem::path(__FILE__).parent_path() /
                      "../../test/fixtures/secrets.tsv");
  int rows = 0;
  for (std::string line; std::getline(table, line); ++rows) {
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const std::string expected = line.substr(tab + 1);
    EXPECT_EQ(WithoutSecrets(line.substr(0, tab)), expected);
    EXPECT_EQ(WithoutSecrets(expected), expected) << "a second time";
  }
  EXPECT_GT(rows, 20);
}

TEST(Secrets, TakeNoMoreTimeThanTextHasLetters) {
  // 6 MB take a moment, or hours if each URL is looked at to the end of the text.
  std::string urls;
  for (int i = 0; i < 1'000'000; ++i) urls += "a://b?";
  EXPECT_FALSE(WithoutSecrets(urls).empty());
  EXPECT_EQ(WithoutSecrets(""), "");
}

}  // namespace
}  // namespace streamgear
