#include "kpi/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Settings that differ from the defaults in one thing.
KpiSettings With(void (*change)(KpiSettings&)) {
  KpiSettings settings;
  change(settings);
  return settings;
}

std::string ErrorOf(const std::string& yaml, const KpiSettings& settings = {}) {
  return std::string(Catalog::Parse(yaml, "catalog.yaml", settings).status().message());
}

const std::string kKpi = "kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: money}\n";

TEST(CatalogTest, TheShippedCatalogueCompiles) {
  const Catalog catalog = DefaultCatalog();
  EXPECT_GE(catalog.kpis().size(), 71u);
  const auto revenue = std::find_if(catalog.definitions().begin(), catalog.definitions().end(),
                                    [](const Definition& definition) { return definition.id == "revenue_t12m"; });
  ASSERT_NE(revenue, catalog.definitions().end());
  EXPECT_TRUE(revenue->is_money);
}

TEST(CatalogTest, FindsDefinitionsKpisAndTotalsByName) {
  const Catalog catalog = DefaultCatalog();
  const auto id_of = [&catalog](std::optional<uint16_t> index) {
    return index.has_value() ? catalog.definitions()[*index].id : "nothing";
  };
  EXPECT_EQ(id_of(catalog.FindDefinition("plan_target")), "plan_target");
  EXPECT_EQ(id_of(catalog.FindDefinition("nps")), "nps");
  EXPECT_EQ(id_of(catalog.FindDefinition("accounts_at_risk")), "nothing");
  EXPECT_EQ(id_of(catalog.FindKpi("nps")), "nps");
  EXPECT_EQ(id_of(catalog.FindKpi("accounts_at_risk")), "at_risk");  // its name for groups
  EXPECT_EQ(id_of(catalog.FindKpi("plan_target")), "nothing");       // a component
  const std::optional<uint16_t> potential = catalog.FindTotal(Measure::kPotential);
  ASSERT_TRUE(potential.has_value());
  EXPECT_EQ(catalog.base_components()[*potential].measure, Measure::kPotential);
  EXPECT_EQ(catalog.base_components()[*potential].window, Window{Window::Kind::kTotal});
  EXPECT_EQ(catalog.FindTotal(Measure::kMilestones), std::nullopt);
}

TEST(CatalogTest, KpisSayTheirUnitAndWhichWayIsBetter) {
  const Catalog catalog = DefaultCatalog();
  const auto better = [&catalog](std::string_view id) { return catalog.definitions()[*catalog.FindKpi(id)].better; };
  EXPECT_EQ(better("revenue_t12m"), Definition::Better::kHigher);
  EXPECT_EQ(better("churn_rate"), Definition::Better::kLower);
  EXPECT_EQ(better("forecast_bias"), Definition::Better::kNeither);
  EXPECT_EQ(catalog.definitions()[*catalog.FindKpi("at_risk")].unit, "flag");
  EXPECT_EQ(Catalog::Parse(kKpi, "x", {})->definitions()[0].better, Definition::Better::kNeither);  // it does not say
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1', unit: ratio, better: often}\n"),
              HasSubstr("higher, lower or neither"));
}

TEST(CatalogTest, HashFollowsDefinitionsAndSettings) {
  KpiSettings settings;
  const std::string hash = Catalog::Parse(kKpi, "x", settings)->hash();
  EXPECT_EQ(hash.size(), 16u);
  EXPECT_EQ(Catalog::Parse(kKpi, "another name", settings)->hash(), hash);
  EXPECT_NE(Catalog::Parse("windows: {w: next 9 d}\n" + kKpi, "x", settings)->hash(), hash);
  EXPECT_NE(Catalog::Parse("parameters: {a.b: 1}\n" + kKpi, "x", settings)->hash(), hash);
  for (const char* const other : {"kpis:\n  - {id: b, formula: 'sum(revenue, mtd)', unit: money}\n",
                                  "kpis:\n  - {id: a, formula: 'sum(revenue, qtd)', unit: money}\n",
                                  "kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: ratio}\n",
                                  "kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: money, rollup: none}\n",
                                  "kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: money, "
                                  "rollup: {id: b, formula: 'sum(revenue, mtd)'}}\n",
                                  "components:\n  - {id: b, formula: '1'}\n"
                                  "kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: money}\n"}) {
    EXPECT_NE(Catalog::Parse(other, "x", settings)->hash(), hash) << other;
  }
  settings.time_zone = "UTC";
  EXPECT_NE(Catalog::Parse(kKpi, "x", settings)->hash(), hash);
}

// A label that was improved must not ask for a rebuild.
TEST(CatalogTest, HashIsThatOfTheValuesAndNotOfHowTheyAreShown) {
  const std::string hash = Catalog::Parse(kKpi, "x", {})->hash();
  EXPECT_EQ(Catalog::Parse("# other words\n" + kKpi, "x", {})->hash(), hash);
  EXPECT_EQ(Catalog::Parse("kpis:\n  - {id: a, formula: 'sum(revenue, mtd)', unit: money, better: higher, digits: 2, "
                           "label: {de: Umsatz, en: Revenue}, thresholds: {good: 1}}\n",
                           "x", {})
                ->hash(),
            hash);
}

