// What becomes of accounts: erased, emptied, corrected, swept; and which stores a shard refuses.
#include <gmock/gmock.h>

#include <algorithm>

#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using ShardAccountTest = ShardTest;
using ShardSweepTest = ShardTest;

// --- erasure and retraction ------------------------------------------------------------------------------------------

TEST_F(ShardAccountTest, ErasureIsATombstoneAndThenAFreshAccount) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  FoldAll();
  Published();
  AppendErasure("2026-01-05", "A1");
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 gone"));
  EXPECT_THAT(Stored("A1", {EntityKind::kInvoice, "I2026-01-05100"}).events(), IsEmpty());

  Append("2026-01-05", Invoice("A1", "2026-01-05", 700));
  FoldAll();
  const v1::KpiUpdate fresh = UpdateOne();
  EXPECT_EQ(KpiOf(fresh, "revenue_ytd"), 7.0);
  EXPECT_EQ(fresh.changed_size(), static_cast<int>(fresh.kpis().size()));
  for (const v1::KpiChange& change : fresh.changed()) EXPECT_FALSE(change.has_from()) << change.id();
}

// No tombstone stands between: a reader sees one record after the other.
TEST_F(ShardAccountTest, ErasureAndAFreshStartInOneBatchIsOneUpdateFromTheRecordBefore) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  Published();
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  AppendErasure("2026-01-05", "A1");
  Append("2026-01-05", Invoice("A1", "2026-01-05", 700));
  EXPECT_EQ(FoldBatch(), 3u);
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(KpiOf(update, "revenue_ytd"), 7.0);
  const auto changed = std::find_if(update.changed().begin(), update.changed().end(),
                                    [](const v1::KpiChange& change) { return change.id() == "revenue_ytd"; });
  ASSERT_NE(changed, update.changed().end());
  EXPECT_EQ(changed->from(), 1.0);
  for (const v1::KpiChange& change : update.changed()) EXPECT_NE(change.id(), "nps");

  AppendErasure("2026-01-05", "A1");
  Append("2026-01-05", Invoice("A1", "2026-01-05", 700));
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_THAT(Published(), IsEmpty());  // all is as it was
}

