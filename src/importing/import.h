// From the files of an export to events, by a mapping.
#ifndef KEYFOLD_IMPORTING_IMPORT_H_
#define KEYFOLD_IMPORTING_IMPORT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "importing/foundings.h"
#include "importing/summary.h"
#include "importing/unit_rows.h"
#include "keyfold/v1/account_event.pb.h"
#include "mapping/mapping.h"

namespace keyfold {

// What is imported, as the flags say it.
struct ImportSource {
  std::string mapping_file;
  std::vector<std::string> files;
  std::map<std::string, std::string> lookup_files;  // by the lookup's name, where it is not the one of the mapping
  std::string rejected_file;                        // rejected rows go there; empty: nowhere
};

// One import. Memory is bounded, but for what lookups hold and the rows of one key or account. Not thread-safe.
class Import {
 public:
  // Reads the mapping and its lookups. InvalidArgument: something is wrong with the mapping, "m.yaml:12: ..."; or the
  // errors of files.
  static absl::StatusOr<std::unique_ptr<Import>> Create(ImportSource source);

  const Mapping& mapping() const { return mapping_; }

  // Reads all rows, and shows how far it is. Cancelled once `stopped` says so.
  absl::Status Read(const std::function<bool()>& stopped = nullptr);

  // Hands out the events of every account and of every key: those of one together, in bytewise order of the keys; not
  // those of which all rows were rejected.
  // Afterwards the summary is complete.
  using Visitor = std::function<absl::Status(Mapping::Section section, std::string_view key, MappedUnit unit)>;
  // `add_history`, if given, adds the snapshots of a record that earlier exports had.
  using HistoryAdder = std::function<absl::Status(std::string_view key, KeyedRows& rows)>;
  absl::Status ForEachUnit(const Visitor& visit, const HistoryAdder& add_history = nullptr);

  const ImportSummary& summary() const { return summary_; }
  void PrintSummary(std::ostream& out) const { summary_.Print(context_, out); }

 private:
  Import(Mapping mapping, ImportSource source) : mapping_(std::move(mapping)), source_(std::move(source)) {}

  absl::Status ReadLookups();
  absl::Status Take(MappedRow& row, PreparedRow& prepared, const MappingProblem* damage);

  const Mapping mapping_;
  const ImportSource source_;
  std::vector<LookupTable> lookups_;
  MappingContext context_;
  ImportSummary summary_;
  Foundings foundings_;
  std::vector<std::string> files_;  // as they were read
  UnitRows once_;
  UnitRows rows_;
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_IMPORT_H_
