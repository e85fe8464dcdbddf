// Which flags a catalogue makes alerts of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "kpi/group_sums.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

// One KPI, and alerts with these fields besides.
absl::StatusOr<Catalog> WithAlerts(const std::string& alerts) {
  return Catalog::Parse("kpis:\n  - {id: sold, formula: 'sum(revenue, total)', unit: money}\nalerts:\n" + alerts,
                        "catalog.yaml", {});
}

std::string AlertErrorOf(const std::string& alerts) { return std::string(WithAlerts(alerts).status().message()); }

std::vector<std::string> IdsOf(const Catalog& catalog) {
  std::vector<std::string> ids;
  for (const Alert& alert : catalog.alerts()) ids.push_back(catalog.definitions()[alert.definition].id);
  return ids;
}

TEST(CatalogAlertsTest, TheShippedCatalogueHasTen) {
  const Catalog catalog = DefaultCatalog();
  EXPECT_THAT(IdsOf(catalog),
              ElementsAre("at_risk", "severe_escalation_open", "contract_due", "executive_review_missing",
                          "revenue_falling", "margin_below_floor", "plan_off_track", "decision_makers_not_met",
                          "forecast_far_off", "nps_detractors"));
  for (const Alert& alert : catalog.alerts()) {
    const Presentation& presentation = catalog.TextOf(alert.definition).presentation;
    SCOPED_TRACE(catalog.definitions()[alert.definition].id);
    EXPECT_EQ(presentation.unit, "flag");
    EXPECT_THAT(presentation.alert_severity, Not(IsEmpty()));
    EXPECT_FALSE(alert.of_groups);
    for (const Translations& texts : {presentation.label, presentation.description}) {
      EXPECT_THAT(texts, ElementsAre(Pair("de", Not(IsEmpty())), Pair("en", Not(IsEmpty()))));
    }
  }
}

// They are published as alerts only.
TEST(CatalogAlertsTest, AlertsAreNoKpis) {
  const auto catalog = WithAlerts("  - {id: rich, formula: sold > 100, severity: LOW}\n");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->kpis().size(), 1u);
  EXPECT_EQ(catalog->FindKpi("rich"), std::nullopt);
  EXPECT_NE(catalog->FindDefinition("rich"), std::nullopt);
  EXPECT_THAT(catalog->derived_components(), IsEmpty());
  // A currency that only an alert would need is not missing.
  const auto foreign = WithAlerts("  - {id: rich, formula: 'sum(bookings, total) > 100', severity: LOW}\n");
  ASSERT_TRUE(foreign.ok()) << foreign.status();
  for (const BaseComponent& component : foreign->base_components()) {
    EXPECT_EQ(component.published, component.measure == Measure::kRevenue) << component.text;
  }
}

TEST(CatalogAlertsTest, AFlagOfTheKpisIsOneIfItSaysSo) {
  const auto catalog = Catalog::Parse(
      "kpis:\n"
      "  - {id: quiet, formula: '1', unit: flag}\n"
      "  - {id: loud, formula: '1', unit: flag, alert: {severity: LOW}}\n"
      "  - {id: mine, formula: '1', unit: flag, rollup: none, alert: {severity: LOW, of: customers}}\n"
      "  - {id: many, formula: '1', unit: flag, alert: {severity: LOW}, rollup: {formula: '2', unit: count}}\n",
      "catalog.yaml", {});
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_THAT(IdsOf(*catalog), ElementsAre("loud", "mine", "many"));
  EXPECT_TRUE(catalog->alerts()[0].of_groups);
  EXPECT_FALSE(catalog->alerts()[0].of_customers);
  EXPECT_TRUE(catalog->alerts()[1].of_customers);
  EXPECT_FALSE(catalog->alerts()[1].of_groups);
  EXPECT_FALSE(catalog->alerts()[2].of_groups) << "a count is no flag";
}

TEST(CatalogAlertsTest, GroupsHaveThemByARollupOnly) {
  const auto without = WithAlerts("  - {id: rich, formula: sold > 100, severity: LOW, of: customers}\n");
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE(without->alerts()[0].of_groups);
  const auto with = WithAlerts(
      "  - {id: rich, formula: sold > 100, severity: LOW, rollup: {id: riches, formula: sold > 900, severity: "
      "HIGH}}\n");
  ASSERT_TRUE(with.ok()) << with.status();
  const Alert& alert = with->alerts()[0];
  EXPECT_TRUE(alert.of_groups);
  EXPECT_EQ(with->definitions()[alert.definition].group_id, "riches");
  EXPECT_EQ(with->TextOf(alert.definition).presentation.alert_severity, "LOW");
  EXPECT_EQ(with->TextOf(alert.definition).group_presentation.alert_severity, "HIGH");

  GroupSums sums(*with);
  const EvaluationDay evaluation(*with, 0);
  EXPECT_EQ(sums.Evaluate(evaluation)[alert.definition], 0);
  sums.amounts[0] = 90'100;  // as formulas see it: minor units
  EXPECT_EQ(sums.Evaluate(evaluation)[alert.definition], 1);
}

