#include "http_message.h"

#include <gtest/gtest.h>

#include "http_auth.h"
#include "http_client.h"

namespace streamgear {
namespace {

HttpUrl Parse(const std::string& text) {
  const std::optional<HttpUrl> url = ParseHttpUrl(text);
  EXPECT_TRUE(url.has_value()) << text;
  return url.value_or(HttpUrl{});
}

TEST(ParseHttpUrl, TakesAUrlApart) {
  const HttpUrl url = Parse("http://joe:p%40ss@host.example:8080/live/out.mpd?key=1#part");
  EXPECT_EQ(url.scheme, "http");
  EXPECT_TRUE(url.has_user);
  EXPECT_EQ(url.user, "joe");
  EXPECT_EQ(url.password, "p@ss");
  EXPECT_EQ(url.host, "host.example");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.target, "/live/out.mpd?key=1");
  EXPECT_EQ(url.authority(), "host.example:8080");
}

TEST(ParseHttpUrl, FillsInWhatIsMissing) {
  EXPECT_EQ(Parse("HTTPS://host").port, 443);
  EXPECT_EQ(Parse("https://host").target, "/");
  EXPECT_EQ(Parse("http://host?a").target, "/?a");
  EXPECT_EQ(Parse("http://host:/x").port, 80);
  EXPECT_EQ(Parse("https://host:443/").authority(), "host");
  EXPECT_FALSE(Parse("http://host/a@b").has_user);
  EXPECT_EQ(Parse("http://joe@host/").user, "joe");
}

TEST(ParseHttpUrl, KnowsAddressesOfIpv6) {
  const HttpUrl url = Parse("http://[2001:db8::1]:8080/x");
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.authority(), "[2001:db8::1]:8080");
  EXPECT_EQ(Parse("http://[::1]/").authority(), "[::1]");
}

TEST(ParseHttpUrl, EscapesWhatARequestLineCannotHold) {
  EXPECT_EQ(Parse("http://h/a b/%20\xC3\xA4\r\n{x}").target, "/a%20b/%20%C3%A4%0D%0A%7Bx%7D");
}

TEST(ParseHttpUrl, RefusesWhatIsNone) {
  for (const char* text : {"", "host/x", "ftp://host/", "http://", "http://host:port/",
                           "http://host:70000/", "http://host:0/", "http://:80/"}) {
    EXPECT_FALSE(ParseHttpUrl(text).has_value()) << text;
  }
}

TEST(ResolveLocation, TakesWholeAndPartialUrls) {
  const HttpUrl base = Parse("https://host/live/out.mpd?x=1");
  const auto target = [&base](const std::string& location) {
    const auto url = ResolveLocation(base, location);
    return url.has_value() ? url->scheme + "://" + url->authority() + url->target : "";
  };
  EXPECT_EQ(target("http://other:81/x"), "http://other:81/x");
  EXPECT_EQ(target("//other/x"), "https://other/x");
  EXPECT_EQ(target("/x?y"), "https://host/x?y");
  EXPECT_EQ(target("x"), "https://host/live/x");
}

