#include "mapping/mapping.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "mapping/row_keys.h"
#include "mapping/unit_maker.h"

namespace keyfold {
namespace {

using Fate = PreparedRow::Fate;

// Without spaces around it; empty where it means nothing.
std::string_view Cleaned(std::string_view cell, const std::vector<std::string>& empty) {
  cell = Trimmed(cell);
  return std::find(empty.begin(), empty.end(), cell) == empty.end() ? cell : std::string_view();
}

}  // namespace

MappedUnit Mapping::Apply(Section section, std::string_view key, std::span<const MappedRow> rows,
                          MappingContext& context) const {
  KEYFOLD_CHECK(!rows.empty());
  return UnitMaker(*this, section, key, rows, context).Make();
}

void Mapping::CleanLookup(std::vector<std::string_view>& cells) const {
  for (std::string_view& cell : cells) cell = Cleaned(cell, empty_);
}

// Whether each cell is of its column's type.
bool Mapping::CheckCells(const MappedRow& row, MappingProblem& problem) const {
  for (size_t slot = 0; slot < formats_.size(); ++slot) {
    const ColumnFormat& format = *formats_[slot];
    Value ignored;
    if (format.type == ValueType::kText || ConvertText(row.cells[slot], format, format.type, ignored, problem))
      continue;
    problem.column = columns_[slot].name;
    return false;
  }
  return true;
}

// A line of totals has texts where other rows have dates and numbers: that one condition cannot be told from them keeps
// no other one from holding.
bool Mapping::CheckRow(const MappedRow& row, const MappingProblem* damage, Evaluation& evaluation,
                       PreparedRow& prepared) const {
  MappingProblem problem;
  for (const Condition& condition : skip_) {
    Value holds;
    if (!condition.holds.Evaluate(evaluation, holds)) {
      if (problem.reason.empty()) problem = evaluation.problem;
    } else if (holds.truth) {
      prepared.fate = PreparedRow::Fate::kSkipped;
      prepared.problem = {"", condition.reason, ""};
      return false;
    }
  }
  if (damage != nullptr) {
    problem = *damage;
  } else if (MappingProblem of_cell; !CheckCells(row, of_cell)) {
    problem = std::move(of_cell);
  }
  for (const Condition& condition : reject_) {
    if (!problem.reason.empty()) break;
    Value holds;
    if (!condition.holds.Evaluate(evaluation, holds)) {
      problem = evaluation.problem;
    } else if (holds.truth) {
      problem = {"", condition.reason, ""};
    }
  }
  if (problem.reason.empty()) return true;
  prepared.fate = PreparedRow::Fate::kRejected;
  prepared.problem = std::move(problem);
  return false;
}

bool Mapping::PrepareIds(Evaluation& evaluation, PreparedRow& prepared) const {
  Value value;
  if (account_.has_value()) {
    if (!account_->Evaluate(evaluation, value)) return false;
    prepared.account = std::string(value.text);
    if (value.nothing) {
      return evaluation.Fail({account_->text(), "is empty: there is no account", ""});
    }
  }
  for (const Expression& part : key_) {
    if (!part.Evaluate(evaluation, value)) return false;
    if (value.nothing) {
      return evaluation.Fail({part.text(), "is empty, and names the row", ""});
    }
    if (&part != &key_.front()) prepared.key.push_back(':');
    AppendKeyPart(value.text, key_.size() > 1, prepared.key);
  }
  for (const Expression& part : order_) {
    if (!part.Evaluate(evaluation, value)) return false;
    AppendOrder(value, part.type(), prepared.order);
  }
  return true;
}

void Mapping::Prepare(MappedRow& row, MappingContext& context, PreparedRow& prepared,
                      const MappingProblem* damage) const {
  KEYFOLD_CHECK(row.cells.size() == columns_.size() + 1);
  prepared.fate = Fate::kTaken;
  prepared.account.clear();
  prepared.key.clear();
  prepared.order.clear();
  for (size_t slot = 0; slot < formats_.size(); ++slot)
    row.cells[slot] = Cleaned(row.cells[slot], formats_[slot]->empty);
  Evaluation evaluation;
  evaluation.rows = std::span<const MappedRow>(&row, 1);
  evaluation.at = 0;
  evaluation.lookups = context.lookups;
  evaluation.notes = &context.notes;
  if (!CheckRow(row, damage, evaluation, prepared)) return;
  if (!PrepareIds(evaluation, prepared)) {
    prepared.fate = Fate::kRejected;
    prepared.problem = evaluation.problem;
  }
  row.cells.back() = prepared.account;
}

}  // namespace keyfold
