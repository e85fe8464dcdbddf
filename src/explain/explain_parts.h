// What explanations of accounts and of groups share. Internal to explain/explain*.cc.
#ifndef KEYFOLD_EXPLAIN_EXPLAIN_PARTS_H_
#define KEYFOLD_EXPLAIN_EXPLAIN_PARTS_H_

#include <limits>
#include <optional>

#include "explain/explain.h"
#include "explain/formula_tree.h"

namespace keyfold {

absl::StatusOr<std::optional<Explanation>> ExplainAccount(const ProjectionReader& reader,
                                                          const ExplainQuestion& question);

inline size_t LimitOf(const ExplainQuestion& question) {
  return question.limit > 0 ? question.limit : std::numeric_limits<size_t>::max();
}

// The window of a component at a date; empty of a derived one.
DayRange RangeOf(const EvaluationDay& evaluation, const ComponentRead& component);

// The explanation of the tree without what the components are made of: values, formulas, windows. `since` is null
// where nothing is compared.
Explanation Describe(const Catalog& catalog, const ExplainQuestion& question, const FormulaTree& tree,
                     const EvaluationDay& evaluation, const FormulaValues& now, const EvaluationDay* evaluation_since,
                     const FormulaValues* since);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EXPLAIN_PARTS_H_
