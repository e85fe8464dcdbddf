// Rows in, events and rejections out.
#include "mapping/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "mapping/mapping_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kInvoices[] = R"yaml(
name: erp
columns: {Qty: integer, Price: decimal}
account: Customer
group: Invoice
rows:
  - invoice_issued:
      at: min(date(Date))
      invoice_id: Invoice
      lines: {line_id: row, product_id: Item, sale_type: BASE, quantity: Qty, net: {EUR: Qty * Price}}
)yaml";

Cells Line(const char* invoice, const char* item, const char* quantity, const char* price) {
  return {{"Customer", "A1"}, {"Invoice", invoice}, {"Item", item},
          {"Qty", quantity},  {"Price", price},     {"Date", "1970-01-02"}};
}

TEST(Mapping, RowsBecomeOneEventWhateverTheirOrder) {
  World one(kInvoices);
  one.Add(Line("I1", "nut", "2", "1.50"));
  one.Add(Line("I1", "bolt", "1", "0.25"));
  World other(kInvoices);
  other.Add(Line("I1", "bolt", "1", "0.25"));
  other.Add(Line("I1", "nut", "2", "1.50"));
  const std::vector<std::string> events = one.Events();
  EXPECT_EQ(events, other.Events());
  EXPECT_THAT(
      events,
      ElementsAre(
          R"(erp:invoice_issued:I1 A1@86400: {"invoice_id":"I1","lines":[)"
          R"({"line_id":"1","product_id":"bolt","sale_type":"BASE","quantity":"1000","net":{"currency_code":"EUR","minor":"25"}},)"
          R"({"line_id":"2","product_id":"nut","sale_type":"BASE","quantity":"2000","net":{"currency_code":"EUR","minor":"300"}}]})"));
}

TEST(Mapping, ABadLineLosesOnlyItself) {
  World world(kInvoices);
  world.Add(Line("I1", "nut", "2", "1.50"));
  world.Add(Line("I1", "bolt", "x", "0.25"));
  world.Add(Line("I1", "screw", "1", ""));
  EXPECT_THAT(world.Events(), ElementsAre(HasSubstr("\"nut\"")));
  EXPECT_THAT(world.rejected(), ElementsAre("line 3: Qty is no whole number: x", "line 4: Price is empty"));
}

TEST(Mapping, LinesThatBreakARuleOfEventsAreLeftOut) {
  World world(R"yaml(
name: erp
account: Customer
group: Note
rows:
  - credit_note_issued:
      at: min(date(Date))
      credit_note_id: Note
      lines: {when: Item != "rounding", line_id: Item, sale_type: BASE, net: {EUR: Price}}
)yaml");
  const auto add = [&](const char* item, const char* price) {
    world.Add({{"Customer", "A1"}, {"Note", "N1"}, {"Item", item}, {"Price", price}, {"Date", "1970-01-02"}});
  };
  add("a", "1");
  add("b", "-2");
  add("c", "3");
  add("rounding", "x");
  const std::vector<std::string> events = world.Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_THAT(events[0], HasSubstr(R"("line_id":"a")"));
  EXPECT_THAT(events[0], HasSubstr(R"("line_id":"c","sale_type":"BASE","net":{"currency_code":"EUR","minor":"300"})"));
  EXPECT_THAT(events[0], Not(HasSubstr("\"b\"")));
  EXPECT_THAT(world.rejected(), ElementsAre("line 3: credit_note_issued.net.minor negative"));
}

TEST(Mapping, AnEventWithoutAnyLineIsNone) {
  World world(kInvoices);
  world.Add(Line("I1", "nut", "2", ""));
  EXPECT_THAT(world.Events(), IsEmpty());
  EXPECT_THAT(world.rejected(), ElementsAre("line 2: Price is empty"));
}

