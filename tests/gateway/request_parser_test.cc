#include "gateway/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using State = RequestParser::State;

struct Parsed {
  RequestHead head;
  std::string body;
  int failure = 0;
  std::string rest;
  bool complete = false;
};

// Feeds the bytes in pieces of that size, as a connection does.
Parsed Parse(const std::string& bytes, size_t piece, size_t header_max = 1'024, size_t body_max = 100) {
  RequestParser parser(header_max, body_max);
  Parsed parsed;
  std::string input;
  bool has_head = false;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    input += bytes.substr(at, piece);
    State state = parser.Parse(input);
    if (!has_head && (state == State::kBody || state == State::kDone)) {
      parsed.head = parser.TakeHead();
      has_head = true;
      if (state == State::kBody) state = parser.Parse(input);
    }
    parsed.failure = parser.failure_status();
    if (state == State::kDone) {
      parsed.body = parser.TakeBody();
      parsed.rest = input + bytes.substr(std::min(at + piece, bytes.size()));
      parsed.complete = true;
    }
    if (state == State::kDone || state == State::kFailed) break;
  }
  return parsed;
}

TEST(RequestParserTest, TakesARequestAndLeavesTheNext) {
  const Parsed parsed = Parse("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /", 1'000);
  EXPECT_EQ(parsed.head.method, "POST");
  EXPECT_EQ(parsed.head.target, "/a");
  EXPECT_THAT(parsed.head.headers, ElementsAre(Pair("Host", "h"), Pair("Content-Length", "3")));
  EXPECT_EQ(parsed.body, "abc");
  EXPECT_EQ(parsed.rest, "GET /");
  EXPECT_TRUE(parsed.head.keep_alive);
  EXPECT_FALSE(parsed.head.is_1_0);
}

TEST(RequestParserTest, ChunksAreJoined) {
  const Parsed parsed = Parse(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 7);
  EXPECT_EQ(parsed.body, "abc");
  EXPECT_TRUE(parsed.head.expects_continue);
}

TEST(RequestParserTest, VersionsSayWhetherMoreMayFollow) {
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n", 99).head.keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\n\r\n", 99).head.is_1_0);
  EXPECT_FALSE(Parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 99).head.keep_alive);
}

TEST(RequestParserTest, LimitsHold) {
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(Parse(absl::StrCat(line, "A: ", std::string(2'000, 'a'), "\r\n\r\n"), 64).failure, 431);
  EXPECT_EQ(Parse(absl::StrCat("GET /", std::string(2'000, 'a')), 64).failure, 431);
  EXPECT_EQ(Parse("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 64).failure, 413);
  EXPECT_EQ(Parse("POST / HTTP/1.1\r\nContent-Length: 104857600\r\n\r\n", 64).failure, 413);
  EXPECT_EQ(
      Parse(absl::StrCat("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n", std::string(255, 'a')), 64)
          .failure,
      413);
  const std::string full(100, 'a');
  EXPECT_EQ(Parse(absl::StrCat("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n", full), 64).body, full);
}

// Two lengths are how requests are smuggled past a proxy.
TEST(RequestParserTest, WhatIsNoHttpIsRefused) {
  for (const char* bytes : {"\x16\x03\x01\x02", "GET\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
                            "GET / HTTP/1.1\r\nA : b\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    EXPECT_EQ(Parse(bytes, 1'000).failure, 400) << bytes;
  }
  EXPECT_EQ(Parse("GET / HTTP/2.0\r\n\r\n", 99).failure, 505);
}

RC_GTEST_PROP(RequestParserProperty, PiecesDoNotMatter, ()) {
  const std::string body = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RC_PRE(body.size() <= 100u);
  const std::string bytes =
      absl::StrCat("POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: ", body.size(), "\r\n\r\n", body, "GET");
  const Parsed parsed = Parse(bytes, *rc::gen::inRange<size_t>(1, bytes.size() + 1));
  RC_ASSERT(parsed.complete);
  RC_ASSERT(parsed.body == body);
  RC_ASSERT(parsed.rest == "GET");
}

RC_GTEST_PROP(RequestParserProperty, NoBytesDoHarm, (const std::string& bytes)) {
  Parse("GET /" + bytes, *rc::gen::inRange<size_t>(1, 64));
  Parse(bytes, *rc::gen::inRange<size_t>(1, 64));
}

}  // namespace
}  // namespace keyfold
