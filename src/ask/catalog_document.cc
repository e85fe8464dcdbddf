#include "ask/catalog_document.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "ask/json.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

const char* NameOf(Better better) {
  switch (better) {
    case Better::kHigher:
      return "higher";
    case Better::kLower:
      return "lower";
    case Better::kNeither:
      return "neither";
  }
  return "";  // not reached: the cases are all there are
}

void Put(const Presentation& presentation, Json& json) {
  json["unit"] = presentation.unit;
  json["better"] = NameOf(presentation.better);
  json["digits"] = presentation.digits;
  if (!presentation.label.empty()) json["label"] = presentation.label;
  if (!presentation.description.empty()) json["description"] = presentation.description;
  if (!presentation.undefined.empty()) json["undefined"] = presentation.undefined;
  if (presentation.good.has_value()) json["thresholds"]["good"] = *presentation.good;
  if (presentation.bad.has_value()) json["thresholds"]["bad"] = *presentation.bad;
  if (!presentation.alert_severity.empty()) json["alert"]["severity"] = presentation.alert_severity;
  if (presentation.alert_of_customers) json["alert"]["of"] = "customers";
}

// What every alert is, whichever section of the catalogue it stands in.
Json AlertOf(const Catalog& catalog, const Alert& alert) {
  const Definition& definition = catalog.definitions()[alert.definition];
  const DefinitionText& text = catalog.TextOf(alert.definition);
  const auto shown = [](const std::string& id, const Presentation& presentation, const std::string& formula) {
    Json json = {{"id", id}, {"severity", presentation.alert_severity}, {"formula", formula}};
    if (!presentation.label.empty()) json["label"] = presentation.label;
    if (!presentation.description.empty()) json["description"] = presentation.description;
    return json;
  };
  Json json = shown(definition.id, text.presentation, text.formula);
  json["of"] = alert.of_customers ? "customers" : "accounts";
  json["kpi"] = definition.kind == Definition::Kind::kKpi;
  if (alert.of_groups) {
    json["group"] = shown(definition.group_id, text.group_presentation,
                          text.group_formula.empty() ? text.formula : text.group_formula);
  }
  return json;
}

Json KpiOf(const Definition& kpi, const DefinitionText& text) {
  Json json = {{"id", kpi.id}};
  Put(text.presentation, json);
  json["formula"] = text.formula;
  if (kpi.rollup == Definition::Rollup::kNone) return json;
  Json group = {{"id", kpi.group_id}};
  Put(text.group_presentation, group);
  group["formula"] = text.group_formula.empty() ? text.formula : text.group_formula;
  json["group"] = std::move(group);
  return json;
}

Json Named(const char* member, std::string_view value, const char* german, const char* english) {
  return {{member, value}, {"label", {{"de", german}, {"en", english}}}};
}

Json Groups() {
  return {Named("id", kAllAccountsGroup, "Alle Kunden", "All accounts"),
          Named("id", kKeyAccountsGroup, "Key Accounts", "Key accounts"),
          Named("prefix", "manager:", "Key Account Manager", "Key account manager"),
          Named("prefix", "segment:", "Segment", "Segment"),
          Named("prefix", "region:", "Region", "Region"),
          Named("prefix", "industry:", "Branche", "Industry"),
          Named("prefix", "tier:", "Stufe", "Tier"),
          Named("prefix", "parent:", "Konzern", "Corporate group")};
}

}  // namespace

std::string CatalogDocument(const Catalog& catalog) {
  Json json = {{"catalog_hash", catalog.hash()},
               {"time_zone", catalog.settings().time_zone},
               {"fiscal_year_start_month", catalog.settings().fiscal_year_start_month},
               {"reporting_currency", catalog.reporting_currency().code()},
               {"parameters", catalog.parameters()},
               {"windows", catalog.windows()},
               {"components", Json::array()},
               {"kpis", Json::array()},
               {"alerts", Json::array()},
               {"groups", catalog.has_rollups() ? Groups() : Json::array()}};
  for (uint16_t index : catalog.derived_components()) {
    json["components"].push_back({{"id", catalog.definitions()[index].id}, {"formula", catalog.TextOf(index).formula}});
  }
  for (uint16_t index : catalog.kpis()) {
    json["kpis"].push_back(KpiOf(catalog.definitions()[index], catalog.TextOf(index)));
  }
  for (const Alert& alert : catalog.alerts()) json["alerts"].push_back(AlertOf(catalog, alert));
  return json.dump();
}

}  // namespace keyfold
