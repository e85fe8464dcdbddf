// Stage 2: given partials, when they are folded, then groups are published.
#include "engine/group_shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "state/store_keys.h"
#include "state/stored_group.h"
#include "support/default_catalog.h"
#include "support/published.h"
#include "support/shared_store.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GroupShardTest : public ::testing::Test {
 protected:
  GroupShardTest() { Open(); }

  void Open() {
    absl::StatusOr<std::unique_ptr<GroupShard>> shard = TryOpen(4);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
  }

  absl::StatusOr<std::unique_ptr<GroupShard>> TryOpen(int32_t topic_partitions) {
    return GroupShard::Open(std::make_unique<SharedStore>(disk_), catalog_, format_,
                            {"cluster", "partials", 0, topic_partitions});
  }

  // So many accounts of a source partition, each with this revenue on that day.
  void Append(const std::string& group_id, int32_t partition, int accounts, int64_t revenue,
              std::string_view day = "2026-01-05") {
    const EvaluationDay evaluation(catalog_, *ParseDay(day));
    GroupSums sums(catalog_);
    for (int i = 0; i < accounts; ++i) {
      const std::vector<Contribution> ledger = {
          {{Measure::kRevenue, 0, *Currency::Parse("EUR"), evaluation.day}, revenue}};
      const ComponentValues components = SumComponents(evaluation, ledger, RateTable());
      sums += GroupDelta(catalog_, {components, EvaluateAccount(evaluation, components)});
    }
    v1::GroupPartial partial;
    partial.set_group_id(group_id);
    partial.set_source_partition(partition);
    partial.set_day(evaluation.day);
    partial.set_catalog_hash(catalog_.hash());
    *partial.mutable_sums() = ToStored(sums);
    partial.set_cause(v1::KpiUpdate::MEMBERSHIP);
    partial.set_cause_event("manager_assigned");
    partial.set_recorded_at_ms(1'000 * (1 + static_cast<int64_t>(values_.size())));
    values_.push_back(partial.SerializeAsString());
  }

  void Fold() {
    std::vector<int64_t> offsets(values_.size() - static_cast<size_t>(shard_->next_offset()));
    std::iota(offsets.begin(), offsets.end(), shard_->next_offset());
    FoldAt(offsets);
  }

  // Folds these records only, as if compaction had removed the others.
  void FoldAt(const std::vector<int64_t>& offsets) {
    std::vector<Record> records;
    for (int64_t offset : offsets) {
      Record& record = records.emplace_back();
      record.offset = offset;
      record.value = values_.at(static_cast<size_t>(offset));
    }
    EXPECT_EQ(*shard_->Fold(records), records.size());
    outputs_ = *shard_->PrepareCommit();
    EXPECT_TRUE(shard_->PostCommit().ok());
  }

  void FinishReplay(int64_t log_end) {
    shard_->SetLogEnd(log_end);
    ASSERT_TRUE(*shard_->FinishReplay(10, [] { return false; }));
  }

  std::vector<std::string> Published() const {
    std::vector<std::string> texts;
    for (const OutputRecord& output : outputs_) {
      texts.push_back(output.topic == OutputTopic::kDeadLetters ? "dead letter: " + *output.headers.at(1).value
                                                                : DescribeUpdate(output));
    }
    return texts;
  }
  v1::KpiUpdate Update(size_t index = 0) const { return ParseUpdate(*outputs_.at(index).value); }

  const Catalog catalog_ = DefaultCatalog();
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  std::deque<std::string> values_;
  MemoryStore disk_{MergeStored};
  std::unique_ptr<GroupShard> shard_;
  std::vector<OutputRecord> outputs_;
};

