// What a catalogue says about how its KPIs are shown.
#include "kpi/presentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "kpi/evaluation.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

const Presentation& Of(const Catalog& catalog, std::string_view kpi) {
  return catalog.TextOf(*catalog.FindKpi(kpi)).presentation;
}

const Presentation& OfGroups(const Catalog& catalog, std::string_view kpi) {
  return catalog.TextOf(*catalog.FindKpi(kpi)).group_presentation;
}

// A catalogue of a KPI with these fields, on line 3, besides id and formula.
absl::StatusOr<Catalog> WithFields(const std::string& fields) {
  return Catalog::Parse("kpis:\n  - id: a\n    " + fields + "\n    formula: '1'\n", "catalog.yaml", {});
}

std::string PresentationErrorOf(const std::string& fields) {
  return std::string(WithFields(fields).status().message());
}

TEST(PresentationTest, TheShippedCatalogueNamesEveryKpiInBothLanguages) {
  const Catalog catalog = DefaultCatalog();
  std::set<std::string> labels;
  for (uint16_t index : catalog.kpis()) {
    const Definition& kpi = catalog.definitions()[index];
    SCOPED_TRACE(kpi.id);
    for (const Presentation& presentation :
         {catalog.TextOf(index).presentation, catalog.TextOf(index).group_presentation}) {
      for (const Translations& texts : {presentation.label, presentation.description}) {
        EXPECT_THAT(texts, ElementsAre(Pair("de", Not(IsEmpty())), Pair("en", Not(IsEmpty()))));
      }
    }
    const Presentation& presentation = catalog.TextOf(index).presentation;
    for (const auto& [language, label] : presentation.label) {
      EXPECT_TRUE(labels.insert(language + label).second) << label << " names two KPIs";
    }
    EXPECT_NE(presentation.description.at("de"), presentation.description.at("en"));
    EXPECT_THAT(kpi.unit, AnyOf("money", "money/day", "ratio", "count", "days", "hours", "points", "score", "flag"));
    // Whole numbers are shown as such; of a ratio there is at least a percent to be seen.
    const bool whole = kpi.unit == "count" || kpi.unit == "flag" || kpi.is_money;
    EXPECT_TRUE(!whole || presentation.digits == 0);
    EXPECT_TRUE(kpi.unit != "ratio" || presentation.digits >= 2);
    const bool judged = presentation.good.has_value() && presentation.bad.has_value();
    EXPECT_TRUE(judged || (kpi.unit != "flag" && kpi.unit != "score"));
    EXPECT_TRUE(!judged || !kpi.is_money) << "how large is large?";
  }
}

TEST(PresentationTest, TheShippedCatalogueSaysWhatIsGoodAndWhatIsBad) {
  const Catalog catalog = DefaultCatalog();
  EXPECT_EQ(Of(catalog, "health_score").good, 70);
  EXPECT_EQ(Of(catalog, "health_score").bad, 50);  // where at_risk begins
  EXPECT_EQ(Of(catalog, "churn_rate").label.at("de"), "Abwanderungsrate");
  EXPECT_EQ(Of(catalog, "at_risk").alert_severity, "HIGH");
  EXPECT_EQ(Of(catalog, "forecast_bias").good, std::nullopt);
}

// A page says them where there is no number. What is undefined of an account without events is all that can be, but for
// sums that are too large.
TEST(PresentationTest, TheShippedCatalogueSaysWhyAValueIsUndefined) {
  const Catalog catalog = DefaultCatalog();
  const EvaluationDay evaluation(catalog, *ParseDay("2026-03-31"));
  const std::vector<double> values = EvaluateAccount(evaluation, ComponentValues(catalog));
  int undefined = 0;
  for (uint16_t index : catalog.kpis()) {
    const DefinitionText& text = catalog.TextOf(index);
    for (const Presentation& presentation : {text.presentation, text.group_presentation}) {
      EXPECT_EQ(presentation.undefined.size(), std::isnan(values[index]) ? 2 : 0) << catalog.definitions()[index].id;
    }
    undefined += std::isnan(values[index]) ? 1 : 0;
  }
  EXPECT_GT(undefined, 30);
  EXPECT_EQ(OfGroups(catalog, "plan_attainment").undefined.at("de"), "Kein Plan in Kraft");
}

// Whose number grows with the accounts is not good or bad by what is good or bad of one.
TEST(PresentationTest, GroupsHaveTheAccountsPresentationButForTheThresholdsOfWhatGrows) {
  const Catalog catalog = DefaultCatalog();
  EXPECT_EQ(OfGroups(catalog, "nps").good, Of(catalog, "nps").good);
  EXPECT_EQ(Of(catalog, "escalations_open").bad, 3);
  EXPECT_EQ(OfGroups(catalog, "escalations_open").bad, std::nullopt);
  EXPECT_EQ(OfGroups(catalog, "escalations_open").label, Of(catalog, "escalations_open").label);
  const Presentation& at_risk = OfGroups(catalog, "accounts_at_risk");
  EXPECT_EQ(at_risk.unit, "count");
  EXPECT_EQ(at_risk.label.at("en"), "Accounts at risk");
  EXPECT_EQ(at_risk.alert_severity, "");
}

