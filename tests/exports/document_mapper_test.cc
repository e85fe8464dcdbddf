// What a mapping of documents has at hand.
#include "exports/document_mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using AtHand = DocumentMapper::AtHand;

std::string MappingWith(const std::string& lookup) {
  return absl::StrCat("name: m\nsource: json\naccount: a\nkey: id\nlookups: {l: {", lookup,
                      "}}\nrows: [{account_opened: {at: t, name: \"= l[a].name\"}}]\n");
}

std::string Complaint(const std::string& lookup, AtHand at_hand) {
  const absl::StatusOr<DocumentMapper> mapper = DocumentMapper::Parse(MappingWith(lookup), "m.yaml", at_hand);
  return mapper.ok() ? "taken" : std::string(mapper.status().message());
}

TEST(DocumentMapperTest, LookupsAreTakenWhereTheyAreAtHand) {
  for (const char* const lookup : {"topic: accounts", "topic: accounts, key: id", "file: f.csv, key: id"}) {
    EXPECT_EQ(Complaint(lookup, AtHand::kLookups), "taken") << lookup;
  }
  EXPECT_THAT(Complaint("topic: accounts", AtHand::kDocument),
              AllOf(HasSubstr("m.yaml: the lookup l is a topic"), HasSubstr("keyfold feed")));
  EXPECT_THAT(Complaint("file: f.csv, key: id", AtHand::kDocument), HasSubstr("m.yaml: the lookup l is a file"));
  for (const AtHand at_hand : {AtHand::kDocument, AtHand::kLookups}) {
    EXPECT_THAT(Complaint("key: id", at_hand), HasSubstr("the lookup l names neither a file nor a topic"));
  }
}

TEST(DocumentMapperTest, LooksUpInTheTablesThatItIsGiven) {
  const DocumentMapper mapper =
      DocumentMapper::Parse(MappingWith("topic: accounts"), "m.yaml", AtHand::kLookups).value();
  std::vector<LookupTable> tables(1);
  const std::vector<std::string_view> first = {"Birken"};
  const std::vector<std::string_view> second = {"Birken Foods"};
  const auto name = [&] {
    const MappedDocument mapped =
        mapper.Map(*ParseExactJson(R"({"id": 1, "a": "A1", "t": "2025-03-03"})"), tables).value();
    EXPECT_EQ(mapped.outcomes.size(), 1u);
    EXPECT_EQ(mapped.outcomes[0].reason, "");
    const std::string found = mapped.outcomes[0].event.account_opened().name();
    EXPECT_EQ(mapped.notes.size(), found.empty() ? 1u : 0u);
    return found;
  };
  EXPECT_EQ(name(), "");
  tables[0].Put("A1", first);
  EXPECT_EQ(name(), "Birken");
  tables[0].Put("A1", second);
  EXPECT_EQ(name(), "Birken Foods");
  tables[0].Remove("A2");
  tables[0].Remove("A1");
  EXPECT_EQ(name(), "");
}

}  // namespace
}  // namespace keyfold
