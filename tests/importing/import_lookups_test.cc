// Where an import finds what its mapping looks up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "importing/import.h"
#include "importing/import_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ImportLookupsTest : public ImportWorld {
 protected:
  ImportLookupsTest() : ImportWorld("import_lookups_test") {
    Write("rows.csv", "id,t\nA1,2025-03-03\n");
    Write("names.csv", "number,name\nA1,Birken\n");
  }

  // The names of the accounts that a mapping with this lookup makes, or what is wrong.
  std::vector<std::string> Names(const std::string& lookup) const {
    Write("m.yaml", absl::StrCat("name: m\naccount: id\nkey: id\nlookups:\n  l: {", lookup,
                                 "}\nrows: [{account_opened: {at: t, name: \"= l[id].name\"}}]\n"));
    absl::StatusOr<std::unique_ptr<Import>> import = Import::Create(source_);
    if (!import.ok()) return {std::string(import.status().message())};
    std::vector<std::string> names;
    absl::Status status = (*import)->Read();
    if (status.ok()) {
      status = (*import)->ForEachUnit([&names](Mapping::Section, std::string_view, const MappedUnit& unit) {
        for (const v1::AccountEvent& event : unit.events) names.push_back(event.account_opened().name());
        return absl::OkStatus();
      });
    }
    EXPECT_EQ(status, absl::OkStatus());
    return names;
  }
};

TEST_F(ImportLookupsTest, AFileStandsBesideTheRowsOrIsGiven) {
  EXPECT_THAT(Names("file: names.csv, key: number"), ElementsAre("Birken"));
  EXPECT_THAT(Names("key: number"), ElementsAre(HasSubstr("m.yaml:5: which file is l? --lookup l=FILE")));
  source_.lookup_files["l"] = directory_ + "names.csv";
  EXPECT_THAT(Names("key: number"), ElementsAre("Birken"));
  source_.lookup_files["m"] = directory_ + "names.csv";
  EXPECT_THAT(Names("key: number"), ElementsAre(HasSubstr("m.yaml has no lookup 'm'")));
}

TEST_F(ImportLookupsTest, AFileMayNeedToBeDescribed) {
  Write("names.csv", "made by x\nA1|Bir,ken\n");
  EXPECT_THAT(Names("file: names.csv, key: number, header: [number, name], delimiter: '|', skip_lines: 1"),
              ElementsAre("Bir,ken"));
  EXPECT_THAT(Names("file: names.csv, key: number, delimiter: '||'"),
              ElementsAre(HasSubstr("m.yaml:5: delimiter: one character, or tab")));
}

TEST_F(ImportLookupsTest, InPlaceOfATopicAFileIsGiven) {
  EXPECT_THAT(
      Names("topic: crm.accounts, key: number"),
      ElementsAre(HasSubstr("m.yaml:5: l is the topic crm.accounts, which only `keyfold feed` reads; here it is "
                            "--lookup l=FILE")));
  source_.lookup_files["l"] = directory_ + "names.csv";
  EXPECT_THAT(Names("topic: crm.accounts, key: number"), ElementsAre("Birken"));
  EXPECT_THAT(Names("topic: crm.accounts"),
              ElementsAre(HasSubstr("m.yaml:5: l has no `key:`, the column that rows of")));
}

}  // namespace
}  // namespace keyfold
