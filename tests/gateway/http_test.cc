#include "gateway/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/utf8.h"
#include "gateway/event_stream.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(TargetTest, IsSplitBeforeItIsDecoded) {
  const auto target = ParseTarget("/v1/accounts/A%201%2F2?kpis=nps%2Crevenue&q=a+b%2B&flag&=x&q=second#there");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->path, "/v1/accounts/A 1/2");
  EXPECT_THAT(target->segments, ElementsAre("v1", "accounts", "A 1/2"));
  EXPECT_THAT(target->query, ElementsAre(Pair("kpis", "nps,revenue"), Pair("q", "a b+"), Pair("flag", ""),
                                         Pair("", "x"), Pair("q", "second")));
  EXPECT_EQ(*target->Query("q"), "a b+");
  EXPECT_EQ(target->Query("none"), nullptr);
}

TEST(TargetTest, MayNameTheHost) {
  EXPECT_EQ(ParseTarget("http://host:80/a?b=c")->path, "/a");
  EXPECT_EQ(ParseTarget("HTTPS://host")->path, "/");
}

TEST(TargetTest, PathsThatClimbAreRefused) {
  for (const char* target : {"/..", "/../etc/passwd", "/a/../../b", "/%2e%2e/x", "/a/%2E%2e%2fb", "/a%2f..%2fb",
                             "/..%5c..%5cb", "/./a", "/a/.", "http://h/../x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTarget(target).status())) << target;
  }
  for (const char* target : {"/...", "/a..b", "/.well-known", "/a?x=../..", "//a"}) {
    EXPECT_TRUE(ParseTarget(target).ok()) << target;
  }
}

TEST(TargetTest, WhatIsNoTextIsRefused) {
  for (const char* target : {"", "a", "*", "?a", "/%", "/%4", "/%zz", "/a%00b", "/a?b=%00", "/%ff", "/%0a",
                             "/a?b=%0d%0aX:1", "/%ed%a0%80"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTarget(target).status())) << target;
  }
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) absl::StrAppendFormat(&escaped, "%%%02x", static_cast<unsigned char>(c));
  return escaped;
}

RC_GTEST_PROP(TargetProperty, WhatIsEscapedComesBack, ()) {
  const auto word = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '\x7f')));
  const std::string id = "x" + *word;
  const std::string value = *word;
  RC_PRE(id.find_first_of("/\\") == std::string::npos);
  const auto target = ParseTarget(absl::StrCat("/", Escaped(id), "?k=", Escaped(value)));
  RC_ASSERT(target.ok());
  RC_ASSERT(target->segments == std::vector<std::string>{id});
  RC_ASSERT(*target->Query("k") == value);
}

RC_GTEST_PROP(TargetProperty, WhatWasTakenComesOutAgain, (const std::string& bytes)) {
  const auto target = ParseTarget("/v1/" + bytes);
  if (!target.ok()) return;
  const auto again = ParseTarget(FormatTarget(*target));
  RC_ASSERT(again.ok());
  RC_ASSERT(again->segments == target->segments);
  RC_ASSERT(again->query == target->query);
}

TEST(TargetTest, IsWrittenWithEverythingEscapedThatMayMeanSomething) {
  const auto target = ParseTarget("/v1/A%201%2F2/?q=a+b%2B%26c&flag&x=%C3%BC");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(FormatTarget(*target), "/v1/A%201%2F2/?q=a%20b%2B%26c&flag=&x=%C3%BC");
  EXPECT_EQ(FormatTarget({}), "/");
}

RC_GTEST_PROP(TargetProperty, WhatIsTakenIsTextAndDoesNotClimb, (const std::string& bytes)) {
  const auto target = ParseTarget("/" + bytes);
  if (!target.ok()) return;
  RC_ASSERT(IsUtf8(target->path));
  RC_ASSERT(("/" + target->path + "/").find("/../") == std::string::npos);
}

TEST(FieldsTest, NamesKnowNoCase) {
  const HttpRequest request = {.headers = {{"Accept", "a"}, {"ACCEPT", "b"}}};
  EXPECT_EQ(*request.Header("accept"), "a");
  EXPECT_EQ(request.Header("accep"), nullptr);
}

TEST(ErrorResponseTest, IsJson) {
  const HttpResponse response = ErrorResponse(404, "there is no \"A1\"");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(*response.body, "{\"status\":404,\"error\":\"there is no \\\"A1\\\"\"}\n");
}

TEST(EventTest, LinesOfDataAreKept) {
  std::string out;
  AppendEvent(out, "1:2", "update", "one\ntwo\r\nthree\rfour");
  AppendEvent(out, "", "", "");
  AppendComment(out, "still here");
  EXPECT_EQ(out,
            "id: 1:2\nevent: update\ndata: one\ndata: two\ndata: three\ndata: four\n\n"
            "data: \n\n"
            ": still here\n\n");
}

TEST(EventDeathTest, NamesHaveOneLine) {
  std::string out;
  EXPECT_DEATH(AppendEvent(out, "1\ndata: x", "", ""), "npos");
}

}  // namespace
}  // namespace keyfold
