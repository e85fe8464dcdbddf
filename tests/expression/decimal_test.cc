#include "expression/decimal.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace keyfold {
namespace {

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

std::string Parsed(std::string_view text, std::string_view example) {
  const std::optional<Decimal> number = ParseNumber(text, NumberFormat::FromExample(example).value());
  return number.has_value() ? number->ToString() : "none";
}

TEST(Decimal, KeepsWhatIsWritten) {
  for (const std::string text : {"0", "12", "-12.5", "0.001", "999999999999999999.999999999999999999"}) {
    EXPECT_EQ(D(text).ToString(), text);
  }
  EXPECT_EQ(D("12.500").ToString(), "12.5");
  EXPECT_EQ(D("-0").ToString(), "0");
}

TEST(Decimal, RefusesWhatIsNoNumberOrDoesNotFit) {
  for (const char* text : {"", ".", "-", "1.2.3", "1e5", " 1", "0x1", "1000000000000000000.1", "0.0000000000000000001",
                           "99999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(Decimal::Parse(text), std::nullopt) << text;
  }
}

TEST(Decimal, CountsExactly) {
  // In binary floats this is 1.1500000000000001 and 2.2999999999999998.
  EXPECT_EQ(Decimal::Add(D("1.05"), D("0.1"))->ToString(), "1.15");
  EXPECT_EQ(Decimal::Multiply(D("1.15"), D("2"))->ToString(), "2.3");
  EXPECT_EQ(Decimal::Divide(D("1"), D("8"))->ToString(), "0.125");
  EXPECT_EQ(Decimal::Divide(D("2"), D("3"))->ToString(), "0.666666666667");
  EXPECT_EQ(Decimal::Divide(D("-2"), D("3"))->ToString(), "-0.666666666667");
  EXPECT_EQ(Decimal::Divide(D("2"), D("0")), std::nullopt);
  EXPECT_EQ(Decimal::Multiply(D("1000000000"), D("1000000001")), std::nullopt);
}

TEST(Decimal, RoundsHalfAwayFromZero) {
  const std::pair<const char*, int64_t> cases[] = {{"0.005", 1},   {"0.0049", 0},    {"-0.005", -1},
                                                   {"-0.0049", 0}, {"10.025", 1003}, {"12.34", 1234}};
  for (const auto& [text, units] : cases) EXPECT_EQ(D(text).ToUnits(2), units) << text;
  EXPECT_EQ(D("999999999999999999").ToUnits(2), std::nullopt);
}

TEST(Decimal, ComparesAndSortsAsNumbers) {
  const char* const ascending[] = {"-1000000000000000000", "-2", "-1.5", "-0.1", "0", "0.05", "0.1", "3", "12.25"};
  for (size_t i = 0; i + 1 < std::size(ascending); ++i) {
    EXPECT_LT(D(ascending[i]), D(ascending[i + 1]));
    EXPECT_LT(D(ascending[i]).SortKey(), D(ascending[i + 1]).SortKey());
  }
  EXPECT_EQ(D("1.50"), D("1.5"));
}

TEST(Numbers, AreReadAsTheExampleSays) {
  EXPECT_EQ(Parsed("1,234.50", "1,234.56"), "1234.5");
  EXPECT_EQ(Parsed("1.234,50", "1.234,56"), "1234.5");
  EXPECT_EQ(Parsed("1 234 567,5", "1 234,56"), "1234567.5");
  EXPECT_EQ(Parsed("1\xc2\xa0"
                   "234,5",
                   "1\xc2\xa0"
                   "234,56"),
            "1234.5");
  EXPECT_EQ(Parsed("1'234.50", "1'234.56"), "1234.5");
  EXPECT_EQ(Parsed("1234,5", "1234,56"), "1234.5");
}

TEST(Numbers, HaveTheirSignAnywhere) {
  EXPECT_EQ(Parsed("12,50-", "1.234,56"), "-12.5");
  EXPECT_EQ(Parsed("-12,50", "1.234,56"), "-12.5");
  EXPECT_EQ(Parsed("+12,50", "1.234,56"), "12.5");
  EXPECT_EQ(Parsed("(1,234.00)", "1,234.56"), "-1234");
  EXPECT_EQ(Parsed("\xe2\x88\x92"
                   "7",
                   "1234.56"),
            "-7");
  EXPECT_EQ(Parsed(" 7 ", "1234.56"), "7");
  EXPECT_EQ(Parsed("1.5E3", "1234.56"), "1500");
  EXPECT_EQ(Parsed("25e-2", "1234.56"), "0.25");
}

// "1,234" is a thousand to one reader and one and a quarter to another.
TEST(Numbers, AreNeverGuessed) {
  EXPECT_EQ(Parsed("1,23", "1,234.56"), "none");
  EXPECT_EQ(Parsed("1,234", "1234.56"), "none");
  EXPECT_EQ(Parsed("1234.5", "1.234,56"), "none");
  EXPECT_EQ(Parsed("12,34.5", "1,234.56"), "none");
  EXPECT_EQ(Parsed("12 EUR", "1234.56"), "none");
  EXPECT_EQ(Parsed("--1", "1234.56"), "none");
  EXPECT_EQ(Parsed("", "1234.56"), "none");
}

TEST(Numbers, ExamplesThatAreNoneAreRefused) {
  for (const char* example : {"", "1234", "1.234.56", "1,234,56", "2.345,67", "1_234.56", "12,34.56"}) {
    EXPECT_FALSE(NumberFormat::FromExample(example).has_value()) << example;
  }
}

}  // namespace
}  // namespace keyfold
