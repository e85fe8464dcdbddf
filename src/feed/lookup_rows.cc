#include "feed/lookup_rows.h"

#include <span>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "event/change_record.h"
#include "event/rejection.h"
#include "exports/document_mapper.h"
#include "exports/json_rows.h"
#include "feed/record_document.h"

namespace keyfold {
namespace {

absl::string_view Key(std::string_view key) { return absl::string_view(key.data(), key.size()); }

SourceFormat JsonFormat() {
  SourceFormat format;
  format.type = SourceFormat::Type::kJson;
  return format;
}

}  // namespace

LookupRows::LookupRows(const Mapping& mapping, const LookupSource& source, LookupTable& table)
    : mapping_(mapping), source_(source), table_(table), format_(JsonFormat()) {
  for (const std::string& column : source.columns) columns_.push_back({column, source.line, true});
  if (!source.key.empty()) columns_.push_back({source.key, source.line, true});
}

LookupCounts LookupRows::counts() const {
  LookupCounts counts = counts_;
  counts.rows = static_cast<int64_t>(table_.size());
  return counts;
}

void LookupRows::Clear() {
  table_ = LookupTable();
  rows_.clear();
  records_.clear();
}

std::string LookupRows::Take(const Record& record) {
  ++counts_.records;
  const absl::Status taken = source_.key.empty() ? TakeByRecordKey(record) : TakeByColumn(record);
  if (!taken.ok()) ++counts_.unreadable;
  return std::string(taken.message());
}

absl::StatusOr<LookupRows::Said> LookupRows::SaidBy(const Record& record) const {
  DecodedDocument decoded = DecodeDocument(record);
  if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
    return absl::InvalidArgumentError(rejection->message);
  }
  auto* const document = std::get_if<RecordDocument>(&decoded);
  if (document == nullptr) return Said{.is_gone = true, .row = std::nullopt};
  absl::StatusOr<Row> row = RowOf(std::move(document->json));
  if (!row.ok() && !document->deleted) return row.status();
  Said said{.is_gone = document->deleted, .row = std::nullopt};
  if (row.ok()) said.row = *std::move(row);
  return said;
}

absl::StatusOr<LookupRows::Row> LookupRows::RowOf(JsonValue json) const {
  if (!json.IsObject()) return absl::InvalidArgumentError("it is a list, and no row");
  JsonRows rows(format_, columns_);
  MappedRow mapped;
  MappingProblem problem;
  rows.Open(std::move(json));
  if (rows.Next(mapped, problem) != JsonRows::Outcome::kRow) return absl::InvalidArgumentError(Describe(problem));
  mapping_.CleanLookup(mapped.cells);
  const std::span<const std::string_view> cells(mapped.cells);
  const std::span<const std::string_view> named = cells.first(source_.columns.size());
  Row row;
  row.cells.assign(named.begin(), named.end());
  if (source_.key.empty()) return row;
  row.key = std::string(cells[named.size()]);
  if (!row.key.empty()) return row;
  return absl::InvalidArgumentError(absl::StrCat(source_.key, " is missing or empty, and names the row"));
}

void LookupRows::Put(const Row& row) {
  const std::vector<std::string_view> cells(row.cells.begin(), row.cells.end());
  table_.Put(row.key, cells);
}

absl::StatusOr<std::string> LookupRows::RecordKeyOf(const Record& record) const {
  if (!record.key.has_value()) {
    return absl::InvalidArgumentError("it has no record key, and the lookup names no column as `key`");
  }
  const std::variant<std::string, Rejection> key = DecodeKey(*record.key);
  if (const auto* const rejection = std::get_if<Rejection>(&key)) {
    return absl::InvalidArgumentError(rejection->message);
  }
  std::vector<std::string_view> cleaned = {std::get<std::string>(key)};
  mapping_.CleanLookup(cleaned);
  if (cleaned[0].empty()) return absl::InvalidArgumentError("its record key is empty");
  return std::string(cleaned[0]);
}

absl::Status LookupRows::TakeByRecordKey(const Record& record) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string key, RecordKeyOf(record));
  absl::StatusOr<Said> said = SaidBy(record);
  if (!said.ok() || said->is_gone) {
    table_.Remove(key);
    return said.status();
  }
  said->row->key = key;
  Put(*said->row);
  return absl::OkStatus();
}

absl::Status LookupRows::TakeByColumn(const Record& record) {
  const absl::StatusOr<Said> said = SaidBy(record);
  if (said.ok() && !said->is_gone) {
    PutOf(record.key, *said->row);
    return absl::OkStatus();
  }
  if (record.key.has_value()) RemoveOf(*record.key);
  if (record.key.has_value() || !said.ok()) return said.status();
  if (!said->row.has_value()) {
    return absl::InvalidArgumentError("it has no record key, and does not tell which row is gone");
  }
  Disown(said->row->key);
  table_.Remove(said->row->key);
  return absl::OkStatus();
}

// Its record key, if there is one, has this row from now on, and no other one.
void LookupRows::PutOf(std::optional<std::string_view> record_key, const Row& row) {
  if (record_key.has_value()) {
    const auto before = rows_.find(Key(*record_key));
    if (before != rows_.end() && before->second != row.key) RemoveOf(*record_key);
  }
  const auto owner = records_.find(row.key);
  const bool is_contested = owner != records_.end() && owner->second != record_key;
  if (is_contested) {
    ++counts_.contested;
    Disown(row.key);
  }
  Put(row);
  if (!record_key.has_value()) return;
  rows_[std::string(*record_key)] = row.key;
  records_[row.key] = std::string(*record_key);
}

void LookupRows::RemoveOf(std::string_view record_key) {
  const auto row = rows_.find(Key(record_key));
  if (row == rows_.end()) return;
  table_.Remove(row->second);
  records_.erase(row->second);
  rows_.erase(row);
}

// The row belongs to no record key any more.
void LookupRows::Disown(std::string_view row_key) {
  const auto record = records_.find(Key(row_key));
  if (record == records_.end()) return;
  rows_.erase(record->second);
  records_.erase(record);
}

}  // namespace keyfold
