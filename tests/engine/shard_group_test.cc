// Which partials a shard of stage 1 publishes, and what is in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "state/account_reader.h"
#include "state/stored_group.h"
#include "support/random_history.h"
#include "support/read_members.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShardGroupTest : public ShardTest {
 protected:
  int64_t Assign(const std::string& account_id, std::string_view timestamp, std::string_view day,
                 const std::string& manager, uint32_t revision = 0) {
    return Append(
        timestamp,
        At(day, absl::StrCat("manager_assigned { manager_id: '", manager, "' }"),
           {.event_id = absl::StrCat("assigned ", std::string(day)), .account_id = account_id, .revision = revision}));
  }

  // The groups and their members, as the shard keeps them.
  std::map<std::string, int64_t> StoredGroups() const {
    std::map<std::string, int64_t> groups;
    for (const auto& [key, value] : disk_.contents()) {
      v1::StoredGroup group;
      if (key[0] == 'g' && group.ParseFromString(value)) groups[key.substr(2)] = group.sums().accounts();
    }
    return groups;
  }

  std::vector<std::string> Members(const std::string& group) const {
    return *ReadMembers(SharedStore(const_cast<MemoryStore&>(disk_)), group);
  }
};

TEST_F(ShardGroupTest, OnePartialPerGroupAndBatch) {
  for (int i = 0; i < 20; ++i) Append("2026-01-05", Invoice(absl::StrCat("A", i), "2026-01-05", 100));
  FoldBatch();
  EXPECT_THAT(Partials(), ElementsAre("portfolio:all: 20 accounts @ 2026-01-05 by 19"));
}

TEST_F(ShardGroupTest, ABatchThatChangesNoSumPublishesNoPartial) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  Partials();
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));  // a duplicate
  FoldBatch();
  EXPECT_THAT(Partials(), IsEmpty());
}

TEST_F(ShardGroupTest, AnAccountMovesWithItsManager) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 50));
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  Assign("A2", "2026-01-05", "2026-01-01", "M1");
  FoldAll();
  EXPECT_THAT(StoredGroups(), ElementsAre(std::pair("manager:M1", 2), std::pair("portfolio:all", 2)));
  Partials();
  Assign("A1", "2026-01-05", "2026-01-02", "M2");
  FoldBatch();
  EXPECT_THAT(Partials(),
              ElementsAre("manager:M1: 1 accounts @ 2026-01-05 by 4", "manager:M2: 1 accounts @ 2026-01-05 by 4"));
  EXPECT_THAT(Members("manager:M1"), ElementsAre("A1", "A2"));  // at some date
  EXPECT_THAT(Members("manager:M2"), ElementsAre("A1"));
}

TEST_F(ShardGroupTest, TheLastMemberLeavesAnEmptyPartial) {
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  FoldAll();
  Partials();
  AppendErasure("2026-01-05", "A1");
  FoldBatch();
  EXPECT_THAT(Partials(),
              ElementsAre("manager:M1: 0 accounts @ 2026-01-05 by 1", "portfolio:all: 0 accounts @ 2026-01-05 by 1"));
  EXPECT_THAT(StoredGroups(), IsEmpty());
  EXPECT_THAT(Members("manager:M1"), IsEmpty());
}

TEST_F(ShardGroupTest, AnAccountWithoutLiveEventsIsInNoGroup) {
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  FoldAll();
  v1::AccountEvent retraction =
      At("2026-01-01", "manager_assigned {}", {.event_id = "assigned 2026-01-01", .account_id = "A1", .revision = 1});
  retraction.set_retracted(true);
  Append("2026-01-05", retraction);
  FoldBatch();
  EXPECT_THAT(StoredGroups(), IsEmpty());
  EXPECT_THAT(Members("manager:M1"), IsEmpty());
}

TEST_F(ShardGroupTest, AnErasedAccountThatComesBackIsInItsNewGroupsOnly) {
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  FoldAll();
  Partials();
  AppendErasure("2026-01-05", "A1");
  Assign("A1", "2026-01-05", "2026-01-02", "M2");
  FoldBatch();
  EXPECT_THAT(Partials(),
              ElementsAre("manager:M1: 0 accounts @ 2026-01-05 by 2", "manager:M2: 1 accounts @ 2026-01-05 by 2"));
  EXPECT_THAT(Members("manager:M1"), IsEmpty());
}

