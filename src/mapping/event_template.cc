#include "mapping/event_template.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/calendar.h"

namespace keyfold {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Kind = FieldTemplate::Kind;

constexpr std::string_view kStockedDates[] = {"valid_until", "expected_close"};
constexpr std::string_view kMonths[] = {"period", "month"};

bool IsDateName(std::string_view name) {
  return name.ends_with("_date") || name == kStockedDates[0] || name == kStockedDates[1];
}

// Whether it names an entity, or something else that has an id.
bool NamesEntity(const FieldDescriptor& field) {
  if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  const std::string_view name = field.name();
  return name.ends_with("_id") || name == kMonths[0] || name == kMonths[1] || name == "currency_code";
}

bool Fail(const FieldTemplate& field, Evaluation& evaluation, std::string reason, std::string value) {
  return evaluation.Fail(
      {absl::StrCat(field.field->name(), ": ", field.value.text()), std::move(reason), std::move(value)});
}

std::string NamesOf(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return absl::StrJoin(names, ", ");
}

bool FillEnum(const FieldTemplate& field, const Value& value, Evaluation& evaluation, Message& message) {
  const EnumValueDescriptor* const named = field.field->enum_type()->FindValueByName(std::string(value.text));
  if (named == nullptr || named->number() == 0) {
    return Fail(field, evaluation, absl::StrCat("is none of ", NamesOf(*field.field->enum_type())),
                std::string(value.text));
  }
  message.GetReflection()->SetEnum(&message, field.field, named);
  return true;
}

bool FillNumber(const FieldTemplate& field, const Value& value, Evaluation& evaluation, Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.kind == Kind::kRatio) {
    double ratio = 0;
    if (!absl::SimpleAtod(value.number.ToString(), &ratio)) return false;  // never: it is a number
    reflection.SetDouble(&message, field.field, ratio);
    return true;
  }
  const int decimals = field.kind == Kind::kThousandths ? 3 : 0;
  const std::optional<int64_t> units = value.number.ToUnits(decimals);
  if (!units.has_value() || (decimals == 0 && (!value.number.Fits(0) || *units > INT32_MAX || *units < INT32_MIN))) {
    return Fail(field, evaluation, "is no whole number", value.number.ToString());
  }
  if (decimals != 0 && !value.number.Fits(decimals) && evaluation.notes != nullptr) {
    ++(*evaluation.notes)[absl::StrCat(field.field->name(), " rounded to thousandths")];
  }
  if (decimals == 0) {
    reflection.SetInt32(&message, field.field, static_cast<int32_t>(*units));
  } else {
    reflection.SetInt64(&message, field.field, *units);
  }
  return true;
}

// The values of a list in one cell: "a; b, c".
void FillTexts(const FieldTemplate& field, std::string_view text, Message& message) {
  while (!text.empty()) {
    const size_t end = text.find_first_of(",;|");
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) message.GetReflection()->AddString(&message, field.field, std::string(one));
  }
}

void SetInstant(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
}

// Makes one event.
class Maker {
 public:
  Maker(const EventTemplate& event_template, const absl::TimeZone& zone, const std::string& account,
        Evaluation& evaluation, MadeEvent& made)
      : template_(event_template), zone_(zone), account_(account), evaluation_(evaluation), made_(made) {}

  bool Make() {
    Value at;
    if (!template_.at.Evaluate(evaluation_, at)) return false;
    if (at.nothing) return evaluation_.Fail({absl::StrCat("at: ", template_.at.text()), "is empty", ""});
    SetInstant(at.time, *made_.event.mutable_occurred_at());
    if (!FillAccount(made_.event) || !FillRevision(made_.event)) return false;
    Message& payload = *made_.event.GetReflection()->MutableMessage(&made_.event, template_.payload);
    for (const FieldTemplate& field : template_.fields) {
      if (made_.event.retracted() && !NamesEntity(*field.field)) continue;
      const bool filled =
          field.kind == Kind::kLines ? FillLines(field, payload) : Fill(field, ExactAmount::kNoLine, payload);
      if (!filled) return false;
    }
    return true;
  }

 private:
  bool FillAccount(v1::AccountEvent& event) {
    if (template_.of_no_account()) return true;
    if (!template_.account.has_value()) {
      event.set_account_id(account_);
      return true;
    }
    Value account;
    if (!template_.account->Evaluate(evaluation_, account)) return false;
    event.set_account_id(std::string(account.text));
    return true;
  }

  bool FillRevision(v1::AccountEvent& event) {
    if (!template_.revision.has_value()) return true;
    Value revision;
    if (!template_.revision->Evaluate(evaluation_, revision)) return false;
    const std::optional<int64_t> whole = revision.nothing ? std::nullopt : revision.number.ToUnits(0);
    if (!whole.has_value() || !revision.number.Fits(0) || *whole < 0 || *whole > UINT32_MAX) {
      return evaluation_.Fail({absl::StrCat("revision: ", template_.revision->text()),
                               absl::StrCat("is no whole number from 0 to ", UINT32_MAX),
                               revision.nothing ? "" : revision.number.ToString()});
    }
    event.set_revision(static_cast<uint32_t>(*whole));
    if (!template_.retracted.has_value()) return true;
    Value retracted;
    if (!template_.retracted->Evaluate(evaluation_, retracted)) return false;
    event.set_retracted(retracted.truth);
    return true;
  }

