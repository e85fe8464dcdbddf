// query, portfolio, select and targets over shards on disk: what they print, and what they refuse.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cli/local_shards.h"
#include "support/event_builder.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

// Two accounts of manager M7 in two shards; A1 has a plan, and came from M8.
class QuestionsTest : public ::testing::Test {
 protected:
  QuestionsTest() {
    shards_.Make(0, {At("2026-01-01", "account_opened { name: 'Zürich AG' }"), Manager("A1", "2026-01-01", "M8"),
                     At("2026-01-01", "key_account_designated { tier: KEY }"),
                     At("2026-01-01",
                        absl::StrCat("plan_approved { plan_id: 'P' start_date: '2026-01-01' end_date: '2028-12-31'",
                                     Money("baseline_revenue", 1'000'00), "target_growth: 0.25 min_margin: 0.3 }"),
                        {.event_id = "plan"}),
                     Invoice("A1", "2026-01-31", 100'00, 60'00), Manager("A1", "2026-02-10", "M7")});
    shards_.Make(1, {Manager("A2", "2026-01-01", "M7"), Invoice("A2", "2026-02-20", 300'00, 60'00)});
    std::filesystem::create_directories(shards_.directory() + "/live/rollups/0");
  }

  static v1::AccountEvent Manager(const std::string& account_id, const char* day, const std::string& manager_id) {
    return At(day, absl::StrCat("manager_assigned { manager_id: '", manager_id, "' }"), {.account_id = account_id});
  }
  static v1::AccountEvent Invoice(const std::string& account_id, const char* day, int64_t net, int64_t cost) {
    return At(day, absl::StrCat("invoice_issued { invoice_id: 'I'", LineOf("BASE", net, cost), "}"),
              {.event_id = absl::StrCat("invoice ", day), .account_id = account_id});
  }

  // Wrong usage, and why.
  void ExpectUsage(const std::vector<std::string>& arguments, const std::string& reason) {
    const VerbResult result = shards_.Run(arguments);
    EXPECT_EQ(result.exit_status, kExitUsage) << reason;
    EXPECT_THAT(result.errors, HasSubstr(reason));
    EXPECT_EQ(result.out, "");
  }

  LocalShards shards_;
};

TEST_F(QuestionsTest, AGroupIsSummedOverAllShards) {
  const VerbResult result = shards_.Run({"query", "manager:M7"});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(
      result.errors,
      MatchesRegex("keyfold: 2 shards: 0-1, stream time 2026-02-20T12:00:00Z; behind: 0 \\(2026-02-10T12:00:00Z\\); "
                   "seen at offset 0: 6 stored [-0-9]+T[:0-9]+Z, 1: 2 stored [-0-9]+T[:0-9]+Z\n"));
  const Json group = Json::parse(result.out);
  EXPECT_EQ(group["group_id"], "manager:M7");
  EXPECT_EQ(group["as_of"], "2026-02-20");  // the greatest day of the shards
  EXPECT_EQ(group["accounts"], 2);
  EXPECT_EQ(group["kpis"]["revenue_t12m"], 400.0);
  const Json before = Json::parse(shards_.Run({"query", "manager:M7", "--as-of", "2026-02-09"}).out);
  EXPECT_EQ(before["accounts"], 1);
  EXPECT_EQ(before["kpis"]["revenue_t12m"], 0.0);
}

TEST_F(QuestionsTest, ABacktestCountsMonthEnds) {
  const Json counted = Json::parse(
      shards_.Run({"backtest", "at_risk", "--outcome=+revenue", "--horizon", "10d", "--format", "json"}).out);
  EXPECT_EQ(counted["accounts"], 1);  // A2 is no customer
  EXPECT_EQ(counted["from"], "2026-01-31");
  EXPECT_EQ(counted["to"], "2026-01-31");
  EXPECT_EQ(counted["true_negatives"], 1);
  EXPECT_EQ(counted["score"], "health_score");
  EXPECT_EQ(counted["horizon_days"], 10);
  EXPECT_FALSE(counted.contains("precision"));
  EXPECT_THAT(shards_.Run({"backtest", "at_risk", "--horizon", "10d"}).out,
              AllOf(StartsWith("at_risk as a warning of -customer within 10d: 1 accounts"), HasSubstr("missed")));
  EXPECT_THAT(shards_.Run({"backtest", "at_risk", "--horizon", "90"}).out, StartsWith("no month end"));
  ExpectUsage({"backtest", "nps"}, "the catalogue has no flag 'nps': ");
  ExpectUsage({"backtest", "at_risk", "--outcome", "customers"}, "there is no measure 'customers'");
  ExpectUsage({"backtest", "at_risk", "--horizon", "0d"}, "--horizon: ");
}