// 0.3 cents three times are 1 cent, whichever way they come.
TEST(Mapping, CentsOfADocumentAddUpToItsExactTotal) {
  const auto minors = [](const char* rounding) {
    World world(std::string(kInvoices) + "rounding: " + rounding + "\n");
    for (const char* item : {"a", "b", "c"}) world.Add(Line("I1", item, "1", "0.0034"));
    world.Add(Line("I2", "d", "1", "0.0034"));
    std::string found;
    for (const std::string& event : world.Events()) {
      for (size_t at = event.find("\"minor\":\""); at != std::string::npos; at = event.find("\"minor\":\"", at + 1)) {
        found += event.substr(at + 9, event.find('"', at + 9) - at - 9) + " ";
      }
    }
    const AmountTotal& total = world.context().amounts.totals.at("invoice_issued.lines.net").at("EUR");
    EXPECT_EQ(total.exact.ToString(), "0.0136");
    EXPECT_EQ(total.rounded, 4);
    return found + "= " + std::to_string(total.minor);
  };
  EXPECT_EQ(minors("line"), "0 0 0 0 = 0");
  EXPECT_EQ(minors("document"), "0 1 0 0 = 1");
  EXPECT_EQ(minors("account"), "0 1 0 0 = 1");
}

TEST(Mapping, AnAccountsCentsGoOnFromDocumentToDocument) {
  World world(std::string(kInvoices) + "rounding: account\n");
  for (const char* invoice : {"I1", "I2", "I3"}) world.Add(Line(invoice, "a", "1", "0.004"));
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr("\"minor\":\"0\""), HasSubstr("\"minor\":\"1\""), HasSubstr("\"minor\":\"0\"")));
}

TEST(Mapping, AmountsOfCurrenciesThatTheRowNames) {
  World world(R"yaml(
name: q
account: A
key: K
rows:
  - quote_issued: {at: date(D), quote_id: K, amount: {currency: C, amount: V}, valid_until: "= add_days(date(D), 30)"}
)yaml");
  const auto add = [&](const char* key, const char* currency, const char* value) {
    world.Add({{"A", "A1"}, {"K", key}, {"C", currency}, {"V", value}, {"D", "2026-01-31"}});
  };
  add("1", "JPY", "12");
  add("2", "KWD", "1.2345");
  add("3", "XXQ", "1");
  add("4", "EUR", "99999999999999");
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr(R"({"currency_code":"JPY","minor":"12"},"valid_until":"2026-03-02")"),
                          HasSubstr(R"({"currency_code":"KWD","minor":"1235"})")));
  EXPECT_THAT(world.rejected(), ElementsAre("line 4: C is no currency of ISO 4217: XXQ",
                                            "line 5: quote_issued.amount is too large: 99999999999999"));
}

TEST(Mapping, OncePerAccountFromTheEarliestRow) {
  World world(R"yaml(
name: crm
account: Account
order: date(Day)
once:
  - account_opened: {at: min(date(Day)), name: Account, region: first(Region)}
)yaml");
  world.Add({{"Account", "A1"}, {"Day", "1970-01-05"}, {"Region", "South"}});
  world.Add({{"Account", "A2"}, {"Day", "1970-01-04"}, {"Region", "East"}});
  world.Add({{"Account", "A1"}, {"Day", "1970-01-03"}, {"Region", "North"}});
  EXPECT_THAT(world.Events(), ElementsAre(R"(crm:account_opened:A1 A1@172800: {"name":"A1","region":"North"})",
                                          R"(crm:account_opened:A2 A2@259200: {"name":"A2","region":"East"})"));
}

constexpr char kSnapshots[] = R"yaml(
name: crm
tables:
  outcome: {Won: won, Lost: lost, else: open}
account: Account
snapshots: {key: Id}
order: date(Seen)
rows:
  - when: before(Stage) = ""
    opportunity_created: {at: date(Seen), opportunity_id: Id, sale_type: BASE, amount: {EUR: Value}, probability: 50}
  - when: outcome[Stage] = "open" and before(outcome[Stage]) != "open" and before(Stage) != ""
    opportunity_reopened: {at: date(Seen), opportunity_id: Id}
  - when: becomes(outcome[Stage] = "won")
    opportunity_won: {at: date(Seen), opportunity_id: Id, amount: {EUR: Value}}
  - when: becomes(outcome[Stage] = "lost")
    opportunity_lost: {at: date(Seen), opportunity_id: Id}
)yaml";

