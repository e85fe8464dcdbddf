// Alerts over the API: lists, and who sees which.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

class ApiAlertsTest : public ApiTest {};

// "at_risk A1", in the order of the list.
std::vector<std::string> AlertsIn(const PlainJson& page) {
  std::vector<std::string> alerts;
  for (const PlainJson& alert : page.at("alerts")) {
    const std::string account = alert.at("account_id");
    const std::string group = alert.at("group_id");
    alerts.push_back(absl::StrCat(std::string(alert.at("alert")), " ", account, group));
  }
  return alerts;
}

TEST_F(ApiAlertsTest, AlertsAreListedTheNewestFirst) {
  RaiseSome();
  const PlainJson raised = Document("/v1/alerts");
  EXPECT_THAT(AlertsIn(raised),
              ElementsAre("at_risk A1", "at_risk A2", "contract_due A1", "at_risk A3", "at_risk manager:M8"));
  EXPECT_EQ(raised["total"], 5);
  EXPECT_THAT(
      AlertsIn(Document("/v1/alerts?state=all")),
      ElementsAre("at_risk A1", "at_risk A2", "contract_due A1", "contract_due A3", "at_risk A3", "at_risk manager:M8"))
      << "what was cleared before alerts_from_ms is not listed";
  std::vector<std::string> in_pages;
  std::string cursor;
  do {
    const PlainJson page = Document("/v1/alerts?limit=2&cursor=" + cursor);
    EXPECT_EQ(page["total"], 5);
    for (std::string& alert : AlertsIn(page)) in_pages.push_back(std::move(alert));
    cursor = page.value("next_cursor", "");
  } while (!cursor.empty());
  EXPECT_EQ(in_pages, AlertsIn(raised));
}

TEST_F(ApiAlertsTest, AlertsAreFiltered) {
  RaiseSome();
  EXPECT_THAT(AlertsIn(Document("/v1/alerts?alert=contract_due")), ElementsAre("contract_due A1"));
  EXPECT_THAT(AlertsIn(Document("/v1/alerts?severity=HIGH,LOW")), ElementsAre("contract_due A1", "at_risk manager:M8"));
  EXPECT_THAT(AlertsIn(Document("/v1/alerts?id=A3,manager:M8")), ElementsAre("at_risk A3", "at_risk manager:M8"));
  EXPECT_THAT(AlertsIn(Document("/v1/alerts?group=manager:M7&limit=2")), ElementsAre("at_risk A1", "at_risk A2"));
  EXPECT_THAT(AlertsIn(Document("/v1/alerts?group=portfolio:all")),
              ElementsAre("at_risk A1", "at_risk A2", "contract_due A1", "at_risk A3"));
  EXPECT_EQ(Document("/v1/alerts?group=manager:M7&group=manager:M8")["total"], 0);
  EXPECT_EQ(Document("/v1/alerts?group=manager:M99")["total"], 0);
}

TEST_F(ApiAlertsTest, WhoSeesTheRowSeesItsAlertsAndNobodyElse) {
  RaiseSome();
  const PlainJson page = Document("/v1/alerts?state=all", Manager());
  EXPECT_THAT(AlertsIn(page), ElementsAre("at_risk A1", "at_risk A2", "contract_due A1"));
  EXPECT_EQ(page["total"], 3);
  EXPECT_EQ(Document("/v1/alerts?id=A3", Manager())["total"], 0);
  EXPECT_EQ(Document("/v1/alerts?group=manager:M8", Manager())["total"], 0);
  const Principal sly{.token_id = "s", .roles = {Role::kReader}, .groups = {"account/A3", "manager:M8/x"}};
  EXPECT_EQ(Document("/v1/alerts", sly)["total"], 0);
  const Principal all{.token_id = "a", .roles = {Role::kReader}, .groups = {"portfolio:all"}};
  EXPECT_EQ(Document("/v1/alerts", all)["total"], 4) << "but those of groups";
}

TEST_F(ApiAlertsTest, AnAlertFollowsItsAccount) {
  RaiseSome();
  const Principal m8{.token_id = "t", .roles = {Role::kReader}, .groups = {"manager:M8"}};
  EXPECT_THAT(AlertsIn(Document("/v1/alerts", m8)), ElementsAre("at_risk A3", "at_risk manager:M8"));
  v1::KpiUpdate update;
  update.set_account_id("A3");
  update.mutable_attributes()->set_manager_id("M7");
  Apply(LatestTopic::kAccounts, "A3", 1'000, update);
  EXPECT_THAT(AlertsIn(Document("/v1/alerts", m8)), ElementsAre("at_risk manager:M8"));
  EXPECT_THAT(AlertsIn(Document("/v1/alerts", Manager())),
              ElementsAre("at_risk A1", "at_risk A2", "contract_due A1", "at_risk A3"));
}

}  // namespace
}  // namespace keyfold
