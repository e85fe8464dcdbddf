// Tables and numbers for people.
#include "report/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace keyfold {
namespace {

Definition KpiWith(const std::string& unit, Definition::Better better = Definition::Better::kHigher) {
  Definition kpi;
  kpi.unit = unit;
  kpi.is_money = unit == "money" || unit == "money/day";
  kpi.better = better;
  return kpi;
}

TEST(ReportTest, ColumnsAreAlignedWhateverTheAlphabet) {
  Table table;
  table.AddColumn("name", Table::Align::kLeft);
  table.AddColumn("value", Table::Align::kRight);
  table.AddColumn("note", Table::Align::kLeft);
  table.AddRow({"Müller & Söhne", "1", "a"});
  table.AddRow({"東京", "12345678", ""});
  table.AddRow({"e\u0301", "-3", "b"});  // a letter and its accent
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "name               value  note\n"
            "Müller & Söhne         1  a\n"
            "東京            12345678\n"
            "e\u0301                     -3  b\n");
}

TEST(ReportTest, NoRowsNoTable) {
  Table table;
  table.AddColumn("name", Table::Align::kLeft);
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "");
}

TEST(ReportTest, WhatComesFromOutsideCannotSteerTheTerminal) {
  EXPECT_EQ(ForTerminal("a\x1b[31mb\nc\u202e"), "a?[31mb?c?");
  EXPECT_EQ(ForTerminal("Zürich 東京"), "Zürich 東京");
  EXPECT_EQ(ForTerminal("\xff\xc3"), "??");  // not UTF-8
  EXPECT_EQ(ForTerminal("abcde", 5), "abcde");
  EXPECT_EQ(ForTerminal("abcdef", 5), "abcd…");
  EXPECT_EQ(ForTerminal("東京都庁", 5), "東京…");
  EXPECT_EQ(DisplayWidth("東京…"), 5u);
  EXPECT_EQ(TextCell(""), "-");
}

TEST(ReportTest, ValuesReadAsTheirUnit) {
  EXPECT_EQ(FormatKpi(KpiWith("money"), 1234567.5), "1234568");
  EXPECT_EQ(FormatKpi(KpiWith("money/day"), 12.4), "12");
  EXPECT_EQ(FormatKpi(KpiWith("ratio"), 0.1234), "12.3%");
  EXPECT_EQ(FormatKpi(KpiWith("ratio"), -0.0004), "0.0%");
  EXPECT_EQ(FormatKpi(KpiWith("count"), 12), "12");
  EXPECT_EQ(FormatKpi(KpiWith("points"), 33.333), "33.3");
  EXPECT_EQ(FormatKpi(KpiWith("flag"), 1), "yes");
  EXPECT_EQ(FormatKpi(KpiWith("flag"), 0), "no");
  for (const char* unit : {"money", "ratio", "count", "flag", "hours"}) {
    EXPECT_EQ(FormatKpi(KpiWith(unit), NAN), "-");
    EXPECT_EQ(FormatChange(KpiWith(unit), NAN), "-");
  }
  EXPECT_EQ(FormatMoney(-0.2), "0");
}

TEST(ReportTest, ChangesCarryTheirSign) {
  EXPECT_EQ(FormatChange(KpiWith("money"), 12.6), "+13");
  EXPECT_EQ(FormatChange(KpiWith("ratio"), -0.012), "-1.2pp");
  EXPECT_EQ(FormatChange(KpiWith("count"), 0), "0");
  EXPECT_EQ(FormatChange(KpiWith("hours"), -0.04), "0.0");
}

TEST(ReportTest, JudgesAChangeByWhatIsBetter) {
  EXPECT_EQ(Judge(KpiWith("ratio"), 0.1), "better");
  EXPECT_EQ(Judge(KpiWith("ratio"), -0.1), "worse");
  EXPECT_EQ(Judge(KpiWith("ratio", Definition::Better::kLower), 0.1), "worse");
  EXPECT_EQ(Judge(KpiWith("ratio", Definition::Better::kLower), -0.1), "better");
  EXPECT_EQ(Judge(KpiWith("ratio", Definition::Better::kNeither), 0.1), "");
  EXPECT_EQ(Judge(KpiWith("ratio"), 0), "");
  EXPECT_EQ(Judge(KpiWith("ratio"), NAN), "");
}

}  // namespace
}  // namespace keyfold
