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

TEST(Language, TheTagIsWellFormed) {
  for (const char* tag : {"zh-Hant-TW", "sl-rozaj-biske-1994", "de-CH-1901", "es-419",
                          "zh-cmn-Hans-CN", "en-u-ca-buddhist-t-it-x-whatever", "x-mine", "qaa"}) {
    EXPECT_EQ(LanguageTag(tag), tag);
  }
  EXPECT_EQ(LanguageTag("eng_US"), "en-US");
  for (const char* tag :
       {"\xe9tats",
        "fran\xe7"
        "ais",
        "e", "1n", "engl", "klingon language", "\" onload=\"", "xq-", "-", "x", "x-", "i-klingon",
        "toolonglanguage", "\xff\xfe\xfd", "xq--US", "xq-\n"}) {
    EXPECT_EQ(LanguageTag(tag), "") << tag;
  }
  // The language is known, what follows is nonsense.
  for (const char* tag : {"eng-", "eng-\xff", "en-a-aa-a-bb", "eng_US_GB", "en-u", "en-x-"}) {
    EXPECT_EQ(LanguageTag(tag), "en") << tag;
  }
}

TEST(Language, TheCodeHasThreeLetters) {
  EXPECT_EQ(LanguageCode("en"), "eng");
  EXPECT_EQ(LanguageCode("en-US"), "eng");
  EXPECT_EQ(LanguageCode("ger"), "deu");
  EXPECT_EQ(LanguageCode("haw"), "haw");
  EXPECT_EQ(LanguageCode(""), "und");
  EXPECT_EQ(LanguageCode("xx"), "und");
  EXPECT_EQ(LanguageCode("\xff\xfe\xfd"), "und");
  EXPECT_EQ(LanguageCode("<&>"), "und");
}

}  // namespace
}  // namespace streamgear
