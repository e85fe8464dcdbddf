// The API: answers, their description, and what tokens do not see.
#include "api/api.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> IdsIn(const PlainJson& rows, const char* id) {
  std::vector<std::string> ids;
  for (const PlainJson& row : rows) ids.push_back(row.at(id));
  return ids;
}

TEST_F(ApiTest, ListsAreSortedFilteredAndCounted) {
  const PlainJson best = Document("/v1/accounts?sort=-revenue_t12m&limit=2&kpis=revenue_t12m");
  EXPECT_THAT(IdsIn(best["accounts"], "account_id"), ElementsAre("A1", "A3"));
  EXPECT_EQ(best["total"], 3);
  EXPECT_EQ(best["accounts"][0]["kpis"], PlainJson({{"revenue_t12m", 125.0}}));
  const std::string cursor = best["next_cursor"];
  const PlainJson rest = Document(absl::StrCat("/v1/accounts?sort=-revenue_t12m&limit=2&cursor=", cursor));
  EXPECT_THAT(IdsIn(rest["accounts"], "account_id"), ElementsAre("A2"));
  EXPECT_FALSE(rest.contains("next_cursor"));
  EXPECT_THAT(IdsIn(Document("/v1/accounts?manager_id=M8")["accounts"], "account_id"), ElementsAre("A3"));
  EXPECT_THAT(IdsIn(Document("/v1/accounts?where=revenue_t12m%3C100")["accounts"], "account_id"),
              ElementsAre("A2", "A3"));
}

TEST_F(ApiTest, AGroupComesWithItsMembers) {
  const PlainJson group = Document("/v1/groups/manager:M7?sort=-revenue_t12m");
  EXPECT_EQ(group["group"]["kpis"]["revenue_t12m"], 132.0);
  EXPECT_THAT(IdsIn(group["members"]["accounts"], "account_id"), ElementsAre("A1", "A2"));
}

TEST_F(ApiTest, OtherDatesSeriesFormulasAndReasonsComeFromTheShards) {
  EXPECT_EQ(Document("/v1/accounts/A1?as_of=2026-01-01")["kpis"]["revenue_t12m"], 0.0);
  const PlainJson series = Document("/v1/groups/manager:M7/series?kpis=revenue_t12m&from=2026-01-03&step=day");
  ASSERT_EQ(series["points"].size(), 3u);
  EXPECT_EQ(series["points"][0]["accounts"], 1);
  EXPECT_EQ(series["points"][1]["kpis"], PlainJson({{"revenue_t12m", 132.0}}));
  const PlainJson formula =
      Document("/v1/formula?formula=sum(revenue,%20trailing%203%20d)&id=A1,manager:M7&unit=money");
  EXPECT_EQ(formula["values"][1]["points"][0]["kpis"]["formula"], 7.0);
  const PlainJson explanation = Document("/v1/accounts/A1/explain/revenue_t12m?since=2026-01-01");
  EXPECT_EQ(explanation["value"], 125.0);
  EXPECT_EQ(explanation["components"][0]["contributions"][0]["change"], "came");
}

TEST_F(ApiTest, WhatIsWrongIsSaid) {
  const auto expect = [this](const std::string& target, int status, const std::string& reason) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_THAT(*response.body, HasSubstr(reason)) << target;
  };
  expect("/v1/accounts?sorts=nps", 400, "there is no parameter 'sorts' here, did you mean sort?");
  expect("/v1/accounts?sort=revenue_t12", 400, "no KPI 'revenue_t12', did you mean revenue_t12m?");
  expect("/v1/accounts?limit=0", 400, "limit");
  expect("/v1/accounts?cursor=x", 400, "cursor");
  expect("/v1/accounts/A9", 404, "A9");
  expect("/v1/accounts/A1?as_of=2026-02-30", 400, "as_of");
  expect("/v1/accounts/A1/series", 400, "from");
  expect("/v1/groups/manager:M7/explain/selection_score", 400, "not published for groups");
  expect("/v1/formula?formula=sum(&id=A1", 400, "formula: column");
  expect("/v1/alerts?alert=at_risc", 400, "no alert 'at_risc', did you mean at_risk?");
  expect("/v1/alerts?severity=high", 400, "severity");
  expect("/v1/alerts?state=cleared", 400, "state");
  expect("/v1/alerts?cursor=x", 400, "cursor");
  expect("/v1/stream", 400, "accounts, groups or members_of");
  expect("/v2/accounts", 404, "openapi.json");
}