TEST_F(ShardAccountTest, ErasureOfAnUnknownAccountPublishesNothing) {
  AppendErasure("2026-01-05", "A1");
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  AppendErasure("2026-01-05", "A2");  // born and erased in one batch
  EXPECT_EQ(FoldBatch(), 3u);
  EXPECT_THAT(Published(), IsEmpty());
  AppendErasure("2026-01-05", "A2");
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(ShardAccountTest, RetractingTheLastEventIsATombstone) {
  v1::AccountEvent first = Invoice("A1", "2026-01-05", 100);
  v1::AccountEvent second = Opened("A1");
  Append("2026-01-05", first);
  Append("2026-01-05", second);
  FoldAll();
  Published();
  for (v1::AccountEvent* event : {&first, &second}) {
    event->set_revision(1);
    event->set_retracted(true);
  }
  Append("2026-01-05", second);
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 2"));
  Append("2026-01-05", first);
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 gone"));

  // Time that passes does not bring it back; a higher revision does, from nothing.
  Append("2026-02-05", ClockAdvanced("2026-02-05"));
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
  first.set_revision(2);
  first.set_retracted(false);
  Append("2026-02-05", first);
  FoldAll();
  const v1::KpiUpdate back = UpdateOne();
  EXPECT_EQ(KpiOf(back, "revenue_ytd"), 1.0);
  EXPECT_EQ(back.changed_size(), static_cast<int>(back.kpis().size()));
}

TEST_F(ShardAccountTest, ARetractedEventAloneIsNoAccount) {
  v1::AccountEvent event = Invoice("A1", "2026-01-05", 100);
  event.set_retracted(true);
  Append("2026-01-05", event);
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
}

// --- a meeting's revisions -------------------------------------------------------------------------------------------

v1::AccountEvent Meeting(uint32_t revision, const std::string& stakeholders, bool retracted = false) {
  return At("2026-01-02", "meeting_held { meeting_id: 'M' kind: NEGOTIATION " + stakeholders + "}",
            {.event_id = "held", .revision = revision, .retracted = retracted});
}

TEST_F(ShardAccountTest, RevisionsOfAMeetingLeaveAndJoinStakeholders) {
  const auto identified = [](const std::string& id) {
    return At("2026-01-01", "stakeholder_identified { stakeholder_id: '" + id + "' role: DECISION_MAKER }");
  };
  const auto coverage_after = [this](const v1::AccountEvent& event) {
    Append("2026-01-05", event);
    FoldAll();
    return KpiOf(UpdateOne(), "stakeholder_coverage");
  };
  const auto mentions = [this](const std::string& id) {
    return Stored("A1", {EntityKind::kStakeholder, id}).mentions_size();
  };
  Append("2026-01-05", identified("S1"));
  Append("2026-01-05", identified("S2"));
  EXPECT_EQ(coverage_after(Meeting(0, "stakeholder_ids: 'S1' stakeholder_ids: 'S1' ")), 0.5);
  EXPECT_EQ(coverage_after(Meeting(1, "stakeholder_ids: 'S1' stakeholder_ids: 'S2' ")), 1.0);
  EXPECT_EQ(mentions("S1"), 1);
  EXPECT_EQ(mentions("S2"), 1);
  EXPECT_EQ(coverage_after(Meeting(2, "stakeholder_ids: 'S2' stakeholder_ids: 'S3' ")), 0.5);
  EXPECT_EQ(mentions("S1"), 0);
  EXPECT_EQ(mentions("S3"), 1);
  EXPECT_EQ(coverage_after(Meeting(3, "", /*retracted=*/true)), 0.0);  // its fields are empty; it still leaves
  EXPECT_EQ(mentions("S2"), 0);
  EXPECT_EQ(*disk_.Get(EntityKey("A1", {EntityKind::kStakeholder, "S3"})), std::nullopt);
}

// --- the sweep -------------------------------------------------------------------------------------------------------

TEST_F(ShardSweepTest, SlicesPublishOnlyWhatChangesInTheOrderOfKeys) {
  for (const char* id : {"A1", "A2", "A3", "A4", "A5"}) Append("2026-01-31", Opened(id));
  Append("2026-01-31", Invoice("A5", "2026-01-31", 100));
  Append("2026-01-31", Invoice("A2", "2026-01-31", 100));
  FoldAll();
  Published();
  const int64_t tick = Append("2026-02-01", ClockAdvanced("2026-02-01"));
  ASSERT_EQ(tick, 7);
  Append("2026-02-01", Invoice("A3", "2026-02-01", 100));
  FoldBatch();
  EXPECT_THAT(Published(), ElementsAre("A3 @ 2026-02-01 by 8"));
  SweepSlice(2);
  EXPECT_THAT(Published(), ElementsAre("A2 @ 2026-02-01 by 7"));
  EXPECT_EQ(shard_->meta().sweep().after_account(), "A2");
  Open();  // how far it came is stored
  SweepSlice(2);
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_TRUE(shard_->sweeping());
  SweepSlice(2);
  EXPECT_THAT(Published(), ElementsAre("A5 @ 2026-02-01 by 7"));
  SweepSlice(2);  // the groups
  EXPECT_FALSE(shard_->sweeping());
  SweepSlice(2);
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(ShardSweepTest, ANewDayBeginsTheSweepAnew) {
  for (const char* id : {"A1", "A2"}) Append("2026-01-31", Invoice(id, "2026-01-31", 100));
  FoldAll();
  Published();
  Append("2026-02-01", ClockAdvanced("2026-02-01"));
  FoldBatch();
  SweepSlice(1);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-02-01 by 2"));
  Append("2027-02-01", ClockAdvanced("2027-02-01"));
  FoldBatch();
  SweepSlice(2);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2027-02-01 by 3", "A2 @ 2027-02-01 by 3"));
}

TEST_F(ShardSweepTest, AccountsOfThePendingBatchAreUpToDate) {
  Append("2026-01-31", Invoice("A1", "2026-01-31", 100));
  FoldAll();
  Published();
  Append("2026-02-01", Invoice("A1", "2026-02-01", 200));
  const Record record = RecordAt(1);
  ASSERT_TRUE(shard_->Fold({&record, 1}).ok());
  ASSERT_TRUE(shard_->Sweep(10, [] { return false; }).ok());  // of the same transaction: not stored yet
  Commit();
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-02-01 by 1"));
  EXPECT_EQ((*QueryAccount(SharedStore(disk_), catalog_, "A1", std::nullopt))->day, *ParseDay("2026-02-01"));
  EXPECT_TRUE(shard_->meta().sweep().accounts_done());
}

TEST_F(ShardSweepTest, ANewRateConcernsOnlyAccountsWithForeignMoney) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "EUR"));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100, "USD"));
  FoldAll();
  Published();
  Append("2026-01-05", Rate("USD", "2026-01", 2));
  FoldAll();
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 2.0);
  EXPECT_EQ(shard_->counts().swept, 1);
  Append("2026-01-05", Rate("USD", "2026-01", 2));  // a duplicate changes no rate
  FoldBatch();
  EXPECT_FALSE(shard_->sweeping());
  Append("2026-01-05", Rate("USD", "2026-01", 3, /*revision=*/1));
  FoldAll();
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 3.0);
}

TEST_F(ShardSweepTest, RatesOutliveTheProcess) {
  Append("2026-01-05", Rate("USD", "2026-01", 2));
  FoldAll();
  Open();
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "USD"));
  FoldAll();
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 2.0);
}

// --- stores that are refused -----------------------------------------------------------------------------------------

class RefusedShardTest : public ShardTest {
 protected:
  RefusedShardTest() {
    Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
    FoldAll();
  }