TEST(CatalogTest, ParametersOverrideDefaults) {
  const std::string yaml = "parameters: {a.b: 2}\nkpis:\n  - {id: x, formula: a.b + 1, unit: ratio}\n";
  const auto constant = [](const Catalog& catalog) { return catalog.definitions()[0].formula.Evaluate({}); };
  EXPECT_EQ(constant(*Catalog::Parse(yaml, "x", {})), 3);
  EXPECT_EQ(constant(*Catalog::Parse(yaml, "x", With([](KpiSettings& s) { s.parameters["a.b"] = 5; }))), 6);
  EXPECT_THAT(ErrorOf(yaml, With([](KpiSettings& s) { s.parameters["a.c"] = 5; })), HasSubstr("has no 'a.c'"));
}

TEST(CatalogTest, ParametersStayInTheirRange) {
  const std::string yaml =
      "parameters:\n  a.b: {default: 0.9, min: 0, max: 1}\n  a.c: {default: 2, min: 0.5}\n"
      "kpis:\n  - {id: x, formula: a.b + a.c, unit: ratio}\n";
  const auto complaint = [&yaml](const std::string& name, double value) {
    KpiSettings settings;
    settings.parameters[name] = value;
    return ErrorOf(yaml, settings);
  };
  for (double value : {0.0, 0.4, 1.0}) EXPECT_EQ(complaint("a.b", value), "");
  EXPECT_THAT(complaint("a.b", 1.2), HasSubstr("parameter a.b: 1.2 is more than 1"));
  EXPECT_THAT(complaint("a.b", -0.1), HasSubstr("parameter a.b: -0.1 is less than 0"));
  EXPECT_THAT(complaint("a.b", std::nan("")), HasSubstr("not a finite number"));
  EXPECT_EQ(complaint("a.c", 1e12), "");
  EXPECT_THAT(complaint("a.c", 0.4), HasSubstr("parameter a.c: 0.4 is less than 0.5"));
  EXPECT_THAT(complaint("a.c", std::numeric_limits<double>::infinity()), HasSubstr("not a finite number"));
}

TEST(CatalogTest, MalformedRangesOfParametersAreTold) {
  const auto complaint = [](const std::string& parameter) {
    return ErrorOf("parameters:\n  a.b: " + parameter + "\n");
  };
  EXPECT_THAT(complaint("{default: 3, max: 2}"), HasSubstr(":2: parameter a.b: 3 is more than 2"));
  EXPECT_THAT(complaint("{min: 1}"), HasSubstr(":2: a parameter has a default"));
  EXPECT_THAT(complaint("{default: 3, most: 4}"), HasSubstr(":2: unknown field 'most'"));
  EXPECT_THAT(complaint("many"), HasSubstr(":2: bad conversion"));
}

TEST(CatalogTest, SharesComponentsBetweenFormulas) {
  const Catalog catalog = *Catalog::Parse(
      "windows: {t12m: trailing 12 m}\nkpis:\n"
      "  - {id: a, formula: 'sum(revenue, t12m)', unit: money}\n"
      "  - {id: b, formula: 'sum(revenue, trailing 12 m) / sum(orders, t12m)', unit: money}\n",
      "x", {});
  EXPECT_EQ(catalog.base_components().size(), 3u);  // and who is a customer, which every catalogue keeps
  EXPECT_EQ(catalog.SlotsOf(Measure::kRevenue).size(), 1u);
}

TEST(CatalogTest, OnlyWhatAKpiReadsIsPublished) {
  const Catalog catalog = *Catalog::Parse(
      "components:\n  - {id: used, formula: 'sum(revenue, mtd)'}\n  - {id: unused, formula: 'sum(bookings, mtd)'}\n"
      "kpis:\n  - {id: a, formula: used, unit: money}\n",
      "x", {});
  EXPECT_TRUE(catalog.base_components()[0].published);
  EXPECT_FALSE(catalog.base_components()[1].published);
}

TEST(CatalogTest, DependenciesComeFirstWhateverTheOrderOfTheFile) {
  const Catalog catalog = *Catalog::Parse(
      "kpis:\n  - {id: a, formula: b + 1, unit: ratio}\n  - {id: b, formula: '41', unit: ratio}\n", "x", {});
  EXPECT_THAT(catalog.account_order(), ::testing::ElementsAre(1, 0));
}

