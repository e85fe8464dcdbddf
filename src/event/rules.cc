#include "event/rules.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "event/limits.h"

namespace keyfold {
namespace {

// Abseil may be built with a string_view of its own, which std::string_view converts to only by hand.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

bool IsInstant(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() >= kSecondsMin && timestamp.seconds() < kSecondsEnd && timestamp.nanos() >= 0 &&
         timestamp.nanos() < kNanosEnd;
}

// Without the unspecified 0, which comes first.
std::vector<std::string_view> NamesOf(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string_view> names;
  for (int i = 1; i < type.value_count(); ++i) names.emplace_back(type.value(i)->name());
  return names;
}

std::string Listed(const std::vector<std::string_view>& names) {
  std::string list;
  for (const std::string_view name : names) absl::StrAppend(&list, list.empty() ? "" : ", ", View(name));
  return list;
}

std::string UnknownCurrency(std::string_view code) { return absl::StrCat("unknown currency ", Quoted(code)); }

}  // namespace

std::string Printable(std::string_view text, size_t bytes_max) {
  std::string printable(text.substr(0, bytes_max));
  for (char& c : printable) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > bytes_max) printable += "...";
  return printable;
}

std::string Quoted(std::string_view text) { return absl::StrCat("'", Printable(text, kQuotedBytesMax), "'"); }

std::string UnknownEnumName(const google::protobuf::EnumDescriptor& type, const std::string& name) {
  const std::vector<std::string_view> names = NamesOf(type);
  return absl::StrCat(Quoted(name), " is none of ", Listed(names), DidYouMean(name, names));
}

void Rules::Fail(std::string_view field, std::string_view problem) {
  if (!problem_.empty()) return;
  if (line_ >= 0) absl::StrAppend(&problem_, "lines[", line_, "].");
  absl::StrAppend(&problem_, View(field), ": ", View(problem));
}

void Rules::FailEnum(std::string_view field, int value, const google::protobuf::EnumDescriptor& type) {
  const std::string names = Listed(NamesOf(type));
  if (value == 0) return Fail(field, absl::StrCat("missing or unknown, it is one of ", names));
  Fail(field,
       absl::StrCat("unknown enum value ", value, ", it is one of ", names, " (1-", type.value_count() - 1, ")"));
}

void Rules::Id(std::string_view field, std::string_view id) {
  if (id.empty()) Fail(field, "missing");
  OptionalId(field, id);
}

void Rules::OptionalId(std::string_view field, std::string_view id) {
  if (id.size() > kIdBytesMax) Fail(field, absl::StrCat("longer than ", kIdBytesMax, " bytes"));
}

void Rules::Ids(std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  for (int i = 0; i < ids.size(); ++i) {
    const std::string& id = ids[i];
    if (!id.empty() && id.size() <= kIdBytesMax) continue;  // the path is built only for a bad one
    return Id(absl::StrCat(View(field), "[", i, "]"), id);
  }
}

void Rules::Attribute(std::string_view field, std::string_view value) {
  if (value.size() > kAttributeBytesMax) Fail(field, absl::StrCat("longer than ", kAttributeBytesMax, " bytes"));
}

std::optional<Day> Rules::Date(std::string_view field, std::string_view iso_date) {
  if (iso_date.empty()) Fail(field, "missing");
  return OptionalDate(field, iso_date);
}

std::optional<Day> Rules::OptionalDate(std::string_view field, std::string_view iso_date) {
  if (iso_date.empty()) return std::nullopt;
  const std::optional<Day> day = ParseDay(iso_date);
  if (!day.has_value()) Fail(field, absl::StrCat("not a date (YYYY-MM-DD) within 1970-2200: ", Quoted(iso_date)));
  return day;
}

void Rules::MonthOfYear(std::string_view field, std::string_view iso_month) {
  if (iso_month.empty()) return Fail(field, "missing");
  if (ParseMonth(iso_month).has_value()) return;
  Fail(field, absl::StrCat("not a month (YYYY-MM) within 1970-2200: ", Quoted(iso_month)));
}

void Rules::ForeignCurrency(std::string_view field, std::string_view code) {
  const std::optional<Currency> currency = Currency::Parse(code);
  if (!currency.has_value()) return Fail(field, UnknownCurrency(code));
  if (*currency == reporting_currency_) Fail(field, "is the reporting currency, which needs no rate");
}

void Rules::Instant(std::string_view field, bool present, const google::protobuf::Timestamp& timestamp) {
  if (!present) return Fail(field, "missing");
  Visit(timestamp);
  if (!IsInstant(timestamp)) Fail(field, "not an instant within 1970-2200");
}

void Rules::Amount(std::string_view field, bool present, const v1::Money& money) {
  if (!present) return Fail(field, "missing");
  Visit(money);
  if (!Currency::Parse(money.currency_code()).has_value()) {
    Fail(absl::StrCat(View(field), ".currency_code"), UnknownCurrency(money.currency_code()));
  }
  if (!money.has_minor()) Fail(absl::StrCat(View(field), ".minor"), "missing, in the minor unit: 1234 for EUR 12.34");
  if (money.minor() < -kMinorMax || money.minor() > kMinorMax) {
    Fail(absl::StrCat(View(field), ".minor"), absl::StrCat(money.minor(), " is beyond 10^15"));
  }
}

void Rules::OptionalAmount(std::string_view field, bool present, const v1::Money& money) {
  if (present) Amount(field, present, money);
}

void Rules::Percent(std::string_view field, int32_t percent) { Within(field, percent, 0, kPercentMax); }

void Rules::Within(std::string_view field, int32_t value, int32_t min, int32_t max) {
  if (value < min || value > max) Fail(field, absl::StrCat(value, " is not within ", min, "-", max));
}

// Both are written so that NaN fails.
void Rules::Ratio(std::string_view field, double ratio) {
  if (!(std::abs(ratio) <= kRatioMax)) Fail(field, "not within -1,000,000 ... 1,000,000");
}

void Rules::Rate(std::string_view field, double rate) {
  if (rate == 0) return Fail(field, "missing");
  if (!(rate >= kRateMin && rate <= kRateMax)) Fail(field, "not within 10^-9 ... 10^9");
}

void Rules::Lines(const google::protobuf::RepeatedPtrField<v1::Line>& lines, Sign sign) {
  for (line_ = 0; line_ < lines.size(); ++line_) {
    const v1::Line& line = lines[line_];
    Visit(line);
    OptionalId("line_id", line.line_id());
    OptionalId("product_id", line.product_id());
    Enum("sale_type", line.sale_type(), v1::SaleType_IsValid);
    Amount("net", line.has_net(), line.net());
    OptionalAmount("cost", line.has_cost(), line.cost());
    if (sign == Sign::kNotNegative) {
      if (line.net().minor() < 0) Fail("net.minor", "negative");
      if (line.cost().minor() < 0) Fail("cost.minor", "negative");
    }
    if (!problem_.empty()) break;
  }
  line_ = -1;
}

}  // namespace keyfold
