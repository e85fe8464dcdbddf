#include "mapped/reconciliation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Contribution Of(Measure measure, const char* day, int64_t amount, const char* currency = "EUR") {
  return {
      {measure, 0, UnitOf(measure) == MeasureUnit::kMoney ? *Currency::Parse(currency) : Currency(), *ParseDay(day)},
      amount};
}

std::vector<std::string> Differences(const Reconciliation& reconciliation) {
  std::vector<std::string> texts;
  for (const SumDifference& difference : reconciliation.differences()) {
    std::string text =
        absl::StrCat(difference.account_id, " ", difference.period, " ", std::string(MeasureName(difference.measure)),
                     " ", difference.in_export, "/", difference.in_ledger, difference.currency.code());
    for (const SumDifference::OnDay& on : difference.days) {
      absl::StrAppend(&text, " ", FormatDay(on.day), ":", on.in_export, "/", on.in_ledger);
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(Reconciliation, NamesPeriodsAndTheDaysThatDiffer) {
  Reconciliation reconciliation({});
  reconciliation.Compare(
      "A1",
      std::vector<Contribution>{Of(Measure::kRevenue, "2026-01-05", 100), Of(Measure::kRevenue, "2026-01-06", 50),
                                Of(Measure::kRevenue, "2026-02-01", 7)},
      std::vector<Contribution>{Of(Measure::kRevenue, "2026-01-05", 100), Of(Measure::kRevenue, "2026-01-07", 49),
                                Of(Measure::kRevenue, "2026-02-01", 7)});
  reconciliation.Compare("A2", std::vector<Contribution>{Of(Measure::kRevenue, "2026-01-05", 1)}, {});
  EXPECT_THAT(Differences(reconciliation), ElementsAre("A1 2026-01 revenue 150/149EUR 2026-01-06:50/0 2026-01-07:0/49",
                                                       "A2 2026-01 revenue 1/0EUR 2026-01-05:1/0"));
  EXPECT_EQ(reconciliation.accounts(), 2);
  EXPECT_EQ(reconciliation.accounts_that_differ(), 2);
  EXPECT_EQ(reconciliation.sums(), 3);
}

// Booked on another day of the month, the month agrees.
TEST(Reconciliation, WhatAgreesInThePeriodIsNoDifference) {
  const std::vector<Contribution> in_export = {Of(Measure::kRevenue, "2026-01-05", 100)};
  const std::vector<Contribution> in_ledger = {Of(Measure::kRevenue, "2026-01-31", 100)};
  Reconciliation by_month({});
  by_month.Compare("A1", in_export, in_ledger);
  EXPECT_THAT(Differences(by_month), IsEmpty());
  ReconciledSums days;
  days.period = Period::kDay;
  Reconciliation by_day(days);
  by_day.Compare("A1", in_export, in_ledger);
  EXPECT_EQ(by_day.differences().size(), 2u);
}

TEST(Reconciliation, ComparesMoneyThatTheExportHasOrWhatIsNamed) {
  const std::vector<Contribution> in_export = {Of(Measure::kRevenue, "2026-01-05", 100),
                                               Of(Measure::kInvoices, "2026-01-05", 1)};
  const std::vector<Contribution> in_ledger = {
      Of(Measure::kRevenue, "2026-01-05", 100), Of(Measure::kRevenue, "2026-01-05", 9, "USD"),
      Of(Measure::kBookings, "2026-01-05", 300), Of(Measure::kInvoices, "2026-01-05", 2),
      Of(Measure::kPipeline, "2026-01-05", 5)};
  Reconciliation money({});
  money.Compare("A1", in_export, in_ledger);
  EXPECT_THAT(Differences(money), ElementsAre("A1 2026-01 revenue 0/9USD 2026-01-05:0/9"));
  ReconciledSums named;
  named.measures = {Measure::kBookings, Measure::kInvoices, Measure::kPipeline};
  Reconciliation counts(named);
  counts.Compare("A1", in_export, in_ledger);
  EXPECT_THAT(Differences(counts),
              ElementsAre("A1 2026-01 bookings 0/300EUR 2026-01-05:0/300", "A1 2026-01 invoices 1/2 2026-01-05:1/2"));
}

TEST(Reconciliation, OnlyTheDaysThatAreAskedFor) {
  ReconciledSums sums;
  sums.from = ParseDay("2026-01-06");
  sums.to = ParseDay("2026-01-06");
  Reconciliation reconciliation(sums);
  reconciliation.Compare(
      "A1",
      std::vector<Contribution>{Of(Measure::kRevenue, "2026-01-05", 1), Of(Measure::kRevenue, "2026-01-06", 2),
                                Of(Measure::kRevenue, "2026-01-07", 3)},
      {});
  EXPECT_THAT(Differences(reconciliation), ElementsAre("A1 2026-01 revenue 2/0EUR 2026-01-06:2/0"));
}

TEST(Reconciliation, Periods) {
  const Day day = *ParseDay("2026-08-31");
  EXPECT_EQ(PeriodOf(*ParsePeriod("day"), day), "2026-08-31");
  EXPECT_EQ(PeriodOf(*ParsePeriod("month"), day), "2026-08");
  EXPECT_EQ(PeriodOf(*ParsePeriod("quarter"), day), "2026-Q3");
  EXPECT_EQ(PeriodOf(*ParsePeriod("year"), day), "2026");
  EXPECT_EQ(ParsePeriod("week"), std::nullopt);
}

}  // namespace
}  // namespace keyfold
