// Who has which partition, and what another gateway is asked.
#include "peers/peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "peers/partition_claim.h"
#include "peers/partition_owners.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kSince[] = "2026-01-05T12:00:00Z";

PartitionClaim ClaimOf(int32_t partition, const std::string& instance) {
  return {partition, instance, "https://" + instance + ":8443", kSince};
}

TEST(PartitionClaimTest, ComesBackAsItWasWritten) {
  const PartitionClaim claim{3, "worker \"b\"", "https://b:8443/keyfold", kSince};
  EXPECT_EQ(ParsePartitionClaim(FormatPartitionClaim(claim)), claim);
  EXPECT_EQ(ClaimKeyOf(3), "accounts/3");
}

TEST(PartitionClaimTest, WhatIsNoClaimIsNone) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"partition":-1,"instance":"b","url":"u","since":"s"})",
        R"({"partition":2147483648,"instance":"b","url":"u","since":"s"})",
        R"({"partition":"3","instance":"b","url":"u","since":"s"})", R"({"partition":3,"instance":"b","url":"u"})",
        R"({"partition":3,"instance":"b","url":1,"since":"s"})"}) {
    EXPECT_FALSE(ParsePartitionClaim(text).has_value()) << text;
  }
}

TEST(PartitionOwnersTest, TheLastClaimHoldsAndTheOwnOnesAreNotElsewhere) {
  PartitionOwners owners("a", "https://a:8443");
  EXPECT_TRUE(absl::IsUnavailable(owners.complete()));
  owners.Say(absl::OkStatus());
  EXPECT_TRUE(owners.complete().ok());
  owners.Take(ClaimOf(0, "b"));
  owners.Take(ClaimOf(1, "a"));
  owners.Take(ClaimOf(2, "b"));
  owners.Take(ClaimOf(2, "c"));
  owners.Take({3, "a-serve", "https://a:8443", kSince});  // another process behind the same gateway
  EXPECT_THAT(owners.Elsewhere(), UnorderedElementsAre(Pair(0, ClaimOf(0, "b")), Pair(2, ClaimOf(2, "c"))));
  EXPECT_THAT(owners.All(), UnorderedElementsAre(Key(0), Key(1), Key(2), Key(3)));
  EXPECT_EQ(owners.Elsewhere(2), ClaimOf(2, "c"));
  EXPECT_FALSE(owners.Elsewhere(1).has_value());
  EXPECT_FALSE(owners.Elsewhere(7).has_value());
}

TEST(PartitionOwnersTest, AGatewayWithoutAnAddressHasOnlyWhatBearsItsName) {
  PartitionOwners owners("a", "");
  owners.Take({0, "b", "", kSince});
  EXPECT_THAT(owners.Elsewhere(), UnorderedElementsAre(Key(0)));
}

class PeersTest : public ::testing::Test {
 protected:
  PeersTest() {
    target_ = *ParseTarget("/v1/accounts/A%2F1/series?from=2026-01-01&kpis=nps,a%26b");
    request_.headers = {{"authorization", "Bearer secret"}, {"Accept", "x"}};
  }

  absl::StatusOr<HttpReply> Ask(const std::string& instance) {
    return peers_.Ask(ClaimOf(3, instance), request_, target_, std::string(kWantsAnswer));
  }

  HttpTarget target_;
  HttpRequest request_;
  std::vector<HttpCall> calls_;
  absl::StatusOr<HttpReply> reply_ = HttpReply{200, {}, "{}"};
  PartitionOwners owners_{"a", ""};
  Peers peers_{owners_,
               [this](const HttpCall& call) {
                 calls_.push_back(call);
                 return reply_;
               },
               absl::Seconds(7)};
};

TEST_F(PeersTest, TheQuestionGoesToTheOtherGatewayWithTheTokenOfWhoeverAsks) {
  ASSERT_TRUE(Ask("b").ok());
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].url, "https://b:8443/v1/accounts/A%2F1/series?from=2026-01-01&kpis=nps%2Ca%26b");
  EXPECT_THAT(calls_[0].headers,
              UnorderedElementsAre(Pair("Keyfold-Asks", "answer"), Pair("Authorization", "Bearer secret")));
  EXPECT_EQ(calls_[0].whole_max, absl::Seconds(7));
}

TEST_F(PeersTest, WhatTheOtherSaysIsAnAnswerWhateverItIs) {
  reply_ = HttpReply{404, {}, R"({"status":404,"error":"there is no A1"})"};
  const auto reply = Ask("b");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(ErrorIn(*reply), "there is no A1");
  EXPECT_EQ(ErrorIn({502, {}, "<html>"}), "status 502");
}

TEST_F(PeersTest, AnotherFileOfTokensIsSaid) {
  reply_ = HttpReply{401, {}, R"({"error":"who are you?"})"};
  const auto reply = Ask("b");
  EXPECT_TRUE(absl::IsUnavailable(reply.status()));
  EXPECT_THAT(std::string(reply.status().message()),
              AllOf(HasSubstr("partition 3, which b (https://b:8443) has had since 2026-01-05T12:00:00Z"),
                    HasSubstr("who are you?"), HasSubstr("the same tokens")));
}

TEST_F(PeersTest, WhoCannotBeReachedIsNotTriedAgainAtOnceAndOthersAre) {
  reply_ = absl::DeadlineExceededError("b:8443 took too long");
  for (int i = 0; i < 3; ++i) {
    const auto reply = Ask("b");
    EXPECT_TRUE(absl::IsUnavailable(reply.status()));
    EXPECT_THAT(std::string(reply.status().message()),
                AllOf(HasSubstr("partition 3, which b"), HasSubstr("b:8443 took too long")));
  }
  EXPECT_EQ(calls_.size(), 1u);
  reply_ = HttpReply{200, {}, "{}"};
  EXPECT_TRUE(Ask("c").ok());
  EXPECT_FALSE(Ask("b").ok());
}

TEST_F(PeersTest, ATokenGoesNowhereInTheClear) {
  const auto reply = peers_.Ask({3, "b", "http://192.0.2.1:8080", kSince}, request_, target_, "answer");
  EXPECT_TRUE(absl::IsUnavailable(reply.status()));
  EXPECT_THAT(calls_, IsEmpty());
  EXPECT_TRUE(peers_.Ask({3, "b", "http://127.0.0.1:8080", kSince}, request_, target_, "answer").ok());
}

}  // namespace
}  // namespace keyfold
