// What is wrong with a mapping is said before the first row: with file, line and reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_replace.h"
#include "mapping/mapping.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGood[] = R"yaml(name: crm
source: csv
time_zone: Europe/Berlin
columns:
  closed: {from: Close Date, date: "%d.%m.%Y"}
tables:
  stages: {Closed Won: won, else: open}
lookups:
  teams: {file: teams.csv, key: agent}
account: Account
key: [Id]
order: closed
skip:
  open: stages[Stage] = "open"
once:
  - account_opened: {at: min(closed), name: first(Account)}
    manager_assigned: {at: min(closed), manager_id: "= first(teams[Agent].manager)"}
rows:
  - when: stages[Stage] = "won"
    opportunity_won:
      at: closed
      opportunity_id: Id
      amount: {EUR: Amount}
)yaml";

// What Parse() says of the mapping after this change.
std::string Refused(const std::string& from, const std::string& to) {
  const std::string yaml = absl::StrReplaceAll(kGood, {{from, to}});
  EXPECT_NE(yaml, kGood) << from;
  const absl::StatusOr<Mapping> mapping = Mapping::Parse(yaml, "m.yaml");
  return mapping.ok() ? "taken" : std::string(mapping.status().message());
}

TEST(MappingParse, KnowsWhatTheFileHasToHave) {
  const absl::StatusOr<Mapping> mapping = Mapping::Parse(kGood, "m.yaml");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  std::string columns;
  for (const ColumnUse& column : mapping->columns()) columns += column.name + ":" + std::to_string(column.line) + " ";
  EXPECT_EQ(columns, "Account:10 Id:11 Close Date:5 Stage:14 Agent:17 Amount:23 ");
  ASSERT_EQ(mapping->lookups().size(), 1u);
  EXPECT_EQ(mapping->lookups()[0].columns, std::vector<std::string>{"manager"});
  EXPECT_EQ(mapping->name(), "crm");
  EXPECT_EQ(mapping->system(), "crm");
}