  // Why the store is refused.
  std::string Refusal(const ShardIdentity& identity, const Catalog& catalog) {
    const absl::Status status = TryOpen(identity, catalog).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    return std::string(status.message());
  }
};

TEST_F(RefusedShardTest, AnotherFormat) {
  v1::ShardMeta meta = shard_->meta();
  meta.set_format_version(kFormatVersion + 1);
  StoreBatch batch;
  batch.Put(MetaKey(), meta.SerializeAsString());
  ASSERT_TRUE(disk_.Write(batch).ok());
  EXPECT_THAT(Refusal(identity_, catalog_),
              AllOf(HasSubstr("events/3"), HasSubstr("format 5"), HasSubstr("--projection")));
}

TEST_F(RefusedShardTest, AnotherCatalogue) {
  KpiSettings settings;
  settings.time_zone = "UTC";
  const Catalog other = DefaultCatalog(settings);
  EXPECT_THAT(Refusal(identity_, other), AllOf(HasSubstr(catalog_.hash()), HasSubstr(other.hash()),
                                               HasSubstr("keyfold rebuild"), HasSubstr("--projection")));
}

TEST_F(RefusedShardTest, TheReasonNamesWhatDiffers) {
  KpiSettings settings;
  settings.time_zone = "UTC";
  EXPECT_THAT(Refusal(identity_, DefaultCatalog(settings)),
              AllOf(HasSubstr("(time zone: Europe/Berlin then, UTC now; rules of the time zone (tzdata): "),
                    Not(HasSubstr("fiscal year")), Not(HasSubstr("windows and formulas"))));
}

// As it is after an update of the machine's time zone database.
TEST_F(RefusedShardTest, OtherRulesOfTheSameTimeZone) {
  v1::ShardMeta meta = shard_->meta();
  meta.set_catalog_hash("0123456789abcdef");
  for (v1::DefinitionPart& part : *meta.mutable_definitions()) {
    if (part.name() == "rules of the time zone (tzdata)") part.set_value("former");
  }
  StoreBatch batch;
  batch.Put(MetaKey(), meta.SerializeAsString());
  ASSERT_TRUE(disk_.Write(batch).ok());
  EXPECT_THAT(Refusal(identity_, catalog_),
              AllOf(HasSubstr("(rules of the time zone (tzdata): former then, "), HasSubstr("keyfold rebuild")));
}

TEST_F(RefusedShardTest, AnotherTopicOrPartition) {
  EXPECT_THAT(Refusal({"cluster", "other", 3, 4, "live"}, catalog_),
              AllOf(HasSubstr("other/3"), HasSubstr("state_directory")));
  EXPECT_THAT(Refusal({"cluster", "events", 4, 4, "live"}, catalog_),
              AllOf(HasSubstr("events/4"), HasSubstr("state_directory")));
}

TEST_F(RefusedShardTest, AnotherCluster) {
  EXPECT_THAT(Refusal({"elsewhere", "events", 3, 4, "live"}, catalog_),
              AllOf(HasSubstr("'cluster'"), HasSubstr("'elsewhere'"), HasSubstr("kafka.bootstrap.servers")));
}

TEST_F(RefusedShardTest, AnotherProjection) {
  ShardIdentity other = identity_;
  other.projection = "v2";
  EXPECT_THAT(Refusal(other, catalog_),
              AllOf(HasSubstr("events/3"), HasSubstr("projection live"), HasSubstr("that of v2 belongs")));
}

TEST_F(RefusedShardTest, AnotherNumberOfPartitions) {
  const ShardIdentity grown{"cluster", "events", 3, identity_.topic_partitions * 2, "live"};
  EXPECT_THAT(Refusal(grown, catalog_), AllOf(HasSubstr("events had 4 partitions"), HasSubstr("has 8 now"),
                                              HasSubstr("--projection"), HasSubstr("--topics.events")));
}

TEST_F(RefusedShardTest, AShardThatDoesNotKnowTheNumberOfPartitionsTakesIt) {
  v1::ShardMeta meta = shard_->meta();
  meta.clear_topic_partitions();
  StoreBatch batch;
  batch.Put(MetaKey(), meta.SerializeAsString());
  ASSERT_TRUE(disk_.Write(batch).ok());
  Open();
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  const ShardIdentity grown{"cluster", "events", 3, identity_.topic_partitions * 2, "live"};
  EXPECT_THAT(Refusal(grown, catalog_), HasSubstr("events had 4 partitions"));
}

TEST_F(RefusedShardTest, AnotherBoundOfTime) {
  const absl::Status status = TryOpen(identity_, catalog_, 86'400'000).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("time.ahead_days_max 0, not 1"), HasSubstr("--projection")));
}

TEST_F(RefusedShardTest, ADamagedMetaRecord) {
  StoreBatch batch;
  batch.Put(MetaKey(), "\xff");
  ASSERT_TRUE(disk_.Write(batch).ok());
  EXPECT_TRUE(absl::IsDataLoss(TryOpen(identity_, catalog_).status()));
}

}  // namespace
}  // namespace keyfold
