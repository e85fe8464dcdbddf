#include "exports/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

// All records, "line: cell|cell", with what is damaged; read in pieces of so many bytes.
std::vector<std::string> Read(const std::string& text, size_t piece, size_t width = 0) {
  size_t at = 0;
  CsvReader reader([&](std::string& out) -> absl::StatusOr<bool> {
    if (at == text.size()) return false;
    const size_t size = std::min(piece, text.size() - at);
    out.append(text, at, size);
    at += size;
    return true;
  });
  EXPECT_TRUE(reader.SetDelimiter('\0').ok());
  reader.set_width(width);
  std::vector<std::string> records;
  std::vector<std::string_view> cells;
  while (true) {
    const CsvReader::Outcome outcome = reader.Next(cells).value();
    if (outcome == CsvReader::Outcome::kEnd) return records;
    std::string record = absl::StrCat(reader.line(), ":");
    if (outcome == CsvReader::Outcome::kDamaged) absl::StrAppend(&record, " damaged: ", reader.damage());
    for (size_t i = 0; outcome == CsvReader::Outcome::kRecord && i < cells.size(); ++i) {
      absl::StrAppend(&record, i == 0 ? " " : "|", std::string(cells[i]));
    }
    records.push_back(record);
  }
}

// The same however the text comes in pieces.
std::vector<std::string> Read(const std::string& text) {
  const std::vector<std::string> records = Read(text, text.size() + 1);
  for (const size_t piece : {1, 2, 3, 7}) EXPECT_EQ(Read(text, piece), records) << "in pieces of " << piece;
  return records;
}

TEST(CsvReader, CellsAndLines) {
  EXPECT_THAT(Read("a,b\n1,2\r\n,\n3,4"), ElementsAre("1: a|b", "2: 1|2", "3: |", "4: 3|4"));
  EXPECT_THAT(Read("a\n\n\r\nb\n"), ElementsAre("1: a", "4: b"));
  EXPECT_THAT(Read(""), ElementsAre());
  EXPECT_THAT(Read("a,b\r"), ElementsAre("1: a|b"));
}

TEST(CsvReader, Quotes) {
  EXPECT_THAT(Read("\"a,b\",\"c\"\"d\"\n\"e\nf\",g\nh,i"), ElementsAre("1: a,b|c\"d", "2: e\nf|g", "4: h|i"));
  EXPECT_THAT(Read("\"\",\"\"\"\"\r\nx,y"), ElementsAre("1: |\"", "2: x|y"));
  EXPECT_THAT(Read("5\" pipe,a \"b\" c\n"), ElementsAre("1: 5\" pipe|a \"b\" c"));
  EXPECT_THAT(Read("\"a\"\r"), ElementsAre("1: a"));
}

TEST(CsvReader, TheDelimiterIsFoundOrSaid) {
  EXPECT_THAT(Read("a;b,c;d\n1;2;3"), ElementsAre("1: a|b,c|d", "2: 1|2|3"));
  EXPECT_THAT(Read("a\tb\n"), ElementsAre("1: a|b"));
  EXPECT_THAT(Read("a|b\n"), ElementsAre("1: a|b"));
  EXPECT_THAT(Read("\"a,b,c\";d\n"), ElementsAre("1: a,b,c|d"));
  EXPECT_THAT(Read("sep=,\r\na;b,c\n"), ElementsAre("2: a;b|c"));
  EXPECT_THAT(Read("\"a\nb\";c;d\n1;2;3"), ElementsAre("1: a\nb|c|d", "3: 1|2|3"));
}

// A quote that does not end would swallow all lines up to the next one.
TEST(CsvReader, DamageTakesOnlyItsLine) {
  EXPECT_THAT(Read("a,b\n\"1,2\n3,4\n", 100),
              ElementsAre("1: a|b", "2: damaged: has a quote that does not end", "3: 3|4"));
  EXPECT_THAT(Read("a,b\n\"1,2\n3,\"4\"\n5,6\n", 100),
              ElementsAre("1: a|b", "2: damaged: has text after a closing quote", "3: 3|4", "4: 5|6"));
  EXPECT_THAT(Read("a,b\n\"1\"x,2\n3,4", 3),
              ElementsAre("1: a|b", "2: damaged: has text after a closing quote", "3: 3|4"));
  EXPECT_THAT(Read("a,b\n1\n1,2,3\n3,4", 100, 2),
              ElementsAre("1: a|b", "2: damaged: has another number of cells than the header",
                          "3: damaged: has another number of cells than the header", "4: 3|4"));
  // Closed by a quote of another line, it is of the wrong width.
  EXPECT_THAT(Read("\"1,2\n3,\"\n5,6\n", 100, 2),
              ElementsAre("1: damaged: has another number of cells than the header", "3: 5|6"));
  EXPECT_THAT(Read("\"1,x,2\n3,4,5\n6,7,8\"\n9,9,9", 100, 3),
              ElementsAre("1: damaged: has a quote that ends in a later line", "2: 3|4|5", "3: 6|7|8\"", "4: 9|9|9"));
}

// What stands in a note is no record, however much a line of it looks like one.
TEST(CsvReader, ADamagedRecordOfSeveralLinesIsOne) {
  EXPECT_THAT(Read("1,\"first\n9,EVIL,999\nlast\"\n5,6,7", 100, 3),
              ElementsAre("1: damaged: has another number of cells than the header", "4: 5|6|7"));
}

TEST(CsvReader, ALineWithoutEndIsBounded) {
  const std::string endless(3 * CsvReader::kRecordBytesMax, 'x');
  EXPECT_THAT(Read("a,b\n" + endless + "\n1,2\n", 1 << 16),
              ElementsAre("1: a|b", "2: damaged: is longer than 1 MiB", "3: 1|2"));
}

}  // namespace
}  // namespace keyfold
