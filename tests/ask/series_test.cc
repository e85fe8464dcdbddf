// KPIs over time: every step is what an offline fold says at that day.
#include "ask/series.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "ask/projection_world.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Dates(const char* from, const char* to, const char* step) {
  std::vector<std::string> dates;
  const absl::StatusOr<std::vector<Day>> days = SeriesDays(*ParseDay(from), *ParseDay(to), *ParseSeriesStep(step));
  EXPECT_TRUE(days.ok()) << days.status();
  for (Day day : *days) dates.push_back(FormatDay(day));
  return dates;
}

TEST(SeriesDaysTest, StepsEndWithTheLastThatFits) {
  EXPECT_THAT(Dates("2025-12-31", "2026-01-02", "day"), ElementsAre("2025-12-31", "2026-01-01", "2026-01-02"));
  EXPECT_THAT(Dates("2026-01-01", "2026-01-14", "week"), ElementsAre("2026-01-01", "2026-01-08"));
  EXPECT_THAT(Dates("2026-01-15", "2026-01-15", "year"), ElementsAre("2026-01-15"));
}

TEST(SeriesDaysTest, MonthsAreCountedFromTheFirstDay) {
  EXPECT_THAT(Dates("2024-01-31", "2024-05-31", "month"),
              ElementsAre("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"));
  EXPECT_THAT(Dates("2023-01-30", "2023-04-30", "month"),  // clamped, and back again
              ElementsAre("2023-01-30", "2023-02-28", "2023-03-30", "2023-04-30"));
  EXPECT_THAT(Dates("2023-02-28", "2023-05-01", "month"),  // the last of its month leads to last days
              ElementsAre("2023-02-28", "2023-03-31", "2023-04-30"));
  EXPECT_THAT(Dates("2025-06-30", "2026-01-01", "quarter"), ElementsAre("2025-06-30", "2025-09-30", "2025-12-31"));
  EXPECT_THAT(Dates("2023-02-28", "2025-03-01", "year"), ElementsAre("2023-02-28", "2024-02-29", "2025-02-28"));
}

TEST(SeriesDaysTest, RefusesWhatIsNoSeries) {
  const Day day = *ParseDay("2026-01-05");
  const absl::Status backwards = SeriesDays(day, day - 1, SeriesStep::kDay).status();
  EXPECT_TRUE(absl::IsInvalidArgument(backwards));
  EXPECT_THAT(std::string(backwards.message()), HasSubstr("2026-01-05 is after 2026-01-04"));
  constexpr auto kMax = static_cast<Day>(kSeriesStepsMax);
  EXPECT_EQ(SeriesDays(day, day + kMax - 1, SeriesStep::kDay)->size(), kSeriesStepsMax);
  EXPECT_TRUE(absl::IsInvalidArgument(SeriesDays(day, day + kMax, SeriesStep::kDay).status()));
  EXPECT_EQ(ParseSeriesStep("fortnight"), std::nullopt);
}

// What a series visits, by day.
using Visited = std::map<Day, FoldedValues>;

Visited GroupAt(const ProjectionReader& reader, const std::string& group_id, std::span<const Day> days,
                std::span<const uint16_t> kpis) {
  Visited visited;
  const absl::StatusOr<bool> any =
      GroupSeries(reader, group_id, days, kpis, [&](Day day, const FoldedValues& values) { visited[day] = values; });
  EXPECT_TRUE(any.ok()) << any.status();
  EXPECT_EQ(*any, !visited.empty());
  return visited;
}

bool Same(const FoldedValues& a, const FoldedValues& b) {
  return a.id == b.id && a.accounts == b.accounts && a.kpis == b.kpis && a.missing_rates == b.missing_rates;
}

