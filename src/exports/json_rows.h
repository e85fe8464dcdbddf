// The rows of a JSON value, in the columns that a mapping wants.
#ifndef KEYFOLD_EXPORTS_JSON_ROWS_H_
#define KEYFOLD_EXPORTS_JSON_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "event/exact_json.h"
#include "expression/expression.h"
#include "mapping/mapping.h"

namespace keyfold {

// Not thread-safe.
class JsonRows {
 public:
  // Both outlive this.
  JsonRows(const SourceFormat& format, const std::vector<ColumnUse>& columns) : format_(format), columns_(columns) {}

  // Goes on with the rows of a value: of every record in the list at `records`, or of the one that is there. False:
  // there is nothing.
  bool Open(JsonValue root);

  enum class Outcome { kRow, kDamaged, kEnd };

  // The next row: `row.cells` are the columns, and an empty one; they live until the next call. `row.line` is the place
  // in the list, from 1. kDamaged: `problem` says why there is no row in this place.
  Outcome Next(MappedRow& row, MappingProblem& problem);

  // Whether the value has a list of records; otherwise it is one.
  bool has_list() const { return records_ != nullptr; }

 private:
  const JsonValue* FindColumn(const std::string& name) const;

  const SourceFormat& format_;
  const std::vector<ColumnUse>& columns_;
  JsonValue root_;
  const JsonValue* records_ = nullptr;  // a list; nullptr: the root is the only one
  size_t record_ = 0;                   // the next one
  size_t record_count_ = 0;
  const JsonValue* current_ = nullptr;  // whose items are under way
  const JsonValue* items_ = nullptr;    // a list; nullptr: the record is the only row
  size_t item_ = 0;                     // the next one
  size_t item_count_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_JSON_ROWS_H_
