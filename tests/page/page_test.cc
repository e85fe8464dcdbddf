#include "page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/answer.h"
#include "page/page_file.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HttpRequest Get(const std::string& path, bool packed = false) {
  HttpRequest request;
  request.method = "GET";
  request.target.path = path;
  if (packed) request.headers.emplace_back("Accept-Encoding", "gzip");
  return request;
}

std::string PathOf(std::string_view suffix) {
  for (const PageFile& file : PageFiles()) {
    if (file.path.ends_with(suffix)) return std::string(file.path);
  }
  return "no file ends with " + std::string(suffix);
}

TEST(PageTest, AnswersWhereTheApiDoesNot) {
  for (const char* path : {"/", "/accounts/A1", "/assets/x.js", "/v1x", "/healthy", "/metricsx"}) {
    EXPECT_TRUE(IsPagePath(path)) << path;
  }
  for (const char* path : {"/v1", "/v1/accounts", "/v1/nothing", "/health/live", "/health", "/metrics"}) {
    EXPECT_FALSE(IsPagePath(path)) << path;
  }
}

TEST(PageTest, EveryLinkIntoItGivesThePage) {
  const HttpResponse page = AnswerPage(Get("/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(*page.body, HasSubstr(PathOf(".js")));
  EXPECT_THAT(*page.body, HasSubstr(PathOf(".css")));
  EXPECT_EQ(*FindField(page.headers, "Cache-Control"), "no-cache");
  for (const char* path : {"/accounts/A 1.b", "/alerts", "/index.html"}) {
    EXPECT_EQ(*AnswerPage(Get(path)).body, *page.body) << path;
  }
}

// What the browser is told to refuse, the page must not need.
TEST(PageTest, HasNothingInlineAndNothingFromElsewhere) {
  const HttpResponse page = AnswerPage(Get("/"));
  const std::string policy = *FindField(page.headers, "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("http")));
  EXPECT_THAT(*page.body, Not(HasSubstr("://")));
  EXPECT_THAT(*page.body, Not(HasSubstr("<style")));
  EXPECT_THAT(*page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(*page.body, Not(HasSubstr(" style=")));
}

TEST(PageTest, WhatIsNamedByItsContentIsKept) {
  const std::string path = PathOf(".js");
  const HttpResponse plain = AnswerPage(Get(path));
  EXPECT_EQ(plain.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(*FindField(plain.headers, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(*FindField(plain.headers, "Vary"), "Accept-Encoding");
  EXPECT_EQ(FindField(plain.headers, "Content-Encoding"), nullptr);

  const HttpResponse packed = AnswerPage(Get(path, /*packed=*/true));
  EXPECT_EQ(*FindField(packed.headers, "Content-Encoding"), "gzip");
  EXPECT_LT(packed.body->size(), plain.body->size() / 2);
  EXPECT_NE(packed.etag, plain.etag);
}

TEST(PageTest, IsNotSentTwice) {
  for (const bool packed : {false, true}) {
    HttpRequest request = Get("/", packed);
    request.headers.emplace_back("If-None-Match", "\"" + AnswerPage(request).etag + "\"");
    const Answer answer = MakeAnswer(request, AnswerPage(request), {});
    EXPECT_EQ(answer.status, 304) << packed;
    EXPECT_THAT(answer.head, HasSubstr("Vary: Accept-Encoding")) << packed;
  }
}

TEST(PageTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(AnswerPage(Get("/assets/main-OLD.js")).status, 404);
  HttpRequest request = Get("/");
  request.method = "POST";
  const HttpResponse refused = AnswerPage(request);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(*FindField(refused.headers, "Allow"), "GET, HEAD");
}

// The first look must be quick on a slow line: all of it, packed.
TEST(PageTest, IsSmall) {
  size_t bytes = 0;
  for (const PageFile& file : PageFiles()) bytes += file.gzip.empty() ? file.body.size() : file.gzip.size();
  EXPECT_LT(bytes, 200'000);
}

}  // namespace
}  // namespace keyfold
