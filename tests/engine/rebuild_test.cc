// Everything that follows from the entities, made anew from them: it is what folding the log has made.
#include "engine/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>

#include "engine/group_shard.h"
#include "keyfold/v1/stored_state.pb.h"
#include "state/entity_page.h"
#include "support/event_builder.h"
#include "support/gathering.h"
#include "support/random_history.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Contents = std::map<std::string, std::string, std::less<>>;

class RebuildTest : public ShardTest {
 protected:
  void AppendHistory(uint64_t seed, int records) {
    RandomHistory history(seed);
    for (int i = 0; i < records; ++i) Append(history.Next());
  }

  // All that is stored, but for where the shard stands; blocks of the ledger whose cells cancelled out are not there.
  static Contents StateIn(const MemoryStore& store) {
    Contents contents = store.contents();
    contents.erase(MetaKey());
    std::erase_if(contents, [](const auto& entry) { return entry.first.starts_with('l') && entry.second.empty(); });
    return contents;
  }

  // Which alerts were published as raised does not follow from the entities.
  static Contents WithoutAlerts(Contents contents) {
    for (auto& [key, value] : contents) {
      if (!key.starts_with(AllAccountsPrefix())) continue;
      v1::StoredAccount account;
      EXPECT_TRUE(account.ParseFromString(value));
      account.clear_raised_alerts();
      value = account.SerializeAsString();
    }
    return contents;
  }

  v1::ShardMeta Meta() const {
    v1::ShardMeta meta;
    EXPECT_TRUE(meta.ParseFromString(**disk_.Get(MetaKey())));
    return meta;
  }

  static Catalog OtherCatalog() {
    KpiSettings settings;
    settings.time_zone = "America/New_York";
    settings.fiscal_year_start_month = 4;
    return DefaultCatalog(settings);
  }

  void Rebuild(const Catalog& catalog) {
    const auto counts = RebuildAccountShard(disk_, catalog);
    ASSERT_TRUE(counts.ok()) << counts.status();
  }

