// A formula beside those of the catalogue file.
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kpi/catalog.h"
#include "kpi/catalog_presentation.h"
#include "kpi/formula_adder.h"

namespace keyfold {

absl::StatusOr<Catalog> Catalog::WithFormula(std::string_view formula_id, std::string_view formula,
                                             std::string_view unit) const {
  if (FindDefinition(formula_id).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("the catalogue has a '", std::string(formula_id), "' of its own"));
  }
  Catalog extended = *this;
  FormulaAdder adder(extended);
  const absl::StatusOr<Formula> compiled = adder.Compile(formula);
  if (!compiled.ok()) return absl::InvalidArgumentError(compiled.status().message());
  DefinitionText text;
  text.formula = std::string(formula);
  text.presentation.unit = std::string(unit);
  text.group_presentation.unit = text.presentation.unit;
  Definition definition;
  definition.id = std::string(formula_id);
  definition.kind = Definition::Kind::kKpi;
  definition.unit = text.presentation.unit;
  definition.is_money = IsMoney(text.presentation);
  definition.formula = *compiled;
  definition.group_id = definition.id;
  definition.group_formula = *compiled;
  const auto index = static_cast<uint16_t>(extended.definitions_.size());
  extended.definitions_.push_back(std::move(definition));
  extended.texts_.push_back(std::move(text));
  extended.account_order_.push_back(index);
  extended.group_order_.push_back(index);
  extended.kpis_.push_back(index);
  adder.MarkPublished();
  return extended;
}

}  // namespace keyfold