TEST(CatalogTest, ErrorsNameWhatWasMeant) {
  const auto formula = [](const std::string& text) {
    return ErrorOf(
        "windows: {t12m: trailing 12 m}\nparameters: {clv.retention: 1}\nkpis:\n  - {id: growth, formula: '" + text +
        "', unit: ratio}\n");
  };
  EXPECT_THAT(formula("sum(revenue, t21m)"), HasSubstr("unknown window 't21m', did you mean t12m?"));
  EXPECT_THAT(formula("clv.retentoin"), HasSubstr("unknown parameter 'clv.retentoin', did you mean clv.retention?"));
  EXPECT_THAT(formula("grwoth"), HasSubstr("unknown name 'grwoth', did you mean growth?"));
  EXPECT_THAT(formula("coalece(1)"), HasSubstr("unknown function 'coalece', did you mean coalesce?"));
  EXPECT_THAT(formula("smu(revenue, t12m)"), HasSubstr("unknown function 'smu', did you mean sum?"));
  EXPECT_THAT(formula("forecast_sum(eror)"), HasSubstr("knows no 'eror', did you mean error?"));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1', unit: ratio, betterr: higher}\n"),
              HasSubstr("unknown field 'betterr', did you mean better?"));
  EXPECT_THAT(ErrorOf("parameters: {a.bcd: 2}\n" + kKpi, With([](KpiSettings& s) { s.parameters["a.bdc"] = 5; })),
              HasSubstr("has no 'a.bdc', did you mean a.bcd?"));
}

TEST(CatalogTest, ErrorsNameFileLineAndReason) {
  EXPECT_THAT(ErrorOf("kpis:\n  - id: a\n    formula: sum(revnue, mtd)\n    unit: money\n"),
              AllOf(StartsWith("catalog.yaml:3: a: "), HasSubstr("unknown measure 'revnue', did you mean revenue?")));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: b, unit: ratio}\n  - {id: b, formula: a, unit: ratio}\n"),
              AllOf(StartsWith("catalog.yaml:"), HasSubstr("a cycle: a -> b -> a")));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: a, unit: ratio}\n"), HasSubstr("a cycle: a -> a"));
  EXPECT_THAT(ErrorOf(kKpi + "  - {id: a, formula: '1', unit: ratio}\n"),
              AllOf(StartsWith("catalog.yaml:3: "), HasSubstr("'a' is used twice")));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1 +', unit: ratio}\n"), HasSubstr("ends too early"));
  EXPECT_THAT(ErrorOf("kpis: [}"), StartsWith("catalog.yaml:1: "));
  EXPECT_THAT(ErrorOf("windows: {x: last week}\n" + kKpi), HasSubstr("'last week' is not a window"));
  EXPECT_THAT(ErrorOf("kpi: []\n"), HasSubstr("unknown section 'kpi', did you mean kpis?"));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1', unit: ratio, colour: red}\n"),
              HasSubstr("unknown field 'colour'"));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: A b, formula: '1', unit: ratio}\n"), HasSubstr("is not an id"));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1'}\n"), HasSubstr("no unit"));
  EXPECT_THAT(ErrorOf("kpis:\n  - {id: a, formula: '1', unit: ratio, rollup: median}\n"), HasSubstr("rollup:"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("a catalogue is a map"));
  EXPECT_THAT(ErrorOf(kKpi, With([](KpiSettings& s) { s.time_zone = "Mars/Olympus"; })),
              HasSubstr("unknown time zone"));
  EXPECT_THAT(ErrorOf(kKpi, With([](KpiSettings& s) { s.reporting_currency = "eur"; })),
              HasSubstr("'eur' is not an ISO 4217 code"));
  EXPECT_THAT(ErrorOf(kKpi, With([](KpiSettings& s) { s.fiscal_year_start_month = 13; })),
              HasSubstr("13 is not a month"));
}

TEST(CatalogTest, AFormulaMayReadWhatTheCatalogueDoesNot) {
  const Catalog catalog = DefaultCatalog({});
  const absl::StatusOr<Catalog> extended =
      catalog.WithFormula("mine", "sum(revenue, trailing 5 d) + quantile(resolution_hist, trailing 5 d, 0.5)", "money");
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(extended->hash(), catalog.hash());  // what is stored stands for both
  EXPECT_EQ(extended->base_components().size(), catalog.base_components().size() + 1);
  EXPECT_EQ(extended->histogram_components().size(), catalog.histogram_components().size() + 1);
  EXPECT_EQ(*extended->FindKpi("mine"), catalog.definitions().size());
  EXPECT_TRUE(extended->definitions().back().is_money);
  EXPECT_THAT(std::string(catalog.WithFormula("nps", "1", "number").status().message()), HasSubstr("of its own"));
  EXPECT_TRUE(absl::IsInvalidArgument(catalog.WithFormula("mine", "sum(revenue, fortnight)", "number").status()));
}

TEST(CatalogTest, ARateThatAFormulaLacksIsTold) {
  const absl::StatusOr<Catalog> catalog =
      Catalog::Parse("kpis:\n  - {id: sold, formula: 'sum(revenue, total)', unit: money}\n", "catalog.yaml", {});
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const absl::StatusOr<Catalog> extended =
      catalog->WithFormula("mine", "forecast_sum(error) + sum(bookings, total)", "money");
  ASSERT_TRUE(extended.ok()) << extended.status();
  for (const BaseComponent& component : extended->base_components()) {
    const bool counts_months = component.measure == Measure::kForecastMonths;  // without a currency
    EXPECT_EQ(component.published, !counts_months && component.measure != Measure::kCustomer)
        << MeasureName(component.measure);
  }
}

}  // namespace
}  // namespace keyfold
