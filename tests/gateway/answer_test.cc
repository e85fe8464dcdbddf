#include "gateway/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SilentSource : public EventSource {
 public:
  bool Next(std::string& /*out*/, size_t /*bytes_max*/) override { return true; }
  void OnWake(std::function<void()> /*wake*/) override {}
};

HttpRequest Get(HttpFields headers = {}) { return {.method = "GET", .headers = std::move(headers)}; }

std::string Unzip(const std::string& packed) {
  std::string bytes(1 << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return bytes;
}

// The tag of an answer, with its quotes.
std::string TagOf(const Answer& answer) {
  const size_t begin = answer.head.find("ETag: ") + 6;
  return answer.head.substr(begin, answer.head.find('\r', begin) - begin);
}

TEST(AnswerTest, HasWhatEveryAnswerHas) {
  const Answer answer = MakeAnswer(Get(), BodyResponse("{}"), {});
  EXPECT_THAT(answer.head,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Type: application/json\r\n"),
                    HasSubstr("\r\nContent-Length: 2\r\n"), HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
                    HasSubstr("\r\nReferrer-Policy: no-referrer\r\n"),
                    HasSubstr("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"),
                    HasSubstr("\r\nCache-Control: private, no-cache\r\n"), Not(HasSubstr("Connection: "))));
  EXPECT_TRUE(answer.head.ends_with("\r\n\r\n"));
  EXPECT_EQ(*answer.body, "{}");
}

TEST(AnswerTest, WhatTheHandlerSaysWins) {
  HttpResponse page = BodyResponse("<html>", "text/html");
  page.headers = {{"content-security-policy", "default-src 'self'"}, {"Cache-Control", "max-age=60"}};
  const Answer answer = MakeAnswer(Get(), std::move(page), {});
  EXPECT_THAT(answer.head, AllOf(HasSubstr("default-src 'self'"), Not(HasSubstr("'none'")), HasSubstr("max-age=60"),
                                 Not(HasSubstr("no-cache"))));
}

TEST(AnswerTest, AHeaderEndsWithItsLine) {
  HttpResponse response = BodyResponse("{}");
  response.headers.emplace_back("Location", "/a\r\nSet-Cookie: x=y");
  EXPECT_THAT(MakeAnswer(Get(), std::move(response), {}).head, HasSubstr("Location: /a  Set-Cookie: x=y\r\n"));
}

TEST(AnswerTest, WhoHasTheBodyDoesNotGetItAgain) {
  const std::string tag = TagOf(MakeAnswer(Get(), BodyResponse("{}"), {}));
  for (const std::string& known :
       {tag, "W/" + tag, "\"x\", " + tag, std::string("*"), tag.substr(0, tag.size() - 1) + "-gzip\""}) {
    const Answer answer = MakeAnswer(Get({{"If-None-Match", known}}), BodyResponse("{}"), {});
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_EQ(answer.body, nullptr);
    EXPECT_THAT(answer.head, AllOf(HasSubstr("ETag: " + tag), Not(HasSubstr("Content-Length"))));
  }
  for (const std::string& other :
       {std::string("\"x\""), tag.substr(1, tag.size() - 2), std::string("\""), std::string()}) {
    EXPECT_EQ(MakeAnswer(Get({{"If-None-Match", other}}), BodyResponse("{}"), {}).status, 200) << other;
  }
  EXPECT_NE(TagOf(MakeAnswer(Get(), BodyResponse("[]"), {})), tag);
  EXPECT_EQ(MakeAnswer(Get({{"If-None-Match", tag}}), ErrorResponse(404, ""), {}).status, 404);
}

TEST(AnswerTest, AHandlersTagIsTaken) {
  HttpResponse response = BodyResponse("{}");
  response.etag = "v7";
  EXPECT_EQ(MakeAnswer(Get({{"If-None-Match", "\"v7\""}}), std::move(response), {}).status, 304);
}