  // Opens the shard as a worker does that finds this commit of the group.
  void Resume(const OffsetCommit& commit, const Catalog& catalog) {
    auto shard = TryOpen(identity_, catalog);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
    shard_->BeginReplay({commit.next_offset, commit.metadata});
    shard_->SetLogEnd(static_cast<int64_t>(log_.size()));
    while (!*shard_->FinishReplay(1'000, [] { return false; })) {
    }
  }
  void Resume(const OffsetCommit& commit) { Resume(commit, catalog_); }

  // Begins anew with a history of its own, and folds it.
  void FoldHistory(uint64_t seed) {
    disk_ = MemoryStore(MergeStored);
    log_.clear();
    Open();
    AppendHistory(seed, 300);
    FoldAll();
  }

  // What folding the log with another catalogue stores.
  Contents FoldAnew(const Catalog& catalog) {
    MemoryStore disk(MergeStored);
    auto shard = AccountShard::Open(Gathering(std::make_unique<SharedStore>(disk)), catalog, format_, identity_, {});
    EXPECT_TRUE(shard.ok()) << shard.status();
    std::unique_ptr<AccountShard> kept = std::exchange(shard_, *std::move(shard));
    FoldAll();
    shard_ = std::move(kept);
    return StateIn(disk);
  }
};

TEST_F(RebuildTest, WithTheSameCatalogueNothingChanges) {
  rc::check([this] {
    FoldHistory(*rc::gen::arbitrary<uint64_t>());
    const Contents folded = StateIn(disk_);
    const auto counts = RebuildAccountShard(disk_, catalog_);
    RC_ASSERT(counts.ok());
    RC_ASSERT(counts->events > 0);
    RC_ASSERT(StateIn(disk_) == folded);
  });
}

TEST_F(RebuildTest, AnotherCatalogueComesIn) {
  const Catalog other = OtherCatalog();
  rc::check([&, this] {
    FoldHistory(*rc::gen::arbitrary<uint64_t>());
    Rebuild(other);
    RC_ASSERT(WithoutAlerts(StateIn(disk_)) == WithoutAlerts(FoldAnew(other)));
  });
  EXPECT_EQ(Meta().catalog_hash(), other.hash());
  EXPECT_TRUE(absl::IsFailedPrecondition(TryOpen(identity_, catalog_).status()));
  EXPECT_TRUE(TryOpen(identity_, other).ok());
}

TEST_F(RebuildTest, ManyEntitiesOfAnAccountAreIndexedAnew) {
  for (int i = 0; i < 1'000; ++i) {
    Append("2026-01-05", Invoice("A1", "2026-01-05", 100 + i));
  }
  FoldAll();
  const Contents folded = StateIn(disk_);
  Rebuild(catalog_);
  EXPECT_EQ(StateIn(disk_), folded);
}

TEST_F(RebuildTest, EveryAccountAndGroupIsPublishedByTheNextRun) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  FoldAll();
  Published();
  Partials();
  const OffsetCommit before = shard_->OffsetToCommit();
  Rebuild(catalog_);
  for (int run = 0; run < 2; ++run) {  // the first one dies before it has committed anything
    Resume(before);
    EXPECT_TRUE(shard_->sweeping());
  }
  while (shard_->sweeping()) SweepSlice(1'000);
  for (const OutputRecord& output : outputs_) {
    const v1::KpiUpdate update = ParseUpdate(*output.value);
    EXPECT_EQ(update.cause(), v1::KpiUpdate::DEFINITION);
    EXPECT_THAT(update.changed(), IsEmpty());  // the values before followed other definitions
  }
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 1", "A2 @ 2026-01-05 by 1"));
  EXPECT_THAT(Partials(), ElementsAre("portfolio:all: 2 accounts @ 2026-01-05 by 1"));
  const OffsetCommit after = shard_->OffsetToCommit();
  Resume(after);
  EXPECT_FALSE(shard_->sweeping());
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 2"));
}

// Also where a record comes to an account before the sweep does, and whether or not it changes a value.
TEST_F(RebuildTest, WhatARecordTouchesBeforeTheSweepIsPublishedAfreshOnce) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  FoldAll();
  Published();
  const OffsetCommit before = shard_->OffsetToCommit();
  Rebuild(catalog_);
  Resume(before);
  v1::AccountEvent nothing = Invoice("A2", "2026-01-05", 0);
  Append("2026-01-05", nothing);
  FoldBatch();
  const v1::KpiUpdate touched = UpdateOne();
  EXPECT_EQ(touched.cause(), v1::KpiUpdate::DEFINITION);
  EXPECT_THAT(touched.changed(), IsEmpty());
  while (shard_->sweeping()) SweepSlice(1'000);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 2"));
}

TEST_F(RebuildTest, AnInterruptedOneIsRefusedUntilItIsRepeated) {
  AppendHistory(1, 300);
  FoldAll();
  const Contents folded = StateIn(disk_);
  int writes = 0;
  SharedStore failing(disk_, [&writes](const StoreBatch& /*batch*/) {
    return ++writes == 2 ? absl::ResourceExhaustedError("disk full") : absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsResourceExhausted(RebuildAccountShard(failing, catalog_).status()));
  const absl::Status refused = TryOpen(identity_, catalog_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("keyfold rebuild"));
  Rebuild(catalog_);
  EXPECT_EQ(StateIn(disk_), folded);
  EXPECT_TRUE(TryOpen(identity_, catalog_).ok());
}

TEST_F(RebuildTest, ShardsThatNoRecordHasComeToStayEmpty) {
  MemoryStore empty(MergeStored);
  EXPECT_TRUE(RebuildAccountShard(empty, OtherCatalog()).ok());
  EXPECT_TRUE(RebuildGroupShard(empty, OtherCatalog(), {}).ok());
  EXPECT_THAT(empty.contents(), IsEmpty());
}

TEST_F(RebuildTest, RefusesWhatItCannotRebuild) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  KpiSettings dollars;
  dollars.reporting_currency = "USD";
  const absl::Status currency = RebuildAccountShard(disk_, DefaultCatalog(dollars)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(currency)) << currency;
  EXPECT_THAT(currency.message(), HasSubstr("reporting currency is EUR, not USD"));
  EXPECT_TRUE(TryOpen(identity_, catalog_).ok()) << "nothing was touched";

  StoreBatch damage;
  damage.Put(EntityPageKey("A1", 0), "\x01");
  ASSERT_TRUE(disk_.Write(std::move(damage)).ok());
  const absl::Status damaged = RebuildAccountShard(disk_, catalog_).status();
  EXPECT_TRUE(absl::IsDataLoss(damaged)) << damaged;
  EXPECT_THAT(damaged.message(), HasSubstr("A1"));

  v1::ShardMeta meta = Meta();
  meta.set_format_version(kFormatVersion - 1);
  StoreBatch older;
  older.Put(MetaKey(), meta.SerializeAsString());
  ASSERT_TRUE(disk_.Write(std::move(older)).ok());
  EXPECT_THAT(RebuildAccountShard(disk_, catalog_).status().message(), HasSubstr("format"));
}

// --- stage 2 ---------------------------------------------------------------------------------------------------------

class RebuildGroupsTest : public RebuildTest {
 protected:
  // Folds partials into the shard of stage 2, and returns what it publishes.
  std::vector<std::string> FoldPartials(const Catalog& catalog) {
    for (OutputRecord& partial : std::exchange(partials_, {})) partial_log_.push_back(*std::move(partial.value));
    auto shard = GroupShard::Open(std::make_unique<SharedStore>(group_disk_), catalog, format_, kGroupIdentity);
    EXPECT_TRUE(shard.ok()) << shard.status();
    std::vector<Record> records;
    for (auto at = static_cast<size_t>((*shard)->next_offset()); at < partial_log_.size(); ++at) {
      Record& record = records.emplace_back();
      record.offset = static_cast<int64_t>(at);
      record.value = partial_log_[at];
    }
    EXPECT_TRUE((*shard)->Fold(records).ok());
    const auto outputs = (*shard)->PrepareCommit();
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    std::vector<std::string> texts;
    for (const OutputRecord& output : outputs.value_or(std::vector<OutputRecord>())) {
      if (output.topic == OutputTopic::kAlerts) continue;
      texts.push_back(output.topic == OutputTopic::kDeadLetters ? "dead letter" : DescribeUpdate(output));
    }
    EXPECT_TRUE((*shard)->PostCommit().ok());
    return texts;
  }