TEST(MappingParse, RefusesWithLineAndReason) {
  const std::pair<std::pair<const char*, const char*>, const char*> cases[] = {
      {{"name: crm\n", ""}, "m.yaml:1: name: missing"},
      {{"name: crm\n", "name: a b\n"}, "m.yaml:1: name: 1 to 40 letters"},
      {{"source: csv", "sorce: csv"}, "m.yaml:2: unknown section 'sorce', did you mean source?"},
      {{"source: csv", "source: xml"}, "m.yaml:2: 'xml' is neither csv nor json"},
      {{"source: csv", "source: {type: json, header: a}"}, "m.yaml:2: header is for csv"},
      {{"source: csv", "source: {type: csv, encoding: utf8}"}, "'utf8' is none of utf-8, utf-16, windows-1252"},
      {{"Europe/Berlin", "Europe/Berln"}, "m.yaml:3: 'Europe/Berln' is no time zone"},
      {{"%d.%m.%Y", "DD.MM.YYYY"}, "m.yaml:5: 'DD.MM.YYYY' is no date format"},
      {{"from: Close Date", "form: Close Date"}, "m.yaml:5: unknown setting 'form', did you mean from?"},
      {{"columns:\n", "columns:\n  Qty: integr\n"}, "m.yaml:5: 'integr' is none of text, integer"},
      {{"columns:\n", "columns:\n  Qty: integer\n"}, "m.yaml:5: column 'Qty' is used by nothing"},
      {{"columns:\n", "numbers: 1.234\ncolumns:\n"}, "m.yaml:4: numbers: '1.234'"},
      {{"else: open", "Closed Won: lost"}, "m.yaml:7: 'Closed Won' twice"},
      {{", key: agent", ""}, "m.yaml:9: key: missing"},
      {{"{file: teams.csv, key: agent}", "{key: \"\"}"}, "m.yaml:9: key: empty"},
      {{"file: teams.csv", "file: teams.csv, topic: teams"}, "m.yaml:9: of file and topic there can only be one"},
      {{"file: teams.csv", "topic: \"\""}, "m.yaml:9: topic: '' is no name of a topic"},
      {{"file: teams.csv", "topic: a b"}, "m.yaml:9: topic: 'a b' is no name of a topic"},
      {{"file: teams.csv", "topik: teams"}, "m.yaml:9: unknown setting of a lookup 'topik', did you mean topic?"},
      {{"account: Account\n", ""}, "account: missing"},
      {{"key: [Id]\n", ""}, "m.yaml:18: key: missing; which columns name a row?"},
      {{"key: [Id]", "key: [Id]\nsnapshots: Id"}, "there is neither key nor group beside them"},
      {{"key: [Id]", "key: count()"}, "m.yaml:11: 'count()': column 8: count looks at several rows"},
      {{"order: closed\n", ""}, "m.yaml:15: 'first(Account)': column 15: first needs `order:`"},
      {{"order: closed\n", "rounding: cent\norder: closed\n"}, "m.yaml:12: rounding: line, document or account"},
      {{"stages[Stage] = \"open\"", "stage[Stage] = \"open\""},
       "m.yaml:14: 'stage[Stage] = \"open\"': column 13: there is no table 'stage', did you mean stages?"},
      {{"stages[Stage] = \"open\"", "stages[Stage]"}, "m.yaml:14: a condition is expected"},
      {{"opportunity_won:", "oportunity_won:"},
       "m.yaml:20: unknown event 'oportunity_won', did you mean opportunity_won?"},
      {{"      at: closed\n", ""}, "opportunity_won has no `at:`"},
      {{"      opportunity_id: Id\n", ""}, "m.yaml:21: opportunity_won: opportunity_id: missing"},
      {{"opportunity_id: Id", "opportunity: Id"}, "m.yaml:22: unknown field of opportunity_won 'opportunity'"},
      {{"{EUR: Amount}", "Amount"}, "m.yaml:23: amount is {EUR: column}"},
      {{"{EUR: Amount}", "{EURO: Amount}"}, "m.yaml:23: 'EURO' is no currency of ISO 4217"},
      {{"{EUR: Amount}", "{EUR: closed}"}, "m.yaml:23: a number is expected, 'closed' is a time"},
      {{"{EUR: Amount}", "{EUR: \"x\"}"}, "m.yaml:23: \"x\" is no number"},
      {{"{EUR: Amount}", "{EUR: \"coalesce(Amount, 0)\"}"}, "is a text because of its quotes"},
      {{"amount: {EUR: Amount}", "amount: {EUR: Amount}\n      at: closed"}, "m.yaml:24: at twice"},
      {{"at: closed", "at: close("}, "m.yaml:21: 'close(': "},
      {{"at: closed", "at: closed\n      retracted: Stage = \"x\""}, "m.yaml:22: `retracted` needs a `revision:`"},
      {{"at: closed", "at: closed\n      revision: closed"}, "m.yaml:22: a number is expected, 'closed' is a time"},
      {{"rows:\n", "rows: 3\nx:\n"}, "unknown section 'x'"},
      {{"{EUR: Amount}", "{EUR: coalesce(Amount, 0)}"}, "in braces a formula with commas or brackets stands in quotes"},
  };
  for (const auto& [change, message] : cases) {
    EXPECT_THAT(Refused(change.first, change.second), HasSubstr(message)) << change.second;
    EXPECT_THAT(Refused(change.first, change.second), StartsWith("m.yaml:")) << change.second;
  }
}

TEST(MappingParse, ALookupWithoutColumnNamesIt) {
  EXPECT_THAT(Refused("teams[Agent].manager", "teams[Agent]"), HasSubstr("teams has several columns"));
  EXPECT_THAT(Refused("teams[Agent].manager", "team[Agent].manager"), HasSubstr("did you mean teams?"));
}

TEST(MappingParse, ALookupMayBeATopicWithTheRecordKeyAsKey) {
  const auto source = [](const std::string& lookup) {
    const std::string yaml = absl::StrReplaceAll(kGood, {{"{file: teams.csv, key: agent}", lookup}});
    return Mapping::Parse(yaml, "m.yaml").value().lookups()[0];
  };
  const LookupSource keyed = source("{topic: crm.sales_teams-1, key: agent}");
  EXPECT_EQ(keyed.topic, "crm.sales_teams-1");
  EXPECT_EQ(keyed.key, "agent");
  EXPECT_EQ(keyed.file, "");
  EXPECT_EQ(source("{topic: teams}").key, "");
  EXPECT_EQ(source("{key: agent}").topic, "");
}

TEST(MappingParse, EnumsAreChecked) {
  constexpr char kSurvey[] = R"(
name: s
account: A
key: K
rows:
  - survey_answered: {at: T, response_id: K, kind: NPS, score: S}
)";
  EXPECT_TRUE(Mapping::Parse(kSurvey, "m.yaml").ok());
  const std::string wrong = absl::StrReplaceAll(kSurvey, {{"NPS", "\"NPSS\""}});
  EXPECT_THAT(std::string(Mapping::Parse(wrong, "m.yaml").status().message()),
              HasSubstr("m.yaml:6: 'NPSS' is none of NPS, CSAT, did you mean NPS?"));
}

}  // namespace
}  // namespace keyfold
