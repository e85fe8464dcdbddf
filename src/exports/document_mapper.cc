#include "exports/document_mapper.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "event/rules.h"
#include "exports/json_rows.h"
#include "exports/keyed_rows.h"

namespace keyfold {
namespace {

// Why the mapping cannot take documents one by one; empty: it can.
std::string NeedsMore(const Mapping& mapping, DocumentMapper::AtHand at_hand) {
  if (mapping.source().type != SourceFormat::Type::kJson) return "`source: csv` is a file; what comes here is JSON";
  for (const LookupSource& lookup : mapping.lookups()) {
    const bool is_named = !lookup.file.empty() || !lookup.topic.empty();
    if (!is_named) return absl::StrCat("the lookup ", lookup.name, " names neither a file nor a topic");
    if (at_hand == DocumentMapper::AtHand::kLookups) continue;
    return absl::StrCat("the lookup ", lookup.name, " is a ", lookup.topic.empty() ? "file" : "topic",
                        ", which is not at hand here (it is to `keyfold feed`)");
  }
  if (mapping.snapshots()) return "`snapshots` needs what was there before, which is not kept here";
  if (mapping.has(Mapping::Section::kOnce)) {
    return "`once` needs all rows of an account, and here they come one by one: an event under `rows` with an `id:` of "
           "its own is the same however often it comes";
  }
  if (mapping.rounding() == Rounding::kAccount) {
    return "`rounding: account` needs all rows of an account, and here they come one by one: `document` or `line`";
  }
  return "";
}

}  // namespace

std::string Describe(const MappingProblem& problem) {
  return absl::StrCat(problem.column, problem.column.empty() ? "" : " ", problem.reason,
                      problem.value.empty() ? "" : ": ", problem.value.empty() ? "" : Quoted(problem.value));
}

absl::StatusOr<DocumentMapper> DocumentMapper::Parse(const std::string& yaml, std::string_view file_name,
                                                     AtHand at_hand) {
  KEYFOLD_ASSIGN_OR_RETURN(Mapping mapping, Mapping::Parse(yaml, file_name));
  if (const std::string more = NeedsMore(mapping, at_hand); !more.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(file_name), ": ", more, ". `keyfold produce --map` takes it, from files"));
  }
  return DocumentMapper(std::move(mapping));
}

absl::StatusOr<MappedDocument> DocumentMapper::Map(JsonValue document, std::span<const LookupTable> lookups) const {
  JsonRows rows(mapping_.source(), mapping_.columns());
  if (!rows.Open(std::move(document))) {
    return absl::InvalidArgumentError(absl::StrCat("there is nothing at ", mapping_.source().records));
  }
  MappedDocument mapped;
  MappingContext context;
  context.lookups = lookups;
  std::map<std::string, KeyedRows> units;  // by key, as an import has them
  const auto reject = [&mapped](int64_t line, const MappingProblem& problem) {
    mapped.outcomes.push_back({.line = line, .event = {}, .reason = Describe(problem)});
  };
  MappedRow row;
  MappingProblem problem;
  PreparedRow prepared;
  size_t count = 0;
  for (JsonRows::Outcome outcome = rows.Next(row, problem); outcome != JsonRows::Outcome::kEnd;
       outcome = rows.Next(row, problem)) {
    if (++count > kOutcomesMax) return absl::OutOfRangeError(absl::StrCat("more than ", kOutcomesMax, " rows"));
    if (outcome == JsonRows::Outcome::kDamaged) {
      reject(row.line, problem);
      continue;
    }
    mapping_.Prepare(row, context, prepared);
    if (prepared.fate == PreparedRow::Fate::kTaken) units[prepared.key].Add(prepared.order, row);
    if (prepared.fate == PreparedRow::Fate::kRejected) reject(row.line, prepared.problem);
    if (prepared.fate == PreparedRow::Fate::kSkipped) ++mapped.left_out;
  }
  for (auto& [key, keyed] : units) {
    keyed.Sort();
    const std::vector<MappedRow> unit_rows = keyed.Rows();
    MappedUnit unit = mapping_.Apply(Mapping::Section::kRows, key, unit_rows, context);
    for (const MappingRejection& rejection : unit.rejections) reject(rejection.line, rejection.problem);
    const auto first = std::min_element(unit_rows.begin(), unit_rows.end(),
                                        [](const MappedRow& a, const MappedRow& b) { return a.line < b.line; });
    for (v1::AccountEvent& event : unit.events) {
      if (mapped.outcomes.size() == kOutcomesMax) {
        return absl::OutOfRangeError(absl::StrCat("more than ", kOutcomesMax, " events"));
      }
      mapped.outcomes.push_back({.line = first->line, .event = std::move(event), .reason = ""});
    }
  }
  std::stable_sort(mapped.outcomes.begin(), mapped.outcomes.end(),
                   [](const MappedOutcome& a, const MappedOutcome& b) { return a.line < b.line; });
  mapped.notes = std::move(context.notes);
  return mapped;
}

}  // namespace keyfold
