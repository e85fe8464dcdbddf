#include "client/http_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyfold {
namespace {

TEST(HttpUrlTest, OriginIsSchemeHostAndPort) {
  EXPECT_EQ(ParseHttpUrl("https://Example.com/a/b?c=d")->origin, "https://Example.com");
  EXPECT_EQ(ParseHttpUrl("https://example.com:443/")->origin, "https://example.com");
  EXPECT_EQ(ParseHttpUrl("http://example.com:8080")->origin, "http://example.com:8080");
  EXPECT_EQ(ParseHttpUrl("http://[::1]:80/x")->origin, "http://[::1]");
}

TEST(HttpUrlTest, OnlyHttpWithoutName) {
  for (const char* url :
       {"", "example", "example.com/path", "ftp://example.com/", "file:///etc/passwd", "https://", "https://a b/",
        "https://example.com:99999/", "https://name:word@example.com/", "https://name@example.com/"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseHttpUrl(url).status())) << url;
  }
}

TEST(HttpUrlTest, SecretsGoByHttpsOrStayHere) {
  for (const char* url : {"https://example.com/", "http://localhost:8080/x", "http://127.0.0.1/", "http://127.8.8.8:1/",
                          "http://[::1]:9/"}) {
    EXPECT_TRUE(CheckConfidential(url).ok()) << url;
  }
  for (const char* url : {"http://example.com/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
                          "http://128.0.0.1/", "http://[::2]/", "http://10.0.0.1/", "nonsense"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckConfidential(url))) << url;
  }
}

}  // namespace
}  // namespace keyfold