TEST(PresentationTest, EverythingMayBeLeftOutButTheUnit) {
  const auto catalog = WithFields("unit: ratio");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_THAT(Of(*catalog, "a").label, IsEmpty());
  EXPECT_EQ(Of(*catalog, "a").digits, 0);
  EXPECT_EQ(Of(*catalog, "a").alert_severity, "");
}

TEST(PresentationTest, WhatIsWrongIsToldWithItsLine) {
  for (const char* const fields : {"unit: [ratio]",
                                   "label: Umsatz",
                                   "label: {de: Umsatz}",
                                   "label: {de: Umsatz, fr: Ventes}",
                                   "label: {de: Umsatz, en: }",
                                   "description: {de: a, en: [b]}",
                                   "undefined: nothing happened",
                                   "digits: many",
                                   "digits: 1.5",
                                   "digits: -1",
                                   "digits: 10",
                                   "digits: [1]",
                                   "thresholds: 3",
                                   "thresholds: {}",
                                   "thresholds: {fine: 3}",
                                   "thresholds: {good: a lot}",
                                   "thresholds: {good: .inf}",
                                   "alert: HIGH",
                                   "alert: {severity: SOME}",
                                   "alert: {}",
                                   "alert: {severity: HIGH, to: me}",
                                   "better: [higher]",
                                   "shade: red"}) {
    const std::string unit = std::string(fields).starts_with("unit") ? "" : ", unit: flag";
    const std::string in_flow = std::string("kpis:\n  - {id: a, formula: '1',\n     ") + fields + unit + "}\n";
    const absl::Status status = Catalog::Parse(in_flow, "catalog.yaml", {}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << fields;
    EXPECT_THAT(std::string(status.message()), StartsWith("catalog.yaml:3: ")) << fields;
  }
}

TEST(PresentationTest, ThresholdsLieOnTheSideThatIsBetter) {
  EXPECT_TRUE(WithFields("unit: ratio\n    better: higher\n    thresholds: {good: 0.3, bad: 0.1}").ok());
  EXPECT_TRUE(WithFields("unit: ratio\n    better: lower\n    thresholds: {good: 0.1, bad: 0.3}").ok());
  EXPECT_TRUE(WithFields("unit: ratio\n    better: lower\n    thresholds: {bad: 0.3}").ok());
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    better: higher\n    thresholds: {good: 0.1, bad: 0.3}"),
              HasSubstr("good lies above bad"));
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    better: lower\n    thresholds: {good: 0.3, bad: 0.1}"),
              HasSubstr("good lies below bad"));
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    better: lower\n    thresholds: {good: 0.3, bad: 0.3}"),
              HasSubstr("good"));
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    thresholds: {good: 0.3}"),
              AllOf(StartsWith("catalog.yaml:4: "), HasSubstr("neither better higher nor lower")));
}

TEST(PresentationTest, OnlyAFlagRaisesAlerts) {
  const auto flag = WithFields("unit: flag\n    alert: {severity: CRITICAL}");
  ASSERT_TRUE(flag.ok()) << flag.status();
  EXPECT_EQ(Of(*flag, "a").alert_severity, "CRITICAL");
  EXPECT_THAT(PresentationErrorOf("unit: count\n    alert: {severity: HIGH}"), HasSubstr("of a flag only"));
}

TEST(PresentationTest, ARollupMayBeShownInAnotherWay) {
  const auto catalog = WithFields(
      "unit: flag\n    better: lower\n    thresholds: {good: 0, bad: 1}\n    alert: {severity: LOW}\n    digits: 0\n"
      "    rollup: {formula: '2', unit: ratio, digits: 3, label: {de: Anteil, en: Share}}");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const Presentation& group = OfGroups(*catalog, "a");
  EXPECT_EQ(group.unit, "ratio");
  EXPECT_EQ(group.digits, 3);
  EXPECT_EQ(group.better, Better::kLower);
  EXPECT_EQ(group.label.at("de"), "Anteil");
  EXPECT_EQ(group.good, std::nullopt);  // they were those of the flag
  EXPECT_EQ(group.alert_severity, "");
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    rollup: {formula: '2', colour: red}"),
              HasSubstr("unknown field of a rollup 'colour'"));
  EXPECT_THAT(PresentationErrorOf("unit: ratio\n    rollup: {formula: '2', unit: money}"), HasSubstr("money"));
}

}  // namespace
}  // namespace keyfold
