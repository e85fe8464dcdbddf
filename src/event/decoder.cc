#include "event/decoder.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "event/format.h"
#include "event/json_inspection.h"
#include "event/limits.h"
#include "event/rules.h"
#include "event/validation.h"

namespace keyfold {
namespace {

Rejection Invalid(std::string problem) { return {RejectionCode::kInvalid, std::move(problem)}; }

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
    if (format != Format::kJson) return Invalid(std::move(validation.problem));
    return Invalid(Explain(std::move(validation.problem), event, bytes));
  }
  if (validation.has_unknown_fields) {
    event.DiscardUnknownFields();
    protobuf = {};
  }
  return std::nullopt;
}

DecodedRecord DecodeErasure(std::string_view field, std::string_view account_id) {
  if (std::string problem = ValidateId(field, account_id); !problem.empty()) return Invalid(std::move(problem));
  // No account has such an id: whoever wrote it meant another, which must not be passed over in silence.
  if (!IsUtf8(account_id)) return Invalid(absl::StrCat(std::string(field), ": ", Quoted(account_id), " is not UTF-8"));
  return Erasure{std::string(account_id)};
}

// A control event (it has no account_id) may have any key.
std::optional<Rejection> CheckKey(const Record& record, const v1::AccountEvent& event) {
  if (event.account_id().empty() || record.key == event.account_id()) return std::nullopt;
  if (!record.key.has_value()) return Invalid("record key: missing");
  return Invalid(absl::StrCat("record key: ", Quoted(*record.key), " is not the account_id"));
}

}  // namespace

std::string_view RejectionCodeName(RejectionCode code) {
  switch (code) {
    case RejectionCode::kTooLarge:
      return "too_large";
    case RejectionCode::kUndecodable:
      return "undecodable";
    case RejectionCode::kInvalid:
      return "invalid";
    case RejectionCode::kConflict:
      return "conflict";
  }
  return "invalid";  // not reached: the cases are all there are
}

std::variant<Decoder::Parsed, Rejection> Decoder::ParseEvent(Format format, std::string_view bytes,
                                                             google::protobuf::Arena* arena) const {
  if (bytes.size() > kRecordBytesMax) {
    return Rejection{RejectionCode::kTooLarge, absl::StrCat(bytes.size(), " bytes, the limit is ", kRecordBytesMax)};
  }
  ValidEvent::Pointer event(google::protobuf::Arena::CreateMessage<v1::AccountEvent>(arena), {arena != nullptr});
  ParsedBytes parsed = Parse(format, bytes, *event);
  if (!parsed.complaint.empty()) return Rejection{RejectionCode::kUndecodable, std::move(parsed.complaint)};
  if (parsed.several_payloads) return Invalid("payload: more than one");
  return Parsed{std::move(event), parsed.protobuf};
}

DecodedRecord Decoder::Decode(const Record& record, google::protobuf::Arena* arena) const {
  if (!record.value.has_value()) return DecodeErasure("record key", record.key.value_or(std::string_view()));
  const Format format = DetectFormat(record);
  auto result = ParseEvent(format, *record.value, arena);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& [event, protobuf] = std::get<Parsed>(result);
  if (arena == nullptr) protobuf = {};
  if (std::optional<Rejection> rejection =
          ValidateAndClean(format, *record.value, *event, reporting_currency_, protobuf)) {
    return *std::move(rejection);
  }
  if (std::optional<Rejection> rejection = CheckKey(record, *event)) return *std::move(rejection);
  return ValidEvent(std::move(event), protobuf);
}

DecodedRecord Decoder::DecodeJsonLine(std::string_view line) const {
  auto result = ParseEvent(Format::kJson, line, nullptr);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& [event, protobuf] = std::get<Parsed>(result);
  if (event->ByteSizeLong() == 0) {  // none of an event's fields: so it is with a command
    if (const std::optional<EraseCommand> command = ParseEraseCommand(line)) {
      if (!command->account_id.has_value()) return Invalid("erase_account: not a string");
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
