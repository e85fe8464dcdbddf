// Of rows that belong together: which are left out, which are there again, and that the others remain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_replace.h"
#include "mapping/mapping_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A row that cannot say when an account was opened, or one of its lines, leaves that to the others.
TEST(MappingRows, ABadRowTakesNothingWithIt) {
  World world(R"yaml(
name: erp
account: A
group: K
once:
  - account_opened: {at: min(date(D)), name: A}
rows:
  - order_placed:
      at: max(date(D))
      order_id: K
      lines: {line_id: row, sale_type: BASE, quantity: 1, net: {EUR: number(F)}}
)yaml");
  for (const char* const day : {"1970-01-02", "1970-02-30", "1970-01-03"}) {
    world.Add({{"A", "A1"}, {"K", "7"}, {"D", day}, {"F", "3"}});
  }
  EXPECT_THAT(world.Events(), ElementsAre(HasSubstr("account_opened:A1 A1@86400"),
                                          AllOf(HasSubstr("order_placed:7 A1@172800"), HasSubstr(R"("line_id":"2")"))));
  EXPECT_THAT(world.rejected(),
              ElementsAre("line 3: date(D) is no date or time of the expected form (iso): 1970-02-30"));
  EXPECT_EQ(world.context().notes.at("rows left out of `once`: date(D) is no date or time of the expected form (iso)"),
            1);
}

TEST(MappingRows, ABadSnapshotTakesNoOtherWithIt) {
  World world(R"yaml(
name: crm
columns: {D: date}
account: A
snapshots: {key: K}
order: D
rows:
  - when: before(S) = ""
    opportunity_created: {at: D, opportunity_id: K, sale_type: BASE, stage: S, probability: 50, amount: {EUR: number(F)}}
  - when: becomes(S = "won")
    opportunity_won: {at: D, opportunity_id: K, amount: {EUR: number(F)}}
)yaml");
  world.Add({{"A", "A1"}, {"K", "7"}, {"D", "1970-01-02"}, {"S", "open"}, {"F", "3"}});
  world.Add({{"A", "A1"}, {"K", "7"}, {"D", "1970-01-03"}, {"S", "won"}, {"F", "x"}});
  world.Add({{"A", "A1"}, {"K", "7"}, {"D", "1970-01-04"}, {"S", "won"}, {"F", "4"}});
  world.Add({{"A", "A1"}, {"K", "7"}, {"D", "1970-01-04"}, {"S", "won"}, {"F", "5"}});
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr("opportunity_created:7:86400"), HasSubstr("opportunity_won:7:259200")));
  EXPECT_THAT(world.rejected(), ElementsAre("line 3: number(F) is no number: x"));
  EXPECT_EQ(world.context().notes.at("snapshots of one record with the same order (in that of their cells)"), 1);
}

// A row of a group that has a key of its own is taken once; without one it is counted.
TEST(MappingRows, RowsOfAGroupMayHaveAKey) {
  const std::string without = R"yaml(
name: erp
account: A
group: K
rows:
  - order_placed: {at: date(D), order_id: K, lines: {line_id: row, sale_type: BASE, quantity: 1, net: {EUR: number(F)}}}
)yaml";
  const auto add = [](World& world) {
    for (const auto& [line, amount] : {std::pair("1", "3"), {"1", "3"}, {"2", "4"}, {"3", "5"}, {"3", "6"}}) {
      world.Add({{"A", "A1"}, {"K", "7"}, {"D", "1970-01-02"}, {"L", line}, {"F", amount}});
    }
  };
  World counted(without);
  add(counted);
  EXPECT_THAT(counted.Events(), ElementsAre(HasSubstr(R"("line_id":"5")")));
  EXPECT_THAT(counted.rejected(), IsEmpty());
  EXPECT_EQ(counted.context().notes.at("rows that repeat another one of their group (taken)"), 1);
  World keyed(absl::StrReplaceAll(without, {{"rows:", "key: L\nrows:"}}));
  add(keyed);
  EXPECT_THAT(keyed.Events(), ElementsAre(AllOf(HasSubstr(R"("minor":"300")"), HasSubstr(R"("minor":"400")"),
                                                Not(HasSubstr(R"("line_id":"3")")))));
  EXPECT_THAT(keyed.rejected(), ElementsAre("line 5: key is the same in several rows with different content: 7 3",
                                            "line 6: key is the same in several rows with different content: 7 3"));
  EXPECT_EQ(keyed.context().notes.at("rows that repeat another one"), 1);
}

}  // namespace
}  // namespace keyfold
