#include "feed/input.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/dead_letter.h"
#include "event/change_record.h"
#include "event/exact_json.h"
#include "event/format.h"
#include "event/limits.h"
#include "event/trace_parent.h"
#include "intake/posted_events.h"

namespace keyfold {
namespace {

constexpr size_t kReasonsMax = 10;  // that a dead letter names
constexpr char kControlEvent[] =
    "it is of no account, and goes to every partition: `keyfold produce` or POST /v1/events takes it";

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

std::string TraceOf(const Record& record) {
  const std::string* const trace = FindHeader(record.headers, kTraceParentHeader);
  return trace == nullptr ? std::string() : std::string(TraceParent(*trace));
}

OutputRecord RecordOf(const v1::AccountEvent& event, const std::string& trace) {
  OutputRecord output;
  output.topic = kFedEvents;
  output.key = event.account_id();
  output.value = event.SerializeAsString();
  output.headers = {{"content-type", "application/protobuf"}};
  if (!trace.empty()) output.headers.push_back({kTraceParentHeader, trace});
  return output;
}

}  // namespace

FedCounts& FedCounts::operator+=(const FedCounts& other) {
  records += other.records;
  events += other.events;
  rejected += other.rejected;
  left_out += other.left_out;
  empty += other.empty;
  return *this;
}

FedRecord Input::Take(const Record& record) const {
  FedRecord fed = mapper_.has_value() ? TakeDocument(record) : TakeEvent(record);
  fed.counts.records = 1;
  return fed;
}

void Input::Reject(const Record& record, const Rejection& rejection, FedRecord& fed) const {
  fed.counts.rejected = 1;
  fed.outputs.push_back(DeadLetterOf(record, rejection, topic_));
}

// It goes on as it came, under the key that it must have; its headers say what it is.
FedRecord Input::TakeEvent(const Record& record) const {
  FedRecord fed;
  Record keyed;
  keyed.value = record.value;
  keyed.headers = record.headers;
  std::string account;
  if (record.value.has_value()) {
    account = AccountIn(record);
    if (!account.empty()) keyed.key = account;
  } else {
    keyed.key = record.key;
    account = std::string(record.key.value_or(""));
  }
  const DecodedRecord decoded = decoder_.Decode(keyed);
  if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
    Reject(record, *rejection, fed);
    return fed;
  }
  if (account.empty()) {
    Reject(record, Rejection::Invalid(absl::StrCat("account_id: ", kControlEvent)), fed);
    return fed;
  }
  const auto* const list = std::get_if<EventList>(&decoded);
  fed.counts.events = list == nullptr ? 1 : static_cast<int64_t>(list->events.size());
  OutputRecord& output = fed.outputs.emplace_back();
  output.topic = kFedEvents;
  output.key = std::move(account);
  if (record.value.has_value()) output.value = std::string(*record.value);
  output.headers = record.headers;
  return fed;
}

FedRecord Input::TakeDocument(const Record& record) const {
  FedRecord fed;
  Record opened;
  opened.key = record.key;
  opened.value = record.value;
  if (record.value.has_value()) opened.value = JsonIn(*record.value);
  std::optional<JsonValue> document;
  if (opened.value.has_value() && opened.value->size() <= kRecordBytesMax && opened.value->starts_with('[')) {
    document = ParseExactJson(*opened.value);
  } else {
    const DecodedChange decoded = DecodeChange(opened);
    if (std::holds_alternative<RowTombstone>(decoded)) {
      fed.counts.empty = 1;
      return fed;
    }
    if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
      Reject(record, *rejection, fed);
      return fed;
    }
    document = DocumentOf(std::get<RowChange>(decoded));
  }
  if (!document.has_value()) {
    Reject(record, Rejection::Undecodable("it is no JSON"), fed);
    return fed;
  }
  absl::StatusOr<MappedDocument> mapped = mapper_->Map(*std::move(document));
  if (!mapped.ok()) {
    Reject(record, Rejection::Invalid(std::string(mapped.status().message())), fed);
    return fed;
  }
  const std::string trace = TraceOf(record);
  std::string reasons;
  size_t count = 0;
  for (MappedOutcome& outcome : mapped->outcomes) {
    if (outcome.reason.empty() && outcome.event.account_id().empty()) outcome.reason = kControlEvent;
    if (outcome.reason.empty()) {
      ++fed.counts.events;
      fed.outputs.push_back(RecordOf(outcome.event, trace));
    } else if (++count <= kReasonsMax) {
      absl::StrAppend(&reasons, reasons.empty() ? "" : "; ", "row ", outcome.line, ": ", outcome.reason);
    }
  }
  fed.counts.left_out = mapped->left_out;
  if (count > kReasonsMax) absl::StrAppend(&reasons, "; and ", count - kReasonsMax, " more");
  if (count > 0) Reject(record, Rejection::Invalid(std::move(reasons)), fed);
  return fed;
}

}  // namespace keyfold
