// Alerts of groups: given partials, when they are folded, then flags that changed are published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/group_shard.h"
#include "engine/rebuild.h"
#include "state/store_keys.h"
#include "state/stored_group.h"
#include "support/published.h"
#include "support/shared_store.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Catalog CatalogWithLimit(int limit) {
  return *Catalog::Parse(
      absl::StrCat("kpis:\n  - {id: sold, formula: 'sum(revenue, total)', unit: money}\nalerts:\n",
                   "  - {id: rich, formula: sold > 100, severity: LOW, rollup: {id: riches, formula: sold > ", limit,
                   "}}\n  - {id: own, formula: sold > 1, severity: LOW}\n"),
      "catalog.yaml", {});
}

class GroupAlertTest : public ::testing::Test {
 protected:
  GroupAlertTest() { Open(catalog_); }

  void Open(const Catalog& catalog) {
    auto shard =
        GroupShard::Open(std::make_unique<SharedStore>(disk_), catalog, format_, {"cluster", "partials", 0, 4});
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
  }

  // One account of a source partition with this revenue in minor units, or none.
  static GroupSums SumsOf(const Catalog& catalog, std::optional<int64_t> revenue) {
    const EvaluationDay evaluation(catalog, *ParseDay("2026-01-05"));
    GroupSums sums(catalog);
    if (!revenue.has_value()) return sums;
    const std::vector<Contribution> ledger = {
        {{Measure::kRevenue, 0, *Currency::Parse("EUR"), evaluation.day}, *revenue}};
    const ComponentValues components = SumComponents(evaluation, ledger, RateTable());
    sums += GroupDelta(catalog, {components, EvaluateAccount(evaluation, components)});
    return sums;
  }

  // Folds a partial of manager:M1, and returns what is said of alerts.
  std::vector<std::string> Fold(const Catalog& catalog, int32_t partition, std::optional<int64_t> revenue) {
    v1::GroupPartial partial;
    partial.set_group_id("manager:M1");
    partial.set_source_partition(partition);
    partial.set_day(*ParseDay("2026-01-05"));
    partial.set_catalog_hash(catalog.hash());
    *partial.mutable_sums() = ToStored(SumsOf(catalog, revenue));
    partial.set_cause(v1::KpiUpdate::EVENT);
    Record record;
    record.offset = shard_->next_offset();
    const std::string bytes = partial.SerializeAsString();
    record.value = bytes;
    EXPECT_TRUE(shard_->Fold(std::span(&record, 1)).ok());
    outputs_ = *shard_->PrepareCommit();
    EXPECT_TRUE(shard_->PostCommit().ok());
    std::erase_if(outputs_, [](const OutputRecord& output) { return output.topic != OutputTopic::kAlerts; });
    std::vector<std::string> texts;
    for (const OutputRecord& output : outputs_) texts.push_back(DescribeAlert(output));
    return texts;
  }
  std::vector<std::string> Fold(int32_t partition, std::optional<int64_t> revenue) {
    return Fold(catalog_, partition, revenue);
  }

  const Catalog catalog_ = CatalogWithLimit(1'000);
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  MemoryStore disk_{MergeStored};
  std::unique_ptr<GroupShard> shard_;
  std::vector<OutputRecord> outputs_;
};

TEST_F(GroupAlertTest, TheSumOfAllShardsRaises) {
  EXPECT_THAT(Fold(0, 900), IsEmpty());
  EXPECT_THAT(Fold(1, 900), ElementsAre("group/riches/manager:M1 raised @ 2026-01-05 by 1"));
  const v1::KpiAlert alert = ParseAlert(*outputs_[0].value);
  EXPECT_EQ(alert.group().label(), "M1");
  EXPECT_EQ(alert.cause(), v1::KpiUpdate::EVENT);
  ASSERT_EQ(alert.inputs_size(), 1);
  EXPECT_EQ(alert.inputs(0).value(), 18.0);  // major units
  EXPECT_THAT(Fold(1, 950), IsEmpty());
  EXPECT_THAT(Fold(1, 50), ElementsAre("group/riches/manager:M1 cleared @ 2026-01-05 by 3"));
}

TEST_F(GroupAlertTest, AGroupThatIsGoneHasNone) {
  Fold(0, 1'900);
  EXPECT_THAT(Fold(0, std::nullopt), ElementsAre("group/riches/manager:M1 gone"));
  EXPECT_THAT(Fold(0, std::nullopt), IsEmpty());
  EXPECT_THAT(Fold(0, 1'900), ElementsAre("group/riches/manager:M1 raised @ 2026-01-05 by 3"));
}

// Partials that were published from may have been compacted away.
TEST_F(GroupAlertTest, AfterAGapWhatHoldsIsTold) {
  Fold(0, 1'900);
  shard_->BeginReplay({shard_->next_offset() + 1, "{}"});
  Fold(0, 1'901);
  shard_->SetLogEnd(shard_->next_offset());
  ASSERT_TRUE(*shard_->FinishReplay(10, [] { return false; }));
  EXPECT_THAT(Fold(0, 1'902), ElementsAre("group/riches/manager:M1 raised @ 2026-01-05 by 2"));
  EXPECT_EQ(ParseAlert(*outputs_[0].value).cause(), v1::KpiUpdate::RECOVERY);
  EXPECT_THAT(Fold(0, 1'903), IsEmpty());
}

TEST_F(GroupAlertTest, ARebuildTellsWhatItChanges) {
  Fold(0, 1'900);
  for (const auto& [limit, said] : std::map<int, std::vector<std::string>>{
           {1'500, {}}, {2'000, {"group/riches/manager:M1 cleared @ 2026-01-05 by 2"}}}) {
    const Catalog other = CatalogWithLimit(limit);
    MemoryStore accounts(MergeStored);
    StoreBatch sums;
    sums.Put(GroupKey("manager:M1"), SerializeGroup({SumsOf(other, 1'900)}));
    ASSERT_TRUE(accounts.Write(std::move(sums)).ok());
    ASSERT_EQ(RebuildGroupShard(disk_, other, {{0, &accounts}}), absl::OkStatus());
    Open(other);
    EXPECT_EQ(Fold(other, 0, 1'900), said) << limit;
    for (const OutputRecord& output : outputs_) {
      EXPECT_EQ(ParseAlert(*output.value).cause(), v1::KpiUpdate::DEFINITION);
    }
  }
}

}  // namespace
}  // namespace keyfold