TEST_F(GroupShardTest, PartialsOfAllShardsAddUp) {
  Append("manager:M1", 0, 2, 100);
  Append("manager:M1", 7, 1, 300);
  Append("segment:ENT", 0, 1, 100);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 1", "segment:ENT @ 2026-01-05 by 2"));
  EXPECT_EQ(Update().accounts(), 3);
  EXPECT_EQ(Update().account_id(), "");
  EXPECT_EQ(Update().group_id(), "manager:M1");
  EXPECT_EQ(KpiOf(Update(), "revenue_t12m"), 5.0);
  EXPECT_FALSE(Update().kpis().contains("plan_on_track"));  // not of groups
  EXPECT_EQ(Update().group().kind(), v1::GroupAttributes::MANAGER);
  EXPECT_EQ(Update().group().label(), "M1");
  EXPECT_FALSE(Update().has_attributes());
  EXPECT_EQ(Update().cause(), v1::KpiUpdate::MEMBERSHIP);  // of its last partial
  EXPECT_EQ(Update().cause_event(), "manager_assigned");
  EXPECT_EQ(Update().recorded_at().seconds(), 2);
}

TEST_F(GroupShardTest, APartialTakesThePlaceOfItsPredecessor) {
  Append("manager:M1", 0, 2, 100);
  Append("manager:M1", 1, 1, 100);
  Fold();
  Open();
  Append("manager:M1", 0, 1, 400);
  Append("manager:M1", 0, 1, 500);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 3"));
  const v1::KpiUpdate update = Update();
  EXPECT_EQ(update.accounts(), 2);
  EXPECT_EQ(KpiOf(update, "revenue_t12m"), 6.0);
  const auto change = std::find_if(update.changed().begin(), update.changed().end(),
                                   [](const v1::KpiChange& item) { return item.id() == "revenue_t12m"; });
  ASSERT_NE(change, update.changed().end());
  EXPECT_EQ(change->from(), 3.0);
}

