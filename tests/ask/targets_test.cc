// Plans: where they stand, and where the fiscal year ends at the present run rate.
#include "ask/targets.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "ask/projection_world.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Day On(const char* date) { return *ParseDay(date); }

v1::AccountEvent Planned(const std::string& account_id, const char* start, const char* end, int64_t baseline_minor,
                         double growth, double min_margin, const std::string& currency = "EUR") {
  return At("2025-12-01",
            absl::StrCat("plan_approved { plan_id: 'P' start_date: '", start, "' end_date: '", end, "'",
                         Money("baseline_revenue", baseline_minor, currency), "target_growth: ", growth,
                         " min_margin: ", min_margin, " }"),
            {.event_id = "plan", .account_id = account_id});
}

Targets Ask(ProjectionWorld& world, const std::string& group_id, const char* day) {
  const ProjectionReader reader = world.Open();
  absl::StatusOr<Targets> targets = AskTargets(reader, group_id, On(day));
  EXPECT_TRUE(targets.ok()) << targets.status();
  return *std::move(targets);
}

std::vector<std::string> IdsOf(const Targets& targets) {
  std::vector<std::string> ids;
  for (const TargetRow& row : targets.rows) ids.push_back(row.account_id);
  return ids;
}

TEST(FiscalYearTest, BeginsWithItsMonth) {
  const Calendar civil = *Calendar::Create("Europe/Berlin", 1);
  EXPECT_EQ(FiscalYearOf(civil, On("2024-05-17")).first, On("2024-01-01"));
  EXPECT_EQ(FiscalYearOf(civil, On("2024-05-17")).last, On("2024-12-31"));
  EXPECT_EQ(FiscalYearOf(civil, On("2024-05-17")).days(), 366);
  const Calendar april = *Calendar::Create("Europe/Berlin", 4);
  EXPECT_EQ(FiscalYearOf(april, On("2024-03-31")).first, On("2023-04-01"));
  EXPECT_EQ(FiscalYearOf(april, On("2024-03-31")).last, On("2024-03-31"));
  EXPECT_EQ(FiscalYearOf(april, On("2024-04-01")).last, On("2025-03-31"));
}

TEST(RunRateTest, CountsTheDayItselfAmongTheElapsed) {
  const FiscalYear year{On("2026-01-01"), On("2026-12-31")};
  EXPECT_DOUBLE_EQ(RunRate(10, year, On("2026-01-01")), 3650);
  EXPECT_DOUBLE_EQ(RunRate(730, year, On("2026-03-14")), 3650);  // the 73rd day
  EXPECT_DOUBLE_EQ(RunRate(1234.5, year, On("2026-12-31")), 1234.5);
  EXPECT_DOUBLE_EQ(RunRate(-20, year, On("2026-01-02")), -3650);
}

