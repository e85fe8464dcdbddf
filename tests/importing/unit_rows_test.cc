#include "importing/unit_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "importing/record_sorter.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

// More than the memory that it may take, so that it needs files.
TEST(RecordSorter, SortsWhatDoesNotFit) {
  for (const size_t memory : {size_t{1000}, size_t{1} << 30}) {
    std::mt19937 random(7);
    std::vector<std::string> expected;
    RecordSorter sorter(memory);
    for (int i = 0; i < 2000; ++i) {
      std::string record = absl::StrCat(random() % 500, std::string(random() % 30, 'x'));
      ASSERT_TRUE(sorter.Add(record).ok());
      expected.push_back(std::move(record));
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_TRUE(sorter.Sort().ok());
    std::vector<std::string> sorted;
    for (auto record = sorter.Next().value(); record.has_value(); record = sorter.Next().value()) {
      sorted.emplace_back(*record);
    }
    EXPECT_EQ(sorted, expected);
  }
}

TEST(RecordSorter, OfNothingThereIsNothing) {
  RecordSorter sorter;
  ASSERT_TRUE(sorter.Sort().ok());
  EXPECT_EQ(sorter.Next().value(), std::nullopt);
}

std::vector<std::string> UnitsOf(UnitRows& rows) {
  EXPECT_TRUE(rows.Begin().ok());
  std::vector<std::string> units;
  std::string key;
  KeyedRows unit;
  while (rows.Next(key, unit).value()) {
    std::string text = key + ":";
    for (const MappedRow& row : unit.Rows()) {
      for (const std::string_view cell : row.cells) absl::StrAppend(&text, " ", std::string(cell));
      absl::StrAppend(&text, "@", row.line);
    }
    units.push_back(text);
  }
  return units;
}

TEST(UnitRows, BringsRowsTogetherInTheirOrder) {
  UnitRows rows;
  const auto add = [&](std::string_view key, std::string_view order, int64_t line,
                       std::vector<std::string_view> cells) {
    MappedRow row;
    row.cells = std::move(cells);
    row.line = line;
    ASSERT_TRUE(rows.Add(key, order, row).ok());
  };
  add("b", "2", 1, {"x", ""});
  add("a", "", 2, {"y", "z"});
  add("b", "1", 3, {"v", "w"});
  add("b", "2", 4, {"a", ""});
  add(std::string_view("b\0", 2), "0", 5, {"q", ""});
  add("ab", "", 6, {"r", ""});
  EXPECT_THAT(UnitsOf(rows), ElementsAre("a: y z@2", "ab: r @6", "b: v w@3 a @4 x @1", std::string("b\0: q @5", 8)));
}

// An export of today knows only how records are now; those before stay, in the columns of today.
TEST(UnitRows, SnapshotsOfEarlierExportsAreAdded) {
  const auto unit_of = [](const std::vector<std::vector<std::string_view>>& all, KeyedRows& unit) {
    UnitRows rows;
    for (const std::vector<std::string_view>& cells : all) {
      MappedRow row;
      row.cells = cells;
      row.line = 9;
      ASSERT_TRUE(rows.Add("k", cells[0], row).ok());
    }
    std::string key;
    ASSERT_TRUE(rows.Begin().ok());
    ASSERT_TRUE(rows.Next(key, unit).value());
  };
  KeyedRows before;
  unit_of({{"1", "open", "A1"}, {"2", "won", "A1"}}, before);
  const std::string stored = before.ToStored({"day", "stage", ""});
  KeyedRows now;
  unit_of({{"2", "won", "x", "A1"}, {"3", "lost", "y", "A1"}}, now);
  ASSERT_TRUE(now.AddStored(stored, {"day", "stage", "reason", ""}));
  std::string text;
  for (const MappedRow& row : now.Rows()) {
    for (const std::string_view cell : row.cells) absl::StrAppend(&text, std::string(cell), ",");
  }
  EXPECT_EQ(text, "1,open,,A1,2,won,,A1,2,won,x,A1,3,lost,y,A1,");
  KeyedRows again;
  unit_of({{"2", "won", "A1"}}, again);
  ASSERT_TRUE(again.AddStored(stored, {"day", "stage", ""}));
  EXPECT_EQ(again.Rows().size(), 2u);
  EXPECT_EQ(again.ToStored({"day", "stage", ""}), stored);
  for (size_t cut = 1; cut < stored.size(); ++cut) {
    KeyedRows damaged;
    unit_of({{"2", "won", "A1"}}, damaged);
    damaged.AddStored(std::string_view(stored).substr(0, cut), {"day", "stage", ""});  // refused or shorter
    EXPECT_LE(damaged.Rows().size(), 3u);
  }
}

}  // namespace
}  // namespace keyfold
