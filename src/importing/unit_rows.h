// Rows brought together by key or account, however many there are.
#ifndef KEYFOLD_IMPORTING_UNIT_ROWS_H_
#define KEYFOLD_IMPORTING_UNIT_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "exports/keyed_rows.h"
#include "expression/expression.h"
#include "importing/record_sorter.h"

namespace keyfold {

// Gathers rows with their key and order, then hands out those of one key after the other. Not thread-safe.
class UnitRows {
 public:
  absl::Status Add(std::string_view key, std::string_view order, const MappedRow& row);

  // After the last Add().
  absl::Status Begin();

  // The rows of the next key; false: there are no more.
  absl::StatusOr<bool> Next(std::string& key, KeyedRows& rows);

 private:
  absl::Status Advance();

  RecordSorter sorter_;
  size_t cells_ = 0;
  std::string record_;
  std::string next_;  // the record that begins the next unit; empty: there is none
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_UNIT_ROWS_H_
