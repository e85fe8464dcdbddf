#include "mapping/event_parse.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "event/validation.h"

namespace keyfold {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Kind = FieldTemplate::Kind;

std::vector<std::string_view> FieldNames(const Descriptor& type) {
  std::vector<std::string_view> names;
  for (int i = 0; i < type.field_count(); ++i) names.emplace_back(type.field(i)->name());
  return names;
}

// Reads the fields of one event.
class EventParser {
 public:
  EventParser(const std::string& type, ExpressionScope scope, MappingYaml& yaml)
      : type_(type), scope_(scope), yaml_(yaml) {}

  absl::StatusOr<EventTemplate> Parse(const YAML::Node& node) {
    EventTemplate event;
    event.name = type_;
    event.payload = v1::AccountEvent::descriptor()->FindFieldByName(type_);
    const Descriptor& payload = *event.payload->message_type();
    std::vector<std::string_view> known = FieldNames(payload);
    known.insert(known.end(), {"at", "account", "id", "revision", "retracted"});
    KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(node, absl::StrCat("field of ", type_), known));
    if (!node["at"]) return yaml_.At(node.Mark(), absl::StrCat(type_, " has no `at:`, which says when it happened"));
    KEYFOLD_ASSIGN_OR_RETURN(event.at, yaml_.FieldValue(node["at"], scope_, ValueType::kTime));
    KEYFOLD_RETURN_IF_ERROR(ParseOptional(node["account"], event.account));
    KEYFOLD_RETURN_IF_ERROR(ParseOptional(node["id"], event.id));
    KEYFOLD_RETURN_IF_ERROR(ParseOptional(node["revision"], event.revision, ValueType::kNumber));
    KEYFOLD_RETURN_IF_ERROR(ParseOptional(node["retracted"], event.retracted, ValueType::kTruth));
    if (event.retracted.has_value() && !event.revision.has_value()) {
      return yaml_.At(node["retracted"].Mark(),
                      "`retracted` needs a `revision:`, which is higher than that of what is withdrawn");
    }
    KEYFOLD_ASSIGN_OR_RETURN(event.fields, ParseFields(node, payload, scope_, type_ + "."));
    KEYFOLD_RETURN_IF_ERROR(CheckComplete(event, node));
    return event;
  }

 private:
  absl::Status ParseOptional(const YAML::Node& node, std::optional<Expression>& expression,
                             ValueType type = ValueType::kText) {
    if (!node) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(expression, yaml_.FieldValue(node, scope_, type));
    return absl::OkStatus();
  }

  // What stands in `node` of the fields of `type`; what else stands there is known already.
  absl::StatusOr<std::vector<FieldTemplate>> ParseFields(const YAML::Node& node, const Descriptor& type,
                                                         ExpressionScope scope, const std::string& path) {
    std::vector<FieldTemplate> fields;
    for (const auto& entry : node) {
      const FieldDescriptor* const field = type.FindFieldByName(entry.first.Scalar());
      if (field == nullptr) continue;
      KEYFOLD_ASSIGN_OR_RETURN(FieldTemplate parsed, ParseField(*field, entry.second, scope, path));
      fields.push_back(std::move(parsed));
    }
    return fields;
  }

  absl::StatusOr<FieldTemplate> ParseField(const FieldDescriptor& field, const YAML::Node& node, ExpressionScope scope,
                                           const std::string& path) {
    FieldTemplate parsed;
    parsed.field = &field;
    parsed.path = path + field.name();
    const std::optional<Kind> kind = KindOf(field);
    if (!kind.has_value()) return yaml_.At(node.Mark(), absl::StrCat(field.name(), " cannot be filled by a mapping"));
    parsed.kind = *kind;
    switch (*kind) {
      case Kind::kMoney:
        KEYFOLD_RETURN_IF_ERROR(ParseMoney(node, scope, parsed));
        return parsed;
      case Kind::kLines:
        KEYFOLD_RETURN_IF_ERROR(ParseLines(field, node, parsed));
        return parsed;
      case Kind::kEnum:
        KEYFOLD_RETURN_IF_ERROR(ParseEnum(*field.enum_type(), node, scope, parsed));
        return parsed;
      default:
        KEYFOLD_ASSIGN_OR_RETURN(parsed.value, yaml_.FieldValue(node, scope, TypeOf(*kind)));
        return parsed;
    }
  }

