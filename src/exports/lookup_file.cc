#include "exports/lookup_file.h"

#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "exports/row_reader.h"

namespace keyfold {

absl::StatusOr<LookupTable> ReadLookupFile(const Mapping& mapping, size_t index, const LookupFile& from,
                                           MappingNotes& notes) {
  const LookupSource& lookup = mapping.lookups()[index];
  if (lookup.key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(from.mapping_file, ":", lookup.line, ": ", lookup.name,
                                                   " has no `key:`, the column that rows of ", from.file,
                                                   " are found by"));
  }
  WantedRows wanted;
  wanted.mapping_file = from.mapping_file;
  wanted.format = mapping.lookup_formats()[index];
  const bool json = from.file.find(".json") != std::string::npos;
  if (json) wanted.format.type = SourceFormat::Type::kJson;
  for (const std::string& column : lookup.columns) wanted.columns.push_back({column, lookup.line, json});
  wanted.columns.push_back({lookup.key, lookup.line, false});
  const std::unique_ptr<RowReader> reader = OpenRows({from.file}, std::move(wanted));
  LookupTable table;
  MappedRow row;
  MappingProblem problem;
  while (true) {
    KEYFOLD_ASSIGN_OR_RETURN(const RowReader::Outcome outcome, reader->Next(row, problem));
    if (outcome == RowReader::Outcome::kEnd) return table;
    if (outcome == RowReader::Outcome::kDamaged) {
      ++notes[absl::StrCat(lookup.name, ": ", problem.column, " ", problem.reason)];
      continue;
    }
    mapping.CleanLookup(row.cells);
    const std::span<const std::string_view> cells(row.cells);
    if (!table.Add(cells[lookup.columns.size()], cells.first(lookup.columns.size()))) {
      ++notes[absl::StrCat(lookup.name, ": several rows with one ", lookup.key, ", of which the first is taken")];
    }
  }
}

}  // namespace keyfold
