#include "event/decoder.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "event/change_record.h"
#include "event/cloud_event.h"
#include "event/exact_json.h"
#include "event/format.h"
#include "event/json_inspection.h"
#include "event/limits.h"
#include "event/rules.h"
#include "event/trace_parent.h"
#include "event/validation.h"

namespace keyfold {
namespace {

Rejection TooLarge(size_t bytes) {
  return {RejectionCode::kTooLarge, absl::StrCat(bytes, " bytes, the limit is ", kRecordBytesMax)};
}

// The path of the object that a field is in; empty: the event.
std::string_view ObjectOf(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

// The same for the field that a rule was broken in, which the problem begins with: as a path from the event on.
std::string ObjectOfProblem(const std::string& problem, const v1::AccountEvent& event) {
  const std::string field = problem.substr(0, problem.find(": "));
  const google::protobuf::Descriptor& type = *v1::AccountEvent::descriptor();
  const google::protobuf::FieldDescriptor* const payload = type.FindFieldByNumber(event.payload_case());
  if (payload == nullptr || type.FindFieldByName(field) != nullptr) return "";
  const std::string object(ObjectOf(field));
  return object.empty() ? payload->name() : absl::StrCat(payload->name(), ".", object);
}

// Where a field is missing, a mistyped one beside it tells more. It is not there any more: the JSON is looked at again.
std::string Explain(std::string problem, const v1::AccountEvent& event, std::string_view json) {
  constexpr int kExplanationsMax = 2;
  const std::string object = ObjectOfProblem(problem, event);
  int explanations = 0;
  for (const JsonFinding& finding : InspectJson(json, kFindingsMax)) {
    if (explanations == kExplanationsMax || ObjectOf(finding.path) != object) continue;
    absl::StrAppend(&problem, explanations++ == 0 ? " (" : "; ", ToString(finding));
  }
  return explanations == 0 ? problem : problem + ")";
}

// Leaves a valid event without unknown fields; otherwise says what is wrong. `protobuf`, what the event was parsed
// from, is empty afterwards if it is not the same any more.
std::optional<Rejection> ValidateAndClean(Format format, std::string_view bytes, v1::AccountEvent& event,
                                          Currency reporting_currency, std::string_view& protobuf) {
  Validation validation = Validate(event, reporting_currency);
  if (!validation.problem.empty()) {
    if (format != Format::kJson) return Rejection::Invalid(std::move(validation.problem));
    if (const std::string change = DescribeChange(bytes); !change.empty()) {
      return Rejection::Invalid(absl::StrCat("payload: none, but ", change));
    }
    return Rejection::Invalid(Explain(std::move(validation.problem), event, bytes));
  }
  if (validation.has_unknown_fields) {
    event.DiscardUnknownFields();
    protobuf = {};
  }
  return std::nullopt;
}

DecodedRecord DecodeErasure(std::string_view field, std::string_view account_id) {
  if (std::string problem = ValidateId(field, account_id); !problem.empty())
    return Rejection::Invalid(std::move(problem));
  // No account has such an id: whoever wrote it meant another, which must not be passed over in silence.
  if (!IsUtf8(account_id))
    return Rejection::Invalid(absl::StrCat(std::string(field), ": ", Quoted(account_id), " is not UTF-8"));
  return Erasure{std::string(account_id)};
}

// A control event (it has no account_id) may have any key.
std::optional<Rejection> CheckKey(const Record& record, const v1::AccountEvent& event) {
  if (event.account_id().empty() || record.key == event.account_id()) return std::nullopt;
  if (!record.key.has_value()) return Rejection::Invalid("record key: missing");
  return Rejection::Invalid(absl::StrCat("record key: ", Quoted(*record.key), " is not the account_id"));
}

// The trace of the record's last sender, else that in which the CloudEvent arose.
std::string_view TraceOf(const Record& record, const CloudEvent* around) {
  if (const std::string* const header = FindHeader(record.headers, kTraceParentHeader)) {
    if (const std::string_view trace = TraceParent(*header); !trace.empty()) return trace;
  }
  return around == nullptr ? std::string_view() : TraceParent(around->traceparent);
}

DecodedRecord AsRecord(std::variant<ValidEvent, Rejection> decoded) {
  if (auto* const rejection = std::get_if<Rejection>(&decoded)) return std::move(*rejection);
  return std::get<ValidEvent>(std::move(decoded));
}

}  // namespace

std::variant<Decoder::Parsed, Rejection> Decoder::ParseEvent(Format format, std::string_view bytes,
                                                             google::protobuf::Arena* arena) const {
  if (bytes.size() > kRecordBytesMax) return TooLarge(bytes.size());
  ValidEvent::Pointer event(google::protobuf::Arena::CreateMessage<v1::AccountEvent>(arena), {arena != nullptr});
  ParsedBytes parsed = Parse(format, bytes, *event);
  if (!parsed.complaint.empty()) return Rejection::Undecodable(std::move(parsed.complaint));
  if (parsed.several_payloads) return Rejection::Invalid("payload: more than one");
  return Parsed{std::move(event), parsed.protobuf};
}

// An event in `bytes`: the record's value, or what a CloudEvent in it holds.
Decoder::EventOrRejection Decoder::DecodeEvent(const Record& record, Format format, std::string_view bytes,
                                               const CloudEvent* around, google::protobuf::Arena* arena) const {
  auto result = ParseEvent(format, bytes, arena);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& [event, protobuf] = std::get<Parsed>(result);
  if (arena == nullptr || around != nullptr) protobuf = {};
  if (around != nullptr) {
    if (std::string problem = TakeFrom(*around, *event); !problem.empty())
      return Rejection::Invalid(std::move(problem));
  }
  if (std::optional<Rejection> rejection = ValidateAndClean(format, bytes, *event, reporting_currency_, protobuf)) {
    return *std::move(rejection);
  }
  if (std::optional<Rejection> rejection = CheckKey(record, *event)) return *std::move(rejection);
  ValidEvent valid(std::move(event), protobuf);
  if (!record.headers.empty() || around != nullptr) valid.traceparent_ = TraceOf(record, around);
  return valid;
}

Decoder::EventOrRejection Decoder::DecodeCloudEvent(const Record& record, const JsonValue& json,
                                                    google::protobuf::Arena* arena) const {
  CloudEvent around = StructuredCloudEvent(json);
  if (!around.complaint.empty()) return Rejection::Undecodable(std::move(around.complaint));
  return DecodeEvent(record, DetectFormat(around.data_type, around.data), around.data, &around, arena);
}

// CloudEvents in structured mode: one, or a list of them.
DecodedRecord Decoder::DecodeCloudEvents(const Record& record, Format format, google::protobuf::Arena* arena) const {
  const std::optional<JsonValue> json = ParseExactJson(*record.value);
  if (!json.has_value()) return Rejection::Undecodable("not a CloudEvent: it is no JSON");
  if (format == Format::kCloudEvent) return AsRecord(DecodeCloudEvent(record, *json, arena));
  if (json->kind != JsonValue::Kind::kList) return Rejection::Undecodable("not a batch of CloudEvents: it is no list");
  const size_t events = json->elements.size();
  if (events == 0) return Rejection::Undecodable("not a batch of CloudEvents: it is empty");
  if (events > kEventsPerRecordMax) {
    return Rejection{RejectionCode::kTooLarge, absl::StrCat(events, " events, the limit is ", kEventsPerRecordMax)};
  }
  EventList list;
  list.events.reserve(events);
  for (const JsonValue& element : json->elements) {
    EventOrRejection& decoded = list.events.emplace_back(DecodeCloudEvent(record, element, arena));
    // A rate or the clock changes how the records around it are folded: it is a record of its own.
    const auto* const event = std::get_if<ValidEvent>(&decoded);
    if (event != nullptr && (*event)->account_id().empty())
      decoded = Rejection::Invalid("payload: a control payload in a batch");
  }
  return list;
}

DecodedRecord Decoder::Decode(const Record& record, google::protobuf::Arena* arena) const {
  const bool binary = !record.headers.empty() && IsBinaryCloudEvent(record.headers);
  if (!record.value.has_value()) {
    // To take it for an erasure would forget an account because of a producer that had nothing to say.
    if (binary) {
      return Rejection::Invalid("payload: a CloudEvent without data (an erasure is a null value without ce_ headers)");
    }
    return DecodeErasure("record key", record.key.value_or(std::string_view()));
  }
  if (record.value->size() > kRecordBytesMax) return TooLarge(record.value->size());
  const Format format = DetectFormat(record);
  if (format == Format::kCloudEvent || format == Format::kCloudEvents) return DecodeCloudEvents(record, format, arena);
  if (!binary) return AsRecord(DecodeEvent(record, format, *record.value, nullptr, arena));
  CloudEvent around = BinaryCloudEvent(record.headers);
  if (!around.complaint.empty()) return Rejection::Undecodable(std::move(around.complaint));
  return AsRecord(DecodeEvent(record, format, *record.value, &around, arena));
}

DecodedRecord Decoder::DecodeJsonLine(std::string_view line) const {
  auto result = ParseEvent(Format::kJson, line, nullptr);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& [event, protobuf] = std::get<Parsed>(result);
  if (event->ByteSizeLong() == 0) {  // none of an event's fields: so it is with a command
    if (const std::optional<EraseCommand> command = ParseEraseCommand(line)) {
      if (!command->account_id.has_value()) return Rejection::Invalid("erase_account: not a string");
      return DecodeErasure("erase_account", *command->account_id);
    }
  }
  if (std::optional<Rejection> rejection =
          ValidateAndClean(Format::kJson, line, *event, reporting_currency_, protobuf)) {
    return *std::move(rejection);
  }
  return ValidEvent(std::move(event));
}

}  // namespace keyfold
