#include "output/http_answer.h"

#include <gtest/gtest.h>

#include "output/http_options.h"

namespace streamgear::test {
namespace {

HttpAnswer AnswerOf(std::initializer_list<const char*> lines) {
  HttpAnswer answer;
  for (const char* line : lines) answer.AddHeader(line);
  return answer;
}

TEST(HttpAnswer, IsFinalWhenItsHeadIsWhole) {
  EXPECT_FALSE(HttpAnswer().has_begun());
  EXPECT_FALSE(AnswerOf({"HTTP/1.1 201 Created\r\n"}).is_final());
  EXPECT_TRUE(AnswerOf({"HTTP/1.1 201 Created\r\n", "\r\n"}).is_final());
  EXPECT_FALSE(AnswerOf({"HTTP/1.1 100 Continue\r\n", "\r\n"}).is_final());
  EXPECT_FALSE(AnswerOf({"SSH-2.0\r\n", "\r\n"}).is_final());
}

TEST(HttpAnswer, IsTheLastOfSeveral) {
  HttpAnswer answer = AnswerOf({"HTTP/1.1 307 Moved\r\n", "location:  /b \r\n", "\r\n"});
  EXPECT_TRUE(answer.is_redirect());
  EXPECT_EQ(answer.location(), "/b");
  EXPECT_TRUE(answer.AddBody("gone"));
  for (const char* line : {"HTTP/1.1 403 Forbidden\r\n", "\r\n", "Trailer: x\r\n"}) {
    answer.AddHeader(line);
  }
  EXPECT_EQ(answer.status(), 403);
  EXPECT_EQ(answer.location(), "");
  EXPECT_EQ(answer.Text({}), "403 Forbidden");
}

TEST(HttpAnswer, MayLackAReason) {
  EXPECT_EQ(AnswerOf({"HTTP/1.1 418\r\n", "\r\n"}).Text({}), "418");
  EXPECT_FALSE(AnswerOf({"HTTP/1.1 302 Found\r\n", "\r\n"}).is_redirect()) << "to nowhere";
}

TEST(HttpAnswer, QuotesItsBody) {
  const auto text = [](std::string_view body, const std::vector<std::string>& secrets) {
    HttpAnswer answer = AnswerOf({"HTTP/1.1 403 No\r\n", "\r\n"});
    EXPECT_TRUE(answer.AddBody(body));
    return answer.Text(secrets);
  };
  EXPECT_EQ(text(" a <b>\n\x01 c ", {""}), "403 No: a <b> c");
  EXPECT_EQ(text("<Error><Code>Denied</Code><a b='c'/>Access denied</Error>", {}),
            "403 No: Denied Access denied");
  EXPECT_EQ(text(" \r\n", {}), "403 No");
  EXPECT_EQ(text("the key is s3cret", {"x!", "s3cret"}), "403 No");
  EXPECT_EQ(text(std::string(10000, 'x'), {}), "403 No: " + std::string(200, 'x') + " …");
}

TEST(HttpAnswer, DoesNotReadABodyWithoutEnd) {
  HttpAnswer answer = AnswerOf({"HTTP/1.1 200 OK\r\n", "\r\n"});
  const std::string chunk(600 * 1024, 'x');
  EXPECT_TRUE(answer.AddBody(chunk));
  EXPECT_FALSE(answer.AddBody(chunk));
  EXPECT_EQ(answer.Text({}), "200 OK");
}

TEST(ParseHttpOptions, TakesTheLinesOfHeaders) {
  const HttpOptions options =
      ParseHttpOptions({{"headers", "A: 1\r\nno colon\nb :  two words \nEmpty:\r\n"}});
  EXPECT_EQ(options.headers, (std::vector<std::string>{"A: 1", "b: two words", "Empty;"}));
  EXPECT_TRUE(HasHeader(options.headers, "B"));
  EXPECT_TRUE(HasHeader(options.headers, "empty"));
  EXPECT_FALSE(HasHeader(options.headers, "Emp"));
}

TEST(ParseHttpOptions, ReadsValuesAsLibavDoes) {
  EXPECT_TRUE(ParseHttpOptions({}).persistent);
  EXPECT_TRUE(ParseHttpOptions({}).verify);
  for (const char* off : {"0", "false", "off", "n", "auto", "-1"}) {
    EXPECT_FALSE(ParseHttpOptions({{"multiple_requests", off}}).persistent) << off;
  }
  for (const char* on : {"1", "true", "on", "y", "yes", "enable"}) {
    EXPECT_TRUE(ParseHttpOptions({{"send_expect_100", on}}).expect_continue) << on;
  }
  EXPECT_EQ(ParseHttpOptions({{"send_buffer_size", "64k"}}).send_buffer, 64000);
  EXPECT_EQ(ParseHttpOptions({{"send_buffer_size", "-1"}}).send_buffer, 0);
  const auto timeout = [](const char* value) {
    return ParseHttpOptions({{"timeout", value}}).timeout.count();
  };
  EXPECT_EQ(timeout("5000000"), 5000);
  EXPECT_EQ(timeout("5M"), 5000);
  EXPECT_EQ(timeout("1"), 1);
  EXPECT_EQ(timeout("-1"), 0);
  EXPECT_EQ(timeout("0"), 0);
}

}  // namespace
}  // namespace streamgear::test
