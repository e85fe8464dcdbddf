// What a KPI reads, down to the components, and its formulas with values put in.
#ifndef KEYFOLD_EXPLAIN_FORMULA_TREE_H_
#define KEYFOLD_EXPLAIN_FORMULA_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formula/formula.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "kpi/group_sums.h"

namespace keyfold {

// A component that a formula reads.
struct ComponentRead {
  enum class Kind { kBase, kHistogram, kDerived };  // kDerived: of a group, a sum like the others
  Kind kind = Kind::kBase;
  uint16_t index = 0;  // slot, or definition
  std::string name;    // as formulas call it

  bool Is(Kind other_kind, uint16_t other_index) const { return kind == other_kind && index == other_index; }
};

// Each formula after what it reads, the KPI's own last; each component once.
struct FormulaTree {
  std::vector<uint16_t> formulas;  // definitions
  std::vector<ComponentRead> components;
};
FormulaTree TreeOf(const Catalog& catalog, uint16_t kpi, bool group);

// The text of a definition's formula, for an account or for a group.
const std::string& FormulaTextOf(const Catalog& catalog, uint16_t definition, bool group);

// What formulas read at a date, of an account or a group.
class FormulaValues {
 public:
  FormulaValues(const EvaluationDay& evaluation, const ComponentValues& components, std::vector<double> definitions);
  FormulaValues(const EvaluationDay& evaluation, const GroupSums& sums);

  // A component's value; NaN: undefined. Of a histogram the number of values in it.
  double ValueOf(const ComponentRead& component) const;
  double DefinitionValue(uint16_t index) const { return definitions_[index]; }
  bool IsIncomplete(const ComponentRead& component) const;

  // The text with the values of what it reads put in.
  std::string PutInto(const std::string& formula) const;

 private:
  FormulaInputs Inputs() const;

  const EvaluationDay& evaluation_;
  std::vector<double> base_;
  std::vector<uint8_t> incomplete_;
  std::vector<Histogram> histograms_;
  std::vector<double> definitions_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_FORMULA_TREE_H_