  bool Fill(const FieldTemplate& field, int line, Message& message) {
    Value value;
    if (!field.value.Evaluate(evaluation_, value)) return false;
    if (value.nothing) return true;  // whether it may be absent the rules for events say
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    switch (field.kind) {
      case Kind::kText:
        reflection.SetString(&message, field.field, std::string(value.text));
        return true;
      case Kind::kDate:
        reflection.SetString(&message, field.field, absl::FormatTime("%Y-%m-%d", value.time, zone_));
        return true;
      case Kind::kMonth:
        reflection.SetString(&message, field.field, absl::FormatTime("%Y-%m", value.time, zone_));
        return true;
      case Kind::kEnum:
        return FillEnum(field, value, evaluation_, message);
      case Kind::kMoney:
        return FillMoney(field, line, value, message);
      case Kind::kInstant:
        SetInstant(value.time,
                   static_cast<google::protobuf::Timestamp&>(*reflection.MutableMessage(&message, field.field)));
        return true;
      case Kind::kTexts:
        FillTexts(field, value.text, message);
        return true;
      case Kind::kLines:
        return true;  // not reached: Make() fills them
      default:
        return FillNumber(field, value, evaluation_, message);
    }
  }

  bool FillMoney(const FieldTemplate& field, int line, const Value& amount, Message& message) {
    Currency currency = field.currency;
    if (currency.is_none()) {
      Value code;
      if (!field.currency_code->Evaluate(evaluation_, code)) return false;
      const std::optional<Currency> parsed = Currency::Parse(code.text);
      if (!parsed.has_value()) {
        return evaluation_.Fail({field.currency_code->text(), "is no currency of ISO 4217", std::string(code.text)});
      }
      currency = *parsed;
    }
    auto& money = static_cast<v1::Money&>(*message.GetReflection()->MutableMessage(&message, field.field));
    made_.amounts.push_back({&money, amount.number, &field.path, currency, line});
    return true;
  }

  bool FillLines(const FieldTemplate& field, Message& payload) {
    const size_t before = evaluation_.at;
    for (size_t at = 0; at < evaluation_.rows.size(); ++at) {
      evaluation_.at = at;
      Message& line = *payload.GetReflection()->AddMessage(&payload, field.field);
      const size_t amounts = made_.amounts.size();
      const Outcome outcome = FillLine(*field.lines, static_cast<int>(made_.line_rows.size()), line);
      if (outcome == Outcome::kMade) {
        made_.line_rows.push_back(at);
        continue;
      }
      made_.amounts.resize(amounts);
      payload.GetReflection()->RemoveLast(&payload, field.field);
      if (outcome == Outcome::kBad) made_.bad_lines.push_back({at, evaluation_.problem});
    }
    evaluation_.at = before;
    evaluation_.bad_rows.clear();  // lines are left out one by one
    if (!made_.line_rows.empty()) return true;
    return evaluation_.Fail(made_.bad_lines.empty() ? MappingProblem{"lines", "none is left", ""}
                                                    : evaluation_.problem);
  }

  enum class Outcome { kMade, kLeftOut, kBad };
  Outcome FillLine(const LinesTemplate& lines, int number, Message& line) {
    if (lines.when.has_value()) {
      Value holds;
      if (!lines.when->Evaluate(evaluation_, holds)) return Outcome::kBad;
      if (!holds.truth) return Outcome::kLeftOut;
    }
    for (const FieldTemplate& field : lines.fields) {
      if (!Fill(field, number, line)) return Outcome::kBad;
    }
    return Outcome::kMade;
  }

  const EventTemplate& template_;
  const absl::TimeZone& zone_;
  const std::string& account_;
  Evaluation& evaluation_;
  MadeEvent& made_;
};

}  // namespace

bool EventTemplate::of_no_account() const { return payload->number() == v1::AccountEvent::kFxRateSetFieldNumber; }

std::optional<FieldTemplate::Kind> KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_repeated()) return Kind::kTexts;
      if (IsDateName(field.name())) return Kind::kDate;
      return field.name() == kMonths[0] || field.name() == kMonths[1] ? Kind::kMonth : Kind::kText;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::CPPTYPE_INT32:
      return Kind::kInteger;
    case FieldDescriptor::CPPTYPE_INT64:
      return Kind::kThousandths;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Kind::kRatio;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type() == v1::Money::descriptor()) return Kind::kMoney;
      if (field.message_type() == v1::Line::descriptor()) return Kind::kLines;
      if (field.message_type() == google::protobuf::Timestamp::descriptor()) return Kind::kInstant;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

ValueType TypeOf(FieldTemplate::Kind kind) {
  switch (kind) {
    case Kind::kDate:
    case Kind::kMonth:
    case Kind::kInstant:
      return ValueType::kTime;
    case Kind::kInteger:
    case Kind::kThousandths:
    case Kind::kRatio:
    case Kind::kMoney:
      return ValueType::kNumber;
    default:
      return ValueType::kText;
  }
}

void MadeEvent::DropLine(const FieldDescriptor& payload, int line, MappingProblem problem) {
  Message& message = *event.GetReflection()->MutableMessage(&event, &payload);
  const FieldDescriptor* const lines = payload.message_type()->FindFieldByName("lines");
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int at = line; at + 1 < reflection.FieldSize(message, lines); ++at) {
    reflection.SwapElements(&message, lines, at, at + 1);
  }
  reflection.RemoveLast(&message, lines);
  std::erase_if(amounts, [line](const ExactAmount& amount) { return amount.line == line; });
  for (ExactAmount& amount : amounts) {
    if (amount.line > line) --amount.line;
  }
  bad_lines.push_back({line_rows[static_cast<size_t>(line)], std::move(problem)});
  line_rows.erase(line_rows.begin() + line);
}

bool MakeEvent(const EventTemplate& event_template, const absl::TimeZone& zone, const std::string& account,
               Evaluation& evaluation, MadeEvent& made) {
  return Maker(event_template, zone, account, evaluation, made).Make();
}

}  // namespace keyfold
