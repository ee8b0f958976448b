#include "base/language.h"

#include <gtest/gtest.h>

namespace streamgear {
namespace {

TEST(Language, TheTagHasTheShortestCode) {
  EXPECT_EQ(LanguageTag("eng"), "en");
  EXPECT_EQ(LanguageTag("en"), "en");
  EXPECT_EQ(LanguageTag("ger"), "de");  // bibliographic
  EXPECT_EQ(LanguageTag("deu"), "de");
  EXPECT_EQ(LanguageTag("ENG"), "en");
  EXPECT_EQ(LanguageTag("pt-BR"), "pt-BR");
  EXPECT_EQ(LanguageTag("por_BR"), "pt-BR");
  EXPECT_EQ(LanguageTag("haw"), "haw");  // Hawaiian has no shorter one
  EXPECT_EQ(LanguageTag("tlh-x-court"), "tlh-x-court");
}

TEST(Language, UndeterminedIsNoTag) {
  EXPECT_EQ(LanguageTag(""), "");
  EXPECT_EQ(LanguageTag("und"), "");
  EXPECT_EQ(LanguageTag("UND"), "");
}

TEST(Language, TheCodeHasThreeLetters) {
  EXPECT_EQ(LanguageCode("en"), "eng");
  EXPECT_EQ(LanguageCode("en-US"), "eng");
  EXPECT_EQ(LanguageCode("ger"), "deu");
  EXPECT_EQ(LanguageCode("haw"), "haw");
  EXPECT_EQ(LanguageCode(""), "und");
  EXPECT_EQ(LanguageCode("xx"), "und");
}

}  // namespace
}  // namespace streamgear
