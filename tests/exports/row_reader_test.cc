#include "exports/row_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RowReaderTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (directory_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // The files packed: into a .zip, or, if it is one, into a .gz.
  std::string Pack(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
    const std::string path = (directory_ / name).string();
    archive* const packed = archive_write_new();
    if (name.ends_with(".zip")) {
      archive_write_set_format_zip(packed);
    } else {
      archive_write_set_format_raw(packed);
      archive_write_add_filter_gzip(packed);
    }
    EXPECT_EQ(archive_write_open_filename(packed, path.c_str()), ARCHIVE_OK);
    for (const auto& [member, text] : files) {
      archive_entry* const entry = archive_entry_new();
      archive_entry_set_pathname(entry, member.c_str());
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_size(entry, static_cast<int64_t>(text.size()));
      archive_entry_set_perm(entry, 0644);
      EXPECT_EQ(archive_write_header(packed, entry), ARCHIVE_OK);
      EXPECT_EQ(archive_write_data(packed, text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
      archive_entry_free(entry);
    }
    archive_write_close(packed);
    archive_write_free(packed);
    return path;
  }

  // All rows, "file:line: cell|cell", with those that are damaged, and the error that ends it.
  std::vector<std::string> Read(const std::vector<std::string>& files) {
    const std::unique_ptr<RowReader> reader = OpenRows(files, wanted_);
    std::vector<std::string> rows;
    MappedRow row;
    MappingProblem problem;
    while (true) {
      const absl::StatusOr<RowReader::Outcome> outcome = reader->Next(row, problem);
      if (!outcome.ok()) {
        rows.emplace_back(outcome.status().message());
        return rows;
      }
      if (*outcome == RowReader::Outcome::kEnd) return rows;
      std::string text = absl::StrCat(row.file, ":", row.line, ":");
      if (*outcome == RowReader::Outcome::kDamaged) {
        absl::StrAppend(&text, " ", problem.column, " ", problem.reason);
      } else {
        EXPECT_EQ(row.cells.size(), wanted_.columns.size() + 1);
        for (size_t i = 0; i < wanted_.columns.size(); ++i) {
          absl::StrAppend(&text, i == 0 ? " " : "|", std::string(row.cells[i]));
        }
      }
      rows.push_back(text);
    }
  }

  void Want(std::vector<std::string> columns) {
    wanted_.columns.clear();
    for (std::string& column : columns) wanted_.columns.push_back({std::move(column), 7, false});
    wanted_.mapping_file = "m.yaml";
  }

  const std::filesystem::path directory_ = std::filesystem::path(::testing::TempDir()) / "row_reader_test";
  WantedRows wanted_;
};

TEST_F(RowReaderTest, ColumnsInTheOrderThatIsWanted) {
  Want({"b", "a"});
  const std::string one = Write("one.csv", "a , b,c\n1,2,\xc3\xbc\n\"4\n5\",6,7\n8\n9,\xff,9\n");
  const std::string two = Write("two.csv", "b;a\nx;y\n");
  EXPECT_THAT(Read({one, two}),
              ElementsAre("0:2: 2|1", "0:3: 6|4\n5", "0:5: the row has another number of cells than the header",
                          "0:6: b is not UTF-8 (`encoding:` says what it is)", "1:2: x|y"));
}

TEST_F(RowReaderTest, AColumnThatIsMissingIsNamedWithItsPlaceInTheMapping) {
  Want({"Quanity"});
  const std::string file = Write("sales.csv", "Quantity,a,a\n1,2,3\n");
  EXPECT_THAT(Read({file}), ElementsAre(absl::StrCat("m.yaml:7: there is no column 'Quanity' in ", file,
                                                     ", did you mean Quantity?; its columns: Quantity | a | a")));
  Want({"a"});
  EXPECT_THAT(Read({file}), ElementsAre(absl::StrCat("m.yaml:7: there are several columns 'a' in ", file)));
  Want({"Quantity", "cost"});
  wanted_.columns[1].optional = true;
  EXPECT_THAT(Read({file}), ElementsAre("0:2: 1|"));
}

TEST_F(RowReaderTest, PackedFiles) {
  Want({"a"});
  const std::string zip =
      Pack("both.zip", {{"x/one.csv", "a\n1\n"}, {"__MACOSX/x/._one.csv", "zz"}, {"two.csv", "a\n2\n"}});
  const std::string gz = Pack("three.csv.gz", {{"three.csv", "a\n3\n"}});
  EXPECT_THAT(Read({zip, gz}), ElementsAre("0:2: 1", "1:2: 2", "2:2: 3"));
  EXPECT_THAT(Read({Write("empty.csv", "")}), ElementsAre());
  std::filesystem::resize_file(gz, std::filesystem::file_size(gz) - 9);
  EXPECT_THAT(Read({gz}).back(), HasSubstr("failed"));
  EXPECT_THAT(Read({"/no/such/file.csv"}), ElementsAre(HasSubstr("cannot read /no/such/file.csv")));
}

TEST_F(RowReaderTest, WithoutAHeaderAndAfterOtherLines) {
  Want({"second"});
  wanted_.format.header = {"first", "second"};
  wanted_.format.skip_lines = 2;
  EXPECT_THAT(Read({Write("data.csv", "made by x\n\n1;2\n")}), ElementsAre("0:3: 2"));
}

TEST_F(RowReaderTest, JsonLines) {
  Want({"id", "owner.name", "tags", "price"});
  wanted_.format.type = SourceFormat::Type::kJson;
  const std::string file = Write("rows.jsonl",
                                 "{\"id\":1,\"owner\":{\"name\":\"Ann\"},\"tags\":[\"a\",2,null],\"price\":1234.10}\n"
                                 "{\"id\":\n"
                                 "\n"
                                 "{\"id\":true,\"owner.name\":\"Ben\",\"price\":12345678901234567890.123}\n"
                                 "{\"id\":{\"x\":1}}\n");
  EXPECT_THAT(Read({file}),
              ElementsAre("0:1: 1|Ann|a; 2; |1234.10", "0:2: the record is no JSON",
                          "0:4: true|Ben||12345678901234567890.123", "0:5: id is an object, not a text or a number"));
}

TEST_F(RowReaderTest, AJsonDocumentWithRecordsAndTheirItems) {
  Want({"id", "item.sku", "links.0.href"});
  wanted_.format.type = SourceFormat::Type::kJson;
  wanted_.format.records = "d.results";
  wanted_.format.each = "items";
  const std::string file = Write("page.json", R"({"d":{"results":[
    {"id":"1","items":[{"sku":"a"},{"sku":"b"}],"links":[{"href":"x"}]},
    {"id":"2","items":[]},
    {"id":"3"}
  ]}})");
  const std::string other = Write("page2.json", R"({"d":{"results":[{"id":"4","items":[{"sku":"c"}]}]}})");
  EXPECT_THAT(Read({file, other}), ElementsAre("0:1: 1|a|x", "0:1: 1|b|x", "0:2: 2||", "0:3: 3||", "1:1: 4|c|"));
}