TEST_F(GroupShardTest, NothingIsPublishedWhereNothingChanged) {
  Append("manager:M1", 0, 1, 100);
  Fold();
  Append("manager:M1", 0, 1, 100);
  Fold();
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(GroupShardTest, ANewMemberIsAChangeEvenIfNoKpiMoves) {
  Append("manager:M1", 0, 1, 0);
  Fold();
  Append("manager:M1", 0, 2, 0);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 1"));
  EXPECT_EQ(Update().accounts(), 2);
  EXPECT_EQ(Update().catalog_hash(), catalog_.hash());
}

TEST_F(GroupShardTest, TheLatestDayOfAllShardsIsTheGroups) {
  Append("manager:M1", 0, 1, 100, "2026-01-06");
  Append("manager:M1", 1, 1, 100, "2026-01-05");
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-06 by 1"));
}

TEST_F(GroupShardTest, AGroupThatEmptiesGetsATombstoneOnce) {
  Append("manager:M1", 0, 1, 100);
  Append("manager:M1", 1, 1, 100);
  Fold();
  Append("manager:M1", 0, 0, 0);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 2"));
  Append("manager:M1", 1, 0, 0);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 gone"));
  EXPECT_EQ(disk_.contents().size(), 1u);  // the meta record
  Append("manager:M1", 1, 0, 0);
  Fold();
  EXPECT_THAT(Published(), IsEmpty());
  Append("manager:M1", 1, 1, 100);
  Fold();
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 5"));
}

TEST_F(GroupShardTest, WhatIsNoPartialOfThisCatalogueIsADeadLetter) {
  values_.push_back("\xff\xff");
  Append("manager:M1", 0, 1, 100);
  v1::GroupPartial other;
  ASSERT_TRUE(other.ParseFromString(values_.back()));
  other.set_catalog_hash("other");
  values_.push_back(other.SerializeAsString());
  Fold();
  EXPECT_THAT(Published(),
              ElementsAre(HasSubstr("dead letter: this is no partial"),
                          HasSubstr("dead letter: catalog_hash: the partial was made with catalogue 'other'"),
                          "manager:M1 @ 2026-01-05 by 1"));
}

TEST_F(GroupShardTest, ATopicThatGotMorePartitionsIsRefused) {
  Append("manager:M1", 0, 1, 100);
  Fold();
  EXPECT_TRUE(TryOpen(4).ok());
  const absl::Status status = TryOpen(8).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("partials had 4 partitions"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("has 8 now"));
}

// Compaction may have removed what was folded and published in a gap.
TEST_F(GroupShardTest, AfterAGapWhatFollowsIsPublishedEvenIfItChangesNothing) {
  Append("manager:M1", 0, 1, 100);
  Fold();
  Append("manager:M1", 0, 1, 900);  // its update was published, its state lost; compaction removed it
  Append("manager:M1", 0, 1, 100);
  Open();
  shard_->BeginReplay({2, "{}"});
  FinishReplay(/*log_end=*/3);
  ASSERT_TRUE(shard_->catching_up());
  FoldAt({2});
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 2"));
  EXPECT_EQ(Update().cause(), v1::KpiUpdate::RECOVERY);
  EXPECT_THAT(Update().changed(), IsEmpty());  // from what, nobody knows
  EXPECT_FALSE(shard_->catching_up());
  Append("manager:M1", 0, 1, 100);
  Fold();
  EXPECT_THAT(Published(), IsEmpty());
}

// What superseded a record of the gap may be superseded in turn before it is read: only at the end of the log nothing
// can be missing any more.
TEST_F(GroupShardTest, AfterAGapAllIsPublishedUntilTheLogHasBeenReadToItsEnd) {
  Append("manager:M1", 0, 1, 100);
  Append("manager:M1", 1, 1, 100);
  Fold();
  Append("manager:M1", 0, 1, 900);  // as above
  Append("manager:M1", 0, 1, 500);  // removed, too
  Append("manager:M1", 1, 1, 100);
  Append("manager:M1", 0, 1, 100);
  Open();
  shard_->BeginReplay({3, "{}"});
  FinishReplay(/*log_end=*/4);
  for (int64_t offset : {4, 5}) {
    ASSERT_TRUE(shard_->catching_up());
    shard_->SetLogEnd(6);
    FoldAt({offset});
    EXPECT_EQ(Update().cause(), v1::KpiUpdate::RECOVERY);
  }
  EXPECT_FALSE(shard_->catching_up());
}

TEST_F(GroupShardTest, AReplayThatWasInterruptedIsRememberedToHaveMissedSomething) {
  Append("manager:M1", 0, 1, 100);
  Fold();
  Append("manager:M1", 0, 1, 900);
  Append("segment:ENT", 0, 1, 100);
  Append("manager:M1", 0, 1, 100);
  Open();
  shard_->BeginReplay({3, "{}"});
  FoldAt({2});  // 1 is compacted away by 3
  Open();       // it dies before it comes to the end of the replay
  shard_->BeginReplay({3, "{}"});
  FinishReplay(/*log_end=*/4);
  shard_->SetLogEnd(4);
  FoldAt({3});
  EXPECT_THAT(Published(), ElementsAre("manager:M1 @ 2026-01-05 by 3"));
}

TEST_F(GroupShardTest, AGapThatReachesToTheEndHasMissedNothing) {
  Append("manager:M1", 0, 1, 100);
  Append("manager:M1", 0, 1, 900);
  shard_->BeginReplay({2, "{}"});
  FoldAt({0, 1});
  FinishReplay(/*log_end=*/2);
  EXPECT_FALSE(shard_->catching_up());
}

// Of which day its last record is follows from all partials that there were, also from those that compaction has taken.
TEST_F(GroupShardTest, TheFirstRecordOfAGroupAfterAReplayIsPublishedAfresh) {
  Append("manager:M1", 0, 1, 100);
  shard_->BeginReplay({1, "{}"});
  FoldAt({0});
  FinishReplay(/*log_end=*/1);
  for (const auto cause : {v1::KpiUpdate::RECOVERY, v1::KpiUpdate::MEMBERSHIP}) {
    Append("manager:M1", 0, 1, 100 * static_cast<int64_t>(values_.size() + 1));
    Fold();
    EXPECT_EQ(Update().cause(), cause);
    EXPECT_EQ(Update().changed().empty(), cause == v1::KpiUpdate::RECOVERY);
  }
}

}  // namespace
}  // namespace keyfold
