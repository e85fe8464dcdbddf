#include "importing/import.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "exports/row_reader.h"
#include "report/progress.h"

namespace keyfold {
namespace {

constexpr int64_t kRowsBetweenLooks = 4096;  // at how far it is, and whether it is to stop

}  // namespace

absl::StatusOr<std::unique_ptr<Import>> Import::Create(ImportSource source) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string yaml, ReadFile(source.mapping_file));
  KEYFOLD_ASSIGN_OR_RETURN(Mapping mapping, Mapping::Parse(yaml, source.mapping_file));
  std::unique_ptr<Import> import(new Import(std::move(mapping), std::move(source)));
  KEYFOLD_RETURN_IF_ERROR(import->summary_.Open(import->source_.rejected_file, import->source_.files));
  KEYFOLD_RETURN_IF_ERROR(import->ReadLookups());
  return import;
}

absl::Status Import::ReadLookups() {
  const std::filesystem::path beside = std::filesystem::path(source_.files.front()).parent_path();
  std::vector<std::string_view> names;
  for (const LookupSource& lookup : mapping_.lookups()) names.emplace_back(lookup.name);
  for (const auto& [name, file] : source_.lookup_files) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(source_.mapping_file, " has no lookup '", name, "'", DidYouMean(name, names)));
    }
  }
  for (const LookupSource& lookup : mapping_.lookups()) {
    const auto given = source_.lookup_files.find(lookup.name);
    if (given == source_.lookup_files.end() && lookup.file.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(source_.mapping_file, ":", lookup.line, ": which file is ",
                                                     lookup.name, "? --lookup ", lookup.name, "=FILE"));
    }
    const std::string file = given != source_.lookup_files.end() ? given->second : (beside / lookup.file).string();
    KEYFOLD_RETURN_IF_ERROR(ReadLookup(lookup, file, context_.lookups.emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status Import::ReadLookup(const LookupSource& lookup, const std::string& file, LookupTable& table) {
  WantedRows wanted;
  wanted.mapping_file = source_.mapping_file;
  const bool json = file.find(".json") != std::string::npos;
  if (json) wanted.format.type = SourceFormat::Type::kJson;
  for (const std::string& column : lookup.columns) wanted.columns.push_back({column, lookup.line, json});
  wanted.columns.push_back({lookup.key, lookup.line, false});
  const std::unique_ptr<RowReader> reader = OpenRows({file}, std::move(wanted));
  MappedRow row;
  MappingProblem problem;
  while (true) {
    KEYFOLD_ASSIGN_OR_RETURN(const RowReader::Outcome outcome, reader->Next(row, problem));
    if (outcome == RowReader::Outcome::kEnd) return absl::OkStatus();
    if (outcome == RowReader::Outcome::kDamaged) {
      ++context_.notes[absl::StrCat(lookup.name, ": ", problem.column, " ", problem.reason)];
      continue;
    }
    mapping_.CleanLookup(row.cells);
    const std::span<const std::string_view> cells(row.cells);
    if (!table.Add(cells[lookup.columns.size()], cells.first(lookup.columns.size()))) {
      ++context_
            .notes[absl::StrCat(lookup.name, ": several rows with one ", lookup.key, ", of which the first is taken")];
    }
  }
}

absl::Status Import::Take(MappedRow& row, PreparedRow& prepared) {
  mapping_.Prepare(row, context_, prepared);
  switch (prepared.fate) {
    case PreparedRow::Fate::kSkipped:
      summary_.AddSkipped(prepared.problem.reason);
      return absl::OkStatus();
    case PreparedRow::Fate::kRejected:
      summary_.AddRejected({row.line, row.file, 1, prepared.problem}, files_);
      return absl::OkStatus();
    case PreparedRow::Fate::kTaken:
      break;
  }
  if (mapping_.has(Mapping::Section::kOnce)) {
    KEYFOLD_RETURN_IF_ERROR(once_.Add(prepared.account, prepared.order, row));
  }
  if (!mapping_.has(Mapping::Section::kRows)) return absl::OkStatus();
  return rows_.Add(prepared.key, prepared.order, row);
}

absl::Status Import::Read(const std::function<bool()>& stopped) {
  const std::unique_ptr<RowReader> reader =
      OpenRows(source_.files, {mapping_.source(), mapping_.columns(), source_.mapping_file});
  Progress progress("bytes");
  progress.SetTotal(BytesOfFiles(source_.files));
  MappedRow row;
  MappingProblem problem;
  PreparedRow prepared;
  for (int64_t count = 1;; ++count) {
    KEYFOLD_ASSIGN_OR_RETURN(const RowReader::Outcome outcome, reader->Next(row, problem));
    if (count % kRowsBetweenLooks == 0 || outcome == RowReader::Outcome::kEnd) {
      progress.Advance(reader->bytes_read() - progress.done());
      if (stopped != nullptr && stopped()) return absl::CancelledError("interrupted");
    }
    if (reader->files().size() != files_.size()) files_ = reader->files();
    if (outcome == RowReader::Outcome::kEnd) return absl::OkStatus();
    summary_.AddRow();
    if (outcome == RowReader::Outcome::kDamaged) {
      summary_.AddRejected({row.line, row.file, 1, problem}, files_);
      continue;
    }
    KEYFOLD_RETURN_IF_ERROR(Take(row, prepared));
  }
}

absl::Status Import::ForEachUnit(const Visitor& visit, const HistoryAdder& add_history) {
  for (const Mapping::Section section : {Mapping::Section::kOnce, Mapping::Section::kRows}) {
    if (!mapping_.has(section)) continue;
    UnitRows& units = section == Mapping::Section::kOnce ? once_ : rows_;
    KEYFOLD_RETURN_IF_ERROR(units.Begin());
    std::string key;
    KeyedRows rows;
    const bool has_history = add_history != nullptr && section == Mapping::Section::kRows && mapping_.snapshots();
    while (true) {
      KEYFOLD_ASSIGN_OR_RETURN(const bool more, units.Next(key, rows));
      if (!more) break;
      if (has_history) KEYFOLD_RETURN_IF_ERROR(add_history(key, rows));
      MappedUnit unit = mapping_.Apply(section, key, rows.Rows(), context_);
      for (const MappingRejection& rejection : unit.rejections) summary_.AddRejected(rejection, files_);
      // What was rejected says nothing about what there is: nothing that was sent before is taken back for it.
      if (unit.events.empty() && !unit.rejections.empty()) continue;
      for (const v1::AccountEvent& event : unit.events) summary_.AddEvent(event);
      KEYFOLD_RETURN_IF_ERROR(visit(section, key, std::move(unit.events)));
    }
  }
  return summary_.Finish();
}

}  // namespace keyfold
