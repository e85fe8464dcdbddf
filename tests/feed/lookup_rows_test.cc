#include "feed/lookup_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A lookup with the columns name and address.
class World {
 public:
  explicit World(const std::string& key)
      : mapping_(Mapping::Parse(absl::StrCat("name: m\nsource: json\nempty: [\"-\"]\naccount: a\nkey: id\n",
                                             "lookups: {accounts: {topic: crm.accounts", key, "}}\n",
                                             "rows:\n  - account_opened:\n      at: t\n",
                                             "      name: accounts[a].name\n      region: accounts[a].address\n"),
                                "m.yaml")
                     .value()),
        rows_(mapping_, mapping_.lookups()[0], table_) {}

  std::string Take(std::optional<std::string_view> key, std::optional<std::string_view> value) {
    Record record;
    record.key = key;
    record.value = value;
    return rows_.Take(record);
  }

  // "name|address" of the row; "nothing".
  std::string Row(std::string_view key) const {
    const std::optional<std::string_view> name = table_.Find(key, 0);
    if (!name.has_value()) return "nothing";
    return absl::StrCat(std::string(*name), "|", std::string(*table_.Find(key, 1)));
  }

  LookupRows& rows() { return rows_; }

 private:
  const Mapping mapping_;
  LookupTable table_;
  LookupRows rows_;
};

std::string ChangedRow(const std::string& op, const std::string& before, const std::string& after) {
  return absl::StrCat(R"({"op": ")", op, R"(", "before": )", before, R"(, "after": )", after,
                      R"(, "source": {"db": "crm", "table": "accounts"}})");
}

TEST(LookupRowsTest, TheLatestRecordOfAKeyIsItsRow) {
  World world("");
  EXPECT_EQ(world.Take("A1", R"({"name": " Birken ", "address": "-", "more": {"x": 1}})"), "");
  EXPECT_EQ(world.Row("A1"), "Birken|");  // cleaned as the cells of rows are
  EXPECT_EQ(world.Take("\"A1\"", R"({"name": "Birken Foods", "address": 17})"), "");
  EXPECT_EQ(world.Take(R"({"id": "A2"})", R"({"name": "Elbtal"})"), "");
  EXPECT_EQ(world.Row("A1"), "Birken Foods|17");
  EXPECT_EQ(world.Row("A2"), "Elbtal|");
  EXPECT_EQ(world.Take("A1", std::nullopt), "");
  EXPECT_EQ(world.Row("A1"), "nothing");
  EXPECT_EQ(world.Row("A2"), "Elbtal|");
  EXPECT_EQ(world.rows().counts().rows, 1);
  EXPECT_EQ(world.rows().counts().records, 4);
  world.rows().Clear();
  EXPECT_EQ(world.Row("A2"), "nothing");
  EXPECT_EQ(world.rows().counts().records, 4);
}

TEST(LookupRowsTest, ChangesOfRows) {
  for (const char* const key : {"", ", key: id"}) {
    World world(key);
    const auto take = [&world](const std::string& value) { return world.Take(R"({"id": 7})", value); };
    EXPECT_EQ(take(ChangedRow("r", "null", R"({"id": 7, "name": "Birken"})")), "");
    EXPECT_EQ(world.Row("7"), "Birken|");
    EXPECT_EQ(take(ChangedRow("u", R"({"id": 7, "name": "Birken"})", R"({"id": 7, "name": "Birken Foods"})")), "");
    EXPECT_EQ(world.Row("7"), "Birken Foods|");
    EXPECT_EQ(take(ChangedRow("d", "null", "null")), "");
    EXPECT_EQ(world.Row("7"), "nothing");
    EXPECT_EQ(world.Take(R"({"id": 7})", std::nullopt), "");  // the tombstone behind it
    EXPECT_EQ(world.rows().counts().unreadable, 0);
  }
}