TEST_F(QuestionsTest, ASeriesHasALineForEveryStep) {
  const VerbResult result = shards_.Run({"query", "A1", "--series", "revenue_t12m,nps", "manager:M7", "--from",
                                         "2026-01-31", "--to", "2026-03-01", "--step", "month"});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_EQ(result.out,
            "{\"account_id\":\"A1\",\"as_of\":\"2026-01-31\",\"kpis\":{\"revenue_t12m\":100.0},\"missing_rates\":[]}\n"
            "{\"account_id\":\"A1\",\"as_of\":\"2026-02-28\",\"kpis\":{\"revenue_t12m\":100.0},\"missing_rates\":[]}\n"
            "{\"group_id\":\"manager:M7\",\"as_of\":\"2026-01-31\",\"accounts\":1,\"kpis\":{\"revenue_t12m\":0.0},"
            "\"missing_rates\":[]}\n"
            "{\"group_id\":\"manager:M7\",\"as_of\":\"2026-02-28\",\"accounts\":2,\"kpis\":{\"revenue_t12m\":400.0},"
            "\"missing_rates\":[]}\n");
}

TEST_F(QuestionsTest, AStepOfASeriesIsASingleQuestionOfThatDay) {
  for (const std::string id : {"A1", "portfolio:key"}) {
    const Json step =
        Json::parse(shards_
                        .Run({"query", id, "--series", "health_score,revenue_t12m,plan_attainment,at_risk", "--from",
                              "2026-02-28", "--to", "2026-02-28"})
                        .out);
    const Json day = Json::parse(shards_.Run({"query", id, "--as-of", "2026-02-28"}).out);
    EXPECT_EQ(step["kpis"].size(), 3u) << step;  // no health score yet
    for (const auto& [kpi, value] : step["kpis"].items()) EXPECT_EQ(value, day["kpis"][kpi]) << kpi;
  }
}

TEST_F(QuestionsTest, WrongUsageSaysWhatIsWrong) {
  ExpectUsage({"query", "portfolio:some"}, "'portfolio:some' is not a group");
  ExpectUsage({"query", "A1", "--from", "2026-01-01"}, "need --series");
  ExpectUsage({"query", "A1", "--series", "nps"}, "--series needs --from");
  ExpectUsage({"query", "A1", "--series", "nps", "--from", "2026-01-01", "--as-of", "2026-01-01"}, "not with --as-of");
  ExpectUsage({"query", "A1", "--series", "revenue_x", "--from", "2026-01-01"},
              "no KPI 'revenue_x'; it has revenue_mtd");
  ExpectUsage({"query", "A1", "--series", "nps", "--from", "2026-01-01", "--step", "eon"},
              "'eon' is none of day, week");
  ExpectUsage({"query", "A1", "--series", "nps", "--from", "2026-03-01"}, "2026-03-01 is after 2026-02-20");
  ExpectUsage({"query", "A1", "--series", "nps", "--from", "1990-01-01", "--step", "day"}, "more than 10000 steps");
  ExpectUsage({"query", "manager:M7", "--series", "selection_score", "--from", "2026-01-01"},
              "not published for groups");
  ExpectUsage({"portfolio", "team:x"}, "'team:x' is not a group");
  ExpectUsage({"portfolio", "manager:M7", "--by", "nops"}, "--by: the catalogue has no KPI 'nops'");
  ExpectUsage({"portfolio", "manager:M7", "--since", "2026-02-20"}, "2026-02-20 is not before 2026-02-20");
  ExpectUsage({"portfolio", "manager:M7", "--format", "xml"}, "--format");
  ExpectUsage({"select", "--top", "0"}, "at least 1");
  ExpectUsage({"targets", "A1"}, "'A1' is not a group");
}

