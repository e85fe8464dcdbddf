#include "hooks/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Headers = std::vector<std::pair<std::string, std::string>>;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

HookSignatureConfig Config(const std::string& header) {
  HookSignatureConfig config;
  config.header = header;
  config.secret = "s";
  return config;
}

absl::Status Check(const HookSignatureConfig& config, const Headers& headers, const std::string& body,
                   const std::vector<std::string>& secrets, absl::Time now = kNow) {
  return CheckSignature(config, secrets, {"POST", headers, body}, now);
}

// The example of https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.
TEST(SignatureTest, HexadecimalDigitsBehindAPrefix) {
  HookSignatureConfig config = Config("X-Hub-Signature-256");
  config.prefix = "sha256=";
  const std::string digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const std::vector<std::string> secrets = {"It's a Secret to Everybody"};
  const auto check = [&](const std::string& value, const std::string& body = "Hello, World!") {
    return Check(config, {{"x-hub-signature-256", value}}, body, secrets);
  };
  EXPECT_TRUE(check("sha256=" + digest).ok()) << check("sha256=" + digest);
  EXPECT_TRUE(check("sha256=" + absl::AsciiStrToUpper(digest)).ok());
  for (const std::string& wrong :
       {digest, "sha1=" + digest, "sha256=" + digest.substr(1), "sha256=" + digest + "0", "sha256=" + digest.substr(2),
        "sha256=x" + digest.substr(1), "sha256=8" + digest.substr(1), std::string(), std::string("sha256=")}) {
    EXPECT_TRUE(absl::IsUnauthenticated(check(wrong))) << wrong;
  }
  EXPECT_TRUE(absl::IsUnauthenticated(check("sha256=" + digest, "Hello, world!")));
  EXPECT_TRUE(absl::IsUnauthenticated(Check(config, {}, "Hello, World!", secrets)));
  // Two of them: which one the proxy before us has looked at, nobody knows.
  const Headers twice = {{"X-Hub-Signature-256", "sha256=" + digest}, {"x-hub-signature-256", "sha256=" + digest}};
  EXPECT_TRUE(absl::IsUnauthenticated(Check(config, twice, "Hello, World!", secrets)));
}

TEST(SignatureTest, AnySecretThatIsInForce) {
  HookSignatureConfig config = Config("S");
  const Headers headers = {{"S", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}};
  EXPECT_TRUE(Check(config, headers, "Hello, World!", {"old", "It's a Secret to Everybody"}).ok());
  EXPECT_TRUE(Check(config, headers, "Hello, World!", {"It's a Secret to Everybody", "new"}).ok());
  EXPECT_FALSE(Check(config, headers, "Hello, World!", {"old", "new"}).ok());
}

// HubSpot's version 3: method, address, body and time, in Base64. The digest is of another implementation (Python's).
class HubSpotSignatureTest : public ::testing::Test {
 protected:
  HubSpotSignatureTest() : config_(Config("X-HubSpot-Signature-v3")) {
    config_.encoding = "base64";
    config_.signed_text = "{method}{uri}{body}{timestamp}";
    config_.uri = "https://keyfold.example/v1/hooks/hubspot";
    config_.timestamp_header = "X-HubSpot-Request-Timestamp";
  }

  absl::Status CheckAt(absl::Time now, const std::string& timestamp = "1700000000000",
                       const std::string& body = R"([{"objectId":"{uri}"}])") const {
    return Check(config_,
                 {{"X-HubSpot-Signature-v3", "glAgzyF+bLBZJRPXqJQVVSFG1yDFDwZo0vUF1pYLgjo="},
                  {"X-HubSpot-Request-Timestamp", timestamp}},
                 body, {"client secret"}, now);
  }

  HookSignatureConfig config_;
};

TEST_F(HubSpotSignatureTest, CoversMethodAddressBodyAndTime) {
  EXPECT_TRUE(CheckAt(kNow).ok()) << CheckAt(kNow);
  EXPECT_TRUE(absl::IsUnauthenticated(CheckAt(kNow, "1700000000001")));
  EXPECT_TRUE(absl::IsUnauthenticated(CheckAt(kNow, "1700000000000", R"([{"objectId":2}])")));
  config_.uri = "https://keyfold.example/v1/hooks/other";
  EXPECT_TRUE(absl::IsUnauthenticated(CheckAt(kNow)));
}

TEST_F(HubSpotSignatureTest, HoldsForAWhile) {
  EXPECT_TRUE(CheckAt(kNow + absl::Seconds(300)).ok());
  EXPECT_TRUE(CheckAt(kNow - absl::Seconds(300)).ok());
  EXPECT_THAT(std::string(CheckAt(kNow + absl::Seconds(301)).message()), HasSubstr("age_s_max"));
  EXPECT_TRUE(absl::IsUnauthenticated(CheckAt(kNow - absl::Seconds(301))));
  for (const char* none : {"", "today", "-1", "1e9"}) EXPECT_TRUE(absl::IsUnauthenticated(CheckAt(kNow, none))) << none;
}

TEST(SignatureTest, SecretsStandInAFileLineByLine) {
  HookSignatureConfig config = Config("S");
  EXPECT_THAT(SecretsOf(config).value(), ElementsAre("s"));
  config.secret = "";
  config.secret_file = testing::TempDir() + "hook_secrets";
  std::ofstream(config.secret_file) << "first \r\n\n second\n";
  EXPECT_THAT(SecretsOf(config).value(), ElementsAre("first", "second"));
  std::ofstream(config.secret_file) << "\n";
  EXPECT_TRUE(absl::IsFailedPrecondition(SecretsOf(config).status()));
  std::remove(config.secret_file.c_str());
  EXPECT_TRUE(absl::IsNotFound(SecretsOf(config).status()));
}

}  // namespace
}  // namespace keyfold
