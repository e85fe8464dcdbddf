// Other definitions come in: of alerts is told what they change, and nothing else.
#include <gmock/gmock.h>

#include "engine/rebuild.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RebuildAlertsTest : public ShardTest {
 protected:
  // Two accounts: one has a severe escalation open, of the other one is closed.
  RebuildAlertsTest() {
    for (const char* const id : {"A1", "A2"}) {
      Append("2026-01-05", At("2026-01-05", "escalation_opened { escalation_id: 'E' severity: HIGH department: SALES }",
                              {.event_id = "e", .account_id = id}));
    }
    Append("2026-01-05", At("2026-01-05T13:00:00Z", "escalation_resolved { escalation_id: 'E' }",
                            {.event_id = "r", .account_id = "A2"}));
    FoldAll();
    alerts_.clear();
  }

  void Rebuild(const Catalog& catalog) {
    const auto counts = RebuildAccountShard(disk_, catalog);
    ASSERT_TRUE(counts.ok()) << counts.status();
  }

  // Opens the shard as a worker does that finds the last commit of the group, and folds what the shard has not.
  void Resume(const Catalog& catalog) {
    const OffsetCommit commit = commit_;
    auto shard = TryOpen(identity_, catalog);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
    shard_->BeginReplay({commit.next_offset, commit.metadata});
    while (shard_->next_offset() < commit.next_offset) {
      const Record record = RecordAt(shard_->next_offset());
      ASSERT_TRUE(shard_->Fold(std::span(&record, 1)).ok());
      ASSERT_TRUE(shard_->PrepareCommit().ok());
      ASSERT_TRUE(shard_->PostCommit().ok());
    }
    while (!*shard_->FinishReplay(1'000, [] { return false; })) {
    }
  }

  static Catalog CatalogWith(const std::string& from, const std::string& to) {
    std::string yaml = DefaultCatalogYaml();
    const size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    yaml.replace(at, from.size(), to);
    return *Catalog::Parse(yaml, "catalog.yaml", {});
  }

  // What the run after a rebuild says of alerts.
  std::vector<std::string> RebuiltAndSwept(const Catalog& catalog) {
    Rebuild(catalog);
    Resume(catalog);
    EXPECT_TRUE(shard_->sweeping());
    while (shard_->sweeping()) SweepSlice(1'000);
    EXPECT_FALSE(Published().empty());
    return Alerts();
  }
};

TEST_F(RebuildAlertsTest, WhereNoFlagChangesNothingIsSaid) {
  EXPECT_THAT(RebuiltAndSwept(catalog_), IsEmpty());
  EXPECT_THAT(RebuiltAndSwept(CatalogWith("formula: sum(meetings, t90d)", "formula: 2 * sum(meetings, t90d)")),
              IsEmpty());
}

TEST_F(RebuildAlertsTest, WhatOtherDefinitionsChangeIsSaid) {
  const Catalog lenient = CatalogWith("formula: escalations_severe_open > 0", "formula: escalations_severe_open > 1");
  EXPECT_THAT(RebuiltAndSwept(lenient), ElementsAre("account/severe_escalation_open/A1 cleared @ 2026-01-05 by 2"));
  EXPECT_THAT(RebuiltAndSwept(lenient), IsEmpty());
  EXPECT_THAT(RebuiltAndSwept(catalog_), ElementsAre("account/severe_escalation_open/A1 raised @ 2026-01-05 by 2"));
}

TEST_F(RebuildAlertsTest, AnAlertThatTheCatalogueHasNoMoreIsGone) {
  const Catalog without = CatalogWith("id: severe_escalation_open", "id: escalation");
  EXPECT_THAT(RebuiltAndSwept(without),
              ElementsAre("account/escalation/A1 raised @ 2026-01-05 by 2", "account/severe_escalation_open/A1 gone"));
}

// What the definitions before had published of a gap is not known.
TEST_F(RebuildAlertsTest, AfterAGapEveryAlertIsTold) {
  commit_.next_offset += 1;
  Append("2026-01-05", At("2026-01-05", "escalation_opened { escalation_id: 'E' severity: LOW department: SALES }",
                          {.event_id = "e", .account_id = "A1", .revision = 1}));
  Rebuild(catalog_);
  Resume(catalog_);
  while (shard_->sweeping()) SweepSlice(1'000);
  EXPECT_THAT(Alerts(), Contains("account/severe_escalation_open/A1 cleared @ 2026-01-05 by 3"));
}

// Nor is it known of a sweep that was under way how far it had come, also after a second rebuild.
TEST_F(RebuildAlertsTest, AfterASweepThatDidNotEndEveryAlertIsTold) {
  Append("2026-01-06", ClockAdvanced("2026-01-06"));
  FoldBatch();
  ASSERT_TRUE(shard_->sweeping());
  Rebuild(catalog_);
  EXPECT_THAT(RebuiltAndSwept(catalog_), Contains("account/severe_escalation_open/A1 raised @ 2026-01-06 by 3"));
  EXPECT_THAT(RebuiltAndSwept(catalog_), IsEmpty()) << "now it is";
}

}  // namespace
}  // namespace keyfold
