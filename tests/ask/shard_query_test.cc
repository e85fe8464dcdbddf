// Questions to a shard at rest: any day's values come from its ledger, and are those of an offline fold at that day.
#include "ask/shard_query.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <map>
#include <string>

#include "fold/offline_fold.h"
#include "support/random_history.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ShardQueryTest : public ShardTest {
 protected:
  absl::StatusOr<std::optional<AccountAtDay>> Query(std::string_view account_id, const char* day = nullptr) {
    return QueryAccount(SharedStore(disk_), catalog_, account_id, day == nullptr ? std::nullopt : ParseDay(day));
  }

  double RevenueToDate(const char* day) {
    const AccountAtDay at_day = **Query("A1", day);
    const std::map<std::string, double> kpis(at_day.values.kpis.begin(), at_day.values.kpis.end());
    return kpis.at("revenue_ytd");
  }
};

TEST_F(ShardQueryTest, AnyDayCanBeAskedFor) {
  Append("2026-02-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-02-05", Invoice("A1", "2026-02-05", 200));
  Append("2026-02-05", Invoice("A1", "2026-03-05", 400));  // after D
  FoldAll();
  EXPECT_EQ((*Query("A1"))->day, *ParseDay("2026-02-05"));
  EXPECT_EQ(RevenueToDate("2026-01-04"), 0.0);
  EXPECT_EQ(RevenueToDate("2026-01-05"), 1.0);
  EXPECT_EQ(RevenueToDate("2026-02-05"), 3.0);
  EXPECT_EQ(RevenueToDate("2026-03-05"), 7.0);
  EXPECT_EQ(RevenueToDate("2027-01-01"), 0.0);
}

TEST_F(ShardQueryTest, AccountsThatAreNotThereAreNotFound) {
  EXPECT_EQ(Query("A1")->has_value(), false);  // an empty store
  v1::AccountEvent only = Invoice("A1", "2026-01-05", 100);
  Append("2026-01-05", only);
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  FoldAll();
  EXPECT_EQ(Query("A1")->has_value(), true);
  EXPECT_EQ(Query("A")->has_value(), false);
  EXPECT_EQ(Query("")->has_value(), false);
  only.set_revision(1);
  only.set_retracted(true);
  Append("2026-01-05", only);
  AppendErasure("2026-01-05", "A2");
  FoldAll();
  EXPECT_EQ(Query("A1")->has_value(), false);
  EXPECT_EQ(Query("A2")->has_value(), false);
}

TEST_F(ShardQueryTest, AnotherCatalogueIsRefused) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  KpiSettings settings;
  settings.fiscal_year_start_month = 4;
  const Catalog other = DefaultCatalog(settings);
  const absl::Status status = QueryAccount(SharedStore(disk_), other, "A1", std::nullopt).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(catalog_.hash()), HasSubstr(other.hash())));
}

using AccountValues =
    std::map<std::string, std::pair<std::vector<std::pair<std::string, double>>, std::vector<std::string>>>;

AccountValues Folded(const OfflineFold& fold, Day day) {
  AccountValues values;
  const absl::Status visited = fold.VisitAccounts(day, [&](const FoldedValues& account) {
    values[account.id] = {account.kpis, account.missing_rates};
  });
  EXPECT_TRUE(visited.ok()) << visited;
  return values;
}

AccountValues Queried(const ShardStore& store, const Catalog& catalog, Day day) {
  AccountValues values;
  for (const char* id : {"A1", "A2", "A3", "A4", "A5", "A6"}) {
    const auto account = QueryAccount(store, catalog, id, day);
    EXPECT_TRUE(account.ok()) << account.status();
    if (account->has_value()) values[id] = {(*account)->values.kpis, (*account)->values.missing_rates};
  }
  return values;
}

TEST_F(ShardQueryTest, EveryDaysValuesAreThoseOfAnOfflineFold) {
  const bool held = rc::check([this] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    RandomHistory history(seed);
    log_.clear();
    disk_ = MemoryStore(MergeStored);
    Open();
    MemoryStore offline(MergeStored);
    OfflineFold fold(catalog_, offline);
    const Decoder decoder(catalog_.reporting_currency());
    const auto ignore = [](int64_t, const Rejection&) {};
    for (int i = 0; i < 80; ++i) {
      const int64_t offset = Append(history.Next());
      RC_ASSERT(fold.Add(decoder.Decode(RecordAt(offset)), offset, ignore).ok());
    }
    RC_ASSERT(fold.Flush(ignore).ok());
    FoldAll();
    const SharedStore store(disk_);
    const Day today = catalog_.calendar().DayOf(shard_->meta().stream_time_ms() / 1000);
    bool any = false;
    for (const Day day : {today - 800, today - static_cast<Day>(seed % 365), today, today + 300}) {
      const AccountValues expected = Folded(fold, day);
      any |= !expected.empty();
      RC_ASSERT(Queried(store, catalog_, day) == expected);
    }
    RC_ASSERT(any);
  });
  EXPECT_TRUE(held);
}

// What is stored of an account is what its ledger says: no drift from adding deltas.
TEST_F(ShardQueryTest, LastPublishedValuesAreThoseOfTheLedger) {
  const bool held = rc::check([this] {
    RandomHistory history(*rc::gen::arbitrary<uint64_t>());
    log_.clear();
    outputs_.clear();
    disk_ = MemoryStore(MergeStored);
    Open();
    for (int i = 0; i < 80; ++i) Append(history.Next());
    FoldAll();
    std::map<std::string, std::map<std::string, double>> published;
    for (const OutputRecord& output : outputs_) {
      if (output.topic != OutputTopic::kAccountKpis) continue;
      published.erase(*output.key);
      if (!output.value.has_value()) continue;
      const v1::KpiUpdate update = ParseUpdate(*output.value);
      published[*output.key] = {update.kpis().begin(), update.kpis().end()};
    }
    std::map<std::string, std::map<std::string, double>> expected;
    const Day today = catalog_.calendar().DayOf(shard_->meta().stream_time_ms() / 1000);
    for (const auto& [id, values] : Queried(SharedStore(disk_), catalog_, today)) {
      expected[id] = {values.first.begin(), values.first.end()};
    }
    RC_ASSERT(published == expected);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace keyfold