TEST_F(QuestionsTest, MissingShardsAreNotPassedOverInSilence) {
  std::filesystem::rename(shards_.directory() + "/live/1", shards_.directory() + "/live/2");
  for (const std::vector<std::string>& question : std::vector<std::vector<std::string>>{
           {"query", "A1", "manager:M7"}, {"portfolio", "manager:M7"}, {"select"}, {"targets"}}) {
    const VerbResult result = shards_.Run(question);
    EXPECT_EQ(result.exit_status, kExitFailed) << question[0];
    EXPECT_THAT(result.errors, HasSubstr("partitions 1 are not on this machine"));
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(shards_.Run({"query", "A1"}).exit_status, kExitOk);  // an account is in one shard
  const VerbResult nobody = shards_.Run({"query", "A9"});
  EXPECT_EQ(nobody.exit_status, kExitFailed);
  EXPECT_THAT(nobody.errors, HasSubstr("account 'A9' is in none of the 2 shards on this machine"));
}

// Beside a worker that has not flushed yet, an account may be folded and not be seen.
TEST_F(QuestionsTest, AShardThatIsNotStoredYetIsNotPassedOverInSilence) {
  std::filesystem::create_directories(shards_.directory() + "/live/2");
  const VerbResult unknown = shards_.Run({"query", "A9"});
  EXPECT_EQ(unknown.exit_status, kExitFailed);
  EXPECT_THAT(unknown.errors,
              HasSubstr("account 'A9' is in none of the 3 shards on this machine; nothing is stored yet "
                        "of partition 2: it may be there when their worker has flushed"));
  const VerbResult known = shards_.Run({"query", "A1"});
  EXPECT_EQ(known.exit_status, kExitOk);
  EXPECT_THAT(known.errors, AllOf(HasSubstr("seen at offset 0: 6 stored "), HasSubstr(", 2: nothing stored\n")));
  const Json portfolio = Json::parse(shards_.Run({"portfolio", "portfolio:all", "--format", "json"}).out);
  EXPECT_EQ(portfolio["shards"][2], Json::parse(R"({"partition":2})"));
}

TEST_F(QuestionsTest, DocumentsNameTheMomentOfEachShard) {
  for (const std::vector<std::string>& question :
       std::vector<std::vector<std::string>>{{"portfolio", "manager:M7"}, {"select"}, {"targets"}}) {
    std::vector<std::string> arguments = question;
    arguments.insert(arguments.end(), {"--format", "json"});
    Json shards = Json::parse(shards_.Run(arguments).out)["shards"];
    ASSERT_EQ(shards.size(), 2u) << question[0];
    EXPECT_THAT(shards[1]["stored_at"].get<std::string>(), MatchesRegex("[-0-9]+T[:0-9]+Z"));
    shards[1].erase("stored_at");
    EXPECT_EQ(shards[1], Json::parse(R"({"partition":1,"next_offset":2,"stream_time":"2026-02-20T12:00:00Z"})"));
  }
}

TEST_F(QuestionsTest, ADamagedShardIsNamedWithItsRepair) {
  for (const auto& entry : std::filesystem::directory_iterator(shards_.directory() + "/live/1")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) std::filesystem::resize_file(entry.path(), 10);
  }
  for (const std::vector<std::string>& question : std::vector<std::vector<std::string>>{{"query", "A1"}, {"rebuild"}}) {
    const VerbResult result = shards_.Run(question);
    EXPECT_EQ(result.exit_status, kExitFailed);
    EXPECT_THAT(result.errors, HasSubstr("damaged store: " + shards_.directory() + "/live/1 ("));
    EXPECT_THAT(result.errors, HasSubstr("remove this directory: keyfold run makes it anew from the log"));
  }
}

TEST_F(QuestionsTest, EmptyGroupsFail) {
  EXPECT_THAT(shards_.Run({"query", "manager:M9"}).errors, HasSubstr("nobody belongs to the group 'manager:M9'"));
  for (const char* verb : {"portfolio", "targets"}) {
    const VerbResult result = shards_.Run({verb, "manager:M9"});
    EXPECT_EQ(result.exit_status, kExitFailed);
    EXPECT_THAT(result.errors, HasSubstr("nobody belongs to the group 'manager:M9' on 2026-02-20"));
  }
}