  absl::Status RebuildGroups(const Catalog& catalog, const std::map<int32_t, const ShardStore*>& accounts) {
    return RebuildGroupShard(group_disk_, catalog, accounts);
  }

  // Lets the accounts' shard run with a catalogue until its sweep has ended.
  void Run(const Catalog& catalog) {
    Resume(shard_->OffsetToCommit(), catalog);
    while (shard_->sweeping()) SweepSlice(1'000);
  }

  const ShardIdentity kGroupIdentity{"cluster", "partials", 0, 4};
  const Catalog other_ = OtherCatalog();
  MemoryStore group_disk_{MergeStored};
  std::deque<std::string> partial_log_;
};

TEST_F(RebuildGroupsTest, GroupsFollowTheAccounts) {
  AppendHistory(7, 300);
  FoldAll();
  FoldPartials(catalog_);
  Rebuild(other_);
  ASSERT_TRUE(RebuildGroups(other_, {{kPartition, &disk_}}).ok());
  const Contents rebuilt = StateIn(group_disk_);
  Run(other_);
  const std::vector<std::string> published = FoldPartials(other_);
  EXPECT_THAT(published, Contains(HasSubstr("portfolio:all")));
  EXPECT_THAT(published, Not(Contains("dead letter")));
  // The sweep has told stage 2 of the same sums that the rebuild found, and now everybody has been told.
  for (const auto& [key, value] : StateIn(group_disk_)) {
    v1::StoredGroup told;
    v1::StoredGroup found;
    if (!key.starts_with('g')) continue;
    ASSERT_TRUE(told.ParseFromString(value));
    ASSERT_TRUE(rebuilt.contains(key)) << key;
    ASSERT_TRUE(found.ParseFromString(rebuilt.at(key)));
    EXPECT_TRUE(found.unpublished());
    EXPECT_FALSE(told.unpublished());
    EXPECT_EQ(told.sums().SerializeAsString(), found.sums().SerializeAsString()) << key;
  }
  Run(other_);
  EXPECT_THAT(partials_, IsEmpty());
}

TEST_F(RebuildGroupsTest, AGroupWhoseEndIsStillToBeToldEnds) {
  Append("2026-01-05",
         At("2026-01-05", "manager_assigned { manager_id: 'M1' }", {.event_id = "1", .account_id = "A1"}));
  FoldAll();
  FoldPartials(catalog_);
  Append("2026-01-06",
         At("2026-01-06", "manager_assigned { manager_id: 'M2' }", {.event_id = "2", .account_id = "A1"}));
  FoldAll();  // that M1 has lost it is in the log of partials, not folded yet
  Rebuild(other_);
  ASSERT_TRUE(RebuildGroups(other_, {{kPartition, &disk_}}).ok());
  const std::vector<std::string> pending = FoldPartials(other_);
  EXPECT_THAT(pending, Contains("manager:M1 gone"));
  Run(other_);
  EXPECT_THAT(FoldPartials(other_), Contains(HasSubstr("manager:M2 @ 2026-01-06")));
}

TEST_F(RebuildGroupsTest, NothingIsDoneWithoutNeedAndNothingWithoutAllShards) {
  AppendHistory(7, 100);
  FoldAll();
  FoldPartials(catalog_);
  const Contents before = group_disk_.contents();
  EXPECT_TRUE(RebuildGroups(catalog_, {}).ok());
  const absl::Status missing = RebuildGroups(other_, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(missing)) << missing;
  EXPECT_THAT(missing.message(), HasSubstr("partition 3"));
  EXPECT_EQ(group_disk_.contents(), before);
}

TEST_F(RebuildGroupsTest, AnInterruptedOneIsRefusedUntilItIsRepeatedAlsoBackwards) {
  AppendHistory(7, 100);
  FoldAll();
  FoldPartials(catalog_);
  Rebuild(other_);
  int writes = 0;
  SharedStore failing(group_disk_, [&writes](const StoreBatch& /*batch*/) {
    return ++writes == 2 ? absl::ResourceExhaustedError("disk full") : absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsResourceExhausted(RebuildGroupShard(failing, other_, {{kPartition, &disk_}})));
  for (const Catalog* catalog : {&catalog_, &other_}) {
    const auto refused =
        GroupShard::Open(std::make_unique<SharedStore>(group_disk_), *catalog, format_, kGroupIdentity);
    EXPECT_THAT(refused.status().message(), HasSubstr("keyfold rebuild"));
  }
  Rebuild(catalog_);
  ASSERT_TRUE(RebuildGroups(catalog_, {{kPartition, &disk_}}).ok());
  EXPECT_TRUE(GroupShard::Open(std::make_unique<SharedStore>(group_disk_), catalog_, format_, kGroupIdentity).ok());
}

}  // namespace
}  // namespace keyfold