  absl::Status ParseEnum(const EnumDescriptor& type, const YAML::Node& node, ExpressionScope scope,
                         FieldTemplate& parsed) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string text, yaml_.Text(node, "one of the words, a column or an expression"));
    std::vector<std::string_view> names;
    for (int i = 1; i < type.value_count(); ++i) names.emplace_back(type.value(i)->name());
    if (std::find(names.begin(), names.end(), text) != names.end()) {
      parsed.value = Expression::OfText(text);
      return absl::OkStatus();
    }
    KEYFOLD_ASSIGN_OR_RETURN(parsed.value, yaml_.FieldValue(node, scope, ValueType::kText));
    if (!parsed.value.is_constant()) return absl::OkStatus();
    return yaml_.At(node.Mark(), absl::StrCat("'", text, "' is none of ", Listed(names), DidYouMean(text, names)));
  }

  // {EUR: amount} or {currency: code, amount: amount}.
  absl::Status ParseMoney(const YAML::Node& node, ExpressionScope scope, FieldTemplate& parsed) {
    const std::string form =
        absl::StrCat(parsed.field->name(), " is {EUR: column} or {currency: column, amount: column}, in whole units");
    if (!node.IsMap()) return yaml_.At(node.Mark(), form);
    if (node.size() == 1 && node.begin()->first.IsScalar()) {
      const std::string code = node.begin()->first.Scalar();
      const std::optional<Currency> currency = Currency::Parse(code);
      if (!currency.has_value()) {
        return yaml_.At(node.Mark(), absl::StrCat("'", code, "' is no currency of ISO 4217; ", form));
      }
      parsed.currency = *currency;
      KEYFOLD_ASSIGN_OR_RETURN(parsed.value, yaml_.FieldValue(node.begin()->second, scope, ValueType::kNumber));
      return absl::OkStatus();
    }
    KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(node, "part of an amount", {"currency", "amount"}));
    if (!node["currency"] || !node["amount"]) return yaml_.At(node.Mark(), form);
    KEYFOLD_ASSIGN_OR_RETURN(parsed.currency_code, yaml_.FieldValue(node["currency"], scope, ValueType::kText));
    KEYFOLD_ASSIGN_OR_RETURN(parsed.value, yaml_.FieldValue(node["amount"], scope, ValueType::kNumber));
    return absl::OkStatus();
  }

  absl::Status ParseLines(const FieldDescriptor& field, const YAML::Node& node, FieldTemplate& parsed) {
    if (scope_ == ExpressionScope::kSnapshot) {
      return yaml_.At(node.Mark(), "lines are rows that belong together: they need `group:`, not `snapshots:`");
    }
    const Descriptor& type = *field.message_type();
    std::vector<std::string_view> known = FieldNames(type);
    known.emplace_back("when");
    KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(node, "field of a line", known));
    auto lines = std::make_shared<LinesTemplate>();
    if (node["when"]) {
      KEYFOLD_ASSIGN_OR_RETURN(lines->when, yaml_.Formula(node["when"], ExpressionScope::kLine, ValueType::kTruth));
    }
    KEYFOLD_ASSIGN_OR_RETURN(lines->fields,
                             ParseFields(node, type, ExpressionScope::kLine, absl::StrCat(type_, ".lines.")));
    parsed.lines = std::move(lines);
    return absl::OkStatus();
  }

  // Whether an event with all these fields filled would lack one: every row would be rejected for it.
  absl::Status CheckComplete(const EventTemplate& event, const YAML::Node& node) {
    v1::AccountEvent example;
    example.set_event_id("e");
    if (!event.of_no_account()) example.set_account_id("a");
    example.mutable_occurred_at()->set_seconds(1'000'000'000);
    FillExample(event.fields, *example.GetReflection()->MutableMessage(&example, event.payload));
    const std::string problem = Validate(example, Currency()).problem;
    if (problem.find("missing") == std::string::npos) return absl::OkStatus();
    return yaml_.At(node.Mark(), absl::StrCat(type_, ": ", problem));
  }

  static void FillExample(const std::vector<FieldTemplate>& fields, Message& message) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    for (const FieldTemplate& field : fields) {
      const FieldDescriptor* const f = field.field;
      switch (field.kind) {
        case Kind::kText:
          reflection.SetString(&message, f, f->name() == "currency_code" ? "EUR" : "x");
          break;
        case Kind::kDate:
          reflection.SetString(&message, f, f->name().starts_with("end") ? "2001-12-31" : "2001-01-01");
          break;
        case Kind::kMonth:
          reflection.SetString(&message, f, "2001-01");
          break;
        case Kind::kEnum:
          reflection.SetEnumValue(&message, f, 1);
          break;
        case Kind::kInteger:
          reflection.SetInt32(&message, f, 5);
          break;
        case Kind::kThousandths:
          reflection.SetInt64(&message, f, 1);
          break;
        case Kind::kRatio:
          reflection.SetDouble(&message, f, 1);
          break;
        case Kind::kMoney: {
          auto& money = static_cast<v1::Money&>(*reflection.MutableMessage(&message, f));
          money.set_currency_code("EUR");
          money.set_minor(1);
          break;
        }
        case Kind::kInstant:
          static_cast<google::protobuf::Timestamp&>(*reflection.MutableMessage(&message, f)).set_seconds(1'000'000'000);
          break;
        case Kind::kTexts:
          reflection.AddString(&message, f, "x");
          break;
        case Kind::kLines:
          FillExample(field.lines->fields, *reflection.AddMessage(&message, f));
          break;
      }
    }
  }

  const std::string& type_;
  const ExpressionScope scope_;
  MappingYaml& yaml_;
};

}  // namespace

std::vector<std::string_view> EventTypes() {
  std::vector<std::string_view> types;
  const Descriptor& event = *v1::AccountEvent::descriptor();
  for (int i = 0; i < event.field_count(); ++i) {
    const FieldDescriptor& field = *event.field(i);
    const bool payload = IsPayloadNumber(static_cast<uint32_t>(field.number()));
    if (payload && field.number() != v1::AccountEvent::kClockAdvancedFieldNumber) types.emplace_back(field.name());
  }
  return types;
}

absl::StatusOr<EventTemplate> ParseEvent(const std::string& type, const YAML::Node& node, ExpressionScope scope,
                                         MappingYaml& yaml) {
  return EventParser(type, scope, yaml).Parse(node);
}

}  // namespace keyfold
