#include "event/change_record.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "event/connect_value.h"
#include "event/exact_json.h"
#include "event/limits.h"
#include "event/rules.h"

namespace keyfold {
namespace {

using Kind = JsonValue::Kind;

// What a converter writes: {"schema", "payload"}, or the payload alone.
struct Converted {
  const JsonValue* schema = nullptr;
  const JsonValue* payload = nullptr;
};
Converted Open(const JsonValue& json) {
  const JsonValue* const payload = json.Find("payload");
  if (payload == nullptr || json.names.size() != 2 || json.Find("schema") == nullptr) return {nullptr, &json};
  const JsonValue* const schema = json.Find("schema");
  return {schema->IsNull() ? nullptr : schema, payload};
}

bool IsEnvelope(const JsonValue& payload) {
  return !payload.TextOf("op").empty() &&
         (payload.Find("before") != nullptr || payload.Find("after") != nullptr || payload.Find("source") != nullptr);
}

std::optional<RowChange::Op> OpOf(std::string_view op) {
  if (op == "c") return RowChange::Op::kCreated;
  if (op == "u") return RowChange::Op::kUpdated;
  if (op == "d") return RowChange::Op::kDeleted;
  if (op == "r") return RowChange::Op::kRead;
  return std::nullopt;
}

std::string TableOf(const JsonValue* source) {
  std::string table;
  if (source == nullptr) return table;
  for (const char* part : {"db", "schema", "table", "collection"}) {
    const std::string_view name = source->TextOf(part);
    if (!name.empty()) absl::StrAppend(&table, table.empty() ? "" : ".", std::string(name));
  }
  return table;
}

// The row as JSON; nullopt where it is null.
std::optional<std::string> RowOf(const JsonValue* row) {
  if (row == nullptr || row->IsNull()) return std::nullopt;
  return WriteJson(*row);
}

// "" or what is wrong with the parts of a change.
std::string CheckParts(const RowChange& change, const JsonValue& payload) {
  for (const char* name : {"before", "after", "source"}) {
    const JsonValue* const member = payload.Find(name);
    if (member != nullptr && !member->IsNull() && !member->IsObject()) return absl::StrCat(name, ": no object");
  }
  const bool deleted = change.op == RowChange::Op::kDeleted;
  if (!deleted && !change.after.has_value()) return "after: missing";
  if (deleted && change.after.has_value()) return "after: a row that was deleted has none";
  return "";
}

// Takes the payload apart, whose values are decoded.
std::variant<RowChange, Rejection> ChangeOf(const JsonValue& payload) {
  RowChange change;
  if (!IsEnvelope(payload)) {
    change.after = WriteJson(payload);
    return change;
  }
  const std::string_view op = payload.TextOf("op");
  const std::optional<RowChange::Op> known = OpOf(op);
  if (!known.has_value()) return Rejection::Invalid(absl::StrCat("op: ", Quoted(op), " is no change of a row"));
  change.op = *known;
  const JsonValue* const source = payload.Find("source");
  change.table = TableOf(source);
  change.source = RowOf(source).value_or("");
  change.before = RowOf(payload.Find("before"));
  change.after = RowOf(payload.Find("after"));
  if (std::string problem = CheckParts(change, payload); !problem.empty())
    return Rejection::Invalid(std::move(problem));
  return change;
}

// What of the rows the connector could not know, where no schema leads to them.
void DropUnavailableOfRows(JsonValue& payload) {
  if (!IsEnvelope(payload)) return DropUnavailable(payload);
  for (size_t i = 0; i < payload.names.size(); ++i) {
    if (payload.names[i] == "before" || payload.names[i] == "after") DropUnavailable(payload.elements[i]);
  }
}

// The payload of what a converter wrote, with its values decoded.
struct Opened {
  std::string problem;  // empty: none
  JsonValue payload;
  bool has_schema = false;
};
Opened OpenDecoded(const JsonValue& json) {
  const Converted converted = Open(json);
  Opened opened{"", *converted.payload, converted.schema != nullptr};
  if (opened.has_schema) {
    opened.problem = ApplySchema(*converted.schema, opened.payload);
  } else {
    DropUnavailableOfRows(opened.payload);
  }
  return opened;
}

}  // namespace

DecodedChange DecodeChange(const Record& record) {
  if (!record.value.has_value()) return RowTombstone{};
  if (record.value->size() > kRecordBytesMax) {
    return Rejection{RejectionCode::kTooLarge,
                     absl::StrCat(record.value->size(), " bytes, the limit is ", kRecordBytesMax)};
  }
  const std::optional<JsonValue> json = ParseExactJson(*record.value);
  if (!json.has_value() || !json->IsObject())
    return Rejection::Undecodable("not a change record: it is no JSON object");
  Opened value = OpenDecoded(*json);
  if (!value.problem.empty()) return Rejection::Invalid(std::move(value.problem));
  if (value.payload.IsNull()) return RowTombstone{};
  if (!value.payload.IsObject()) return Rejection::Undecodable("not a change record: its payload is no object");
  auto result = ChangeOf(value.payload);
  if (auto* const rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  RowChange& change = std::get<RowChange>(result);
  change.has_schema = value.has_schema;
  // A key that is no JSON object is a connector's own affair: nothing is taken from it.
  const std::optional<JsonValue> key =
      record.key.has_value() && record.key->size() <= kRecordBytesMax ? ParseExactJson(*record.key) : std::nullopt;
  if (key.has_value() && key->IsObject()) {
    const Opened opened = OpenDecoded(*key);
    if (!opened.problem.empty()) return Rejection::Invalid("record key: " + opened.problem);
    if (opened.payload.IsObject()) change.key = WriteJson(opened.payload);
  }
  return std::move(change);
}

std::variant<std::string, Rejection> DecodeKey(std::string_view key) {
  // Before JSON, Confluent's serializers put five bytes with a schema's number.
  constexpr size_t kFrameBytes = 5;
  const bool framed = key.size() > kFrameBytes && key[0] == '\0';
  const std::optional<JsonValue> json =
      key.size() > kRecordBytesMax ? std::nullopt : ParseExactJson(framed ? key.substr(kFrameBytes) : key);
  if (json.has_value() && (json->IsText() || json->kind == Kind::kNumber)) return json->text;
  if (!json.has_value() || !json->IsObject()) {
    if (key.empty() || framed || !IsUtf8(key)) return Rejection::Undecodable("the record key is no text");
    return std::string(key);
  }
  Opened opened = OpenDecoded(*json);
  if (!opened.problem.empty()) return Rejection::Invalid("record key: " + opened.problem);
  JsonValue& payload = opened.payload;
  if (payload.IsObject() && payload.elements.size() == 1) payload = JsonValue(payload.elements.front());
  if (payload.IsText() || payload.kind == Kind::kNumber) return payload.text;
  if (payload.kind == Kind::kTrue || payload.kind == Kind::kFalse) {
    return std::string(payload.kind == Kind::kTrue ? "true" : "false");
  }
  return Rejection::Invalid(absl::StrCat("record key: ", Quoted(key), " does not name one value"));
}

std::string DescribeChange(std::string_view text) {
  constexpr char kWayOut[] = ": its topic needs a mapping";
  const std::optional<JsonValue> json = ParseExactJson(text);
  if (!json.has_value() || !json->IsObject()) return "";
  const JsonValue& payload = *Open(*json).payload;
  if (!IsEnvelope(payload)) return &payload == &*json ? "" : absl::StrCat("a row of a database", kWayOut);
  const std::string table = TableOf(payload.Find("source"));
  return absl::StrCat("a change ", Quoted(payload.TextOf("op")), " of ",
                      table.empty() ? "a row" : Printable(table, kQuotedBytesMax), kWayOut);
}

}  // namespace keyfold
