#include "gateway/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Complaint(const GatewayConfig& config, bool is_loopback) {
  const absl::Status status = CheckListener(config, is_loopback);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  return std::string(status.message());
}

TEST(ListenerTest, Addresses) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:8080")->host, "127.0.0.1");
  EXPECT_EQ(ParseListenAddress("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseListenAddress("example:65535")->port, 65'535);
  for (const char* wrong : {"", "8080", ":8080", "a:", "a:b", "a:65536", "a:-1", "::1:80", "[]:1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseListenAddress(wrong).status())) << wrong;
  }
}

TEST(ListenerTest, BeyondLoopbackTlsAndTokensAreNeeded) {
  GatewayConfig config;
  config.listen = "0.0.0.0:80";
  EXPECT_TRUE(CheckListener(config, /*is_loopback=*/true).ok());
  EXPECT_THAT(Complaint(config, false), AllOf(HasSubstr("0.0.0.0:80"), HasSubstr("TLS"), HasSubstr("tokens_file")));
  config.tokens_file = "t";
  EXPECT_THAT(Complaint(config, false), AllOf(HasSubstr("TLS"), Not(HasSubstr("tokens_file"))));
  config.tls_certificate = "c";
  EXPECT_THAT(Complaint(config, true), HasSubstr("go together"));
  config.tls_key = "k";
  EXPECT_TRUE(CheckListener(config, false).ok());
  config.tokens_file = "";
  EXPECT_THAT(Complaint(config, false), AllOf(Not(HasSubstr("TLS")), HasSubstr("tokens_file")));
}

TEST(ListenerTest, ConnectionsFitIntoTheFilesThatMayBeOpen) {
  EXPECT_EQ(ConnectionsThatFit(10), 10);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  if (limit.rlim_max != RLIM_INFINITY) {
    EXPECT_LT(ConnectionsThatFit(int64_t{1} << 60), static_cast<int64_t>(limit.rlim_max));
  }
}

}  // namespace
}  // namespace keyfold
