#include "base/url.h"

#include <gtest/gtest.h>

namespace streamgear::test {
namespace {

std::string TextOf(std::string_view url) {
  const std::optional<HttpUrl> parsed = ParseHttpUrl(url);
  return parsed.has_value() ? parsed->text : "";
}

TEST(ParseHttpUrl, TakesAUrlApart) {
  const auto url = ParseHttpUrl("https://jo%40e:p%3Aw%2f@host.example:8443/a/b?c=1#d");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->text, "https://host.example:8443/a/b?c=1");
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "host.example");
  EXPECT_EQ(url->authority(), "host.example:8443");
  EXPECT_TRUE(url->has_user);
  EXPECT_EQ(url->user, "jo@e");
  EXPECT_EQ(url->password, "p:w/");
}

TEST(ParseHttpUrl, FillsInWhatIsMissing) {
  const auto url = ParseHttpUrl("HTTP://host?x=1");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->text, "http://host/?x=1");
  EXPECT_EQ(url->port, "80");
  EXPECT_FALSE(url->has_user);
  EXPECT_EQ(ParseHttpUrl("https://joe@host/a")->port, "443");
  EXPECT_TRUE(ParseHttpUrl("https://joe@host/a")->has_user);
}

TEST(ParseHttpUrl, KnowsAddressesOfIpv6) {
  EXPECT_EQ(ParseHttpUrl("http://[::1]:81/a")->authority(), "[::1]:81");
  EXPECT_EQ(ParseHttpUrl("http://[::1]/a")->authority(), "[::1]:80");
}

TEST(ParseHttpUrl, EscapesWhatARequestLineCannotHold) {
  EXPECT_EQ(TextOf("http://h/a b\r\n\x7f\xc3\xa4%41\"?q=<x y>"),
            "http://h/a%20b%0D%0A%7F%C3%A4%41%22?q=%3Cx%20y%3E");
  EXPECT_EQ(TextOf("http://h/a/../b/./c"), "http://h/a/../b/./c") << "asked for as it is";
}

TEST(ParseHttpUrl, RefusesWhatIsNone) {
  for (const char* url : {"", "/a/b", "ftp://host/a", "http://", "http://host:x/",
                          "http://host:99999/", "http://a b/"}) {
    EXPECT_FALSE(ParseHttpUrl(url).has_value()) << url;
  }
}

TEST(ResolveLocation, TakesWholeAndPartialUrls) {
  const auto base = ParseHttpUrl("http://joe:pw@host:81/live/a.m4s?x=1");
  ASSERT_TRUE(base.has_value());
  const auto resolved = [&base](const char* location) {
    const auto url = ResolveLocation(*base, location);
    return url.has_value() ? url->text : "";
  };
  EXPECT_EQ(resolved("https://other/b"), "https://other/b");
  EXPECT_EQ(resolved("//other/b"), "http://other/b");
  EXPECT_EQ(resolved("/b?y=2"), "http://host:81/b?y=2");
  EXPECT_EQ(resolved("b c"), "http://host:81/live/b%20c");
  EXPECT_EQ(resolved("ftp://host/b"), "");
  EXPECT_EQ(ResolveLocation(*base, "http://eve:x@host/")->user, "joe");
}

TEST(TextWithHost, ReplacesNothingElse) {
  EXPECT_EQ(TextWithHost(*ParseHttpUrl("https://10.0.0.1:444/a%20b?c"), "live.example"),
            "https://live.example:444/a%20b?c");
}

TEST(IsHttpUrl, LooksAtTheScheme) {
  EXPECT_TRUE(IsHttpUrl("http://a"));
  EXPECT_TRUE(IsHttpUrl("HTTPS://a"));
  EXPECT_FALSE(IsHttpUrl("http:/"));
  EXPECT_FALSE(IsHttpUrl("httpx://a"));
  EXPECT_FALSE(IsHttpUrl("ftp://a"));
}

TEST(PublicUrl, LeavesOutWhatIsSecret) {
  EXPECT_EQ(PublicUrl("http://joe:pw@host:1/a/b.mpd?sig=1#x"), "http://host:1/a/b.mpd");
  EXPECT_EQ(PublicUrl("ftp://joe@host"), "ftp://host");
  EXPECT_EQ(PublicUrl("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(PublicUrl("http://host?u=joe@x"), "http://host");
  EXPECT_EQ(PublicUrl("http://a@b@host/"), "http://host/");
  EXPECT_EQ(PublicUrl("/a/path?x"), "/a/path?x");
}

}  // namespace
}  // namespace streamgear::test