TEST(LookupRowsTest, WithAColumnAsKeyEachRecordKeyHasOneRow) {
  World world(", key: id");
  EXPECT_EQ(world.Take("k1", R"({"id": "A1", "name": "Birken"})"), "");
  EXPECT_EQ(world.Take("k2", R"({"id": "A2", "name": "Elbtal"})"), "");
  EXPECT_EQ(world.Take("k1", R"({"id": "A3", "name": "Birken Foods"})"), "");
  EXPECT_EQ(world.Row("A1"), "nothing");
  EXPECT_EQ(world.Row("A3"), "Birken Foods|");
  EXPECT_EQ(world.Take("k2", std::nullopt), "");
  EXPECT_EQ(world.Row("A2"), "nothing");
  EXPECT_EQ(world.Take("k2", std::nullopt), "");
  EXPECT_EQ(world.rows().counts().contested, 0);
}

TEST(LookupRowsTest, OfTwoRecordKeysWithOneRowTheLaterRecordHolds) {
  World world(", key: id");
  world.Take("old", R"({"id": "A1", "name": "Birken"})");
  world.Take("new", R"({"id": "A1", "name": "Birken Foods"})");
  EXPECT_EQ(world.rows().counts().contested, 1);
  world.Take("old", std::nullopt);  // a program that has changed its keys
  EXPECT_EQ(world.Row("A1"), "Birken Foods|");
  world.Take("new", R"({"id": "A1", "name": "Birken Foods GmbH"})");
  EXPECT_EQ(world.rows().counts().contested, 1);
  world.Take("new", std::nullopt);
  EXPECT_EQ(world.Row("A1"), "nothing");
}

TEST(LookupRowsTest, WithoutRecordKeysThereIsTheColumn) {
  World world(", key: id");
  EXPECT_EQ(world.Take(std::nullopt, R"({"id": "A1", "name": "Birken"})"), "");
  EXPECT_EQ(world.Take(std::nullopt, R"({"id": "A2", "name": "Elbtal"})"), "");
  EXPECT_EQ(world.Take(std::nullopt, ChangedRow("d", R"({"id": "A1"})", "null")), "");
  EXPECT_EQ(world.Row("A1"), "nothing");
  EXPECT_EQ(world.Row("A2"), "Elbtal|");
  EXPECT_THAT(world.Take(std::nullopt, std::nullopt), HasSubstr("does not tell which row is gone"));
  EXPECT_THAT(world.Take(std::nullopt, ChangedRow("d", "null", "null")), HasSubstr("does not tell which row is gone"));
  EXPECT_EQ(world.rows().counts().unreadable, 2);
}

TEST(LookupRowsTest, WhatIsNoRowIsKeptOutAndTakesAwayWhatItsKeyHad) {
  const std::pair<const char*, const char*> cases[] = {
      {"{nothing", "no JSON"},
      {"\"text\"", "no JSON object"},
      {"[{\"id\": \"A1\", \"name\": \"x\"}]", "it is a list"},
      {R"({"id": "A1", "name": {"first": "x"}})", "name is an object"},
      {R"({"op": "t", "before": null, "after": null})", "op: 't'"},
  };
  for (const char* const key : {"", ", key: id"}) {
    World world(key);
    for (const auto& [value, why] : cases) {
      EXPECT_EQ(world.Take("A1", R"({"id": "A1", "name": "Birken"})"), "");
      EXPECT_THAT(world.Take("A1", value), HasSubstr(why)) << value;
      EXPECT_EQ(world.Row("A1"), "nothing") << value;
    }
    EXPECT_EQ(world.rows().counts().unreadable, 5);
    EXPECT_EQ(world.rows().counts().rows, 0);
  }
  World by_column(", key: id");
  EXPECT_EQ(by_column.Take("k", R"({"id": "A1", "name": "Birken"})"), "");
  EXPECT_THAT(by_column.Take("k", R"({"name": "Birken"})"), StartsWith("id is missing"));
  EXPECT_EQ(by_column.Row("A1"), "nothing");
  World by_record_key("");
  EXPECT_THAT(by_record_key.Take(R"({"id": 1, "country": "DE"})", "{}"), HasSubstr("does not name one value"));
  EXPECT_THAT(by_record_key.Take(std::nullopt, "{}"), HasSubstr("no record key"));
  EXPECT_THAT(by_record_key.Take(" - ", "{}"), HasSubstr("record key is empty"));
}

}  // namespace
}  // namespace keyfold
