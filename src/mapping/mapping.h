// A mapping: how rows of an export, documents or records of a topic become account events (docs/mappings.md). Read from
// YAML and checked as a whole before the first row.
#ifndef KEYFOLD_MAPPING_MAPPING_H_
#define KEYFOLD_MAPPING_MAPPING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "expression/expression.h"
#include "expression/tables.h"
#include "keyfold/v1/account_event.pb.h"
#include "mapping/event_template.h"
#include "mapping/rounding.h"
#include "mapping/source_format.h"

namespace keyfold {

// A column that expressions name, or a path in a document.
struct ColumnUse {
  std::string name;
  int line = 0;           // of the mapping's file, where it is named first
  bool optional = false;  // nothing where the file has no such column
};

// What becomes of a row alone.
struct PreparedRow {
  enum class Fate { kTaken, kSkipped, kRejected };
  Fate fate = Fate::kTaken;
  MappingProblem problem;  // of a row that is not taken; of a skipped one only the reason
  std::string account;     // empty: the mapping makes no events of accounts
  std::string key;         // of the rows that belong together; empty: there are only events of accounts
  std::string order;       // of bytes that compare as `order:` says
};

// A row, or the rows of a document, that did not become events.
struct MappingRejection {
  int64_t line = 0;  // of the first of the rows
  int32_t file = 0;
  int64_t rows = 1;
  MappingProblem problem;
};

// What becomes of the rows of one key or account.
struct MappedUnit {
  std::vector<v1::AccountEvent> events;      // valid ones; revision 0 where the mapping says none
  std::vector<MappingRejection> rejections;  // of all rows: there are no events then; of single lines
};

// What is looked up, counted and carried over while rows are mapped. Not thread-safe.
struct MappingContext {
  std::span<const LookupTable> lookups;  // one for each of Mapping::lookups(), in their order
  MappingNotes notes;
  Amounts amounts;
};

// Immutable, thread-safe, movable. No I/O: a row may come from a file, a topic or a request.
class Mapping {
 public:
  // InvalidArgument: "<file_name>:<line>: <what is wrong>".
  static absl::StatusOr<Mapping> Parse(const std::string& yaml, std::string_view file_name);

  const std::string& name() const { return name_; }
  const std::string& system() const { return system_; }  // AccountEvent.source
  const SourceFormat& source() const { return source_; }

  // The columns that a row's cells are expected in, in this order; a row has one cell more, which is its account.
  const std::vector<ColumnUse>& columns() const { return columns_; }
  const std::vector<LookupSource>& lookups() const { return lookups_; }
  const std::vector<SourceFormat>& lookup_formats() const { return lookup_formats_; }  // of those that are CSV
  const absl::TimeZone& time_zone() const { return zone_; }

  enum class Section { kOnce, kRows };
  bool has(Section section) const { return !(section == Section::kOnce ? once_ : rows_).empty(); }
  bool snapshots() const { return snapshots_; }
  Rounding rounding() const { return rounding_; }

  // Cells of a lookup's row, without spaces around them, and empty where they mean nothing.
  void CleanLookup(std::vector<std::string_view>& cells) const;

  // Takes a row that has just been read: cells without spaces around them, empty where they mean nothing. Its last
  // cell, of the account, is a view into what is returned. A row that has `damage` is rejected for it, unless `skip`
  // leaves it out: a line of totals has fewer cells than others.
  void Prepare(MappedRow& row, MappingContext& context, PreparedRow& prepared,
               const MappingProblem* damage = nullptr) const;

  // The events of rows with the same key (kRows) or account (kOnce), ordered by PreparedRow::order, then by their
  // cells. REQUIRES: at least one row; all of them were taken.
  MappedUnit Apply(Section section, std::string_view key, std::span<const MappedRow> rows,
                   MappingContext& context) const;

 private:
  friend class MappingBuilder;
  friend class UnitMaker;

  struct Condition {
    std::string reason;
    Expression holds;
  };
  // Events that are made where `when` holds.
  struct Rule {
    std::optional<Expression> when;
    std::vector<EventTemplate> events;
  };

  Mapping() = default;

  bool CheckRow(const MappedRow& row, const MappingProblem* damage, Evaluation& evaluation,
                PreparedRow& prepared) const;
  bool CheckCells(const MappedRow& row, MappingProblem& problem) const;
  bool PrepareIds(Evaluation& evaluation, PreparedRow& prepared) const;

  std::string name_;
  std::string system_;
  std::string file_name_;
  SourceFormat source_;
  absl::TimeZone zone_;
  std::vector<ColumnUse> columns_;
  std::vector<std::shared_ptr<const ColumnFormat>> formats_;  // of the columns
  std::vector<std::string> empty_;                            // what means nothing everywhere
  std::vector<LookupSource> lookups_;
  std::vector<SourceFormat> lookup_formats_;
  std::optional<Expression> account_;
  std::vector<Expression> key_;       // of the rows that belong together
  std::vector<Expression> line_key_;  // of one of them in its group; may be empty
  std::vector<Expression> order_;
  std::vector<Condition> skip_;
  std::vector<Condition> reject_;
  std::vector<Rule> once_;
  std::vector<Rule> rows_;
  bool grouped_ = false;
  bool snapshots_ = false;
  Rounding rounding_ = Rounding::kDocument;
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_MAPPING_H_
