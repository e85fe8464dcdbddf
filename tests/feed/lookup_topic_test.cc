#include "feed/lookup_topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "feed/memory_lookup_topic.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kWithLookup[] =
    "name: m\nsource: json\naccount: a\nkey: id\nlookups: {accounts: {topic: crm.accounts}}\n"
    "rows: [{account_opened: {at: t, name: \"= accounts[a].name\"}}]\n";

class LookupTopicTest : public ::testing::Test {
 protected:
  void Append(const std::string& key, const std::string& name) {
    memory_.Append(key, absl::StrCat(R"({"name": ")", name, "\"}"));
  }

  std::string Name(const std::string& key) const { return std::string(table_.Find(key, 0).value_or("nothing")); }

  const Mapping mapping_ = Mapping::Parse(kWithLookup, "m.yaml").value();
  LookupTable table_;
  MemoryLookupTopic memory_;
  LookupReading reading_ = memory_.Reading();
  LookupTopic topic_{LookupRows(mapping_, mapping_.lookups()[0], table_), reading_};
};

TEST_F(LookupTopicTest, IsReadUpToWhereItEndsWhenItIsAsked) {
  memory_.poll_max = 2;
  for (int i = 0; i < 5; ++i) Append(absl::StrCat("A", i), "old");
  EXPECT_EQ(topic_.Load(), absl::OkStatus());
  EXPECT_EQ(topic_.counts().rows, 5);
  for (int i = 0; i < 5; ++i) Append(absl::StrCat("A", i), "new");
  EXPECT_EQ(Name("A4"), "old");
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Name(absl::StrCat("A", i)), "new");
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  EXPECT_EQ(topic_.counts().records, 10);
  EXPECT_THAT(memory_.opened, ElementsAre("crm.accounts"));
}

TEST_F(LookupTopicTest, FollowsWithoutWaiting) {
  Append("A1", "old");
  EXPECT_EQ(topic_.Follow(), absl::OkStatus());  // not before it was read
  EXPECT_EQ(topic_.counts().rows, 0);
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  Append("A1", "new");
  EXPECT_EQ(topic_.Follow(), absl::OkStatus());
  EXPECT_EQ(Name("A1"), "new");
  EXPECT_EQ(topic_.Follow(), absl::OkStatus());
  EXPECT_EQ(topic_.counts().records, 2);
}

TEST_F(LookupTopicTest, ErrorsPassAndNothingIsReadTwice) {
  Append("A1", "Birken");
  for (const char* const call : {"Open", "LookForEnds", "Poll"}) {
    memory_.errors.emplace(call, absl::UnavailableError("away"));
  }
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = topic_.CatchUp();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  }
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  EXPECT_EQ(Name("A1"), "Birken");
  EXPECT_EQ(topic_.counts().records, 1);
  EXPECT_EQ(memory_.opened.size(), 2u);
}

TEST_F(LookupTopicTest, WhatCannotBeReadToItsEndInTimeIsTriedAgain) {
  Append("A1", "Birken");
  memory_.poll_max = 0;
  const absl::Status slow = topic_.CatchUp();
  EXPECT_TRUE(absl::IsDeadlineExceeded(slow)) << slow;
  EXPECT_TRUE(IsTransient(slow));
  EXPECT_THAT(std::string(slow.message()), HasSubstr("the lookup accounts (the topic crm.accounts)"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(topic_.Load()));
  memory_.poll_max = 1;
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  EXPECT_EQ(Name("A1"), "Birken");
}

TEST_F(LookupTopicTest, EndsWhenItIsStopped) {
  Append("A1", "Birken");
  reading_.stopped = [] { return true; };
  EXPECT_TRUE(absl::IsAborted(topic_.Load()));
}

TEST_F(LookupTopicTest, ATopicThatWasMadeAnewIsReadAnew) {
  Append("A1", "Birken");
  Append("A2", "Elbtal");
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  memory_.MakeAnew();
  Append("A2", "Elbtal Energy");
  const absl::Status status = topic_.CatchUp();
  EXPECT_TRUE(IsTransient(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("is read anew"));
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  EXPECT_EQ(Name("A1"), "nothing");
  EXPECT_EQ(Name("A2"), "Elbtal Energy");
}

TEST_F(LookupTopicTest, AMissingTopicIsTheOperatorsBusiness) {
  memory_.errors.emplace("Open", absl::NotFoundError("none"));
  const absl::Status missing = topic_.CatchUp();
  EXPECT_TRUE(absl::IsFailedPrecondition(missing)) << missing;
  EXPECT_THAT(std::string(missing.message()),
              HasSubstr("there is no topic crm.accounts, which the lookup accounts names"));
  // One that a client does not know may be there all the same.
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  memory_.errors.emplace("LookForEnds", absl::NotFoundError("none"));
  EXPECT_TRUE(IsTransient(topic_.CatchUp()));
  memory_.errors.emplace("Open", absl::PermissionDeniedError("may not read"));
  EXPECT_TRUE(absl::IsPermissionDenied(topic_.CatchUp()));
}

TEST_F(LookupTopicTest, WhatIsNoRowStopsNothing) {
  Append("A1", "Birken");
  memory_.Append("A2", "{nothing");
  Append("A3", "Norden");
  EXPECT_EQ(topic_.CatchUp(), absl::OkStatus());
  EXPECT_EQ(Name("A3"), "Norden");
  EXPECT_EQ(topic_.counts().unreadable, 1);
  EXPECT_EQ(topic_.counts().rows, 2);
}

}  // namespace
}  // namespace keyfold
