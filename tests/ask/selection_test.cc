// Key account selection: who deserves it by score, beside who has it.
#include "ask/selection.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "ask/projection_world.h"
#include "ask/top_rows.h"
#include "support/gathering.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Ranked(const std::vector<SelectionRow>& rows) {
  std::vector<std::string> texts;
  for (const SelectionRow& row : rows) texts.push_back(std::to_string(row.rank) + " " + row.account_id);
  return texts;
}

v1::AccountEvent Assessed(const std::string& account_id, int64_t potential_minor, int importance) {
  return At("2026-01-01",
            "potential_assessed {" + Money("annual_potential", potential_minor) +
                "strategic_importance: " + std::to_string(importance) + "}",
            {.account_id = account_id});
}

Selection Ask(ProjectionWorld& world, size_t top, const char* day = "2026-01-05") {
  const ProjectionReader reader = world.Open();
  absl::StatusOr<Selection> selection = AskSelection(reader, *ParseDay(day), top);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return *std::move(selection);
}

TEST(SelectionTest, ComparesTheTopWithWhoIsDesignated) {
  ProjectionWorld world;
  world.Add(Assessed("A1", 0, 90));
  world.Add(Designated("A1", "2026-01-01", "KEY"));
  world.Add(Assessed("A2", 0, 80));
  world.Add(Assessed("A3", 0, 70));
  world.Add(Assessed("A4", 0, 60));
  world.Add(Designated("A4", "2026-01-01", "GROWTH"));
  world.Add(Assessed("A5", 0, 50));
  world.Add(Designated("A5", "2026-01-06", "KEY"));  // after the day
  const Selection selection = Ask(world, 3);
  EXPECT_EQ(selection.ranked, 5);
  EXPECT_THAT(Ranked(selection.designated_in_top), ElementsAre("1 A1"));
  EXPECT_THAT(Ranked(selection.candidates), ElementsAre("2 A2", "3 A3"));
  EXPECT_THAT(Ranked(selection.designated_outside), ElementsAre("4 A4"));
  EXPECT_EQ(selection.designated_outside[0].tier, "GROWTH");
  const Selection all = Ask(world, 100, "2026-01-06");
  EXPECT_THAT(Ranked(all.designated_in_top), ElementsAre("1 A1", "4 A4", "5 A5"));
  EXPECT_THAT(all.designated_outside, IsEmpty());
}

TEST(SelectionTest, EqualScoresRankById) {
  ProjectionWorld world;
  for (const char* id : {"A3", "A1", "A2"}) world.Add(Assessed(id, 0, 50));
  world.Add(Designated("A3", "2026-01-01", "KEY"));
  const Selection selection = Ask(world, 1);
  EXPECT_THAT(Ranked(selection.candidates), ElementsAre("1 A1"));
  EXPECT_THAT(Ranked(selection.designated_outside), ElementsAre("3 A3"));
}

