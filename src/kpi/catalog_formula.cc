// A formula beside those of the catalogue file.
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/catalog.h"
#include "kpi/catalog_names.h"

namespace keyfold {

// Adds the components that the formula reads where the catalogue has none like them.
class FormulaAdder : private CatalogNames {
 public:
  explicit FormulaAdder(Catalog& catalog) : CatalogNames(catalog), catalog_(catalog) {}

  absl::Status Add(std::string_view id, std::string_view text, std::string_view unit) {
    if (catalog_.FindDefinition(id).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("the catalogue has a '", std::string(id), "' of its own"));
    }
    KEYFOLD_ASSIGN_OR_RETURN(const Formula formula, Formula::Compile(text, *this));
    MarkPublished(formula);
    const auto index = static_cast<uint16_t>(catalog_.definitions_.size());
    Definition definition;
    definition.id = std::string(id);
    definition.kind = Definition::Kind::kKpi;
    definition.unit = std::string(unit);
    definition.is_money = unit == "money" || unit == "money/day";
    definition.formula = formula;
    definition.group_id = definition.id;
    definition.group_formula = formula;
    catalog_.definitions_.push_back(std::move(definition));
    DefinitionText& described = catalog_.texts_.emplace_back();
    described.formula = std::string(text);
    described.presentation.unit = std::string(unit);
    described.group_presentation.unit = std::string(unit);
    catalog_.account_order_.push_back(index);
    catalog_.group_order_.push_back(index);
    catalog_.kpis_.push_back(index);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure_name, std::string_view window_text) override {
    const absl::StatusOr<uint16_t> known = CatalogNames::BaseSlot(measure_name, window_text);
    if (known.ok()) return known;
    KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
    KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
    return AddSlot(measure, window);
  }

  absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure_name, std::string_view window_text) override {
    const absl::StatusOr<uint16_t> known = CatalogNames::HistogramSlot(measure_name, window_text);
    if (known.ok()) return known;
    KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
    KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
    if (measure != Measure::kResolutionHistogram) {
      return absl::NotFoundError(absl::StrCat("'", std::string(measure_name), "' is not a histogram"));
    }
    catalog_.histograms_.push_back({measure, window});
    return static_cast<uint16_t>(catalog_.histograms_.size() - 1);
  }

  absl::StatusOr<ForecastSlots> ForecastComponents() override {
    const absl::StatusOr<ForecastSlots> known = CatalogNames::ForecastComponents();
    if (known.ok()) return known;
    ForecastSlots slots;
    for (auto [measure, first] :
         {std::pair(Measure::kForecast, &slots.forecast), std::pair(Measure::kForecastMonths, &slots.forecast_months),
          std::pair(Measure::kRevenue, &slots.revenue)}) {
      *first = static_cast<uint16_t>(catalog_.base_.size());
      for (int month = 1; month <= kForecastMonths; ++month) AddSlot(measure, {Window::Kind::kClosedMonth, 0, month});
    }
    return slots;
  }

  uint16_t AddSlot(Measure measure, const Window& window) {
    const auto slot = static_cast<uint16_t>(catalog_.base_.size());
    catalog_.base_.push_back({measure, window});
    catalog_.slots_of_[static_cast<size_t>(measure)].push_back(slot);
    return slot;
  }

  // So that a rate that is missing for it is told.
  void MarkPublished(const Formula& formula) {
    for (const Formula::Instruction& instruction : formula.code()) {
      if (instruction.op == Formula::Op::kDefinition) MarkPublished(catalog_.definitions_[instruction.index].formula);
      if (instruction.op == Formula::Op::kBase || instruction.op == Formula::Op::kComplete) {
        catalog_.base_[instruction.index].published = true;
      }
    }
  }

  Catalog& catalog_;
};

absl::StatusOr<Catalog> Catalog::WithFormula(std::string_view formula_id, std::string_view formula,
                                             std::string_view unit) const {
  Catalog extended = *this;
  if (const absl::Status added = FormulaAdder(extended).Add(formula_id, formula, unit); !added.ok()) {
    return absl::InvalidArgumentError(added.message());
  }
  return extended;
}

}  // namespace keyfold
