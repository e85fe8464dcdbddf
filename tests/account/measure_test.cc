#include "account/measure.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace keyfold {
namespace {

TEST(MeasureTest, EveryNumberHasANameThatLeadsBackToIt) {
  std::set<std::string_view> names;
  for (int number = 1; number <= kMeasureNumberMax; ++number) {
    const auto measure = static_cast<Measure>(number);
    EXPECT_FALSE(MeasureName(measure).empty()) << number;
    EXPECT_TRUE(names.insert(MeasureName(measure)).second) << MeasureName(measure);
    EXPECT_EQ(FindMeasure(MeasureName(measure)), measure);
  }
}

TEST(MeasureTest, UnknownNamesAreNone) {
  EXPECT_EQ(FindMeasure("revenues"), std::nullopt);
  EXPECT_EQ(FindMeasure(""), std::nullopt);
}

TEST(MeasureTest, StocksAreThoseOfTheSpecification) {
  const std::set<std::string> stocks = {"customer",
                                        "key_account",
                                        "potential",
                                        "importance",
                                        "plans_active",
                                        "plan_baseline",
                                        "plan_target_growth",
                                        "plan_min_margin",
                                        "plan_start",
                                        "plan_end",
                                        "stakeholders",
                                        "decision_makers",
                                        "decision_makers_met",
                                        "escalations_open",
                                        "escalations_open_since",
                                        "escalations_severe_open",
                                        "contracts_active",
                                        "contract_value",
                                        "quotes_open",
                                        "quotes_open_amount",
                                        "opportunities_open",
                                        "pipeline",
                                        "pipeline_weighted",
                                        "pipeline_overdue",
                                        "initiatives_active",
                                        "risks_open",
                                        "risks_severe"};
  for (int number = 1; number <= kMeasureNumberMax; ++number) {
    const auto measure = static_cast<Measure>(number);
    const std::string name(MeasureName(measure));
    EXPECT_EQ(KindOf(measure) == MeasureKind::kStock, stocks.count(name) == 1) << name;
    EXPECT_EQ(ConvertsAsStock(measure), stocks.count(name) == 1 || name == "contract_value_due") << name;
  }
}

TEST(MeasureTest, UnitsOfMoneySecondsAndCounts) {
  EXPECT_EQ(UnitOf(Measure::kRevenue), MeasureUnit::kMoney);
  EXPECT_EQ(UnitOf(Measure::kResolutionSeconds), MeasureUnit::kSeconds);
  EXPECT_EQ(UnitOf(Measure::kOrders), MeasureUnit::kCount);
}

}  // namespace
}  // namespace keyfold