TEST_F(RowReaderTest, ItemsMayBePlain) {
  Want({"id", "item"});
  wanted_.format.type = SourceFormat::Type::kJson;
  wanted_.format.each = "ids";
  const std::string file = Write("page.json", R"([{"id": 1, "ids": [7, "b"]}, {"id": 2, "ids": []}, {"id": 3},
    {"id": 4, "ids": [{"x": 1}], "item": "its own"}])");
  EXPECT_THAT(Read({file}), ElementsAre("0:1: 1|7", "0:1: 1|b", "0:2: 2|", "0:3: 3|", "0:4: 4|its own"));
}

TEST_F(RowReaderTest, JsonThatIsNestedTooDeeplyIsNone) {
  Want({"id"});
  wanted_.format.type = SourceFormat::Type::kJson;
  EXPECT_THAT(Read({Write("deep.json", std::string(100'000, '[') + std::string(100'000, ']'))}),
              ElementsAre("0:1: the record is no JSON"));
}

TEST_F(RowReaderTest, ADocumentWithoutRecordsSaysSo) {
  Want({"id"});
  wanted_.format.type = SourceFormat::Type::kJson;
  wanted_.format.records = "data";
  EXPECT_THAT(Read({Write("pages.jsonl", R"({"data": [{"id": 1}]}
{"data": null}
{"success": true}
[]
no
)")}),
              ElementsAre("0:1: 1", "0:3: the record has nothing at data", "0:4: the record has nothing at data",
                          "0:5: the record is no JSON"));
}

// What there is of a damaged record may say that it is a line of totals.
TEST_F(RowReaderTest, ADamagedRecordHasTheCellsThatItHas) {
  Want({"b", "a"});
  const std::unique_ptr<RowReader> reader = OpenRows({Write("totals.csv", "a,b,c\nTotal\n1,2,3,4\n\"x\n")}, wanted_);
  MappedRow row;
  MappingProblem problem;
  ASSERT_EQ(reader->Next(row, problem).value(), RowReader::Outcome::kDamaged);
  EXPECT_THAT(row.cells, ElementsAre("", "Total", ""));
  ASSERT_EQ(reader->Next(row, problem).value(), RowReader::Outcome::kDamaged);
  EXPECT_THAT(row.cells, ElementsAre("2", "1", ""));
  ASSERT_EQ(reader->Next(row, problem).value(), RowReader::Outcome::kDamaged);
  EXPECT_THAT(row.cells, ElementsAre());
}

// A first line that is damaged does not make a document of all others.
TEST_F(RowReaderTest, ADamagedFirstLineLosesOnlyItself) {
  Want({"id"});
  wanted_.format.type = SourceFormat::Type::kJson;
  EXPECT_THAT(Read({Write("rows.jsonl", "{\"id\":1\n{\"id\":2}\n")}),
              ElementsAre("0:1: the record is no JSON", "0:2: 2"));
}

}  // namespace
}  // namespace keyfold