// What a producer dated ahead comes into force when its day comes, with no event and no look at the entity before.
TEST_F(ShardGroupTest, AFutureAssignmentMovesTheAccountOnItsDay) {
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  Assign("A1", "2026-01-05", "2026-01-10", "M2");
  FoldAll();
  EXPECT_THAT(StoredGroups(), ElementsAre(std::pair("manager:M1", 1), std::pair("portfolio:all", 1)));
  Append("2026-01-09", ClockAdvanced("2026-01-09"));
  FoldAll();
  EXPECT_THAT(StoredGroups(), ElementsAre(std::pair("manager:M1", 1), std::pair("portfolio:all", 1)));
  Partials();
  Append("2026-01-10", ClockAdvanced("2026-01-10"));
  FoldAll();
  EXPECT_THAT(StoredGroups(), ElementsAre(std::pair("manager:M2", 1), std::pair("portfolio:all", 1)));
  EXPECT_THAT(Partials(),
              ElementsAre("manager:M1: 0 accounts @ 2026-01-10 by 3", "manager:M2: 1 accounts @ 2026-01-10 by 3",
                          "portfolio:all: 1 accounts @ 2026-01-10 by 3",  // the account has moved, then come the groups
                          "manager:M2: 1 accounts @ 2026-01-10 by 3", "portfolio:all: 1 accounts @ 2026-01-10 by 3"));
}

TEST_F(ShardGroupTest, SlicesOfAccountsPublishNoPartials_ThenSlicesOfGroupsPublishAll) {
  for (const char* id : {"A1", "A2", "A3"}) {
    Append("2026-01-31", Invoice(id, "2026-01-31", 100));
    Assign(id, "2026-01-31", "2026-01-01", id);
  }
  FoldAll();
  Partials();
  Append("2026-02-01", ClockAdvanced("2026-02-01"));
  FoldBatch();
  SweepSlice(2);
  SweepSlice(2);
  EXPECT_TRUE(shard_->meta().sweep().accounts_done());
  EXPECT_THAT(Partials(), IsEmpty());
  SweepSlice(2);
  EXPECT_THAT(Partials(),
              ElementsAre("manager:A1: 1 accounts @ 2026-02-01 by 6", "manager:A2: 1 accounts @ 2026-02-01 by 6"));
  Append("2026-02-01", Invoice("A1", "2026-02-01", 1));  // a record's groups do not wait
  FoldBatch();
  EXPECT_THAT(Partials(),
              ElementsAre("manager:A1: 1 accounts @ 2026-02-01 by 7", "portfolio:all: 3 accounts @ 2026-02-01 by 7"));
  SweepSlice(2);
  EXPECT_THAT(Partials(),
              ElementsAre("manager:A3: 1 accounts @ 2026-02-01 by 7", "portfolio:all: 3 accounts @ 2026-02-01 by 7"));
  EXPECT_FALSE(shard_->sweeping());
}

TEST_F(ShardGroupTest, ACatalogueWithoutRollupsKeepsNoGroups) {
  const Catalog catalog = *Catalog::Parse(
      "kpis:\n  - {id: revenue, formula: 'sum(revenue, total)', unit: money, rollup: none}\n", "test", {});
  shard_ = *TryOpen(identity_, catalog);
  Assign("A1", "2026-01-05", "2026-01-01", "M1");
  FoldAll();
  EXPECT_THAT(Partials(), IsEmpty());
  EXPECT_THAT(StoredGroups(), IsEmpty());
  EXPECT_THAT(Members("manager:M1"), ElementsAre("A1"));
}

// Sums kept by adding and subtracting are the sums of the members, whatever has happened.
TEST_F(ShardGroupTest, SumsAreThoseOfTheMembers) {
  const bool held = rc::check([this] {
    RandomHistory history(*rc::gen::arbitrary<uint64_t>());
    log_.clear();
    disk_ = MemoryStore(MergeStored);
    Open();
    for (int i = 0; i < 80; ++i) Append(history.Next());
    FoldAll();
    const SharedStore store(disk_);
    const Day day = catalog_.calendar().DayOf(shard_->meta().stream_time_ms() / 1000);
    const EvaluationDay evaluation(catalog_, day);
    const RateTable rates = *ReadRates(store);
    std::map<std::string, GroupSums> expected;
    const std::vector<std::string> accounts = *ReadMembers(store, kAllAccountsGroup);
    for (const std::string& id : accounts) {
      v1::StoredAccount stored;
      RC_ASSERT(stored.ParseFromString(**disk_.Get(AccountKey(id))));
      if (stored.live_events() == 0) continue;
      const ComponentValues components = SumComponents(evaluation, *ReadLedger(store, id), rates);
      const GroupDelta share(catalog_, {components, EvaluateAccount(evaluation, components)});
      const AccountAttributes attributes = AttributesAt(*ReadAttributes(store, catalog_.calendar(), id), day);
      for (const std::string& group : GroupsOf(attributes)) {
        expected.try_emplace(group, catalog_).first->second += share;
        const std::vector<std::string> members = Members(group);
        RC_ASSERT(std::find(members.begin(), members.end(), id) != members.end());
      }
    }
    std::map<std::string, GroupSums> stored_sums;
    for (const auto& [key, value] : disk_.contents()) {
      v1::StoredGroup group;
      if (key[0] != 'g') continue;
      RC_ASSERT(group.ParseFromString(value));
      stored_sums.emplace(key.substr(2), *FromStored(catalog_, group.sums()));
    }
    RC_ASSERT(stored_sums == expected);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace keyfold