TEST_F(QuestionsTest, ThePortfolioAsATable) {
  const VerbResult result =
      shards_.Run({"portfolio", "manager:M7", "--by", "revenue_t12m", "--since", "2026-02-01", "--limit", "1"});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.out, StartsWith("manager:M7 on 2026-02-20: 2 accounts; on 2026-02-01: 1\n\nKPI "));
  EXPECT_THAT(result.out, HasSubstr("\nrevenue_t12m                 EUR           400           0    +400  better\n"));
  EXPECT_THAT(result.out, HasSubstr("\nmembers by revenue_t12m (1 of 2: --limit 0 shows all)\n"
                                    "rank  account  name  tier  manager  revenue_t12m EUR  2026-02-01  change  "
                                    "revenue_growth  contribution_margin_ratio  at_risk\n"
                                    "   1  A2       -     -     M7                    300           0    +300  "
                                    "             -                      80.0%       no\n"));
  EXPECT_THAT(result.out, HasSubstr("\njoined since 2026-02-01: 1\n"
                                    "account  name       on          from\n"
                                    "A1       Zürich AG  2026-02-10  manager:M8\n"
                                    "\nleft since 2026-02-01: 0\n"));
}

TEST_F(QuestionsTest, ThePortfolioAsADocument) {
  const Json portfolio = Json::parse(
      shards_.Run({"portfolio", "manager:M7", "--by", "revenue_t12m", "--since", "2026-02-01", "--format", "json"})
          .out);
  EXPECT_EQ(portfolio["group_id"], "manager:M7");
  EXPECT_EQ(portfolio["as_of"], "2026-02-20");
  EXPECT_EQ(portfolio["since"], "2026-02-01");
  EXPECT_EQ(portfolio["by"], "revenue_t12m");
  EXPECT_EQ(portfolio["accounts"], 2);
  EXPECT_EQ(portfolio["accounts_since"], 1);
  EXPECT_EQ(portfolio["kpis"]["revenue_t12m"], Json::parse(R"({"value":400.0,"since":0.0,"change":400.0})"));
  EXPECT_EQ(portfolio["kpis"]["contribution_margin_ratio"], Json::parse(R"({"value":0.7})"));
  ASSERT_EQ(portfolio["members"].size(), 2u);
  EXPECT_EQ(portfolio["members"][1],
            Json::parse(R"({"rank":2,"account_id":"A1","name":"Zürich AG","tier":"KEY","manager_id":"M7","value":100.0,
                            "since":100.0,"change":0.0,"kpis":{"contribution_margin_ratio":0.4,"at_risk":0.0}})"));
  EXPECT_EQ(portfolio["joined_accounts"], 1);
  EXPECT_EQ(portfolio["joined"],
            Json::parse(R"([{"account_id":"A1","name":"Zürich AG","date":"2026-02-10","from":"manager:M8"}])"));
  EXPECT_EQ(portfolio["left"], Json::array());
}

TEST_F(QuestionsTest, TheSelectionAsTableAndDocument) {
  const VerbResult table = shards_.Run({"select", "--top", "1"});
  EXPECT_EQ(table.exit_status, kExitOk);
  EXPECT_THAT(table.out,
              AllOf(StartsWith("key account selection on 2026-02-20: the top 1 of 2 accounts\n"),
                    HasSubstr("\ndesignated and deserving: 0\n\ndeserving, not designated: 1\n"),
                    HasSubstr("\n   1  A2       -     -     M7       no          0.0               300     0.0"),
                    HasSubstr("\ndesignated, not in the top 1: 1\n"),
                    HasSubstr("\n   2  A1       Zürich AG  KEY   M7       yes ")));
  const Json document = Json::parse(shards_.Run({"select", "--top", "1", "--format", "json"}).out);
  EXPECT_EQ(document["accounts"], 2);
  EXPECT_EQ(document["candidates"].size(), 1u);
  EXPECT_EQ(document["candidates"][0]["customer"], false);
  EXPECT_EQ(document["designated_outside"][0]["account_id"], "A1");
  EXPECT_EQ(document["designated_outside"][0]["points"]["potential"], 0.0);
}