TEST(AnswerTest, LargeTextsArePacked) {
  const std::string text(5'000, 'a');
  const Answer plain = MakeAnswer(Get(), BodyResponse(text), {});
  const Answer packed = MakeAnswer(Get({{"Accept-Encoding", "br, gzip"}}), BodyResponse(text), {});
  EXPECT_EQ(*plain.body, text);
  EXPECT_LT(packed.body->size(), 100U);
  EXPECT_EQ(Unzip(*packed.body), text);
  EXPECT_THAT(packed.head, AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("Vary: Accept-Encoding")));
  EXPECT_THAT(plain.head, AllOf(Not(HasSubstr("Content-Encoding")), HasSubstr("Vary: Accept-Encoding")));
  EXPECT_NE(TagOf(plain), TagOf(packed));
  const HttpFields gzip = {{"Accept-Encoding", "gzip"}};
  EXPECT_THAT(MakeAnswer(Get(gzip), BodyResponse("{}"), {}).head, Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(MakeAnswer(Get(gzip), BodyResponse(text, "image/png"), {}).head, Not(HasSubstr("Content-Encoding")));
}

TEST(AnswerTest, WhetherGzipIsAccepted) {
  for (const char* yes : {"gzip", "GZIP", "deflate, gzip;q=0.5", "*", "gzip ; q=1.0"})
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  for (const char* no : {"", "br", "gzip;q=0", "gzip;q=0.000, br", "xgzip"}) EXPECT_FALSE(AcceptsGzip(no)) << no;
}

RC_GTEST_PROP(GzipProperty, WhatIsPackedComesBack, (const std::string& bytes)) {
  RC_ASSERT(Unzip(Gzip(bytes)) == bytes);
}

TEST(AnswerTest, AHeadHasNoBody) {
  const Answer answer = MakeAnswer(Get(), BodyResponse("{}"), {.is_head = true});
  EXPECT_THAT(answer.head, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_EQ(answer.body, nullptr);
  EXPECT_EQ(MakeAnswer(Get(), StreamResponse(std::make_unique<SilentSource>()), {.is_head = true}).stream, nullptr);
}

TEST(AnswerTest, AStreamIsKeptByNobody) {
  const Answer answer =
      MakeAnswer(Get({{"Accept-Encoding", "gzip"}}), StreamResponse(std::make_unique<SilentSource>()), {});
  EXPECT_THAT(answer.head,
              AllOf(HasSubstr("Content-Type: text/event-stream\r\n"), HasSubstr("Cache-Control: no-store\r\n"),
                    HasSubstr("X-Accel-Buffering: no\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"),
                    HasSubstr("Connection: close\r\n"), Not(HasSubstr("gzip")), Not(HasSubstr("ETag"))));
  EXPECT_NE(answer.stream, nullptr);
}

TEST(AnswerTest, OldClientsAreToldWhetherTheConnectionStays) {
  EXPECT_THAT(MakeAnswer(Get(), BodyResponse(""), {.is_1_0 = true, .keep_alive = true}).head,
              HasSubstr("Connection: keep-alive"));
  EXPECT_THAT(MakeAnswer(Get(), BodyResponse(""), {.keep_alive = false}).head, HasSubstr("Connection: close"));
  EXPECT_THAT(MakeAnswer(Get(), StreamResponse(std::make_unique<SilentSource>()), {.is_1_0 = true}).head,
              Not(HasSubstr("chunked")));
}

TEST(AnswerTest, OnlyListedOriginsMayRead) {
  const AnswerContext context = {.cors_origins = "https://a.example, https://b.example/"};
  const auto head = [&](const char* origin) {
    return MakeAnswer(Get({{"Origin", origin}}), BodyResponse("{}"), context).head;
  };
  EXPECT_THAT(head("https://a.example"),
              AllOf(HasSubstr("Access-Control-Allow-Origin: https://a.example\r\n"), HasSubstr("Vary: Origin")));
  EXPECT_THAT(head("https://b.example"), HasSubstr("Access-Control-Allow-Origin: https://b.example\r\n"));
  EXPECT_THAT(head("https://c.example"), AllOf(Not(HasSubstr("Access-Control")), HasSubstr("Vary: Origin")));
  EXPECT_THAT(MakeAnswer(Get({{"Origin", "https://a.example"}}), BodyResponse("{}"), {}).head,
              Not(HasSubstr("Access-Control")));
}

}  // namespace
}  // namespace keyfold
