#include "feed/record_document.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "event/limits.h"

namespace keyfold {
namespace {

JsonValue TextValue(std::string text) {
  JsonValue value;
  value.kind = JsonValue::Kind::kText;
  value.text = std::move(text);
  return value;
}

void AddMember(std::string name, JsonValue value, JsonValue& object) {
  object.names.push_back(std::move(name));
  object.elements.push_back(std::move(value));
}

void AddObject(const char* name, const std::optional<std::string>& json, JsonValue& object) {
  std::optional<JsonValue> value = json.has_value() ? ParseExactJson(*json) : std::nullopt;
  if (value.has_value()) AddMember(name, *std::move(value), object);
}

const char* LetterOf(RowChange::Op op) {
  switch (op) {
    case RowChange::Op::kCreated:
      return "c";
    case RowChange::Op::kUpdated:
      return "u";
    case RowChange::Op::kDeleted:
      return "d";
    case RowChange::Op::kRead:
      return "r";
    case RowChange::Op::kRow:
      break;
  }
  return "";
}

// What a mapping sees. Of a deletion of which the database does not tell the row there is the key.
std::optional<JsonValue> DocumentOf(const RowChange& change) {
  const bool deleted = change.op == RowChange::Op::kDeleted;
  const std::string& row = !deleted ? *change.after : change.before.has_value() ? *change.before : change.key;
  std::optional<JsonValue> document = ParseExactJson(row.empty() ? "{}" : row);
  if (change.op == RowChange::Op::kRow || !document.has_value()) return document;
  AddMember("__op", TextValue(LetterOf(change.op)), *document);
  AddMember("__deleted", TextValue(deleted ? "true" : "false"), *document);
  if (!change.table.empty()) AddMember("__table", TextValue(change.table), *document);
  if (!change.source.empty()) AddObject("__source", change.source, *document);
  if (!deleted) AddObject("__before", change.before, *document);
  return document;
}

// JSON, also where Confluent's serializers have put five bytes with a schema's number before it.
std::string_view JsonIn(std::string_view value) {
  constexpr size_t kFrameBytes = 5;
  const bool framed = value.size() > kFrameBytes && value[0] == '\0' && value[kFrameBytes] == '{';
  return framed ? value.substr(kFrameBytes) : value;
}

}  // namespace

DecodedDocument DecodeDocument(const Record& record) {
  Record opened;
  opened.key = record.key;
  opened.value = record.value;
  if (record.value.has_value()) opened.value = JsonIn(*record.value);
  RecordDocument document;
  std::optional<JsonValue> json;
  if (opened.value.has_value() && opened.value->size() <= kRecordBytesMax && opened.value->starts_with('[')) {
    json = ParseExactJson(*opened.value);
  } else {
    DecodedChange decoded = DecodeChange(opened);
    if (std::holds_alternative<RowTombstone>(decoded)) return RowTombstone();
    if (auto* const rejection = std::get_if<Rejection>(&decoded)) return std::move(*rejection);
    const RowChange& change = std::get<RowChange>(decoded);
    document.deleted = change.op == RowChange::Op::kDeleted;
    json = DocumentOf(change);
  }
  if (!json.has_value()) return Rejection::Undecodable("it is no JSON");
  document.json = *std::move(json);
  return document;
}

}  // namespace keyfold
