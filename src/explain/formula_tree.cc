#include "explain/formula_tree.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "formula/formula_parts.h"
#include "kpi/catalog_names.h"

namespace keyfold {
namespace {

using Kind = ComponentRead::Kind;

// An operand of a formula of the catalogue, compiled by itself.
Formula OperandOf(const Catalog& catalog, std::string_view text) {
  CatalogNames names(catalog);
  absl::StatusOr<Formula> operand = Formula::Compile(text, names);
  KEYFOLD_CHECK(operand.ok());  // it is part of a formula that did compile
  return *std::move(operand);
}

class TreeBuilder {
 public:
  TreeBuilder(const Catalog& catalog, bool group) : catalog_(catalog), group_(group) {}

  void Visit(uint16_t definition) {
    if (group_ && catalog_.definitions()[definition].kind == Definition::Kind::kComponent) {
      return AddComponent(Kind::kDerived, definition, catalog_.definitions()[definition].id);
    }
    if (std::find(tree_.formulas.begin(), tree_.formulas.end(), definition) != tree_.formulas.end()) return;
    for (const FormulaPart& part : PartsOf(FormulaTextOf(catalog_, definition, group_))) {
      if (part.is_operand) VisitOperand(part.text);
    }
    tree_.formulas.push_back(definition);
  }

  FormulaTree Finish() && { return std::move(tree_); }

 private:
  void VisitOperand(std::string_view text) {
    const Formula::Instruction read = OperandOf(catalog_, text).code().front();
    switch (read.op) {
      case Formula::Op::kDefinition:
        return Visit(read.index);
      case Formula::Op::kBase:
      case Formula::Op::kComplete:
        return AddComponent(Kind::kBase, read.index, NameOf(text));
      case Formula::Op::kQuantile:
        return AddComponent(Kind::kHistogram, read.index, NameOf(text));
      case Formula::Op::kForecast:
        return AddForecast();
      default:
        return;  // a parameter, the date: nothing to explain
    }
  }

  // "sum(MEASURE, WINDOW)", also of "complete(MEASURE, WINDOW)" and "quantile(MEASURE, WINDOW, q)".
  static std::string NameOf(std::string_view operand) {
    const std::string_view inside = operand.substr(operand.find('(') + 1);
    const size_t comma = inside.find(',');
    return absl::StrCat("sum", std::string(operand.substr(operand.find('('), comma + 1)),
                        std::string(inside.substr(comma, inside.find_first_of(",)", comma + 1) - comma)), ")");
  }

  void AddForecast() {
    CatalogNames names(catalog_);
    const absl::StatusOr<ForecastSlots> slots = names.ForecastComponents();
    KEYFOLD_CHECK(slots.ok());  // a formula reads them
    for (int month = 0; month < kForecastMonths; ++month) {
      for (const uint16_t first : {slots->forecast, slots->forecast_months, slots->revenue}) {
        const auto slot = static_cast<uint16_t>(first + month);
        const std::string_view measure = MeasureName(catalog_.base_components()[slot].measure);
        AddComponent(Kind::kBase, slot, absl::StrCat("sum(", std::string(measure), ", closed month ", month + 1, ")"));
      }
    }
  }

  void AddComponent(Kind kind, uint16_t index, std::string name) {
    const bool known = std::any_of(tree_.components.begin(), tree_.components.end(),
                                   [&](const ComponentRead& read) { return read.Is(kind, index); });
    if (!known) tree_.components.push_back({kind, index, std::move(name)});
  }

  const Catalog& catalog_;
  bool group_;
  FormulaTree tree_;
};

// A number that the formula language reads back as the same.
std::string Literal(double value) {
  if (std::isnan(value)) return "undefined";
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

}  // namespace

FormulaTree TreeOf(const Catalog& catalog, uint16_t kpi, bool group) {
  TreeBuilder builder(catalog, group);
  builder.Visit(kpi);
  return std::move(builder).Finish();
}

const std::string& FormulaTextOf(const Catalog& catalog, uint16_t definition, bool group) {
  const DefinitionText& text = catalog.TextOf(definition);
  return group && !text.group_formula.empty() ? text.group_formula : text.formula;
}

FormulaValues::FormulaValues(const EvaluationDay& evaluation, const ComponentValues& components,
                             std::vector<double> definitions)
    : evaluation_(evaluation),
      incomplete_(components.incomplete),
      histograms_(components.histograms),
      definitions_(std::move(definitions)) {
  for (size_t slot = 0; slot < components.base.size(); ++slot) {
    base_.push_back(components.undefined[slot] != 0 ? std::numeric_limits<double>::quiet_NaN()
                                                    : static_cast<double>(components.base[slot]));
  }
}

FormulaValues::FormulaValues(const EvaluationDay& evaluation, const GroupSums& sums)
    : evaluation_(evaluation), definitions_(sums.Evaluate(evaluation)) {
  const Catalog& catalog = *evaluation.catalog;
  for (size_t slot = 0; slot < catalog.base_components().size(); ++slot) {
    base_.push_back(sums.ValueOf(slot));
    incomplete_.push_back(sums.incomplete.contains(static_cast<uint16_t>(slot)) ? 1 : 0);
  }
  for (const auto& histogram : sums.histograms) histograms_.emplace_back(histogram.begin(), histogram.end());
}

double FormulaValues::ValueOf(const ComponentRead& component) const {
  switch (component.kind) {
    case Kind::kBase:
      return base_[component.index];
    case Kind::kDerived:
      return definitions_[component.index];
    case Kind::kHistogram:
      break;
  }
  int64_t values = 0;
  for (const auto& [bin, count] : histograms_[component.index]) values += count;
  return static_cast<double>(values);
}

bool FormulaValues::IsIncomplete(const ComponentRead& component) const {
  return component.kind == Kind::kBase && incomplete_[component.index] != 0;
}

FormulaInputs FormulaValues::Inputs() const {
  FormulaInputs inputs = InputsAt(evaluation_);
  inputs.base = base_;
  inputs.incomplete = incomplete_;
  inputs.histograms = histograms_;
  inputs.values = definitions_;
  return inputs;
}

std::string FormulaValues::PutInto(const std::string& formula) const {
  const FormulaInputs inputs = Inputs();
  std::string text;
  for (const FormulaPart& part : PartsOf(formula)) {
    if (part.is_operand) {
      text += Literal(OperandOf(*evaluation_.catalog, part.text).Evaluate(inputs));
    } else {
      text += part.text;
    }
  }
  return text;
}

}  // namespace keyfold
