#include "kpi/definition_order.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using FormulaOf = const Formula& (*)(const Definition& definition);

const Formula& AccountFormula(const Definition& definition) { return definition.formula; }

const Formula& GroupFormula(const Definition& definition) {
  static const auto* const given = new Formula();
  return definition.kind == Definition::Kind::kComponent ? *given : definition.group_formula;
}

class Sorter {
 public:
  Sorter(const std::vector<Definition>& definitions, FormulaOf formula_of)
      : definitions_(definitions), formula_of_(formula_of), states_(definitions.size(), State::kNew) {}

  DefinitionOrder Sort() {
    for (size_t index = 0; index < definitions_.size(); ++index) {
      if (std::optional<DefinitionCycle> cycle = Visit(static_cast<uint16_t>(index), "")) return *std::move(cycle);
    }
    return std::move(order_);
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };

  std::optional<DefinitionCycle> Visit(uint16_t index, const std::string& path) {
    const Definition& definition = definitions_[index];
    if (states_[index] == State::kDone) return std::nullopt;
    const std::string here = path.empty() ? definition.id : absl::StrCat(path, " -> ", definition.id);
    if (states_[index] == State::kOpen) return DefinitionCycle{index, here};
    states_[index] = State::kOpen;
    for (const Formula::Instruction& instruction : formula_of_(definition).code()) {
      if (instruction.op != Formula::Op::kDefinition) continue;
      if (std::optional<DefinitionCycle> cycle = Visit(instruction.index, here)) return cycle;
    }
    states_[index] = State::kDone;
    order_.push_back(index);
    return std::nullopt;
  }

  const std::vector<Definition>& definitions_;
  const FormulaOf formula_of_;
  std::vector<State> states_;
  std::vector<uint16_t> order_;
};

}  // namespace

DefinitionOrder AccountOrder(const std::vector<Definition>& definitions) {
  return Sorter(definitions, AccountFormula).Sort();
}

DefinitionOrder GroupOrder(const std::vector<Definition>& definitions) {
  return Sorter(definitions, GroupFormula).Sort();
}

}  // namespace keyfold