// Rows come in any order; what is between them are the events.
TEST(Mapping, SnapshotsBecomeWhatHappenedBetweenThem) {
  World world(kSnapshots);
  const auto add = [&](const char* seen, const char* stage, const char* account) {
    world.Add({{"Account", account}, {"Id", "O1"}, {"Stage", stage}, {"Value", "5"}, {"Seen", seen}});
  };
  add("1970-01-05", "Won", "A2");
  add("1970-01-01", "New", "A1");
  add("1970-01-03", "Lost", "A1");
  add("1970-01-04", "New", "A1");
  add("1970-01-02", "New", "A1");
  const std::vector<std::string> events = world.Events();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_THAT(events[0], HasSubstr("crm:opportunity_created:O1:0 A2@0"));
  EXPECT_THAT(events[1], HasSubstr("crm:opportunity_lost:O1:172800 A2@172800"));
  EXPECT_THAT(events[2], HasSubstr("crm:opportunity_reopened:O1:259200 A2@259200"));
  EXPECT_THAT(events[3], HasSubstr("crm:opportunity_won:O1:345600 A2@345600"));
}

TEST(Mapping, WhatCannotBeKnownIsRejected) {
  World world(R"yaml(
name: crm
columns: {day: date}
account: Account
key: [Region, Id]
skip: {not closed: day = "", the last line: Account = "Total"}
reject: {a test account: 'starts(Account, "TEST")'}
rows:
  - opportunity_won: {at: day, opportunity_id: Id, amount: {EUR: Value}}
)yaml");
  const auto add = [&](const char* account, const char* region, const char* id, const char* day, const char* value) {
    world.Add({{"Account", account}, {"Region", region}, {"Id", id}, {"day", day}, {"Value", value}});
  };
  add("A1", "N:1", "1", "1970-01-02", "1");
  add("A1", "N", "2", "", "1");
  add("TEST1", "N", "3", "1970-01-02", "1");
  add("", "N", "4", "1970-01-02", "1");
  add("A1", "", "5", "1970-01-02", "1");
  add("A1", "N", "6", "2.1.1970", "1");
  add("A1", "N", "7", "1970-01-02", "1");
  add("A2", "N", "7", "1970-01-02", "1");
  add("A1", "N", "8", "1970-01-02", "1");
  add("A1", "N", "8", "1970-01-02", "2");
  add("A1", "N", "9", "1970-01-02", "1");
  add("A1", "N", "9", "1970-01-02", "1");
  add("Total", "", "", "12 rows", "");
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr("crm:opportunity_won:N%3A1:1 "), HasSubstr("opportunity_won:N:9 ")));
  EXPECT_THAT(world.rejected(),
              UnorderedElementsAre("skipped: not closed", "skipped: the last line", "line 4:  a test account",
                                   "line 5: Account is empty: there is no account",
                                   "line 6: Region is empty, and names the row",
                                   "line 7: day is no date or time of the expected form (iso): 2.1.1970",
                                   "line 8: account differs among the rows that belong together: A2 and A1",
                                   "line 10: key is the same in several rows with different content: N:8"));
  EXPECT_EQ(world.context().notes.at("rows that repeat another one"), 1);
}

TEST(Mapping, LookupsAndDefaultsAreCounted) {
  World world(R"yaml(
name: crm
tables: {tier: {A: KEY, else: GROWTH}}
lookups: {teams: {file: t.csv, key: agent}}
account: Account
key: Account
rows:
  - manager_assigned: {at: date(Day), manager_id: "= coalesce(teams[Agent].manager, Agent)"}
    key_account_designated: {at: date(Day), tier: "= tier[Class]"}
)yaml");
  world.AddToLookup("Anna", {{"manager", "Mia"}});
  world.Add({{"Account", "A1"}, {"Agent", "Anna"}, {"Class", "A"}, {"Day", "1970-01-02"}});
  world.Add({{"Account", "A2"}, {"Agent", "Ben"}, {"Class", "Z"}, {"Day", "1970-01-02"}});
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr("\"Mia\""), HasSubstr("\"KEY\""), HasSubstr("\"Ben\""), HasSubstr("\"GROWTH\"")));
  EXPECT_EQ(world.context().notes, (MappingNotes{{"teams[Agent].manager found nothing", 1},
                                                 {"coalesce(teams[Agent].manager, Agent) took its default", 1},
                                                 {"tier[Class] took else", 1}}));
}