TEST_F(ApiTest, WhatIsOnAnotherMachineIsSaid) {
  v1::KpiUpdate elsewhere;
  elsewhere.set_account_id("A7");
  Apply(LatestTopic::kAccounts, "A7", 100, elsewhere);
  EXPECT_EQ(Get("/v1/accounts/A7").status, 200);
  const HttpResponse response = Get("/v1/accounts/A7/explain/nps");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(*response.body,
              HasSubstr("account A7 is in none of the shards that this gateway can ask (2 shards: 0-1"));
}

TEST_F(ApiTest, ATokenThatMayNotReadReadsNothing) {
  const Principal producer{.token_id = "p", .roles = {Role::kProducer}, .sees_all = true};
  EXPECT_EQ(Get("/v1/accounts", producer).status, 403);
  EXPECT_EQ(Get("/health/live", producer).status, 200);
  EXPECT_TRUE(Api::IsPublic("/health/ready"));
  EXPECT_FALSE(Api::IsPublic("/v1/accounts"));
}

TEST_F(ApiTest, AManagerSeesTheOwnAccountsAndNothingElse) {
  const PlainJson accounts = Document("/v1/accounts", Manager());
  EXPECT_THAT(IdsIn(accounts["accounts"], "account_id"), ElementsAre("A1", "A2"));
  EXPECT_EQ(accounts["total"], 2);
  EXPECT_THAT(IdsIn(Document("/v1/groups", Manager())["groups"], "group_id"), ElementsAre("manager:M7"));
  for (const char* target : {"/v1/accounts/A3", "/v1/accounts/A3/series?from=2026-01-01", "/v1/accounts/A3/explain/nps",
                             "/v1/accounts/A3?as_of=2026-01-05", "/v1/groups/manager:M8", "/v1/groups/portfolio:all",
                             "/v1/groups/portfolio:all/explain/nps", "/v1/formula?formula=nps&id=A3"}) {
    const HttpResponse hidden = Get(target, Manager());
    EXPECT_EQ(hidden.status, 404) << target;
    std::string missing = target;
    for (const auto& [from, to] :
         {std::pair("A3", "A9"), std::pair("M8", "M9"), std::pair("portfolio:all", "region:X")}) {
      if (const size_t at = missing.find(from); at != std::string::npos)
        missing.replace(at, std::string(from).size(), to);
    }
    EXPECT_EQ(Get(missing, Manager()).body->size() - missing.size(), hidden.body->size() - std::string(target).size())
        << "one is told from what does not exist";
  }
  RaiseSome();
  const std::string everything = Everything(Manager());
  EXPECT_THAT(everything, Not(HasSubstr("Firma A3")));
  EXPECT_THAT(everything, HasSubstr("Firma A2"));
}

TEST_F(ApiTest, AMemberThatIsElsewhereNowIsPartOfTheRest) {
  const Principal m8{.token_id = "t", .roles = {Role::kReader}, .groups = {"manager:M8"}};
  const PlainJson then = Document("/v1/groups/manager:M8/explain/revenue_t12m?as_of=2026-01-03", m8);
  EXPECT_EQ(then["accounts"], 2);
  const PlainJson& revenue = then["components"][0];
  EXPECT_EQ(revenue["value"], 10'600);
  EXPECT_THAT(IdsIn(revenue["members"], "account_id"), ElementsAre("A3"));
  EXPECT_EQ(revenue["rest"], PlainJson({{"count", 1}, {"amount", 700}}));
}

TEST_F(ApiTest, AStreamTellsWhatTheTokenSees) {
  HttpResponse response = Get("/v1/stream?accounts=*&groups=*&kpis=revenue_t12m", Manager());
  ASSERT_NE(response.stream, nullptr);
  response.stream->OnWake([] {});
  std::string events;
  while (true) {
    const size_t before = events.size();
    ASSERT_TRUE(response.stream->Next(events, 1000));
    if (events.size() == before) break;
  }
  EXPECT_THAT(events, AllOf(HasSubstr("\"A1\""), HasSubstr("\"A2\""), HasSubstr("manager:M7"), Not(HasSubstr("\"A3\"")),
                            Not(HasSubstr("M8")), HasSubstr("event: caught-up")));
}

}  // namespace
}  // namespace keyfold
