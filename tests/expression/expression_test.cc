#include "expression/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keyfold {
namespace {

using ::testing::HasSubstr;

// Columns: name, price (a number), day (a date), and "Close Date", a text; a table, and a lookup.
class Names final : public ExpressionNames {
 public:
  absl::StatusOr<Column> FindColumn(std::string_view name) override {
    const std::vector<std::string_view> known = {"name", "price", "day", "Close Date", "Größe"};
    for (size_t slot = 0; slot < known.size(); ++slot) {
      if (known[slot] != name) continue;
      auto format = std::make_shared<ColumnFormat>(*DefaultFormat());
      if (slot == 1) format->type = ValueType::kNumber;
      if (slot == 2) format->type = ValueType::kTime;
      return Column{static_cast<uint16_t>(slot), std::move(format)};
    }
    return absl::NotFoundError("there is no column " + std::string(name));
  }
  std::shared_ptr<const ValueTable> FindValues(std::string_view name) override {
    if (name == "stage") return std::make_shared<const ValueTable>(ValueTable{{{"Closed Won", "won"}}, "open", false});
    if (name == "strict") return std::make_shared<const ValueTable>(ValueTable{{{"a", "b"}}, {}, false});
    if (name == "kept") return std::make_shared<const ValueTable>(ValueTable{{{"a", "b"}}, "as it is", true});
    return nullptr;
  }
  absl::StatusOr<Lookup> FindLookup(std::string_view name, std::string_view column) override {
    if (name != "teams" || column != "manager") return absl::NotFoundError("there is no lookup");
    return Lookup{0, 0};
  }
  std::shared_ptr<const ColumnFormat> DefaultFormat() override {
    auto format = std::make_shared<ColumnFormat>();
    format->zone = absl::UTCTimeZone();
    format->dates = {*DateFormat::Create("iso")};
    return format;
  }
  bool has_order() const override { return true; }
};

std::string ToText(const Value& value, ValueType type) {
  if (value.nothing) return "nothing";
  switch (type) {
    case ValueType::kNumber:
      return value.number.ToString();
    case ValueType::kTime:
      return absl::FormatTime("%Y-%m-%d", value.time, absl::UTCTimeZone());
    case ValueType::kTruth:
      return value.truth ? "true" : "false";
    case ValueType::kText:
      break;
  }
  return std::string(value.text);
}

using Rows = std::vector<std::vector<std::string>>;

// The value over these rows, looking at one of them or at all; or what is wrong.
std::string Evaluate(std::string_view text, const Rows& rows, size_t at, ExpressionScope scope) {
  Names names;
  const absl::StatusOr<Expression> expression = Expression::Compile(text, scope, names);
  if (!expression.ok()) return "refused: " + std::string(expression.status().message());
  std::vector<MappedRow> mapped;
  for (const std::vector<std::string>& row : rows) {
    MappedRow& one = mapped.emplace_back();
    one.cells.assign(row.begin(), row.end());
    one.cells.resize(5);
  }
  std::vector<LookupTable> lookups(1);
  const std::vector<std::string_view> manager = {"Mia"};
  lookups[0].Add("Anna", manager);
  Evaluation evaluation;
  evaluation.rows = mapped;
  evaluation.at = at;
  evaluation.lookups = lookups;
  Value value;
  if (!expression->Evaluate(evaluation, value)) {
    return "failed: " + evaluation.problem.column + " " + evaluation.problem.reason;
  }
  return ToText(value, expression->type());
}

// Over a single row.
std::string Of(std::string_view text, const std::vector<std::string>& row = {"Anna", "2.50", "2016-02-29", "x y"}) {
  return Evaluate(text, {row}, 0, ExpressionScope::kLine);
}

const Rows kRows = {{"a", "1", "2016-01-01"}, {"b", "", "2016-03-01"}, {"a", "5", "2016-02-01"}};

std::string OfAll(std::string_view text) { return Evaluate(text, kRows, Evaluation::kWhole, ExpressionScope::kGroup); }
std::string OfSnapshot(std::string_view text, size_t at) {
  return Evaluate(text, kRows, at, ExpressionScope::kSnapshot);
}

TEST(Expression, OperatorsBindAsInTheCatalogue) {
  EXPECT_EQ(Of("1 + 2 * 3 - 4 / 8"), "6.5");
  EXPECT_EQ(Of("-(1 + 2) * 3"), "-9");
  EXPECT_EQ(Of("1 < 2 and not 3 < 2 or 1 = 2"), "true");
  EXPECT_EQ(Of("1 == 1.0"), "true");
  EXPECT_EQ(Of("price * 3"), "7.5");
}

TEST(Expression, NamesMayHaveSpacesAndLetters) {
  EXPECT_EQ(Of("Close Date"), "x y");
  EXPECT_EQ(Of("Close Date = \"x y\" and name != ''"), "true");
  EXPECT_EQ(Of("Größe"), "nothing");
}

TEST(Expression, NothingIsOnlyEqualToNothing) {
  const std::vector<std::string> empty = {"", "", "", ""};
  EXPECT_EQ(Of("name = \"\" and price = \"\" and day = \"\"", empty), "true");
  EXPECT_EQ(Of("price < 1 or price > 1 or price = 0", empty), "false");
  EXPECT_EQ(Of("price != 0", empty), "true");
  EXPECT_EQ(Of("coalesce(price, 7)", empty), "7");
  EXPECT_EQ(Of("coalesce(name, nothing)", empty), "nothing");
  EXPECT_EQ(Of("defined(day)", empty), "false");
  EXPECT_EQ(Of("price + 1", empty), "failed: price is empty");
  EXPECT_EQ(Of("min(price, 3)", empty), "3");
}

TEST(Expression, TextsBecomeWhatIsNeeded) {
  EXPECT_EQ(Of("name * 2", {"1.5"}), "3");
  EXPECT_EQ(Of("name * 2", {"abc"}), "failed: name is no number");
  EXPECT_EQ(Of("name < 10", {"9"}), "true");
  EXPECT_EQ(Of("name = day", {"2016-02-29", "", "2016-02-29"}), "true");
  EXPECT_EQ(Of("concat(price, \"-\", name)"), "2.5-Anna");
  EXPECT_EQ(Of("date(name, '%d.%m.%Y')", {"29.02.2016"}), "2016-02-29");
  EXPECT_EQ(Of("number(name, '1.234,56')", {"1.000,5-"}), "-1000.5");
}

TEST(Expression, FunctionsOfTexts) {
  EXPECT_EQ(Of("upper(concat(name, 'x'))"), "ANNAX");
  EXPECT_EQ(Of("strip_end(name, 'na')"), "An");
  EXPECT_EQ(Of("strip(name, 'x')", {"xabcx"}), "abc");
  EXPECT_EQ(Of("starts(name, 'An') and ends(name, 'na') and contains(name, 'nn')"), "true");
  EXPECT_EQ(Of("left(name, 2)", {"Größe"}), "Gr");
  EXPECT_EQ(Of("right(name, 3)", {"Größe"}), "öße");
  EXPECT_EQ(Of("part(name, ';', 2)", {"a; b ;c"}), "b");
  EXPECT_EQ(Of("part(name, ';', -1)", {"a; b ;c"}), "c");
  EXPECT_EQ(Of("part(name, ';', 4)", {"a; b ;c"}), "nothing");
  EXPECT_EQ(Of("replace(name, 'n', 'mm')"), "Ammmma");
  EXPECT_EQ(Of("unpad(name)", {"0000004711"}), "4711");
  EXPECT_EQ(Of("unpad(name)", {"00A"}), "00A");
  EXPECT_EQ(Of("one_of(name, 'x', 'Anna')"), "true");
  EXPECT_EQ(Of("if(price > 2, 'much', 'little')"), "much");
}

// Salesforce documents 001A0000006Vm9r as 001A0000006Vm9rIAC.
TEST(Expression, IdsOf18Characters) {
  EXPECT_EQ(Of("id18(name)", {"001A0000006Vm9r"}), "001A0000006Vm9rIAC");
  EXPECT_EQ(Of("id18(name)", {"001A0000006Vm9rIAC"}), "001A0000006Vm9rIAC");
}

TEST(Expression, NumbersAndDates) {
  EXPECT_EQ(Of("round(price / 3, 2)"), "0.83");
  EXPECT_EQ(Of("abs(-price)"), "2.5");
  EXPECT_EQ(Of("add_months(day, 12)"), "2017-02-28");
  EXPECT_EQ(Of("seconds(add_days(day, 1)) - seconds(day)"), "86400");
  EXPECT_EQ(Of("add_days(day, 1)"), "2016-03-01");
  EXPECT_EQ(Of("1 / 0"), "failed: 1 / 0 divides by 0");
  EXPECT_EQ(Of("add_days(day, 1.5)"), "failed: add_days(day, 1.5) needs a whole number");
}

TEST(Expression, TablesAndLookups) {
  EXPECT_EQ(Of("stage[name]", {"Closed Won"}), "won");
  EXPECT_EQ(Of("stage[name]", {"else"}), "open");
  EXPECT_EQ(Of("strict[name]", {"x"}), "failed: strict[name] is not in the table");
  EXPECT_EQ(Of("kept[name]", {"x"}), "x");
  EXPECT_EQ(Of("teams[name].manager"), "Mia");
  EXPECT_EQ(Of("teams[name].manager", {"Ben"}), "nothing");
}

TEST(Expression, OverRowsThatBelongTogether) {
  EXPECT_EQ(OfAll("min(day)"), "2016-01-01");
  EXPECT_EQ(OfAll("max(price)"), "5");
  EXPECT_EQ(OfAll("sum(coalesce(price, 0))"), "6");
  EXPECT_EQ(OfAll("sum(price)"), "failed: price is empty");
  EXPECT_EQ(OfAll("count()"), "3");
  EXPECT_EQ(OfAll("any(price = 5) and not all(price = 5)"), "true");
  EXPECT_EQ(OfAll("first(name)"), "a");
  EXPECT_EQ(OfAll("last(price)"), "5");
  EXPECT_THAT(OfAll("name"), HasSubstr("failed: name differs among the rows"));
}

TEST(Expression, InSnapshots) {
  EXPECT_EQ(OfSnapshot("before(name)", 0), "nothing");
  EXPECT_EQ(OfSnapshot("before(name)", 1), "a");
  EXPECT_EQ(OfSnapshot("changed(name)", 0), "true");
  EXPECT_EQ(OfSnapshot("becomes(name = 'a')", 0), "true");
  EXPECT_EQ(OfSnapshot("becomes(name = 'a')", 1), "false");
  EXPECT_EQ(OfSnapshot("becomes(name = 'a')", 2), "true");
  EXPECT_EQ(OfSnapshot("first_time(name = 'a')", 2), "false");
  EXPECT_EQ(OfSnapshot("last(day)", 0), "2016-02-01");
}

TEST(Expression, WhatIsWrongIsSaidWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "column 1: the expression ends too early"},
      {"1 +", "column 4: the expression ends too early"},
      {"(1", "expected ')'"},
      {"1 2", "column 3: unexpected '2'"},
      {"'abc", "a text that does not end"},
      {"nam", "there is no column nam"},
      {"coalesc(name)", "unknown function 'coalesc', did you mean coalesce?"},
      {"left(name)", "left does not take 1 arguments"},
      {"name < Close Date", "two texts have no order"},
      {"day + 1", "a number is expected, 'day' is a time"},
      {"price < day", "do not go together"},
      {"name and true", "a condition is expected"},
      {"'abc' * 2", "\"abc\" is no number"},
      {"date(name, 'DD.MM')", "is no date format"},
      {"number(name, '1234')", "how numbers are written"},
      {"before(name)", "compares snapshots"},
      {"1.2.3", "expected a number"},
      {"$x", "expected a value"},
  };
  for (const auto& [text, message] : cases) EXPECT_THAT(Of(text), HasSubstr(message)) << text;
  EXPECT_THAT(Evaluate("sum(price)", kRows, 0, ExpressionScope::kRow), HasSubstr("looks at several rows"));
  EXPECT_THAT(Evaluate("row", kRows, 0, ExpressionScope::kGroup), HasSubstr("only known among lines"));
  EXPECT_THAT(Of(std::string(1000, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(Of(std::string(1000, '-') + "1"), HasSubstr("nested too deeply"));
  std::string chain = "1";
  for (int i = 0; i < 1'000; ++i) chain += "+1";
  EXPECT_EQ(Of(chain), "1001");
  EXPECT_THAT(Of(chain + "+1"), HasSubstr("more than 1000 operations"));
}

}  // namespace
}  // namespace keyfold
