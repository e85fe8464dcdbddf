// The document that names, formats and colours every number.
#include "ask/catalog_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/default_catalog.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

nlohmann::json KpiIn(const nlohmann::json& document, const std::string& id) {
  const auto& kpis = document.at("kpis");
  const auto found = std::find_if(kpis.begin(), kpis.end(), [&](const auto& kpi) { return kpi.at("id") == id; });
  return found == kpis.end() ? nlohmann::json() : *found;
}

TEST(CatalogTopicTest, TheDocumentSaysWhatEveryKpiIs) {
  const Catalog catalog = DefaultCatalog();
  const nlohmann::json document = nlohmann::json::parse(CatalogDocument(catalog));
  EXPECT_EQ(document.at("catalog_hash"), catalog.hash());
  EXPECT_EQ(document.at("kpis").size(), catalog.kpis().size());
  const nlohmann::json growth = KpiIn(document, "revenue_growth");
  EXPECT_EQ(growth.at("label").at("de"), "Umsatzwachstum");
  EXPECT_EQ(growth.at("label").at("en"), "Revenue growth");
  EXPECT_EQ(growth.at("unit"), "ratio");
  EXPECT_EQ(growth.at("better"), "higher");
  EXPECT_EQ(growth.at("digits"), 3);
  EXPECT_EQ(growth.at("thresholds"), nlohmann::json({{"good", 0.05}, {"bad", 0}}));
  EXPECT_THAT(growth.at("formula").get<std::string>(), HasSubstr("sum(revenue, p12m)"));
  EXPECT_EQ(growth.at("group").at("id"), "revenue_growth");
  const nlohmann::json at_risk = KpiIn(document, "at_risk");
  EXPECT_EQ(at_risk.at("alert"), nlohmann::json({{"severity", "HIGH"}, {"of", "customers"}}));
  EXPECT_EQ(at_risk.at("group").at("id"), "accounts_at_risk");
  EXPECT_EQ(at_risk.at("group").at("unit"), "count");
  EXPECT_EQ(at_risk.at("group").at("formula"), "at_risk_accounts");
  EXPECT_FALSE(KpiIn(document, "selection_score").contains("group"));
}

// Those of the KPIs, too: a client finds every alert that it may receive in one list.
TEST(CatalogTopicTest, TheDocumentSaysWhatAlertsThereAre) {
  const Catalog catalog = DefaultCatalog();
  const nlohmann::json alerts = nlohmann::json::parse(CatalogDocument(catalog)).at("alerts");
  ASSERT_EQ(alerts.size(), catalog.alerts().size());
  const nlohmann::json& at_risk = alerts.at(0);
  EXPECT_EQ(at_risk.at("id"), "at_risk");
  EXPECT_EQ(at_risk.at("kpi"), true);
  EXPECT_EQ(at_risk.at("of"), "customers");
  EXPECT_EQ(at_risk.at("severity"), "HIGH");
  const nlohmann::json& escalation = alerts.at(1);
  EXPECT_EQ(escalation.at("id"), "severe_escalation_open");
  EXPECT_EQ(escalation.at("kpi"), false);
  EXPECT_EQ(escalation.at("of"), "accounts");
  EXPECT_EQ(escalation.at("severity"), "CRITICAL");
  EXPECT_EQ(escalation.at("label").at("de"), "Schwere Eskalation offen");
  EXPECT_EQ(escalation.at("formula"), "escalations_severe_open > 0");
  EXPECT_FALSE(escalation.contains("group"));
  const auto grouped = Catalog::Parse(
      "kpis:\n  - {id: a, formula: '1', unit: ratio}\nalerts:\n"
      "  - {id: b, formula: a > 2, severity: LOW, rollup: {id: bs, formula: a > 3, severity: HIGH}}\n",
      "x", {});
  const nlohmann::json group = nlohmann::json::parse(CatalogDocument(*grouped)).at("alerts").at(0).at("group");
  EXPECT_EQ(group, nlohmann::json({{"id", "bs"}, {"severity", "HIGH"}, {"formula", "a > 3"}}));
}

TEST(CatalogTopicTest, TheDocumentHasWhatFormulasReferTo) {
  KpiSettings settings;
  settings.time_zone = "America/New_York";
  settings.fiscal_year_start_month = 4;
  settings.reporting_currency = "USD";
  settings.parameters = {{"clv.retention", 0.8}};
  const nlohmann::json document = nlohmann::json::parse(CatalogDocument(DefaultCatalog(settings)));
  EXPECT_EQ(document.at("time_zone"), "America/New_York");
  EXPECT_EQ(document.at("fiscal_year_start_month"), 4);
  EXPECT_EQ(document.at("reporting_currency"), "USD");
  EXPECT_EQ(document.at("parameters").at("clv.retention"), 0.8);
  EXPECT_EQ(document.at("windows").at("t12m"), "trailing 12 m");
  EXPECT_EQ(document.at("components").at(0).at("id"), "margin");
  EXPECT_EQ(document.at("groups").at(0).at("id"), "portfolio:all");
  EXPECT_EQ(document.at("groups").at(2).at("prefix"), "manager:");
}

TEST(CatalogTopicTest, WithoutRollupsThereAreNoGroups) {
  const auto catalog = Catalog::Parse("kpis:\n  - {id: a, formula: '1', unit: ratio, rollup: none}\n", "x", {});
  const nlohmann::json document = nlohmann::json::parse(CatalogDocument(*catalog));
  EXPECT_TRUE(document.at("groups").empty());
  EXPECT_FALSE(document.at("kpis").at(0).contains("label"));
}

TEST(CatalogTopicTest, TheVerbPrintsIt) {
  const VerbResult printed = RunVerb({"catalog"});
  EXPECT_EQ(printed.exit_status, 0) << printed.errors;
  EXPECT_EQ(printed.out, CatalogDocument(DefaultCatalog()) + "\n");
  EXPECT_EQ(RunVerb({"catalog", "--time_zone", "Nowhere/Atall"}).exit_status, 2);
}

}  // namespace
}  // namespace keyfold
