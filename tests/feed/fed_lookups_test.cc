// What a feed looks up: what was written to a lookup's topic before a record is found when the record is mapped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "feed/feeder.h"
#include "feed/lookups.h"
#include "feed/memory_lookup_topic.h"
#include "support/memory_cluster.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kOpened[] = R"yaml(name: crm
source: json
lookups:
  accounts: {topic: crm.accounts}
  regions: {file: regions.csv, key: code}
account: number
key: number
rows:
  - account_opened:
      at: t
      name: coalesce(accounts[number].name, "?")
      region: regions[accounts[number].region].name
)yaml";

class FedLookupsTest : public ::testing::Test {
 protected:
  FedLookupsTest() {
    std::filesystem::create_directories(directory_);
    Write("regions.csv", "code,name\nN,North\nS,South\nS,Suth\n");
    lookups_ = Lookups::Open(*input_.mapping(), directory_ + "/m.yaml", topic_.Reading()).value();
    feeder_ = std::make_unique<Feeder>(*log_, *sink_, input_, *lookups_, FeederOptions());
  }

  void Write(const std::string& name, const std::string& text) const { std::ofstream(directory_ + "/" + name) << text; }

  void Notify(const std::string& number) {
    cluster_.Append(0, {std::nullopt, absl::StrCat(R"({"number": ")", number, R"(", "t": "2025-03-03"})"), {}, 0});
  }
  void PutAccount(const std::string& number, const std::string& name, const std::string& region) {
    topic_.Append(number, absl::StrCat(R"({"name": ")", name, R"(", "region": ")", region, "\"}"));
  }

  // Steps until records came.
  absl::StatusOr<FedCounts> StepOnce() {
    for (int i = 0; i < 10; ++i) {
      absl::StatusOr<FedCounts> fed = feeder_->Step();
      if (!fed.ok() || fed->records > 0) return fed;
    }
    return absl::UnavailableError("no records came");
  }

  // "A1 name region" of each event.
  std::vector<std::string> Opened() {
    std::vector<std::string> texts;
    for (const MemoryRecord& record : cluster_.outputs(kFedEvents)) {
      v1::AccountEvent event;
      EXPECT_TRUE(event.ParseFromString(*record.value));
      const v1::AccountOpened& opened = event.account_opened();
      texts.push_back(absl::StrCat(event.account_id(), " ", opened.name(), " ", opened.region()));
    }
    return texts;
  }

  const std::string directory_ = testing::TempDir() + "fed_lookups_test";
  MemoryCluster cluster_{1};
  MemoryLookupTopic topic_;
  const Input input_{"crm", Currency(),
                     DocumentMapper::Parse(kOpened, "m.yaml", DocumentMapper::AtHand::kLookups).value()};
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<EventLog> log_ = cluster_.OpenLog();
  std::unique_ptr<UpdateSink> sink_ = cluster_.OpenSink(log_.get(), "feeder");
  std::unique_ptr<Feeder> feeder_;
};

TEST_F(FedLookupsTest, WhatWasWrittenBeforeARecordIsFound) {
  topic_.poll_max = 1;
  for (int i = 0; i < 5; ++i) {
    PutAccount("A1", absl::StrCat("name ", i), i % 2 == 0 ? "N" : "S");
    PutAccount("A2", "other", "N");
    Notify("A1");
    ASSERT_EQ(StepOnce().status(), absl::OkStatus());
  }
  EXPECT_THAT(Opened(), ElementsAre("A1 name 0 North", "A1 name 1 South", "A1 name 2 North", "A1 name 3 South",
                                    "A1 name 4 North"));
}

// The row is written after the feed was up to date, and before the record: the end that is read up to is that at the
// time at which the record was polled, and not an older one.
TEST_F(FedLookupsTest, TheEndIsLookedForAfterTheRecordWasPolled) {
  PutAccount("A1", "old", "N");
  ASSERT_EQ(lookups_->Load(), absl::OkStatus());
  bool polled = false;
  cluster_.on_step = [this, &polled](std::string_view step) {
    if (step != "Poll.before" || std::exchange(polled, true)) return;
    PutAccount("A1", "new", "S");
    Notify("A1");
  };
  EXPECT_EQ(StepOnce().status(), absl::OkStatus());
  cluster_.on_step = [](std::string_view) {};
  EXPECT_THAT(Opened(), ElementsAre("A1 new South"));
}

TEST_F(FedLookupsTest, NoRecordIsMappedBeforeItsLookupsAreRead) {
  PutAccount("A1", "Birken", "N");
  Notify("A1");
  topic_.poll_max = 0;
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<FedCounts> fed = StepOnce();
    EXPECT_TRUE(absl::IsDeadlineExceeded(fed.status())) << fed.status();
    EXPECT_TRUE(IsTransient(fed.status()));
    EXPECT_THAT(Opened(), IsEmpty());
  }
  topic_.poll_max = 1;
  ASSERT_EQ(StepOnce().status(), absl::OkStatus());
  EXPECT_THAT(Opened(), ElementsAre("A1 Birken North"));
}

TEST_F(FedLookupsTest, WhatIsFoundNowhereIsNothingAndCounted) {
  PutAccount("A1", "Birken", "W");
  PutAccount("A2", "Elbtal", "N");
  topic_.Append("A2", std::nullopt);
  Notify("A1");
  Notify("A2");
  const absl::StatusOr<FedCounts> fed = StepOnce();
  ASSERT_TRUE(fed.ok()) << fed.status();
  EXPECT_THAT(Opened(), ElementsAre("A1 Birken ", "A2 ? "));
  EXPECT_THAT(fed->notes,
              testing::UnorderedElementsAre(Pair("accounts[number].name found nothing", 1),
                                            Pair("coalesce(accounts[number].name, \"?\") took its default", 1),
                                            Pair("accounts[number].region found nothing", 1),
                                            Pair("regions[accounts[number].region].name found nothing", 1)));
}

TEST_F(FedLookupsTest, TopicsAreFollowedWhileNothingIsFed) {
  ASSERT_EQ(lookups_->Load(), absl::OkStatus());
  PutAccount("A1", "Birken", "N");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(feeder_->Step().status(), absl::OkStatus());
  EXPECT_EQ(lookups_->topics()[0].counts().rows, 1);
  topic_.errors.emplace("Poll", absl::UnavailableError("away"));
  EXPECT_TRUE(absl::IsUnavailable(feeder_->Step().status()));
}

TEST_F(FedLookupsTest, AMissingTopicEndsIt) {
  Notify("A1");
  topic_.errors.emplace("Open", absl::NotFoundError("none"));
  const absl::StatusOr<FedCounts> fed = StepOnce();
  EXPECT_TRUE(absl::IsFailedPrecondition(fed.status())) << fed.status();
}

TEST_F(FedLookupsTest, AFileThatIsNotThereIsNoticedAtOnce) {
  const absl::Status status =
      Lookups::Open(*input_.mapping(), directory_ + "/elsewhere/m.yaml", topic_.Reading()).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("elsewhere/regions.csv"));
}

}  // namespace
}  // namespace keyfold