TEST_F(QuestionsTest, TheTargetsAsTableAndDocument) {
  const VerbResult table = shards_.Run({"targets"});
  EXPECT_EQ(table.exit_status, kExitOk);
  EXPECT_THAT(table.out,
              AllOf(StartsWith("portfolio:all on 2026-02-20: 1 of 2 accounts have a plan, 0 are on track\n"
                               "fiscal year 2026-01-01 to 2026-12-31: 51 of 365 days gone; money in EUR\n"),
                    HasSubstr("\nA1       Zürich AG  M7       +25% in 3 years to 2028-12-31, margin >= 30%  1250 "),
                    HasSubstr("\nall "), Not(HasSubstr("leaves out"))));
  const Json document = Json::parse(shards_.Run({"targets", "manager:M7", "--format", "json"}).out);
  EXPECT_EQ(document["accounts"], 2);
  EXPECT_EQ(document["accounts_with_plan"], 1);
  EXPECT_EQ(document["fiscal_year"],
            Json::parse(R"({"from":"2026-01-01","to":"2026-12-31","days":365,"days_gone":51})"));
  const Json& member = document["members"][0];
  EXPECT_EQ(member["plan"], Json::parse(R"({"start_date":"2026-01-01","end_date":"2028-12-31","target_growth":0.25,
                                            "min_margin":0.3})"));
  EXPECT_EQ(member["plan_goal"], 1250.0);
  EXPECT_EQ(member["year_end"]["revenue"], 100.0 / 51 * 365);
  EXPECT_EQ(document["group"]["year_end"]["gap"], member["year_end"]["gap"]);
}

TEST_F(QuestionsTest, AnExplanationSaysFormulaComponentAndEvents) {
  const VerbResult table = shards_.Run({"explain", "A1", "contribution_margin_ratio", "--as-of", "2026-02-01"});
  EXPECT_EQ(table.exit_status, kExitOk);
  EXPECT_THAT(table.out, AllOf(StartsWith("A1  contribution_margin_ratio = 0.4 ratio on 2026-02-01\n"),
                               HasSubstr("sum(revenue, t12m) = 100.00 EUR   trailing 12 m: 2025-02-02 to 2026-02-01\n"),
                               HasSubstr("= if(10000 > 0, 4000 / 10000, undefined)\n"), HasSubstr("invoice I"),
                               HasSubstr("invoice 2026-01-31"), HasSubstr("0@4")));
  const Json json = Json::parse(
      shards_.Run({"explain", "manager:M7", "revenue_t12m", "--since", "2026-02-09", "--format", "json"}).out);
  EXPECT_EQ(json["value"], 400.0);
  EXPECT_EQ(json["value_since"], 0.0);
  EXPECT_EQ(json["components"][0]["members"].size(), 2u);
  EXPECT_EQ(json["shards"].size(), 2u);
}

TEST_F(QuestionsTest, AnExplanationOfNobodySaysSo) {
  const VerbResult nobody = shards_.Run({"explain", "A9", "nps"});
  EXPECT_EQ(nobody.exit_status, kExitFailed);
  EXPECT_THAT(nobody.errors, HasSubstr("account 'A9' is in none of the 2 shards"));
  ExpectUsage({"explain", "A1", "revenue_12"}, "the catalogue has no KPI 'revenue_12'; it has revenue_mtd");
  ExpectUsage({"explain", "A1", "nps", "--as-of", "2026-01-01", "--since", "2026-01-01"}, "is not before 2026-01-01");
  ExpectUsage({"explain", "manager:M7", "selection_score"}, "is not published for groups");
}

TEST_F(QuestionsTest, AFormulaIsAskedForWithoutChangingTheCatalogue) {
  const VerbResult result =
      shards_.Run({"query", "A1", "manager:M7", "--formula",
                   "sum(revenue, trailing 7 m) / max(1, sum(invoices, total))", "--unit", "money"});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_EQ(result.out,
            "{\"account_id\":\"A1\",\"as_of\":\"2026-02-20\",\"kpis\":{\"formula\":100.0},\"missing_rates\":[]}\n"
            "{\"group_id\":\"manager:M7\",\"as_of\":\"2026-02-20\",\"accounts\":2,\"kpis\":{\"formula\":200.0},"
            "\"missing_rates\":[]}\n");
  const VerbResult series = shards_.Run(
      {"query", "A1", "--formula", "revenue_t12m", "--from", "2026-01-30", "--step", "day", "--to", "2026-01-31"});
  EXPECT_THAT(series.out, AllOf(HasSubstr("\"2026-01-30\",\"kpis\":{\"formula\":0.0}"),
                                HasSubstr("\"2026-01-31\",\"kpis\":{\"formula\":10000.0}")));
  ExpectUsage({"query", "A1", "--formula", "sum(revenues, t12m)"}, "--formula: column 19: unknown measure 'revenues'");
  ExpectUsage({"query", "A1", "--formula", "nps", "--series", "nps", "--from", "2026-01-01"}, "are two questions");
}

}  // namespace
}  // namespace keyfold