TEST(SelectionTest, TheScoreIsTakenApart) {
  ProjectionWorld world;
  world.Add(At("2026-01-01", "account_opened { name: 'Acme' }", {.account_id = "A1"}));
  world.Add(Managed("A1", "2026-01-01", "M7"));
  world.Add(Assessed("A1", 50'000'000, 80));
  world.Add(Invoice("A1", "2026-01-02", 25'000'000));
  world.Add(Assessed("A2", 500'000'000, 0));  // beyond the scale; never opened
  const Selection selection = Ask(world, 2);
  ASSERT_EQ(selection.candidates.size(), 2u);
  const SelectionRow& row = selection.candidates[0];
  EXPECT_EQ(row.name, "Acme");
  EXPECT_EQ(row.manager_id, "M7");
  EXPECT_TRUE(row.is_customer);
  EXPECT_DOUBLE_EQ(row.score, 40 * 0.25 + 0.3 * 80 + 30 * 0.5);
  EXPECT_TRUE(row.has_points);
  EXPECT_EQ(row.revenue.amount, 250'000);
  EXPECT_DOUBLE_EQ(row.revenue.points, 10);
  EXPECT_EQ(row.importance.amount, 80);
  EXPECT_DOUBLE_EQ(row.importance.points, 24);
  EXPECT_EQ(row.potential.amount, 500'000);
  EXPECT_DOUBLE_EQ(row.potential.points, 15);
  EXPECT_FALSE(selection.candidates[1].is_customer);
  EXPECT_EQ(selection.candidates[1].potential.amount, 5'000'000);
  EXPECT_DOUBLE_EQ(selection.candidates[1].potential.points, 30);
}

Selection AskWith(const std::string& score_formula) {
  const Catalog catalog =
      *Catalog::Parse("kpis:\n  - {id: selection_score, formula: '" + score_formula + "', unit: points}\n", "x", {});
  MemoryStore disk(MergeStored);
  const UpdateFormat format{UpdateFormat::Encoding::kProtobuf};
  auto shard =
      *AccountShard::Open(Gathering(std::make_unique<SharedStore>(disk)), catalog, format, {"cluster", "events", 0});
  const MemoryRecord stored = RecordOf("2026-01-05", Assessed("A1", 700, 8));
  Record record;
  record.timestamp_ms = stored.timestamp_ms;
  record.key = stored.key;
  record.value = stored.value;
  EXPECT_TRUE(shard->Fold(std::span(&record, 1)).ok());
  EXPECT_TRUE(shard->PrepareCommit().ok());
  EXPECT_TRUE(shard->PostCommit().ok());
  std::vector<ShardSource> sources;
  sources.push_back({0, std::make_unique<SharedStore>(disk)});
  const ProjectionReader reader = *ProjectionReader::Open(catalog, std::move(sources));
  return *AskSelection(reader, *ParseDay("2026-01-05"), 1);
}

TEST(SelectionTest, OtherCataloguesMayHaveOtherScores) {
  const Selection product = AskWith("sum(importance, total) * sum(potential, total)");  // no sum of parts
  EXPECT_EQ(product.candidates.at(0).score, 5600);
  EXPECT_FALSE(product.candidates[0].has_points);
  EXPECT_TRUE(std::isnan(product.candidates[0].revenue.amount));
  EXPECT_EQ(product.candidates[0].potential.amount, 7.0);
  EXPECT_EQ(AskWith("1 / sum(revenue, total)").ranked, 0);  // undefined: not ranked
}

TEST(SelectionTest, ACatalogueWithoutTheScoreIsRefused) {
  const Catalog catalog = *Catalog::Parse("kpis:\n  - {id: a, formula: '1', unit: ratio}\n", "x", {});
  const ProjectionReader reader = *ProjectionReader::Open(catalog, {});
  const absl::Status status = AskSelection(reader, 0, 1).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("selection_score"));
}

TEST(SelectionTest, RanksAreThoseOfAnOfflineFold) {
  const bool held = rc::check([] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    RandomHistory history(seed);
    ProjectionWorld world;
    for (int i = 0; i < 150; ++i) world.Add(history.Next());
    const Day day = *ParseDay("2026-01-05");
    std::vector<std::pair<double, std::string>> expected;  // negated, so that the best is first
    const ProjectionReader reader = world.Open();
    for (const auto& [id, values] : world.Accounts(day)) expected.emplace_back(-*KpiOf(values, "selection_score"), id);
    std::sort(expected.begin(), expected.end());
    const size_t top = 1 + seed % 4;
    const absl::StatusOr<Selection> selection = AskSelection(reader, day, top);
    RC_ASSERT(selection.ok());
    RC_ASSERT(selection->ranked == static_cast<int64_t>(expected.size()));
    RC_ASSERT(selection->designated_in_top.size() + selection->candidates.size() == std::min(top, expected.size()));
    int64_t designated = 0;
    for (const auto* list : {&selection->designated_in_top, &selection->candidates, &selection->designated_outside}) {
      for (const SelectionRow& row : *list) {
        RC_ASSERT(expected.at(static_cast<size_t>(row.rank - 1)) == std::pair(-row.score, row.account_id));
        designated += row.tier.empty() ? 0 : 1;
        RC_ASSERT(row.has_points);
      }
    }
    const FoldedById groups = world.Groups(day);
    RC_ASSERT(designated == (groups.contains("portfolio:key") ? groups.at("portfolio:key").accounts : 0));
  });
  EXPECT_TRUE(held);
}

TEST(TopRowsTest, KeepsTheFirstInTheirOrder) {
  const bool held = rc::check([](const std::set<int>& values, std::vector<int> order) {
    std::vector<int> rows(values.begin(), values.end());
    const size_t limit = *rc::gen::inRange<size_t>(0, rows.size() + 2);
    std::mt19937 random(static_cast<unsigned>(order.size()));
    std::shuffle(rows.begin(), rows.end(), random);
    TopRows<int, std::less<>> top(limit, {});
    for (int row : rows) top.Add(row);
    std::vector<int> expected(values.begin(), values.end());
    if (expected.size() > limit) expected.resize(limit);
    RC_ASSERT(std::move(top).Take() == expected);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace keyfold
