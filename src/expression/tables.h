// Values found by a key: tables that stand in the mapping, and rows of a second file or of a topic.
#ifndef KEYFOLD_EXPRESSION_TABLES_H_
#define KEYFOLD_EXPRESSION_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace keyfold {

// {"Closed Won": won, else: open}
struct ValueTable {
  std::map<std::string, std::string, std::less<>> values;
  std::optional<std::string> otherwise;  // of every key that is not there
  bool keeps_others = false;             // a key that is not there is its own value
};

// A second file or a topic, as the mapping names it: one of them, or neither. Of its columns those are read that
// expressions name.
struct LookupSource {
  std::string name;
  std::string file;   // beside the file that is imported; empty: it is given with the call, or there is a topic
  std::string topic;  // the latest record of a key is its row
  std::string key;    // the column that rows are found by; empty: the key of the topic's records
  std::vector<std::string> columns;
  int line = 0;  // of the mapping's file
};

// Rows of a LookupSource, by key. Not thread-safe while it is filled.
class LookupTable {
 public:
  // False: the key is there already, with other cells (the first ones stay).
  bool Add(std::string_view key, std::span<const std::string_view> cells);

  // In place of those that the key has, if it is there.
  void Put(std::string_view key, std::span<const std::string_view> cells);
  void Remove(std::string_view key);

  // The cell of a column of LookupSource::columns; nullopt: there is no such key.
  std::optional<std::string_view> Find(std::string_view key, size_t column) const;

  size_t size() const { return rows_.size(); }

 private:
  absl::flat_hash_map<std::string, std::vector<std::string>> rows_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_TABLES_H_
