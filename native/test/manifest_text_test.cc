#include "manifest/manifest_text.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace streamgear {
namespace {

TEST(SecondsText, RoundsHalfUpAtTheLastPlace) {
  EXPECT_EQ(SecondsText(360360, 90000, 6), "4.004000");
  EXPECT_EQ(SecondsText(1, 3, 6), "0.333333");
  EXPECT_EQ(SecondsText(2, 3, 6), "0.666667");
  EXPECT_EQ(SecondsText(3, 2, 0), "2");
  EXPECT_EQ(SecondsText(149, 100, 0), "1");
  EXPECT_EQ(SecondsText(0, 90000, 6), "0.000000");
}

TEST(SecondsText, CarriesIntoTheWholePart) {
  EXPECT_EQ(SecondsText(9'999'999, 10'000'000, 6), "1.000000");
  EXPECT_EQ(SecondsText(3'999'999'999, 1'000'000'000, 3), "4.000");
}

TEST(SecondsText, LongTimesAtFineTimescalesDoNotOverflow) {
  constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3600;
  EXPECT_EQ(SecondsText(kYear * 1'000'000'000 + 500'000'000, 1'000'000'000, 6), "31536000.500000");
}

TEST(RateText, ThreePlaces) {
  EXPECT_EQ(RateText(24000, 1001), "23.976");
  EXPECT_EQ(RateText(30000, 1001), "29.970");
  EXPECT_EQ(RateText(60000, 1001), "59.940");
  EXPECT_EQ(RateText(25, 1), "25.000");
}

TEST(IsoDuration, HasNoTrailingZeros) {
  EXPECT_EQ(IsoDuration(4), "PT4S");
  EXPECT_EQ(IsoDuration(4.004), "PT4.004S");
  EXPECT_EQ(IsoDuration(100), "PT100S");
  EXPECT_EQ(IsoDuration(0.5), "PT0.5S");
  EXPECT_EQ(IsoDuration(1001.0 / 24000), "PT0.041708S");
  EXPECT_EQ(IsoDuration(0), "PT0S");
  EXPECT_EQ(IsoDuration(-1), "PT0S");
}

TEST(IsoDurationUp, IsNeverShorterAndNeverNoise) {
  EXPECT_EQ(IsoDurationUp(4.004), "PT4.004S");
  EXPECT_EQ(IsoDurationUp(0.1 + 0.2), "PT0.3S");
  EXPECT_EQ(IsoDurationUp(100 * 1001.0 / 24000), "PT4.170834S");  // 4.1708333…
  EXPECT_EQ(IsoDurationUp(4), "PT4S");
}

TEST(DateTimeText, IsUtcWithMilliseconds) {
  EXPECT_EQ(DateTimeText(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(DateTimeText(1795154400), "2026-11-20T06:00:00.000Z");
  EXPECT_EQ(DateTimeText(1795154400.0625), "2026-11-20T06:00:00.063Z");
  EXPECT_EQ(DateTimeText(1709251199.9999),
            "2024-03-01T00:00:00.000Z");  // over a leap day's midnight
  EXPECT_EQ(DateTimeText(1709164800), "2024-02-29T00:00:00.000Z");
}

TEST(WellFormedText, KeepsWhatXmlKnows) {
  for (const char* text : {"", "größer", "\u0080\u07FF\u0800\uD7FF\uE000\uFFFD",
                           "\U00010000\U0010FFFF", "tab\tline\r\n", "\x7f", "a\U0001F3AC\uFEFFz"}) {
    EXPECT_EQ(WellFormedText(text), text);
  }
}

TEST(WellFormedText, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(WellFormedText("caf\xe9"), "caf\uFFFD");  // Latin-1
  EXPECT_EQ(WellFormedText("caf\xe9s"), "caf\uFFFDs");
  EXPECT_EQ(WellFormedText("cut \xe2\x82"), "cut \uFFFD");  // within a character
  EXPECT_EQ(WellFormedText("\xf0\x9f\x8e!"), "\uFFFD!");
  EXPECT_EQ(WellFormedText("a\uFFFEb\uFFFFc"), "a\uFFFDb\uFFFDc");
  EXPECT_EQ(WellFormedText("\xed\xa0\xbd"), "\uFFFD\uFFFD\uFFFD");  // half of a pair
  EXPECT_EQ(WellFormedText("\xc0\xaf\xe0\x80\xaf"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");  // too long
  EXPECT_EQ(WellFormedText("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond Unicode
  EXPECT_EQ(WellFormedText("\x80\xff\x0b"), "\uFFFD\uFFFD\uFFFD");
}

TEST(WellFormedText, IsWellFormedWhateverItWasMadeFrom) {
  std::mt19937 random(7);
  constexpr std::array<unsigned char, 16> kBytes = {'a',  '<',  0x00, 0x1f, 0x80, 0xa0, 0xbf, 0xbe,
                                                    0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 12, ' ');
    for (char& byte : bytes) byte = static_cast<char>(kBytes[random() % kBytes.size()]);
    const std::string text = WellFormedText(bytes);
    ASSERT_EQ(WellFormedText(text), text);
    ASSERT_EQ(text.find('\0'), std::string::npos);
    ASSERT_EQ(text.find("\uFFFE"), std::string::npos);
    ASSERT_GE(text.size(), bytes.size());
  }
}

TEST(EscapeXml, KeepsAnAttributeWhole) {
  EXPECT_EQ(EscapeXml("a<b>&\"c\"'d'"), "a&lt;b&gt;&amp;&quot;c&quot;'d'");
  EXPECT_EQ(EscapeXml("tab\tline\nreturn\r"), "tab&#9;line&#10;return&#13;");
  EXPECT_EQ(EscapeXml(std::string("\x01 null \0 end", 12)), "\uFFFD null \uFFFD end");
  EXPECT_EQ(EscapeXml("größer"), "größer");
}

TEST(EscapeUri, LeavesPlainNamesAlone) {
  EXPECT_EQ(EscapeUri("sub/chunk-stream0-00001.m4s"), "sub/chunk-stream0-00001.m4s");
  EXPECT_EQ(EscapeUri("a_b~c!d$e&f'(g)*+,;=@"), "a_b~c!d$e&f'(g)*+,;=@");
}

TEST(EscapeUri, EncodesWhatHasAMeaningOrIsNotAscii) {
  EXPECT_EQ(EscapeUri("a b#c?d%e\"f:g"), "a%20b%23c%3Fd%25e%22f%3Ag");
  EXPECT_EQ(EscapeUri("ü.ts"), "%C3%BC.ts");
  EXPECT_EQ(EscapeUri("\\\n"), "%5C%0A");
}

TEST(EscapeUriTemplate, KeepsIdentifiers) {
  EXPECT_EQ(EscapeUriTemplate("my chunk$RepresentationID$-$Number%05d$ %.m4s"),
            "my%20chunk$RepresentationID$-$Number%05d$%20%25.m4s");
  EXPECT_EQ(EscapeUriTemplate("cost $$5 %"), "cost%20$$5%20%25");
  EXPECT_EQ(EscapeUriTemplate("half $open %"), "half%20$open%20%25");
  EXPECT_EQ(EscapeUriTemplate(""), "");
}

}  // namespace
}  // namespace streamgear
