#include "importing/import.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "exports/lookup_file.h"
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
  for (size_t i = 0; i < mapping_.lookups().size(); ++i) {
    const LookupSource& lookup = mapping_.lookups()[i];
    const auto given = source_.lookup_files.find(lookup.name);
    if (given == source_.lookup_files.end() && lookup.file.empty()) {
      const std::string what = lookup.topic.empty() ? absl::StrCat("which file is ", lookup.name, "?")
                                                    : absl::StrCat(lookup.name, " is the topic ", lookup.topic,
                                                                   ", which only `keyfold feed` reads; here it is");
      return absl::InvalidArgumentError(
          absl::StrCat(source_.mapping_file, ":", lookup.line, ": ", what, " --lookup ", lookup.name, "=FILE"));
    }
    const std::string file = given != source_.lookup_files.end() ? given->second : (beside / lookup.file).string();
    KEYFOLD_ASSIGN_OR_RETURN(lookups_.emplace_back(),
                             ReadLookupFile(mapping_, i, {file, source_.mapping_file}, context_.notes));
  }
  context_.lookups = lookups_;
  return absl::OkStatus();
}

absl::Status Import::Take(MappedRow& row, PreparedRow& prepared, const MappingProblem* damage) {
  mapping_.Prepare(row, context_, prepared, damage);
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
    const bool damaged = outcome == RowReader::Outcome::kDamaged;
    if (damaged && row.cells.empty()) {
      summary_.AddRejected({row.line, row.file, 1, problem}, files_);
    } else {
      KEYFOLD_RETURN_IF_ERROR(Take(row, prepared, damaged ? &problem : nullptr));
    }
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
      if (unit.events.empty() && !unit.rejections.empty()) continue;
      for (const v1::AccountEvent& event : unit.events) {
        summary_.AddEvent(event);
        KEYFOLD_RETURN_IF_ERROR(foundings_.Add(event));
      }
      KEYFOLD_RETURN_IF_ERROR(visit(section, key, std::move(unit)));
    }
  }
  KEYFOLD_RETURN_IF_ERROR(foundings_.Count(context_.notes));
  return summary_.Finish();
}

}  // namespace keyfold