TEST(TargetsTest, TheClassicGoal) {
  ProjectionWorld world;
  world.Add(At("2025-01-01", "account_opened { name: 'Acme' }", {.account_id = "A1"}));
  world.Add(Managed("A1", "2025-01-01", "M7"));
  world.Add(Planned("A1", "2026-01-01", "2028-12-31", 100'000'00, 0.25, 0.3));
  world.Add(At("2026-03-14", "invoice_issued { invoice_id: 'I'" + LineOf("BASE", 21'000'00, 14'000'00) + "}",
               {.event_id = "I", .account_id = "A1"}));
  const Targets targets = Ask(world, "manager:M7", "2026-03-14");
  EXPECT_EQ(targets.accounts, 1);
  ASSERT_EQ(targets.rows.size(), 1u);
  const TargetRow& row = targets.rows[0];
  EXPECT_EQ(row.name, "Acme");
  EXPECT_EQ(row.manager_id, "M7");
  EXPECT_EQ(row.plan_start, On("2026-01-01"));
  EXPECT_EQ(row.plan_end, On("2028-12-31"));
  EXPECT_EQ(row.growth, 0.25);
  EXPECT_EQ(row.min_margin, 0.3);
  EXPECT_EQ(row.on_track, 0.0);
  const TargetValues& values = row.values;
  EXPECT_EQ(values.revenue, 21'000);
  EXPECT_EQ(values.goal, 125'000);
  EXPECT_NEAR(values.target, 100'000 * (1 + 0.25 * 72 / 1095), 0.005);  // of the 1095 days to the last 72 have passed
  EXPECT_NEAR(values.attainment, 21'000 / values.target, 1e-12);
  EXPECT_DOUBLE_EQ(values.progress, (21'000.0 - 100'000) / 25'000);
  EXPECT_DOUBLE_EQ(values.margin_ratio, 1.0 / 3);
  EXPECT_NEAR(values.margin_headroom, 1.0 / 3 - 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(values.year_end_revenue, 21'000.0 / 73 * 365);
  EXPECT_NEAR(values.year_end_target, 100'000 * (1 + 0.25 * 364 / 1095), 0.005);
  EXPECT_DOUBLE_EQ(values.year_end_gap(), values.year_end_revenue - values.year_end_target);
  EXPECT_EQ(targets.group.revenue, values.revenue);
  EXPECT_EQ(targets.group.year_end_gap(), values.year_end_gap());
}

TEST(TargetsTest, OnlyPlansInForceCountAndTheWorstGapIsFirst) {
  ProjectionWorld world;
  world.Add(Planned("A1", "2026-01-01", "2028-12-31", 100'00, 0.25, 0.3));
  world.Add(Planned("A2", "2026-01-01", "2028-12-31", 900'00, 0.25, 0.3));         // misses more
  world.Add(Planned("A3", "2026-01-01", "2026-09-30", 500'00, 0.25, 0.3));         // over before the year's end
  world.Add(Planned("A4", "2026-07-01", "2028-12-31", 500'00, 0.25, 0.3));         // not yet
  world.Add(Planned("A5", "2026-01-01", "2028-12-31", 100'00, 0.25, 0.3));         // as A1
  world.Add(Planned("A6", "2026-01-01", "2028-12-31", 100'00, 0.25, 0.3, "USD"));  // no rate: no plan
  world.Add(Opened("A7"));
  world.Add(Invoice("A3", "2026-01-02", 3000));
  const Targets targets = Ask(world, "portfolio:all", "2026-05-01");
  EXPECT_THAT(IdsOf(targets), ElementsAre("A2", "A1", "A5", "A3"));
  EXPECT_EQ(targets.accounts, 7);
  EXPECT_TRUE(std::isnan(targets.rows[3].values.year_end_target));
  EXPECT_TRUE(std::isnan(targets.rows[3].values.year_end_gap()));
  EXPECT_EQ(targets.year_end_accounts, 3);
  EXPECT_EQ(targets.group.year_end_revenue, 0);  // that of A3 is left out, as its target is
  EXPECT_EQ(targets.group.revenue, 30);
  EXPECT_DOUBLE_EQ(targets.group.year_end_gap(), targets.rows[0].values.year_end_gap() +
                                                     targets.rows[1].values.year_end_gap() +
                                                     targets.rows[2].values.year_end_gap());
}

TEST(TargetsTest, TheYearEndAsksForThePlanThatIsInForceThen) {
  ProjectionWorld world;
  world.Add(Planned("A1", "2026-01-01", "2026-06-30", 100'00, 0.5, 0));
  world.Add(At("2025-12-02",
               "plan_approved { plan_id: 'next' start_date: '2026-07-01' end_date: '2026-12-31'" +
                   Money("baseline_revenue", 200'00) + "target_growth: 0.1 min_margin: 0 }",
               {.event_id = "next", .account_id = "A1"}));
  const Targets targets = Ask(world, "portfolio:all", "2026-05-01");
  ASSERT_EQ(targets.rows.size(), 1u);
  EXPECT_EQ(targets.rows[0].values.goal, 150);
  EXPECT_EQ(targets.rows[0].values.year_end_target, 220);
}

TEST(TargetsTest, FollowsTheFiscalYear) {
  KpiSettings settings;
  settings.fiscal_year_start_month = 4;
  ProjectionWorld world(2, settings);
  world.Add(Planned("A1", "2025-01-01", "2027-12-31", 1'000'00, 0, 0));
  world.Add(Invoice("A1", "2026-03-31", 99'00));  // last year's
  world.Add(Invoice("A1", "2026-04-01", 50'00));
  const Targets targets = Ask(world, "portfolio:all", "2026-04-10");
  EXPECT_EQ(targets.year.first, On("2026-04-01"));
  EXPECT_EQ(targets.year.last, On("2027-03-31"));
  EXPECT_DOUBLE_EQ(targets.rows.at(0).values.year_end_revenue, 50.0 / 10 * 365);
  EXPECT_EQ(targets.rows[0].values.revenue, 149);
}

TEST(TargetsTest, WithoutPlansThereIsNothingToSumUp) {
  ProjectionWorld world;
  world.Add(Opened("A1"));
  const Targets targets = Ask(world, "portfolio:all", "2026-05-01");
  EXPECT_EQ(targets.accounts, 1);
  EXPECT_THAT(targets.rows, IsEmpty());
  EXPECT_TRUE(std::isnan(targets.group.year_end_revenue));
  EXPECT_TRUE(std::isnan(targets.group.attainment));
}

TEST(TargetsTest, ACatalogueThatKnowsNoPlansIsRefused) {
  const auto error_with = [](const std::string& yaml) {
    const Catalog catalog = *Catalog::Parse(yaml, "x", {});
    const ProjectionReader reader = *ProjectionReader::Open(catalog, {});
    const absl::Status status = AskTargets(reader, "portfolio:all", 0).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(error_with("kpis:\n  - {id: a, formula: '1', unit: ratio}\n"), HasSubstr("has no 'plans'"));
  std::string fixed = "kpis:\n";
  for (const char* id : {"plans", "plan_target", "plan_goal", "revenue_t12m", "revenue_ytd"}) {
    fixed += absl::StrCat("  - {id: ", id, ", formula: '1', unit: money}\n");
  }
  EXPECT_THAT(error_with(fixed), HasSubstr("reads sum(plan_start, total)"));
}

// The group's line: what is summed over the accounts with a plan is what the roll-up says of all members.
TEST(TargetsTest, ValuesAreThoseOfAnOfflineFold) {
  bool any = false;
  const bool held = rc::check([&any] {
    RandomHistory history(*rc::gen::arbitrary<uint64_t>());
    ProjectionWorld world;
    for (int i = 0; i < 150; ++i) world.Add(history.Next());
    const ProjectionReader reader = world.Open();
    const Day day = reader.LatestDay().value_or(On("2026-01-01"));
    const auto defined = [](double value) { return std::isnan(value) ? std::nullopt : std::optional(value); };
    const FoldedById accounts = world.Accounts(day);
    for (const auto& [id, group] : world.Groups(day)) {
      const absl::StatusOr<Targets> targets = AskTargets(reader, id, day);
      RC_ASSERT(targets.ok());
      RC_ASSERT(targets->accounts == group.accounts);
      RC_ASSERT(defined(targets->group.attainment) == KpiOf(group, "plan_attainment"));
      RC_ASSERT(defined(targets->group.margin_headroom) == KpiOf(group, "plan_margin_headroom"));
      int64_t on_track = 0;
      for (const TargetRow& row : targets->rows) {
        any = true;
        const FoldedValues& account = accounts.at(row.account_id);
        RC_ASSERT(defined(row.values.revenue) == KpiOf(account, "revenue_t12m"));
        RC_ASSERT(defined(row.values.attainment) == KpiOf(account, "plan_attainment"));
        RC_ASSERT(defined(row.values.progress) == KpiOf(account, "plan_progress"));
        RC_ASSERT(defined(row.on_track) == KpiOf(account, "plan_on_track"));
        RC_ASSERT(defined(row.values.margin_ratio) == KpiOf(account, "contribution_margin_ratio"));
        RC_ASSERT(row.values.year_end_revenue ==
                  RunRate(*KpiOf(account, "revenue_ytd"), FiscalYearOf(world.catalog().calendar(), day), day));
        on_track += row.on_track > 0 ? 1 : 0;
      }
      RC_ASSERT(on_track == targets->accounts_on_track);
      if (id != "portfolio:all") continue;
      const auto planned = std::count_if(accounts.begin(), accounts.end(), [](const auto& account) {
        return KpiOf(account.second, "plan_on_track").has_value();
      });
      RC_ASSERT(static_cast<int64_t>(targets->rows.size()) == planned);
    }
  });
  EXPECT_TRUE(held);
  EXPECT_TRUE(any);
}

}  // namespace
}  // namespace keyfold