TEST(PublicUrl, LeavesOutWhatIsSecret) {
  EXPECT_EQ(PublicUrl("http://joe:pw@host:1/a/b.mpd?sig=1#x"), "http://host:1/a/b.mpd");
  EXPECT_EQ(PublicUrl("ftp://joe@host"), "ftp://host");
  EXPECT_EQ(PublicUrl("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(PublicUrl("http://host?u=joe@x"), "http://host");
  EXPECT_EQ(PublicUrl("http://a@b@host/"), "http://host/");
  EXPECT_EQ(PublicUrl("/a/path?x"), "/a/path?x");
}

TEST(ParseHeaderLines, TakesEveryLineEnd) {
  const HttpHeaders headers = ParseHeaderLines("A: 1\r\nb:2\nnonsense\n C :  3 ");
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(*FindHeader(headers, "a"), "1");
  EXPECT_EQ(*FindHeader(headers, "B"), "2");
  EXPECT_EQ(*FindHeader(headers, "c"), "3");
  EXPECT_EQ(FindHeader(headers, "d"), nullptr);
}

TEST(ParseHead, ReadsStatusAndHeaders) {
  const auto head = ParseHead("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->reason, "Not Found");
  EXPECT_EQ(head->body_size(), 5);
  EXPECT_FALSE(head->closes());
  EXPECT_EQ(ParseHead("HTTP/1.1 200\r\n")->reason, "");
  for (const char* text : {"", "SSH-2.0-x", "HTTP/2 200 OK", "HTTP/1.1 abc", "HTTP/1.1 20"}) {
    EXPECT_FALSE(ParseHead(text).has_value()) << text;
  }
}

TEST(HttpHead, KnowsWhereItEnds) {
  const auto head = [](const std::string& lines) {
    return *ParseHead("HTTP/1.1 200 OK\r\n" + lines);
  };
  EXPECT_EQ(head("").body_size(), -1) << "until the connection ends";
  EXPECT_TRUE(head("Transfer-Encoding: gzip, Chunked\r\n").chunked());
  EXPECT_EQ(head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n").body_size(), -1);
  EXPECT_EQ(head("Content-Length: -3\r\n").body_size(), -1);
  EXPECT_EQ(ParseHead("HTTP/1.1 204 No Content\r\n")->body_size(), 0);
  EXPECT_TRUE(head("Connection: Close\r\n").closes());
  EXPECT_TRUE(ParseHead("HTTP/1.0 200 OK\r\n")->closes());
  EXPECT_FALSE(ParseHead("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n")->closes());
}

TEST(HttpAuth, SendsBasicAtOnce) {
  HttpAuth auth("Aladdin", "open sesame");  // the example of RFC 7617
  EXPECT_EQ(auth.Authorization("PUT", "/"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(HttpAuth().Authorization("PUT", "/"), "");
}

TEST(HttpAuth, AnswersADigestChallengeOnce) {
  HttpAuth auth("Mufasa", "CircleOfLife");  // the example of RFC 2069, as its erratum corrects it
  const HttpHeaders challenge = {
      {"www-authenticate", "Basic realm=\"x\""},
      {"WWW-Authenticate",
       "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
       "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""}};
  ASSERT_TRUE(auth.Challenge(challenge));
  const std::string header = auth.Authorization("GET", "/dir/index.html");
  EXPECT_NE(header.find("response=\"1949323746fe6a43ef61f9606e7febea\""), std::string::npos)
      << header;
  EXPECT_NE(header.find("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""), std::string::npos);
  EXPECT_FALSE(auth.Challenge(challenge)) << "the same nonce again: the password is wrong";
  EXPECT_FALSE(HttpAuth().Challenge(challenge)) << "nobody to authorize";
}

TEST(HttpAuth, LeavesAloneWhatItDoesNotKnow) {
  HttpAuth auth("joe", "pw");
  EXPECT_FALSE(auth.Challenge({{"WWW-Authenticate", "Bearer"}}));
  EXPECT_FALSE(auth.Challenge(
      {{"WWW-Authenticate", "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-512-256"}}));
  EXPECT_FALSE(
      auth.Challenge({{"WWW-Authenticate", "Digest realm=\"x\", nonce=\"1\", qop=\"none\""}}));
  EXPECT_FALSE(auth.Challenge({{"WWW-Authenticate", "Digest realm=\"x\""}}));
  EXPECT_FALSE(auth.Challenge({{"WWW-Authenticate", "Digest realm=\"x"}}));
}

TEST(MatchesNoProxy, ComparesWholeNames) {
  EXPECT_TRUE(MatchesNoProxy("a.example.com", "localhost, .example.com"));
  EXPECT_TRUE(MatchesNoProxy("example.com", "example.com"));
  EXPECT_TRUE(MatchesNoProxy("anything", "*"));
  EXPECT_FALSE(MatchesNoProxy("badexample.com", "example.com"));
  EXPECT_FALSE(MatchesNoProxy("host", ""));
}

}  // namespace
}  // namespace streamgear
