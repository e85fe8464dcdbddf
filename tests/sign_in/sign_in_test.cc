#include "sign_in/sign_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyfold {
namespace {

using ::testing::HasSubstr;

TEST(SignInTest, TheCookieIsFoundAmongOthers) {
  EXPECT_EQ(SessionToken("a=b; keyfold=kf_1_x=y ;c", /*is_secure=*/false), "kf_1_x=y");
  EXPECT_EQ(SessionToken("xkeyfold=1; keyfoldx=2; keyfold", /*is_secure=*/false), "");
  // Over TLS only the one that nobody else could have set.
  EXPECT_EQ(SessionToken("keyfold=1; __Host-keyfold=2", /*is_secure=*/true), "2");
  EXPECT_EQ(SessionToken("keyfold=1", /*is_secure=*/true), "");
}

TEST(SignInTest, ASessionMayEndWithTheBrowser) {
  EXPECT_EQ(SessionCookie("t", 0, /*is_secure=*/false), "keyfold=t; Path=/; HttpOnly; SameSite=Strict");
}

TEST(SignInTest, APageIsOwnWhereItLiesWhereItAsks) {
  const auto own = [](const char* origin, const char* host, bool is_secure = false) {
    return IsOwnOrigin(origin, host, is_secure);
  };
  EXPECT_TRUE(own("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(own("https://keyfold.example", "Keyfold.example"));
  EXPECT_TRUE(own("https://keyfold.example", "keyfold.example", true));
  EXPECT_FALSE(own("http://keyfold.example", "keyfold.example", true));
  EXPECT_FALSE(own("http://localhost:8081", "localhost:8080"));
  EXPECT_FALSE(own("https://keyfold.example.evil", "keyfold.example"));
  EXPECT_FALSE(own("null", "null"));
}

TEST(SignInTest, AddressesAndNetworks) {
  const absl::StatusOr<Remotes> remotes = Remotes::Parse(" 127.0.0.1, ::1,10.1.0.0/16 , 2001:db8::/32");
  ASSERT_TRUE(remotes.ok()) << remotes.status();
  for (const char* in : {"127.0.0.1", "::1", "10.1.255.3", "::ffff:10.1.2.3", "2001:db8:1::7"}) {
    EXPECT_TRUE(remotes->Contains(in)) << in;
  }
  for (const char* out : {"127.0.0.2", "::2", "10.2.0.1", "::ffff:10.2.0.1", "2001:db9::", "", "x"}) {
    EXPECT_FALSE(remotes->Contains(out)) << out;
  }
  EXPECT_FALSE(Remotes().Contains("127.0.0.1"));
  EXPECT_FALSE(Remotes::Parse("")->Contains("127.0.0.1"));
  for (const char* wrong : {"localhost", "10.1.0.0/33", "10.1.0.0/", "::/129", "10.1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Remotes::Parse(wrong).status())) << wrong;
  }
}

TEST(SignInTest, AProxyIsBelievedByAddressAndMapsToTokens) {
  GatewayConfig config;
  config.proxy_user_header = "X-User";
  EXPECT_THAT(std::string(CheckProxy(config).message()), HasSubstr("gateway.proxy_remotes"));
  config.proxy_remotes = "127.0.0.1";
  EXPECT_THAT(std::string(CheckProxy(config).message()), HasSubstr("gateway.tokens_file"));
  config.tokens_file = "t";
  EXPECT_TRUE(CheckProxy(config).ok());
  config.proxy_remotes = "here";
  EXPECT_TRUE(absl::IsInvalidArgument(CheckProxy(config)));
}

}  // namespace
}  // namespace keyfold
