#include "explain/explain.h"

#include <cstdlib>
#include <utility>

#include "account/lineage.h"
#include "base/status_macros.h"
#include "explain/explain_parts.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

using Kind = ComponentRead::Kind;

// The window as the catalogue defines it: "trailing 12 m" for "sum(revenue, t12m)".
std::string WindowOf(const Catalog& catalog, const std::string& component) {
  const size_t begin = component.find(", ") + 2;
  const std::string name = component.substr(begin, component.size() - 1 - begin);
  const auto known = catalog.windows().find(name);
  return known == catalog.windows().end() ? name : known->second;
}

ComponentAt At(const EvaluationDay& evaluation, const ComponentRead& read, const FormulaValues& values) {
  return {RangeOf(evaluation, read), values.ValueOf(read), {}, values.IsIncomplete(read)};
}

ExplainedComponent Describe(const Catalog& catalog, const ComponentRead& read) {
  ExplainedComponent component;
  component.name = read.name;
  if (read.kind == Kind::kDerived) {
    component.formula = catalog.TextOf(read.index).formula;
    return component;
  }
  const Measure measure = read.kind == Kind::kBase ? catalog.base_components()[read.index].measure
                                                   : catalog.histogram_components()[read.index].measure;
  component.window = WindowOf(catalog, read.name);
  component.measure = std::string(MeasureName(measure));
  component.rule = std::string(RuleOf(measure));
  component.is_money = UnitOf(measure) == MeasureUnit::kMoney;
  return component;
}

}  // namespace

std::string_view PresenceName(Presence presence) {
  switch (presence) {
    case Presence::kStays:
      return "stays";
    case Presence::kCame:
      return "came";
    case Presence::kLeft:
      return "left";
  }
  return "";  // not reached: the cases are all there are
}

std::string DecimalDigits(__int128 value) {
  std::string digits;
  const bool negative = value < 0;
  for (; value != 0; value /= 10) digits += static_cast<char>('0' + std::abs(static_cast<int>(value % 10)));
  if (digits.empty()) return "0";
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

DayRange RangeOf(const EvaluationDay& evaluation, const ComponentRead& component) {
  switch (component.kind) {
    case Kind::kBase:
      return evaluation.ranges[component.index];
    case Kind::kHistogram:
      return evaluation.histogram_ranges[component.index];
    case Kind::kDerived:
      break;
  }
  return {};
}

Explanation Describe(const Catalog& catalog, const ExplainQuestion& question, const FormulaTree& tree,
                     const EvaluationDay& evaluation, const FormulaValues& now, const EvaluationDay* evaluation_since,
                     const FormulaValues* since) {
  const Definition& kpi = catalog.definitions()[question.kpi];
  Explanation explanation;
  explanation.id = question.id;
  explanation.is_group = IsGroupId(question.id);
  explanation.kpi = explanation.is_group ? kpi.group_id : kpi.id;
  const DefinitionText& text = catalog.TextOf(question.kpi);
  explanation.unit = explanation.is_group ? text.group_presentation.unit : text.presentation.unit;
  explanation.day = question.day;
  explanation.since = question.since;
  explanation.value = PublishedValue(catalog, kpi, now.DefinitionValue(question.kpi));
  if (since != nullptr) explanation.value_since = PublishedValue(catalog, kpi, since->DefinitionValue(question.kpi));
  for (uint16_t index : tree.formulas) {
    ExplainedFormula& formula = explanation.formulas.emplace_back();
    formula.id = catalog.definitions()[index].id;
    formula.formula = FormulaTextOf(catalog, index, explanation.is_group);
    formula.with_values = now.PutInto(formula.formula);
    formula.value = now.DefinitionValue(index);
    if (since == nullptr) continue;
    formula.with_values_since = since->PutInto(formula.formula);
    formula.value_since = since->DefinitionValue(index);
  }
  for (const ComponentRead& read : tree.components) {
    ExplainedComponent& component = explanation.components.emplace_back(Describe(catalog, read));
    component.now = At(evaluation, read, now);
    if (since != nullptr) component.since = At(*evaluation_since, read, *since);
  }
  return explanation;
}

std::optional<uint16_t> FindExplained(const Catalog& catalog, std::string_view id) {
  if (const std::optional<uint16_t> kpi = catalog.FindKpi(id)) return kpi;
  for (const Alert& alert : catalog.alerts()) {
    const Definition& definition = catalog.definitions()[alert.definition];
    if (definition.id == id || (alert.of_groups && definition.group_id == id)) return alert.definition;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Explanation>> Explain(const ProjectionReader& reader, const ExplainQuestion& question) {
  if (!IsGroupId(question.id)) return ExplainAccount(reader, question);
  KEYFOLD_ASSIGN_OR_RETURN(ExplanationShare share, ReadExplanationShare(reader, question));
  return ExplainGroup(reader.catalog(), question, std::move(share));
}

}  // namespace keyfold
