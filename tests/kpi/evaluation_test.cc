#include "kpi/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kpi/terms.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Month In(const char* month) { return *ParseMonth(month); }

Contribution Add(Measure measure, const char* currency, const char* day, int64_t amount) {
  return {{measure, 0, *currency == '\0' ? Currency() : Of(currency), On(day)}, amount};
}

class EvaluationTest : public ::testing::Test {
 protected:
  static Catalog Make(const std::string& kpis) {
    absl::StatusOr<Catalog> catalog = Catalog::Parse("kpis:\n" + kpis, "test", {});
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    return *std::move(catalog);
  }

  // The value of the first KPI.
  double Value(const Catalog& catalog, const char* day, const std::vector<Contribution>& ledger) {
    const EvaluationDay evaluation(catalog, On(day));
    components_ = SumComponents(evaluation, ledger, rates_);
    return PublishedValue(catalog, catalog.definitions()[0], EvaluateAccount(evaluation, components_)[0]);
  }

  const Catalog revenue_ = Make("  - {id: a, formula: 'sum(revenue, ytd)', unit: money}\n");
  const Catalog pipeline_ = Make("  - {id: a, formula: 'sum(pipeline, total)', unit: money}\n");
  RateTable rates_;
  ComponentValues components_{revenue_};
};

TEST_F(EvaluationTest, SumsTheDaysOfTheWindow) {
  EXPECT_EQ(Value(revenue_, "2026-03-31",
                  {Add(Measure::kRevenue, "EUR", "2025-12-31", 1), Add(Measure::kRevenue, "EUR", "2026-01-01", 1000),
                   Add(Measure::kRevenue, "EUR", "2026-03-31", 234), Add(Measure::kRevenue, "EUR", "2026-04-01", 1)}),
            12.34);
}

TEST_F(EvaluationTest, FlowsConvertMonthByMonthWithThatMonthsRate) {
  rates_.Set(Of("USD"), In("2026-01"), 0.5);
  rates_.Set(Of("USD"), In("2026-03"), 2);
  // January 3 x 0.5 = 1.5 -> 2; February uses January's rate: 5 x 0.5 = 2.5 -> 3; March 7 x 2.
  EXPECT_EQ(Value(revenue_, "2026-03-31",
                  {Add(Measure::kRevenue, "USD", "2026-01-10", 1), Add(Measure::kRevenue, "USD", "2026-01-20", 2),
                   Add(Measure::kRevenue, "USD", "2026-02-10", 5), Add(Measure::kRevenue, "USD", "2026-03-10", 7)}),
            0.19);
  EXPECT_TRUE(components_.foreign);
  EXPECT_THAT(components_.missing_rates, IsEmpty());
}

TEST_F(EvaluationTest, StocksConvertTheirSumWithTheRateOfDsMonth) {
  rates_.Set(Of("JPY"), In("2026-01"), 0.01);
  rates_.Set(Of("JPY"), In("2026-02"), 0.02);
  const std::vector<Contribution> ledger = {Add(Measure::kPipeline, "JPY", "2026-01-10", 1000),
                                            Add(Measure::kPipeline, "JPY", "2026-02-10", 500)};
  EXPECT_EQ(Value(pipeline_, "2026-02-28", ledger), 30);  // JPY has no minor unit: 1500 x 0.02
  EXPECT_EQ(Value(pipeline_, "2026-01-31", ledger), 10);
}

TEST_F(EvaluationTest, AnAmountWithoutARateIsLeftOutAndItsCurrencyListed) {
  rates_.Set(Of("USD"), In("2026-02"), 1);
  EXPECT_EQ(Value(revenue_, "2026-03-31",
                  {Add(Measure::kRevenue, "EUR", "2026-01-10", 100), Add(Measure::kRevenue, "USD", "2026-01-10", 900),
                   Add(Measure::kRevenue, "CHF", "2026-01-10", 900), Add(Measure::kRevenue, "GBP", "2026-01-10", 5),
                   Add(Measure::kRevenue, "GBP", "2026-01-11", -5)}),
            1);
  EXPECT_THAT(components_.missing_rates, ElementsAre(Of("CHF"), Of("USD")));
}

TEST_F(EvaluationTest, CurrenciesOfUnpublishedComponentsAreNotListed) {
  const Catalog catalog = *Catalog::Parse(
      "components:\n  - {id: unused, formula: 'sum(bookings, total)'}\nkpis:\n"
      "  - {id: a, formula: 'sum(revenue, total)', unit: money}\n",
      "test", {});
  const EvaluationDay evaluation(catalog, On("2026-03-31"));
  const std::vector<Contribution> ledger = {Add(Measure::kBookings, "USD", "2026-01-10", 1)};
  EXPECT_THAT(SumComponents(evaluation, ledger, rates_).missing_rates, IsEmpty());
}

