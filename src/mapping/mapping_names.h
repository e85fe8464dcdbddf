// The names that expressions of a mapping may use, while it is read. Private to mapping/.
#ifndef KEYFOLD_MAPPING_MAPPING_NAMES_H_
#define KEYFOLD_MAPPING_MAPPING_NAMES_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "expression/expression.h"
#include "expression/tables.h"
#include "mapping/mapping.h"

namespace keyfold {

class MappingNames final : public ExpressionNames {
 public:
  MappingNames();

  // A column that the mapping gives a format or another name. False: the name is taken.
  struct Declared {
    std::string from;  // its name in the file
    std::shared_ptr<const ColumnFormat> format;
    bool optional = false;
    int line = 0;
  };
  bool Declare(std::string name, Declared declared) {
    return declared_.emplace(std::move(name), std::move(declared)).second;
  }
  bool AddValues(std::string name, ValueTable values);
  bool AddLookup(LookupSource lookup);

  // What is looked for from now on stands in this line.
  void set_line(int line) { line_ = line; }
  void set_default_format(std::shared_ptr<const ColumnFormat> format) { default_ = std::move(format); }
  void set_has_order(bool has_order) { has_order_ = has_order; }

  absl::StatusOr<Column> FindColumn(std::string_view name) override;
  std::shared_ptr<const ValueTable> FindValues(std::string_view name) override;
  absl::StatusOr<Lookup> FindLookup(std::string_view name, std::string_view column) override;
  std::shared_ptr<const ColumnFormat> DefaultFormat() override { return default_; }
  bool has_order() const override { return has_order_; }

  // The first column that is declared and that no expression names; nullptr: there is none.
  const std::pair<const std::string, Declared>* Unused() const;

  const std::vector<ColumnUse>& columns() const { return columns_; }
  const std::vector<std::shared_ptr<const ColumnFormat>>& formats() const { return formats_; }
  const std::vector<LookupSource>& lookups() const { return lookups_; }

 private:
  std::map<std::string, Declared, std::less<>> declared_;
  std::map<std::string, uint16_t, std::less<>> slots_;
  std::vector<ColumnUse> columns_;
  std::vector<std::shared_ptr<const ColumnFormat>> formats_;
  std::map<std::string, std::shared_ptr<const ValueTable>, std::less<>> values_;
  std::vector<LookupSource> lookups_;
  std::shared_ptr<const ColumnFormat> default_;
  int line_ = 0;
  bool has_order_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_MAPPING_NAMES_H_