TEST(SeriesTest, EveryGroupAndAccountAtEveryStepIsThatOfAnOfflineFold) {
  bool any_manager = false;
  const bool held = rc::check([&any_manager] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    RandomHistory history(seed);
    ProjectionWorld world;
    for (int i = 0; i < 120; ++i) world.Add(history.Next());
    const ProjectionReader reader = world.Open();
    const Day today = reader.LatestDay().value_or(*ParseDay("2026-01-01"));
    std::vector<Day> days;
    for (int step : {-700, -370, -60, -3, 0, 30, 400}) days.push_back(today + step + static_cast<Day>(seed % 30));
    const std::vector<uint16_t>& kpis = reader.catalog().kpis();
    std::map<std::string, Visited> groups;
    std::map<std::string, Visited> accounts;
    for (Day day : days) {
      for (const auto& [id, values] : world.Groups(day)) groups[id][day] = values;
      for (const auto& [id, values] : world.Accounts(day)) accounts[id][day] = values;
    }
    for (const auto& [id, expected] : groups) {
      any_manager |= id.starts_with("manager:");
      const Visited visited = GroupAt(reader, id, days, kpis);
      RC_ASSERT(visited.size() == days.size());
      for (const auto& [day, values] : visited) {
        const auto at_day = expected.find(day);
        if (at_day == expected.end()) {
          RC_ASSERT(values.accounts == 0 && values.kpis.empty());
        } else {
          RC_ASSERT(Same(values, at_day->second));
        }
      }
    }
    for (const auto& [id, expected] : accounts) {
      Visited visited;
      RC_ASSERT(
          *AccountSeries(reader, id, days, kpis, [&](Day day, const FoldedValues& values) { visited[day] = values; }));
      RC_ASSERT(visited.size() == days.size());
      for (const auto& [day, values] : visited) RC_ASSERT(Same(values, expected.at(day)));
    }
  });
  EXPECT_TRUE(held);
  EXPECT_TRUE(any_manager);
}

TEST(SeriesTest, ShowsOnlyTheChosenKpisInTheirOrder) {
  ProjectionWorld world;
  world.Add(Managed("A1", "2026-01-01", "M7"));
  world.Add(Invoice("A1", "2026-01-02", 500));
  const ProjectionReader reader = world.Open();
  const Catalog& catalog = reader.catalog();
  const uint16_t kpis[] = {*catalog.FindKpi("at_risk"), *catalog.FindKpi("nps"), *catalog.FindKpi("revenue_ytd"),
                           *catalog.FindKpi("selection_score")};
  const Day day = *ParseDay("2026-01-05");
  const Visited group = GroupAt(reader, "manager:M7", std::span(&day, 1), kpis);
  EXPECT_THAT(group.at(day).kpis, ElementsAre(std::pair("accounts_at_risk", 0.0), std::pair("revenue_ytd", 5.0)));
  FoldedValues account;
  ASSERT_TRUE(*AccountSeries(reader, "A1", std::span(&day, 1), kpis,
                             [&](Day, const FoldedValues& values) { account = values; }));
  EXPECT_THAT(account.kpis,
              ElementsAre(std::pair("at_risk", 0.0), std::pair("revenue_ytd", 5.0),
                          std::pair("selection_score", *KpiOf(world.Accounts(day).at("A1"), "selection_score"))));
}

TEST(SeriesTest, WhoIsNotThereIsNotVisited) {
  ProjectionWorld world;
  world.Add(Managed("A1", "2026-01-03", "M7"));
  const ProjectionReader reader = world.Open();
  const Day day = *ParseDay("2026-01-02");
  const auto never = [](Day, const FoldedValues&) { ADD_FAILURE() << "visited"; };
  EXPECT_FALSE(*AccountSeries(reader, "A2", std::span(&day, 1), {}, never));
  EXPECT_FALSE(*GroupSeries(reader, "manager:M8", std::span(&day, 1), {}, never));
  EXPECT_FALSE(*GroupSeries(reader, "manager:M7", std::span(&day, 1), {}, never));  // not yet
}

}  // namespace
}  // namespace keyfold
