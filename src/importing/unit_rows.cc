#include "importing/unit_rows.h"

#include <optional>

#include "base/status_macros.h"

namespace keyfold {

// What is sorted: text(key), then a record of keyed_rows.cc.
absl::Status UnitRows::Add(std::string_view key, std::string_view order, const MappedRow& row) {
  cells_ = row.cells.size();
  record_.clear();
  AppendSortedText(key, record_);
  AppendSortedRow(order, row, record_);
  return sorter_.Add(record_);
}

absl::Status UnitRows::Advance() {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string_view> record, sorter_.Next());
  next_ = record.value_or(std::string_view());
  return absl::OkStatus();
}

absl::Status UnitRows::Begin() {
  KEYFOLD_RETURN_IF_ERROR(sorter_.Sort());
  return Advance();
}

absl::StatusOr<bool> UnitRows::Next(std::string& key, KeyedRows& rows) {
  rows.Begin(cells_);
  if (next_.empty()) return false;
  const size_t key_end = EndOfSortedText(next_);
  const std::string prefix = next_.substr(0, key_end);
  key = UnescapedText(std::string_view(prefix).substr(0, key_end - 2));
  while (next_.starts_with(prefix)) {
    rows.Append(std::string_view(next_).substr(key_end));
    KEYFOLD_RETURN_IF_ERROR(Advance());
  }
  return true;
}

}  // namespace keyfold
