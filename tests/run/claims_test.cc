#include "run/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Claim kLive{"live", "account-events", {"account-kpis", "rollup-kpis"}};

std::string Refusal(const Claim& claim) {
  const absl::Status status = CheckClaim(claim, {{"keyfold.live.catalog", kLive}});
  EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
  return std::string(status.message());
}

TEST(ClaimsTest, AClaimIsReadAsItWasWritten) {
  EXPECT_EQ(ParseClaim(FormatClaim(kLive)), kLive);
  for (const char* text :
       {"", "{", "[]", "{}", R"({"projection":"a","events":"e"})", R"({"projection":"a","events":"e","outputs":[1]})",
        R"({"projection":1,"events":"e","outputs":[]})"}) {
    EXPECT_EQ(ParseClaim(text), std::nullopt) << text;
  }
}

TEST(ClaimsTest, AProjectionMayChangeItsOwnOutputs) {
  EXPECT_EQ(Refusal({"live", "account-events", {"account-kpis", "other"}}), "");
}

TEST(ClaimsTest, ProjectionsBesideEachOther) {
  EXPECT_EQ(Refusal({"v2", "account-events", {"account-kpis.v2", "rollup-kpis.v2"}}), "");
}

TEST(ClaimsTest, AnOutputOfAnotherProjectionIsRefused) {
  EXPECT_THAT(Refusal({"v2", "account-events", {"account-kpis.v2", "rollup-kpis"}}),
              AllOf(HasSubstr("rollup-kpis belongs to the projection live"), HasSubstr("keyfold.live.catalog")));
}

TEST(ClaimsTest, TheInputOfAnotherProjectionIsNoOutput) {
  EXPECT_THAT(Refusal({"v2", "events-2", {"account-events"}}),
              HasSubstr("account-events belongs to the projection live"));
}

TEST(ClaimsTest, OneNameIsOneInput) {
  EXPECT_THAT(Refusal({"live", "events-2", {"account-kpis"}}),
              AllOf(HasSubstr("folds the topic account-events, not events-2"), HasSubstr("--projection NEW_NAME")));
}

}  // namespace
}  // namespace keyfold
