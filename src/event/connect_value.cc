#include "event/connect_value.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "event/limits.h"
#include "event/rules.h"

namespace keyfold {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kSecondsPerDay = 86'400;
constexpr char kDecimal[] = "org.apache.kafka.connect.data.Decimal";
constexpr char kVariableDecimal[] = "io.debezium.data.VariableScaleDecimal";

// Debezium's `unavailable.value.placeholder`: what stands where a database does not tell a large value that has not
// changed. In a column of bytes it is Base64.
constexpr std::string_view kUnavailable = "__debezium_unavailable_value";
constexpr std::string_view kUnavailableBytes = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";

// --- decimals --------------------------------------------------------------------------------------------------------

// The digits of a number without sign, big-endian in `bytes`, which are used up.
std::string Digits(std::vector<uint8_t> bytes) {
  std::string digits;  // the last one first
  auto front = bytes.begin();
  while (true) {
    while (front != bytes.end() && *front == 0) ++front;
    if (front == bytes.end()) break;
    int remainder = 0;
    for (auto byte = front; byte != bytes.end(); ++byte) {
      const int dividend = remainder << 8 | *byte;
      *byte = static_cast<uint8_t>(dividend / 10);
      remainder = dividend % 10;
    }
    digits += static_cast<char>('0' + remainder);
  }
  if (digits.empty()) digits = "0";
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// The absolute value of a number in two's complement.
std::vector<uint8_t> Magnitude(std::string_view unscaled, bool negative) {
  std::vector<uint8_t> bytes(unscaled.begin(), unscaled.end());
  if (!negative) return bytes;
  bool carry = true;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    *byte = static_cast<uint8_t>(~*byte + (carry ? 1 : 0));
    carry = carry && *byte == 0;
  }
  return bytes;
}

std::optional<int> ScaleOf(const JsonValue* scale) {
  int parsed = 0;
  if (scale == nullptr || !(scale->IsText() || scale->kind == Kind::kNumber)) return std::nullopt;
  if (!absl::SimpleAtoi(scale->text, &parsed)) return std::nullopt;
  return parsed;
}

// "" or what is wrong.
std::string MakeDecimal(const JsonValue* scale, const JsonValue* unscaled, JsonValue& value) {
  const std::optional<int> digits = ScaleOf(scale);
  if (!digits.has_value()) return "a decimal of unknown scale";
  std::string bytes;
  if (unscaled == nullptr || !unscaled->IsText() || !absl::Base64Unescape(unscaled->text, &bytes)) {
    return "a decimal that is not Base64";
  }
  std::optional<std::string> text = DecimalText(bytes, *digits);
  if (!text.has_value()) return "a decimal without bytes, or of too many";
  value = JsonValue{Kind::kText, *std::move(text), {}, {}};
  return "";
}

std::string DecodeDecimal(const JsonValue& schema, JsonValue& value) {
  if (value.kind == Kind::kNumber) {  // decimal.format=NUMERIC
    value.kind = Kind::kText;
    return "";
  }
  const JsonValue* const parameters = schema.Find("parameters");
  const JsonValue unscaled = value;
  return MakeDecimal(parameters == nullptr ? nullptr : parameters->Find("scale"), &unscaled, value);
}

std::string DecodeVariableDecimal(JsonValue& value) {
  if (!value.IsObject()) return "no decimal with its scale";
  const JsonValue whole = std::move(value);
  return MakeDecimal(whole.Find("scale"), whole.Find("value"), value);
}

// --- days and times --------------------------------------------------------------------------------------------------

struct TimeType {
  const char* name;
  enum { kDay, kInstant, kTimeOfDay } kind;
  int64_t units_per_second;  // not of days
};

constexpr TimeType kTimeTypes[] = {
    {"io.debezium.time.Date", TimeType::kDay, 0},
    {"io.debezium.time.Timestamp", TimeType::kInstant, 1'000},
    {"io.debezium.time.MicroTimestamp", TimeType::kInstant, 1'000'000},
    {"io.debezium.time.NanoTimestamp", TimeType::kInstant, 1'000'000'000},
    {"io.debezium.time.Time", TimeType::kTimeOfDay, 1'000},
    {"io.debezium.time.MicroTime", TimeType::kTimeOfDay, 1'000'000},
    {"io.debezium.time.NanoTime", TimeType::kTimeOfDay, 1'000'000'000},
    {"org.apache.kafka.connect.data.Date", TimeType::kDay, 0},
    {"org.apache.kafka.connect.data.Timestamp", TimeType::kInstant, 1'000},
    {"org.apache.kafka.connect.data.Time", TimeType::kTimeOfDay, 1'000},
};

struct Divided {
  int64_t quotient;
  int64_t remainder;  // not negative
};
Divided Divide(int64_t dividend, int64_t divisor) {
  const int64_t remainder = (dividend % divisor + divisor) % divisor;
  return {dividend / divisor - (dividend % divisor < 0 ? 1 : 0), remainder};
}

std::string TimeOfDay(int64_t seconds, int64_t fraction, int64_t units_per_second) {
  std::string text = absl::StrFormat("%02d:%02d:%02d", seconds / 3'600, seconds / 60 % 60, seconds % 60);
  if (fraction == 0) return text;
  std::string digits = absl::StrCat(units_per_second + fraction).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return absl::StrCat(text, ".", digits);
}

std::string DecodeTime(const TimeType& type, JsonValue& value) {
  constexpr int64_t kDaysMax = 4'000'000;  // some ten thousand years
  int64_t count = 0;
  if (value.kind != Kind::kNumber || !absl::SimpleAtoi(value.text, &count)) return "no whole number";
  std::string text;
  Divided days{count, 0};
  Divided seconds{0, 0};
  if (type.kind != TimeType::kDay) {
    seconds = Divide(count, type.units_per_second);
    days = Divide(seconds.quotient, kSecondsPerDay);
  }
  const int64_t day = days.quotient;
  if (type.kind == TimeType::kTimeOfDay ? day != 0 : day < -kDaysMax || day > kDaysMax) {
    return absl::StrCat(value.text, " is out of range");
  }
  if (type.kind != TimeType::kTimeOfDay) text = absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + day);
  if (type.kind == TimeType::kInstant) text += 'T';
  if (type.kind != TimeType::kDay) text += TimeOfDay(days.remainder, seconds.remainder, type.units_per_second);
  value = JsonValue{Kind::kText, std::move(text), {}, {}};
  return "";
}

// --- values that hold others -----------------------------------------------------------------------------------------

std::string Within(std::string_view name, std::string problem) {
  if (problem.empty()) return problem;
  const std::string path = Printable(name, kQuotedBytesMax);
  // What is wrong inside of a list or object has a path already.
  return absl::StrCat(path, problem.front() == '.' || problem.front() == '[' ? "" : ": ", problem);
}

bool IsUnavailable(const JsonValue& value) {
  return value.IsText() && (value.text == kUnavailable || value.text == kUnavailableBytes);
}

std::string DecodeStruct(const JsonValue& schema, JsonValue& value) {
  const JsonValue* const fields = schema.Find("fields");
  if (!value.IsObject() || fields == nullptr || fields->kind != Kind::kList) return "no object as its schema says";
  for (size_t i = 0; i < value.names.size(); ++i) {
    const auto field = std::find_if(fields->elements.begin(), fields->elements.end(),
                                    [&](const JsonValue& one) { return one.TextOf("field") == value.names[i]; });
    if (field == fields->elements.end()) return Within(value.names[i], "not in the schema");
    std::string problem = ApplySchema(*field, value.elements[i]);
    if (!problem.empty()) return Within(value.names[i], std::move(problem));
  }
  DropUnavailable(value);
  return "";
}

std::string DecodeElements(const JsonValue* schema, JsonValue& value) {
  if (schema == nullptr || !(value.kind == Kind::kList || value.IsObject())) return "no list as its schema says";
  for (JsonValue& element : value.elements) {
    std::string problem = ApplySchema(*schema, element);
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

std::optional<std::string> DecimalText(std::string_view unscaled, int scale) {
  if (unscaled.empty() || unscaled.size() > kDecimalBytesMax) return std::nullopt;
  if (scale < -kDecimalScaleMax || scale > kDecimalScaleMax) return std::nullopt;
  const bool negative = (static_cast<uint8_t>(unscaled.front()) & 0x80) != 0;
  std::string digits = Digits(Magnitude(unscaled, negative));
  if (scale < 0 && digits != "0") digits.append(static_cast<size_t>(-scale), '0');
  if (scale > 0) {
    const auto behind = static_cast<size_t>(scale);
    if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
    digits.insert(digits.size() - behind, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

void DropUnavailable(JsonValue& value) {
  if (!value.IsObject()) return;
  for (size_t i = value.names.size(); i-- > 0;) {
    if (!IsUnavailable(value.elements[i])) continue;
    value.names.erase(value.names.begin() + static_cast<std::ptrdiff_t>(i));
    value.elements.erase(value.elements.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::string ApplySchema(const JsonValue& schema, JsonValue& value) {
  if (value.IsNull() || IsUnavailable(value)) return "";
  const std::string_view type = schema.TextOf("type");
  const std::string_view name = schema.TextOf("name");
  if (type.empty()) return "a schema without a type";
  if (name == kDecimal) return DecodeDecimal(schema, value);
  if (name == kVariableDecimal) return DecodeVariableDecimal(value);
  for (const TimeType& time : kTimeTypes) {
    if (name == time.name) return DecodeTime(time, value);
  }
  if (type == "struct") return DecodeStruct(schema, value);
  if (type == "array") return DecodeElements(schema.Find("items"), value);
  if (type == "map" && value.IsObject()) return DecodeElements(schema.Find("values"), value);
  if (type == "map") return "a map whose keys are no texts";
  return "";
}

}  // namespace keyfold
