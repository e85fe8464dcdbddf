// The rules for single fields: ids, money, dates, enums, numbers.
#ifndef KEYFOLD_EVENT_RULES_H_
#define KEYFOLD_EVENT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/calendar.h"
#include "base/currency.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// `text` as ASCII for a message of one line: anything else becomes '?', and it ends in "..." after `bytes_max` bytes.
std::string Printable(std::string_view text, size_t bytes_max);

// Printable() between quotes, short.
std::string Quoted(std::string_view text);

// How a timestamp is written in JSON.
inline constexpr char kTimestampForm[] = "an RFC 3339 timestamp such as 2026-06-01T10:00:00Z";

// What is wrong with a name that is no value of an enum, and the names that are.
std::string UnknownEnumName(const google::protobuf::EnumDescriptor& type, const std::string& name);

// Checks fields one after the other and keeps the first problem. No text is built while all is well. Not thread-safe:
// made anew for each event.
class Rules {
 public:
  // A rate for `reporting_currency` is a problem.
  explicit Rules(Currency reporting_currency) : reporting_currency_(reporting_currency) {}

  // An id that must be there.
  void Id(std::string_view field, std::string_view id);

  // An id that may be empty.
  void OptionalId(std::string_view field, std::string_view id);

  // The ids of a list: none is empty.
  void Ids(std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& ids);

  // An attribute that accounts are grouped by; may be empty.
  void Attribute(std::string_view field, std::string_view value);

  // Returns the day, or nullopt if it is malformed or absent.
  std::optional<Day> Date(std::string_view field, std::string_view iso_date);
  std::optional<Day> OptionalDate(std::string_view field, std::string_view iso_date);

  void MonthOfYear(std::string_view field, std::string_view iso_month);

  // The code of a currency that needs a rate: any but the reporting currency.
  void ForeignCurrency(std::string_view field, std::string_view code);

  void Instant(std::string_view field, bool present, const google::protobuf::Timestamp& timestamp);

  void Amount(std::string_view field, bool present, const v1::Money& money);
  void OptionalAmount(std::string_view field, bool present, const v1::Money& money);

  void Percent(std::string_view field, int32_t percent);
  void Within(std::string_view field, int32_t value, int32_t min, int32_t max);
  void Ratio(std::string_view field, double ratio);
  void Rate(std::string_view field, double rate);

  // A value of an enum that must be there: known, and not 0. `is_known` is the enum's generated _IsValid.
  template <typename Value>
  void Enum(std::string_view field, Value value, bool (*is_known)(int)) {
    if (value == 0 || !is_known(value)) FailEnum(field, value, *google::protobuf::GetEnumDescriptor<Value>());
  }

  enum class Sign { kAny, kNotNegative };

  // Lines of an order, invoice or credit note.
  void Lines(const google::protobuf::RepeatedPtrField<v1::Line>& lines, Sign sign);

  // Takes note of unknown fields in a message that was reached.
  void Visit(const google::protobuf::Message& message) {
    has_unknown_fields_ |= !message.GetReflection()->GetUnknownFields(message).empty();
  }

  // Records "<field>: <problem>" unless there is a problem already.
  void Fail(std::string_view field, std::string_view problem);

  // "<field>: <what is wrong>"; empty while all is well.
  const std::string& problem() const { return problem_; }
  bool has_unknown_fields() const { return has_unknown_fields_; }

 private:
  void FailEnum(std::string_view field, int value, const google::protobuf::EnumDescriptor& type);

  Currency reporting_currency_;
  int line_ = -1;  // of lines[], while one is checked
  bool has_unknown_fields_ = false;
  std::string problem_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_RULES_H_
