// Every KPI taken apart: what is listed adds up to the value that is published.
#include "explain/explain.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "ask/projection_world.h"
#include "explain/explanation_json.h"
#include "formula/formula.h"
#include "kpi/catalog_names.h"
#include "kpi/conversion.h"
#include "sample/history.h"
#include "support/random_history.h"
#include "support/sanitized.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Within a property as outside of one: the first sum that does not hold ends the test.
#define KEYFOLD_ASSERT_SUM(condition) \
  if (!(condition)) throw std::logic_error(#condition)

bool SameValue(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// What a text of the formula language comes to by itself.
double ValueOf(const Catalog& catalog, const std::string& text) {
  CatalogNames names(catalog);
  const absl::StatusOr<Formula> formula = Formula::Compile(text, names);
  KEYFOLD_ASSERT_SUM(formula.ok());
  return formula->Evaluate({});
}

// The lines and the rest that are in the window of one of the dates, by currency.
std::map<Currency, __int128> SumsOf(const ExplainedComponent& component, Presence not_there) {
  std::map<Currency, __int128> sums;
  for (const ContributionLine& line : component.lines) {
    if (line.presence != not_there) sums[line.cell.currency] += line.amount;
  }
  for (const RestOfLines& rest : component.rest) {
    if (rest.presence != not_there) sums[rest.currency] += rest.amount;
  }
  return sums;
}

// The contributions come to the component's value, by way of its conversions.
void CheckSums(const Catalog& catalog, std::map<Currency, __int128> sums, const ComponentAt& at) {
  __int128 value = sums[Currency()] + sums[catalog.reporting_currency()];
  std::map<Currency, __int128> converted;
  for (const Conversion& conversion : at.conversions) {
    converted[conversion.currency] += conversion.amount;
    value += conversion.converted;
  }
  for (const auto& [currency, amount] : sums) {
    if (!currency.is_none() && currency != catalog.reporting_currency())
      KEYFOLD_ASSERT_SUM(converted[currency] == amount);
  }
  if (!std::isnan(at.value)) KEYFOLD_ASSERT_SUM(at.value == static_cast<double>(value));
}

void CheckFormulas(const Catalog& catalog, const Explanation& explanation) {
  for (const ExplainedFormula& formula : explanation.formulas) {
    const bool is_kpi = catalog.FindKpi(formula.id).has_value();
    const auto evaluated = [&](const std::string& text) {
      const double value = ValueOf(catalog, text);
      return is_kpi ? value : std::round(value);  // derived components are rounded
    };
    KEYFOLD_ASSERT_SUM(SameValue(evaluated(formula.with_values), formula.value));
    if (explanation.since.has_value()) {
      KEYFOLD_ASSERT_SUM(SameValue(evaluated(formula.with_values_since), formula.value_since));
    }
  }
}

void CheckMembers(const ExplainedComponent& component) {
  __int128 sum = component.members_rest;
  __int128 sum_since = component.members_rest_since;
  for (const MemberLine& member : component.members) {
    sum += member.amount.value_or(0);
    sum_since += member.amount_since.value_or(0);
  }
  if (!std::isnan(component.now.value)) KEYFOLD_ASSERT_SUM(component.now.value == static_cast<double>(sum));
  if (component.since.has_value() && !std::isnan(component.since->value)) {
    KEYFOLD_ASSERT_SUM(component.since->value == static_cast<double>(sum_since));
  }
}

void Check(const Catalog& catalog, const Explanation& explanation) {
  CheckFormulas(catalog, explanation);
  for (const ExplainedComponent& component : explanation.components) {
    if (explanation.is_group) {
      CheckMembers(component);
      continue;
    }
    CheckSums(catalog, SumsOf(component, Presence::kLeft), component.now);
    if (component.since.has_value()) CheckSums(catalog, SumsOf(component, Presence::kCame), *component.since);
    for (const ContributionLine& line : component.lines) {
      KEYFOLD_ASSERT_SUM(!line.event.event_id.empty() && !line.event.type.empty());
    }
  }
}

double Published(const FoldedById& values, const std::string& id, const std::string& kpi) {
  const auto found = values.find(id);
  const std::optional<double> value = found == values.end() ? std::nullopt : KpiOf(found->second, kpi);
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// Explains the KPIs of the catalogue (or every so manieth) for an id, at a day and since another, and compares with the
// offline fold.
void CheckEveryKpi(const ProjectionReader& reader, const std::string& id, Day day, Day since, size_t limit,
                   const FoldedById& now, const FoldedById& before, size_t every = 1, size_t from = 0) {
  const Catalog& catalog = reader.catalog();
  for (size_t i = from; i < catalog.kpis().size(); i += every) {
    const uint16_t kpi = catalog.kpis()[i];
    const Definition& definition = catalog.definitions()[kpi];
    if (IsGroupId(id) && definition.rollup == Definition::Rollup::kNone) continue;
    const std::string& name = IsGroupId(id) ? definition.group_id : definition.id;
    for (const std::optional<Day> compared : {std::optional<Day>(), std::optional(since)}) {
      const auto explanation = Explain(reader, {id, kpi, day, compared, limit});
      KEYFOLD_ASSERT_SUM(explanation.ok());
      if (!explanation->has_value()) {
        KEYFOLD_ASSERT_SUM(!now.contains(id));
        continue;
      }
      Check(catalog, **explanation);
      KEYFOLD_ASSERT_SUM(SameValue((*explanation)->value, Published(now, id, name)));
      if (compared.has_value()) KEYFOLD_ASSERT_SUM(SameValue((*explanation)->value_since, Published(before, id, name)));
      KEYFOLD_ASSERT_SUM(!ToJson(**explanation).dump().empty());
    }
  }
}

TEST(ExplainTest, EveryKpiOfEveryIdAddsUpToWhatIsPublished) {
  std::set<std::string> kinds_seen;
  const bool held = rc::check([&kinds_seen] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    RandomHistory history(seed);
    ProjectionWorld world;
    for (int i = 0; i < 90; ++i) world.Add(history.Next());
    const ProjectionReader reader = world.Open();
    const Day day = reader.LatestDay().value_or(*ParseDay("2026-01-01")) + static_cast<Day>(seed % 60) - 30;
    const Day since = day - 1 - static_cast<Day>(seed % 500);
    const size_t limit = seed % 3 == 0 ? 0 : seed % 4 + 1;
    const FoldedById accounts = world.Accounts(day);
    const FoldedById accounts_before = world.Accounts(since);
    for (const auto& [id, values] : accounts) {
      CheckEveryKpi(reader, id, day, since, limit, accounts, accounts_before, /*every=*/4, seed % 4);
    }
    const FoldedById groups = world.Groups(day);
    const FoldedById groups_before = world.Groups(since);
    for (const auto& [id, values] : groups) {
      kinds_seen.insert(id.substr(0, id.find(':')));
      CheckEveryKpi(reader, id, day, since, limit, groups, groups_before, /*every=*/4, seed % 4);
    }
  });
  EXPECT_TRUE(held);
  EXPECT_THAT(kinds_seen, testing::IsSupersetOf({"portfolio", "manager"}));
}

TEST(ExplainTest, EveryKpiOfALongHistoryAddsUp) {
  SampleOptions options;
  options.accounts = 40;
  options.events = kSanitized ? 5'000 : 20'000;
  const auto sample = SampleHistory::Create(options);
  ASSERT_TRUE(sample.ok()) << sample.status();
  ProjectionWorld world;
  v1::AccountEvent event;
  while ((*sample)->Next(event) == SampleStep::kEvent) world.Add(event, FormatDay(options.to));
  const ProjectionReader reader = world.Open();
  const Day day = options.to;
  const Day since = day - 365;
  const FoldedById accounts = world.Accounts(day);
  const FoldedById accounts_before = world.Accounts(since);
  EXPECT_THAT(accounts, SizeIs(40));
  for (const auto& [id, values] : accounts) CheckEveryKpi(reader, id, day, since, 5, accounts, accounts_before);
  const FoldedById groups = world.Groups(day);
  const FoldedById groups_before = world.Groups(since);
  for (const auto& [id, values] : groups) CheckEveryKpi(reader, id, day, since, 5, groups, groups_before);
}

// --- examples --------------------------------------------------------------------------------------------------------

Explanation Explained(const ProjectionReader& reader, const std::string& id, const char* kpi, const char* day,
                      const char* since = nullptr, size_t limit = 0) {
  ExplainQuestion question{id, *reader.catalog().FindKpi(kpi), *ParseDay(day), std::nullopt, limit};
  if (since != nullptr) question.since = ParseDay(since);
  const auto explanation = Explain(reader, question);
  EXPECT_TRUE(explanation.ok()) << explanation.status();
  EXPECT_TRUE(explanation->has_value());
  return (*explanation).value();
}

const ExplainedComponent& Component(const Explanation& explanation, const std::string& name) {
  for (const ExplainedComponent& component : explanation.components) {
    if (component.name == name) return component;
  }
  ADD_FAILURE() << name << " is not read";
  return explanation.components.front();
}

TEST(ExplainTest, SaysFormulaComponentAndEvent) {
  ProjectionWorld world;
  world.Add(Invoice("A1", "2025-02-01", 10'000));
  world.Add(Invoice("A1", "2026-01-02", 12'500));
  const Explanation explanation = Explained(world.Open(), "A1", "revenue_growth", "2026-01-05");
  EXPECT_THAT(explanation.value, testing::IsNan());  // there is nothing before the last twelve months
  ASSERT_THAT(explanation.formulas, SizeIs(1));
  EXPECT_THAT(explanation.formulas[0].formula, HasSubstr("sum(revenue, t12m) / sum(revenue, p12m) - 1"));
  EXPECT_THAT(explanation.formulas[0].with_values, HasSubstr("undefined"));
  const ExplainedComponent& revenue = Component(explanation, "sum(revenue, t12m)");
  EXPECT_EQ(revenue.window, "trailing 12 m");
  EXPECT_EQ(FormatDay(revenue.now.days.first), "2025-01-06");
  ASSERT_THAT(revenue.lines, SizeIs(2));
  EXPECT_EQ(revenue.lines[0].amount, 12'500);  // the largest first
  EXPECT_EQ(revenue.lines[0].event.type, "invoice_issued");
  EXPECT_EQ(FormatDay(revenue.lines[0].cell.day), "2026-01-02");
  EXPECT_THAT(revenue.rule, HasSubstr("net of the lines"));
  EXPECT_THAT(Component(explanation, "sum(revenue, p12m)").lines, IsEmpty());
}

TEST(ExplainTest, WhatIsNotListedIsSummedInOneLine) {
  ProjectionWorld world;
  for (int i = 1; i <= 9; ++i) world.Add(Invoice("A1", "2026-01-0" + std::to_string(i), 100 * i));
  const Explanation explanation = Explained(world.Open(), "A1", "revenue_t12m", "2026-01-31", nullptr, 2);
  const ExplainedComponent& revenue = Component(explanation, "sum(revenue, t12m)");
  ASSERT_THAT(revenue.lines, SizeIs(2));
  EXPECT_EQ(revenue.lines[0].amount + revenue.lines[1].amount, 1'700);
  ASSERT_THAT(revenue.rest, SizeIs(1));
  EXPECT_EQ(revenue.rest[0].count, 7);
  EXPECT_EQ(DecimalDigits(revenue.rest[0].amount), "2800");
}

TEST(ExplainTest, AChangeIsWhatCameAndWhatLeft) {
  ProjectionWorld world;
  world.Add(Invoice("A1", "2025-01-10", 300));
  world.Add(Invoice("A1", "2025-06-01", 500));
  world.Add(Invoice("A1", "2026-01-10", 900));
  const Explanation explanation = Explained(world.Open(), "A1", "revenue_t12m", "2026-01-31", "2025-12-31");
  EXPECT_EQ(explanation.value, 14);
  EXPECT_EQ(explanation.value_since, 8);
  const ExplainedComponent& revenue = Component(explanation, "sum(revenue, t12m)");
  ASSERT_THAT(revenue.lines, SizeIs(2));  // what stays is no change
  EXPECT_EQ(revenue.lines[0].presence, Presence::kCame);
  EXPECT_EQ(revenue.lines[0].amount, 900);
  EXPECT_EQ(revenue.lines[1].presence, Presence::kLeft);
  EXPECT_EQ(revenue.lines[1].amount, 300);
  ASSERT_THAT(revenue.rest, SizeIs(1));
  EXPECT_EQ(revenue.rest[0].presence, Presence::kStays);
  EXPECT_EQ(DecimalDigits(revenue.rest[0].amount), "500");
}

TEST(ExplainTest, OfAGroupTheMembersShares) {
  ProjectionWorld world;
  world.Add(Managed("A1", "2025-12-01", "M7"));
  world.Add(Managed("A2", "2025-12-01", "M7"));
  world.Add(Managed("A2", "2026-01-20", "M8"));
  world.Add(Invoice("A1", "2026-01-02", 300));
  world.Add(Invoice("A2", "2026-01-03", 500));
  const ProjectionReader reader = world.Open();
  const Explanation now = Explained(reader, "manager:M7", "revenue_t12m", "2026-01-10");
  EXPECT_EQ(now.accounts, 2);
  const ExplainedComponent& revenue = Component(now, "sum(revenue, t12m)");
  ASSERT_THAT(revenue.members, SizeIs(2));
  EXPECT_EQ(revenue.members[0].account_id, "A2");
  EXPECT_EQ(revenue.members[0].amount, 500);
  const Explanation change = Explained(reader, "manager:M7", "revenue_t12m", "2026-01-31", "2026-01-10");
  EXPECT_EQ(change.accounts, 1);
  EXPECT_EQ(change.accounts_since, 2);
  EXPECT_EQ(change.value, 3);
  EXPECT_EQ(change.value_since, 8);
  const ExplainedComponent& changed = Component(change, "sum(revenue, t12m)");
  EXPECT_EQ(changed.members[0].account_id, "A2");  // it has changed the most: it left
  EXPECT_EQ(changed.members[0].amount, std::nullopt);
  EXPECT_EQ(changed.members[0].amount_since, 500);
}

TEST(ExplainTest, TellsWhatWasLeftOutAndWhy) {
  ProjectionWorld world;
  world.Add(At("2026-01-01", "risk_cleared { risk_id: 'R1' }", {.event_id = "early", .account_id = "A1"}));
  world.Add(At("2026-01-02", "risk_flagged { risk_id: 'R1' severity: HIGH }", {.account_id = "A1"}));
  world.Add(Invoice("A1", "2026-01-02", 300));
  const ProjectionReader reader = world.Open();
  const Explanation risks = Explained(reader, "A1", "risks_severe", "2026-01-05");
  ASSERT_THAT(risks.without_effect, SizeIs(1));
  EXPECT_EQ(risks.without_effect[0].reason, "before_founding");
  EXPECT_EQ(risks.without_effect[0].event.event_id, "early");
  EXPECT_THAT(Explained(reader, "A1", "revenue_t12m", "2026-01-05").without_effect, IsEmpty());  // it reads no risks
}

TEST(ExplainTest, AMeetingWithADecisionMakerIsTheEventOfTheMeeting) {
  ProjectionWorld world;
  world.Add(
      At("2026-01-01", "stakeholder_identified { stakeholder_id: 'S1' role: DECISION_MAKER }", {.account_id = "A1"}));
  world.Add(At("2026-01-03", "meeting_held { meeting_id: 'T1' kind: NEGOTIATION stakeholder_ids: 'S1' }",
               {.event_id = "held", .account_id = "A1"}));
  const Explanation explanation = Explained(world.Open(), "A1", "stakeholder_coverage", "2026-01-05");
  EXPECT_EQ(explanation.value, 1);
  const ExplainedComponent& met = Component(explanation, "sum(decision_makers_met, total)");
  ASSERT_THAT(met.lines, SizeIs(1));
  EXPECT_EQ(met.lines[0].event.event_id, "held");
  EXPECT_EQ(met.lines[0].event.type, "meeting_held");
  EXPECT_EQ(met.lines[0].event.entity.kind, EntityKind::kStakeholder);
  EXPECT_EQ(met.lines[0].event.entity.id, "S1");
}

TEST(ExplainTest, AnAlertIsExplainedAsAKpiIs) {
  ProjectionWorld world;
  world.Add(Invoice("A1", "2025-01-10", 1'000));
  world.Add(Invoice("A1", "2026-01-02", 300));
  const ProjectionReader reader = world.Open();
  const uint16_t alert = *FindExplained(reader.catalog(), "revenue_falling");
  const auto explanation = Explain(reader, {"A1", alert, *ParseDay("2026-01-31"), std::nullopt, 0});
  ASSERT_TRUE(explanation.ok() && explanation->has_value()) << explanation.status();
  EXPECT_EQ((*explanation)->value, 1);
  EXPECT_EQ((*explanation)->formulas.back().with_values, "-0.7 < -0.1");
  EXPECT_EQ(FindExplained(reader.catalog(), "margin"), std::nullopt);  // a component is neither
}

TEST(ExplainTest, WhoIsNotThereAndWhatGroupsDoNotHave) {
  ProjectionWorld world;
  world.Add(Managed("A1", "2026-01-03", "M7"));
  const ProjectionReader reader = world.Open();
  const Catalog& catalog = reader.catalog();
  const Day day = *ParseDay("2026-01-05");
  const uint16_t revenue = *catalog.FindKpi("revenue_t12m");
  EXPECT_EQ(*Explain(reader, {"A2", revenue, day, std::nullopt, 0}), std::nullopt);
  EXPECT_EQ(*Explain(reader, {"manager:M9", revenue, day, std::nullopt, 0}), std::nullopt);
  const absl::Status refused = Explain(reader, {"manager:M7", *catalog.FindKpi("at_risk"), day, {}, 0}).status();
  EXPECT_TRUE(refused.ok());  // under the id of its roll-up
  const absl::Status none = Explain(reader, {"manager:M7", *catalog.FindKpi("selection_score"), day, {}, 0}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(none)) << none;
}

}  // namespace
}  // namespace keyfold