TEST_F(EvaluationTest, OutsideInt64IsUndefined) {
  EXPECT_FALSE(std::isnan(Value(revenue_, "2026-03-31", {Add(Measure::kRevenue, "EUR", "2026-01-10", kHuge)})));
  EXPECT_TRUE(std::isnan(
      Value(revenue_, "2026-03-31",
            {Add(Measure::kRevenue, "EUR", "2026-01-10", kHuge), Add(Measure::kRevenue, "EUR", "2026-01-11", kHuge)})));
  // The way there does not matter, only where it ends.
  EXPECT_EQ(
      Value(revenue_, "2026-03-31",
            {Add(Measure::kRevenue, "EUR", "2026-01-10", kHuge), Add(Measure::kRevenue, "EUR", "2026-01-11", kHuge),
             Add(Measure::kRevenue, "EUR", "2026-01-12", -kHuge), Add(Measure::kRevenue, "EUR", "2026-01-13", -kHuge)}),
      0);
}

// Components are linear: adding contributions as they come is the same as summing the ledger anew.
TEST_F(EvaluationTest, AddingIsTheSameAsSummingAnew) {
  const Catalog catalog = DefaultCatalog();
  const bool held = rc::check([&catalog] {
    const Day day = *rc::gen::inRange<Day>(20'000, 21'000);
    const EvaluationDay evaluation(catalog, day);
    const auto contribution =
        rc::gen::map(rc::gen::tuple(rc::gen::inRange(1, kMeasureNumberMax + 1), rc::gen::inRange<Day>(19'000, 21'500),
                                    rc::gen::inRange<int64_t>(-1000, 1000), rc::gen::inRange<int16_t>(0, 5)),
                     [](const auto& parts) {
                       const auto measure = static_cast<Measure>(std::get<0>(parts));
                       const Currency currency = UnitOf(measure) == MeasureUnit::kMoney ? Of("EUR") : Currency();
                       const int16_t bin = measure == Measure::kResolutionHistogram ? std::get<3>(parts) : int16_t{0};
                       return Contribution{{measure, bin, currency, std::get<1>(parts)}, std::get<2>(parts)};
                     });
    const auto ledger = *rc::gen::container<std::vector<Contribution>>(contribution);
    ComponentValues added(catalog);
    for (const Contribution& item : ledger) RC_ASSERT(AddToComponents(evaluation, {&item, 1}, added));
    RC_ASSERT(added == SumComponents(evaluation, ledger, RateTable()));
  });
  EXPECT_TRUE(held);
}

TEST_F(EvaluationTest, AddingRefusesWhatIsNotASumOfIntegers) {
  const EvaluationDay evaluation(revenue_, On("2026-03-31"));
  ComponentValues components(revenue_);
  const std::vector<Contribution> foreign = {Add(Measure::kRevenue, "USD", "2026-01-10", 1)};
  EXPECT_FALSE(AddToComponents(evaluation, foreign, components));
  const std::vector<Contribution> huge = {Add(Measure::kRevenue, "EUR", "2026-01-10", kHuge)};
  EXPECT_TRUE(AddToComponents(evaluation, huge, components));
  EXPECT_FALSE(AddToComponents(evaluation, huge, components));
}

TEST(RateTableTest, TakesTheMonthsRateElseTheLatestEarlierOne) {
  RateTable rates;
  EXPECT_EQ(rates.Find(Of("USD"), In("2026-01")), std::nullopt);
  rates.Set(Of("USD"), In("2026-01"), 1);
  rates.Set(Of("USD"), In("2026-03"), 3);
  EXPECT_EQ(rates.Find(Of("USD"), In("2025-12")), std::nullopt);
  EXPECT_EQ(rates.Find(Of("USD"), In("2026-02")), 1);
  EXPECT_EQ(rates.Find(Of("USD"), In("2030-01")), 3);
  rates.Clear(Of("USD"), In("2026-01"));
  EXPECT_EQ(rates.Find(Of("USD"), In("2026-02")), std::nullopt);
}

TEST(UpdateValuesTest, IsEvaluatingAnew) {
  const Catalog catalog = DefaultCatalog();
  const EvaluationDay evaluation(catalog, On("2026-03-31"));
  std::mt19937_64 random(1);
  const auto number = [&random](int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>(from, to)(random);
  };
  ComponentValues components(catalog);
  std::vector<double> values = EvaluateAccount(evaluation, components);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Contribution> delta;
    for (int64_t count = number(1, 4); count > 0; --count) {
      const auto measure = static_cast<Measure>(number(1, kMeasureNumberMax));
      const auto bin = static_cast<int16_t>(measure == Measure::kResolutionHistogram ? number(0, 1'000) : 0);
      delta.push_back({{measure, bin, Currency(), evaluation.day - static_cast<Day>(number(-60, 800))},
                       number(-1'000'000, 2'000'000)});
    }
    ASSERT_TRUE(AddToComponents(evaluation, delta, components));
    UpdateValues(evaluation, components, delta, values);
    const std::vector<double> anew = EvaluateAccount(evaluation, components);
    for (size_t i = 0; i < anew.size(); ++i) {
      ASSERT_EQ(std::bit_cast<uint64_t>(values[i]), std::bit_cast<uint64_t>(anew[i]))
          << catalog.definitions()[i].id << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace keyfold