// So that groups are kept where nothing else needs them.
TEST(CatalogAlertsTest, AnAlertOfGroupsNeedsRollups) {
  const std::string kpi = "kpis:\n  - {id: sold, formula: 'sum(revenue, total)', unit: money, rollup: none}\n";
  const std::string alert = "alerts:\n  - {id: rich, formula: '1', severity: LOW";
  EXPECT_FALSE(Catalog::Parse(kpi + alert + "}\n", "x", {})->has_rollups());
  EXPECT_TRUE(Catalog::Parse(kpi + alert + ", rollup: {formula: '1'}}\n", "x", {})->has_rollups());
}

TEST(CatalogAlertsTest, TheHashCoversTheirFormulasOnly) {
  const std::string hash = WithAlerts("  - {id: rich, formula: sold > 100, severity: LOW}\n")->hash();
  EXPECT_NE(WithAlerts("  - {id: rich, formula: sold > 101, severity: LOW}\n")->hash(), hash);
  EXPECT_NE(WithAlerts("  []\n")->hash(), hash);
  EXPECT_EQ(WithAlerts("  - {id: rich, formula: sold > 100, severity: HIGH}\n")->hash(), hash);
  const std::string as_kpi =
      "kpis:\n  - {id: sold, formula: '1', unit: money}\n  - {id: b, formula: '1', unit: flag}\n";
  const std::string as_alert =
      "kpis:\n  - {id: sold, formula: '1', unit: money}\nalerts:\n  - {id: b, formula: '1', severity: LOW}\n";
  EXPECT_NE(Catalog::Parse(as_kpi, "x", {})->hash(), Catalog::Parse(as_alert, "x", {})->hash());
}

TEST(CatalogAlertsTest, ASumKnowsHowFormulasNameIt) {
  const auto catalog = WithAlerts("  - {id: rich, formula: 'sum(bookings, trailing 3 d) > 1', severity: LOW}\n");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->base_components()[0].text, "sum(revenue, total)");
  EXPECT_EQ(catalog->base_components()[1].text, "sum(bookings, trailing 3 d)");
}

TEST(CatalogAlertsTest, WhatIsWrongIsToldWithItsLine) {
  EXPECT_EQ(AlertErrorOf("  - {id: rich, formula: sold > 1}\n"), "catalog.yaml:4: alert rich has no severity");
  EXPECT_THAT(AlertErrorOf("  - {id: rich, formula: sold > 1, severity: LOUD}\n"),
              StartsWith("catalog.yaml:4: severity: "));
  EXPECT_THAT(AlertErrorOf("  - {id: rich, formula: sold > 1, severity: LOW, of: everybody}\n"),
              StartsWith("catalog.yaml:4: of: "));
  EXPECT_THAT(AlertErrorOf("  - {id: sold, formula: '1', severity: LOW}\n"), HasSubstr("id 'sold' is used twice"));
  EXPECT_THAT(AlertErrorOf("  - {id: rich, formula: '1', severity: LOW, unit: flag}\n"),
              HasSubstr("unknown field 'unit'"));
  EXPECT_THAT(AlertErrorOf("  - {id: a, formula: b, severity: LOW}\n  - {id: b, formula: a, severity: LOW}\n"),
              HasSubstr("a cycle: a -> b -> a"));
  EXPECT_THAT(AlertErrorOf("  - {id: rich, formula: '1', severity: LOW, rollup: {formula: '1', unit: count}}\n"),
              HasSubstr("unknown field of a rollup 'unit'"));
  const std::string kpi = "kpis:\n  - {id: a, formula: '1', unit: flag, alert: {severity: LOW, to: me}}\n";
  EXPECT_THAT(std::string(Catalog::Parse(kpi, "catalog.yaml", {}).status().message()),
              StartsWith("catalog.yaml:2: alert: "));
}

}  // namespace
}  // namespace keyfold
