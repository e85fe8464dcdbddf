// Rows brought together by key or account, however many there are.
#ifndef KEYFOLD_IMPORTING_UNIT_ROWS_H_
#define KEYFOLD_IMPORTING_UNIT_ROWS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "expression/expression.h"
#include "importing/record_sorter.h"

namespace keyfold {

// Rows of one key by their order, then by their cells, so that the order in the file does not matter: what is kept of
// each is bytes that compare so.
//
class KeyedRows {
 public:
  // The rows; their cells live as long as this and until it is changed.
  std::vector<MappedRow> Rows() const;

  // Adds rows that were stored before, with these columns, to those that were read with `columns`: what the stored ones
  // lack is empty. False: they are damaged.
  bool AddStored(std::string_view stored, const std::vector<std::string>& columns);

  // All of them, to be stored.
  std::string ToStored(const std::vector<std::string>& columns) const;

 private:
  friend class UnitRows;

  size_t cells_ = 0;
  std::vector<std::string> records_;
};

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