TEST(Mapping, EventsOfOneTypeAndKeyNeedAnIdEach) {
  constexpr char kTwo[] = R"yaml(
name: m
account: A
key: K
rows:
  - cost_booked: {at: date(D), cost_id: "= concat(K, '-freight')", kind: LOGISTICS, amount: {EUR: F}}
  - cost_booked: {at: date(D), cost_id: "= concat(K, '-duty')", kind: SALES, amount: {EUR: F}}
)yaml";
  const Cells row = {{"A", "A1"}, {"K", "7"}, {"D", "1970-01-02"}, {"F", "3"}};
  World world(kTwo);
  world.Add(row);
  EXPECT_THAT(world.Events(), IsEmpty());
  EXPECT_THAT(world.rejected(), ElementsAre("line 2: cost_booked comes twice for one key: `id:` tells them apart"));
  World named(absl::StrReplaceAll(kTwo, {{"kind: SALES", "id: \"duty\", kind: SALES"}}));
  named.Add(row);
  EXPECT_THAT(named.Events(), ElementsAre(HasSubstr("m:cost_booked:7 "), HasSubstr("m:cost_booked:7:duty ")));
}

TEST(Mapping, WhatTheSystemKnowsOfAVersionIsTheRevision) {
  constexpr char kVersions[] = R"yaml(
name: m
account: A
group: K
rows:
  - invoice_issued:
      at: max(date(D))
      invoice_id: K
      revision: max(number(V)) * 2 + if(any(G = "yes"), 1, 0)
      retracted: any(G = "yes")
      lines: {line_id: row, sale_type: BASE, quantity: 1, net: {EUR: number(F)}}
)yaml";
  World world(kVersions);
  const Cells row = {{"A", "A1"}, {"K", "7"}, {"D", "1970-01-02"}, {"F", "3"}, {"V", "5"}};
  world.Add(row);
  Cells gone = row;  // nothing else needs to be right
  gone["K"] = "8";
  gone["G"] = "yes";
  gone["F"] = "x";
  world.Add(gone);
  EXPECT_THAT(world.Events(), ElementsAre(HasSubstr(R"(m:invoice_issued:7 r10 A1@86400: {"invoice_id":"7","lines":)"),
                                          "m:invoice_issued:8 r11 retracted A1@86400: {\"invoice_id\":\"8\"}"));
  EXPECT_THAT(world.rejected(), IsEmpty());
  for (const char* const version : {"0.25", "-1", "2147483648"}) {
    World wrong(kVersions);
    Cells bad = row;
    bad["V"] = version;
    wrong.Add(bad);
    EXPECT_THAT(wrong.Events(), IsEmpty());
    EXPECT_THAT(wrong.rejected(), ElementsAre(HasSubstr("is no whole number from 0 to 4294967295"))) << version;
  }
}

TEST(Mapping, AnIdThatIsTooLongIsHashed) {
  World world(R"yaml(
name: m
account: A
key: K
rows:
  - order_cancelled: {at: date(D), order_id: "= left(K, 8)"}
)yaml");
  world.Add({{"A", "A1"}, {"K", std::string(200, 'x')}, {"D", "1970-01-02"}});
  world.Add({{"A", "A1"}, {"K", std::string(201, 'x')}, {"D", "1970-01-02"}});
  const std::vector<std::string> events = world.Events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].find(' '), std::string("m:order_cancelled:").size() + 32);
  EXPECT_NE(events[0].substr(0, 60), events[1].substr(0, 60));
}

TEST(Mapping, RatesBelongToNoAccount) {
  World world(R"yaml(
name: ecb
key: [C, M]
rows:
  - fx_rate_set: {at: date(M), currency_code: C, month: date(M), rate: 1 / number(R)}
)yaml");
  world.Add({{"C", "USD"}, {"M", "2026-01-01"}, {"R", "1.25"}});
  EXPECT_THAT(world.Events(),
              ElementsAre(HasSubstr(R"( @1767225600: {"currency_code":"USD","month":"2026-01","rate":0.8})")));
}

}  // namespace
}  // namespace keyfold
