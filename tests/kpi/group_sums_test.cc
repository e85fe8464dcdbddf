#include "kpi/group_sums.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kpi/terms.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

struct Evaluated {
  ComponentValues components;
  std::vector<double> values;

  AccountShare share() const { return {components, values}; }
};

// The sums of one account.
GroupSums SumsOf(const Catalog& catalog, const Evaluated& account) {
  GroupSums sums(catalog);
  sums += GroupDelta(catalog, account.share());
  return sums;
}

// An account whose ledger holds these contributions.
Evaluated AccountWith(const EvaluationDay& evaluation, const std::vector<Contribution>& ledger) {
  ComponentValues components = SumComponents(evaluation, ledger, RateTable());
  std::vector<double> values = EvaluateAccount(evaluation, components);
  return {std::move(components), std::move(values)};
}

GroupSums ShareOf(const EvaluationDay& evaluation, const std::vector<Contribution>& ledger) {
  return SumsOf(*evaluation.catalog, AccountWith(evaluation, ledger));
}

GroupSums ShareWithRevenue(const EvaluationDay& evaluation, int64_t minor, const char* currency = "EUR") {
  return ShareOf(evaluation, {{{Measure::kRevenue, 0, Of(currency), evaluation.day}, minor}});
}

class GroupSumsTest : public ::testing::Test {
 protected:
  double Kpi(const GroupSums& sums, const std::string& id) const {
    const std::vector<double> values = sums.Evaluate(evaluation_);
    for (uint16_t index : catalog_.kpis()) {
      if (catalog_.definitions()[index].group_id == id) return values[index];
    }
    ADD_FAILURE() << "no kpi " << id;
    return 0;
  }

  const Catalog catalog_ = DefaultCatalog();
  const EvaluationDay evaluation_{catalog_, On("2026-03-31")};
};

TEST_F(GroupSumsTest, FormulasReadTheSums) {
  GroupSums sums = ShareWithRevenue(evaluation_, 100);
  sums += ShareWithRevenue(evaluation_, 250);
  EXPECT_EQ(sums.accounts, 2);
  EXPECT_EQ(Kpi(sums, "revenue_t12m"), 350);
}

TEST_F(GroupSumsTest, OutsideInt64IsUndefinedUntilAnAccountLeaves) {
  const GroupSums huge = ShareWithRevenue(evaluation_, kHuge);
  GroupSums sums = huge;
  EXPECT_EQ(Kpi(sums, "revenue_t12m"), static_cast<double>(kHuge));
  sums += huge;
  EXPECT_TRUE(std::isnan(Kpi(sums, "revenue_t12m")));
  sums -= huge;
  EXPECT_EQ(Kpi(sums, "revenue_t12m"), static_cast<double>(kHuge));
}

TEST_F(GroupSumsTest, AnUndefinedComponentOfOneAccountMakesTheGroupsUndefinedUntilItLeaves) {
  const GroupSums undefined = ShareOf(evaluation_, {{{Measure::kRevenue, 0, Of("EUR"), On("2026-03-01")}, kHuge},
                                                    {{Measure::kRevenue, 0, Of("EUR"), On("2026-03-02")}, kHuge}});
  GroupSums sums = ShareWithRevenue(evaluation_, 100);
  sums += undefined;
  EXPECT_TRUE(std::isnan(Kpi(sums, "revenue_t12m")));
  sums -= undefined;
  EXPECT_EQ(Kpi(sums, "revenue_t12m"), 100);
}

TEST_F(GroupSumsTest, MissingRatesAreThoseOfAnyMember) {
  GroupSums sums = ShareWithRevenue(evaluation_, 100, "USD");
  sums += ShareWithRevenue(evaluation_, 100, "USD");
  sums -= ShareWithRevenue(evaluation_, 100, "USD");
  EXPECT_EQ(sums.missing_rates, (std::map<Currency, int64_t>{{Of("USD"), 1}}));
  sums -= ShareWithRevenue(evaluation_, 100, "USD");
  EXPECT_TRUE(sums.IsZero());
}

// Accounts of any kind: other currencies, histograms, amounts near the limits.
Evaluated PickAccount(const EvaluationDay& evaluation) {
  static const char* const kCurrencies[] = {"EUR", "USD", "JPY"};
  static constexpr int64_t kAmounts[] = {1, -1, 12345, kHuge, -kHuge};
  std::vector<Contribution> ledger;
  for (int count = *rc::gen::inRange(0, 12); count > 0; --count) {
    const auto measure = static_cast<Measure>(*rc::gen::inRange(1, kMeasureNumberMax + 1));
    LedgerCell cell{measure, 0, Currency(), evaluation.day - *rc::gen::inRange<Day>(0, 800)};
    if (UnitOf(measure) == MeasureUnit::kMoney) cell.currency = Of(kCurrencies[*rc::gen::inRange(0, 3)]);
    if (measure == Measure::kResolutionHistogram) cell.bin = *rc::gen::inRange<int16_t>(0, 4);
    ledger.push_back({cell, kAmounts[*rc::gen::inRange(0, 5)]});
  }
  return AccountWith(evaluation, ledger);
}

RC_GTEST_FIXTURE_PROP(GroupSumsTest, AccountsJoinAndLeaveInAnyOrder, ()) {
  const GroupSums a = SumsOf(catalog_, PickAccount(evaluation_));
  const GroupSums b = SumsOf(catalog_, PickAccount(evaluation_));
  GroupSums a_then_b = a;
  a_then_b += b;
  GroupSums b_then_a = b;
  b_then_a += a;
  RC_ASSERT(a_then_b == b_then_a);
  a_then_b -= a;
  RC_ASSERT(a_then_b == b);
  a_then_b -= b;
  RC_ASSERT(a_then_b.IsZero());
}

RC_GTEST_FIXTURE_PROP(GroupSumsTest, AChangeIsWhatLeavesAndWhatJoins, ()) {
  const Evaluated before = PickAccount(evaluation_);
  const Evaluated after = PickAccount(evaluation_);
  RC_ASSERT(GroupDelta(catalog_, before.share(), before.share()).IsZero());
  const GroupSums others = SumsOf(catalog_, PickAccount(evaluation_));
  GroupSums sums = others;
  sums += SumsOf(catalog_, before);
  sums += GroupDelta(catalog_, before.share(), after.share());
  GroupSums expected = others;
  expected += SumsOf(catalog_, after);
  RC_ASSERT(sums == expected);
  sums += GroupDelta(catalog_, after.share(), std::nullopt);
  RC_ASSERT(sums == others);
}

}  // namespace
}  // namespace keyfold
