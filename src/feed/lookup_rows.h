// The rows of a lookup's topic: of every record key the latest record.
#ifndef KEYFOLD_FEED_LOOKUP_ROWS_H_
#define KEYFOLD_FEED_LOOKUP_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event/exact_json.h"
#include "expression/tables.h"
#include "keyfold/record.h"
#include "mapping/mapping.h"

namespace keyfold {

// What became of a topic's records.
struct LookupCounts {
  int64_t records = 0;
  int64_t unreadable = 0;  // that are no rows
  int64_t contested = 0;   // whose row another record key had
  int64_t rows = 0;        // that are there now
};

// A record is a row as DecodeDocument() has it; a tombstone, a deletion, and what is no row take away the row that its
// record key had. Rows are found by the lookup's `key`, a column, or where it has none by the record key (DecodeKey()).
// Of two record keys with one row the later record holds. In memory are the cells that expressions name, and the keys.
// Not thread-safe; no I/O.
class LookupRows {
 public:
  // `source` is one of the mapping's lookups. All of them outlive this; nobody else changes the table.
  LookupRows(const Mapping& mapping, const LookupSource& source, LookupTable& table);

  const LookupSource& source() const { return source_; }

  // The next record. Returns why it is no row; empty: it is one, or takes one away.
  std::string Take(const Record& record);

  // None any more; the other counts go on.
  void Clear();

  LookupCounts counts() const;

 private:
  struct Row {
    std::string key;  // where it is a column
    std::vector<std::string> cells;
  };
  struct Said {
    bool is_gone = false;
    std::optional<Row> row;  // of one that is gone, where it is told
  };

  absl::StatusOr<Said> SaidBy(const Record& record) const;
  absl::StatusOr<Row> RowOf(JsonValue json) const;
  absl::StatusOr<std::string> RecordKeyOf(const Record& record) const;
  absl::Status TakeByRecordKey(const Record& record);
  absl::Status TakeByColumn(const Record& record);
  void PutOf(std::optional<std::string_view> record_key, const Row& row);
  void RemoveOf(std::string_view record_key);
  void Disown(std::string_view row_key);
  void Put(const Row& row);

  const Mapping& mapping_;
  const LookupSource& source_;
  LookupTable& table_;
  const SourceFormat format_;
  std::vector<ColumnUse> columns_;
  LookupCounts counts_;

  // With a column as key: which record key has which row.
  absl::flat_hash_map<std::string, std::string> rows_;     // by record key
  absl::flat_hash_map<std::string, std::string> records_;  // by row key
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_LOOKUP_ROWS_H_
