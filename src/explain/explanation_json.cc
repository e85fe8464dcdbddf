#include "explain/explanation_json.h"

#include <limits>
#include <utility>

#include "account/measure.h"

namespace keyfold {
namespace {

Json Integer(__int128 value) {
  if (value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max()) {
    return static_cast<int64_t>(value);
  }
  return DecimalDigits(value);
}

// A window's end that is open is left out.
void PutDays(const DayRange& days, Json& json) {
  constexpr Day kOpen = std::numeric_limits<Day>::min();
  if (days.last == kOpen) return;  // of a derived component: no window
  if (days.first != kOpen) json["from"] = FormatDay(days.first);
  json["to"] = FormatDay(days.last);
}

Json ToJson(const Conversion& conversion) {
  Json json{{"currency", conversion.currency.code()},
            {"month", FormatDay(FirstDayOf(conversion.month)).substr(0, 7)},
            {"amount", Integer(conversion.amount)}};
  if (!conversion.rate.has_value()) return json;
  json["rate"] = *conversion.rate;
  json["converted"] = Integer(conversion.converted);
  return json;
}

Json ToJson(const ComponentAt& at) {
  Json json = Json::object();
  PutDays(at.days, json);
  PutDefined(json, "value", at.value);
  if (at.incomplete) json["incomplete"] = true;
  for (const Conversion& conversion : at.conversions) json["conversions"].push_back(ToJson(conversion));
  return json;
}

Json ToJson(const ContributionLine& line, bool compared) {
  Json json{{"day", FormatDay(line.cell.day)}, {"amount", line.amount}};
  PutText(json, "currency", line.cell.currency.code());
  if (line.cell.measure == Measure::kResolutionHistogram) json["bin"] = line.cell.bin;
  if (compared) json["change"] = line.moved ? "moved" : PresenceName(line.presence);
  if (line.moved) json["moved"] = PresenceName(line.presence);
  json["event"] = ToJson(line.event);
  return json;
}

Json ToJson(const RestOfLines& rest, bool compared) {
  Json json{{"count", rest.count}, {"amount", Integer(rest.amount)}};
  PutText(json, "currency", rest.currency.code());
  if (compared) json["change"] = PresenceName(rest.presence);
  return json;
}

Json ToJson(const MemberLine& line) {
  Json json{{"account_id", line.account_id}};
  PutText(json, "name", line.name);
  if (line.amount.has_value()) json["amount"] = *line.amount;
  if (line.amount_since.has_value()) json["amount_since"] = *line.amount_since;
  return json;
}

void PutMembers(const ExplainedComponent& component, Json& json) {
  json["members"] = Json::array();
  for (const MemberLine& member : component.members) json["members"].push_back(ToJson(member));
  if (component.members_rest_count == 0) return;
  json["rest"] = {{"count", component.members_rest_count}, {"amount", Integer(component.members_rest)}};
  if (component.since.has_value()) json["rest"]["amount_since"] = Integer(component.members_rest_since);
}

Json ToJson(const ExplainedComponent& component, bool is_group) {
  const bool compared = component.since.has_value();
  Json json{{"name", component.name}};
  PutText(json, "formula", component.formula);
  PutText(json, "measure", component.measure);
  PutText(json, "window", component.window);
  PutText(json, "rule", component.rule);
  if (component.is_money) json["unit"] = "minor";
  json.update(ToJson(component.now));
  if (compared) json["since"] = ToJson(*component.since);
  if (is_group) {
    PutMembers(component, json);
    return json;
  }
  json["contributions"] = Json::array();
  for (const ContributionLine& line : component.lines) json["contributions"].push_back(ToJson(line, compared));
  for (const RestOfLines& rest : component.rest) json["rest"].push_back(ToJson(rest, compared));
  return json;
}

Json ToJson(const ExplainedFormula& formula, bool compared) {
  Json json{{"id", formula.id}, {"formula", formula.formula}, {"with_values", formula.with_values}};
  PutDefined(json, "value", formula.value);
  if (!compared) return json;
  json["with_values_since"] = formula.with_values_since;
  PutDefined(json, "value_since", formula.value_since);
  return json;
}

}  // namespace

Json ToJson(const Explanation& explanation) {
  const bool compared = explanation.since.has_value();
  Json json{{explanation.is_group ? "group_id" : "account_id", explanation.id},
            {"kpi", explanation.kpi},
            {"unit", explanation.unit},
            {"as_of", FormatDay(explanation.day)}};
  if (compared) json["since"] = FormatDay(*explanation.since);
  PutDefined(json, "value", explanation.value);
  if (compared) PutDefined(json, "value_since", explanation.value_since);
  if (explanation.is_group) json["accounts"] = explanation.accounts;
  if (explanation.is_group && compared) json["accounts_since"] = explanation.accounts_since;
  json["formulas"] = Json::array();
  for (const ExplainedFormula& formula : explanation.formulas) json["formulas"].push_back(ToJson(formula, compared));
  json["components"] = Json::array();
  for (const ExplainedComponent& component : explanation.components) {
    json["components"].push_back(ToJson(component, explanation.is_group));
  }
  json["missing_rates"] = explanation.missing_rates;
  if (explanation.is_group) return json;
  json["without_effect"] = Json::array();
  for (const LeftOutEvent& left_out : explanation.without_effect) {
    json["without_effect"].push_back({{"reason", left_out.reason}, {"event", ToJson(left_out.event)}});
  }
  if (explanation.without_effect_rest > 0) json["without_effect_rest"] = explanation.without_effect_rest;
  return json;
}

}  // namespace keyfold
