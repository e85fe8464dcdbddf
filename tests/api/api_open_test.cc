// What is open of an account, and what falls due of many.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OpenThingsTest : public ApiTest {
 protected:
  OpenThingsTest() { OpenSome(); }

  // "2026-01-20 A1 opportunity P"
  static std::vector<std::string> Lines(const PlainJson& page) {
    std::vector<std::string> lines;
    for (const PlainJson& due : page["due"]) {
      lines.push_back(absl::StrCat(std::string(due["due"]), " ", std::string(due["account_id"]), " ",
                                   std::string(due["kind"]), " ", std::string(due["id"])));
    }
    return lines;
  }
  std::vector<std::string> Due(const std::string& query, const Principal& who = LocalPrincipal()) const {
    return Lines(Document("/v1/due?" + query, who));
  }
};

TEST_F(OpenThingsTest, AnAccountHasWhatIsOpen) {
  const PlainJson now = Document("/v1/accounts/A1/open");
  EXPECT_EQ(now["as_of"], "2026-01-05");
  EXPECT_EQ(now["open"], PlainJson::parse(R"([
    {"kind": "escalation", "id": "E", "since": "2026-01-02", "severity": "CRITICAL", "department": "LOGISTICS",
     "acknowledged": false},
    {"kind": "contract", "id": "C1", "since": "2025-02-01", "due": "2026-01-31", "terminated": false,
     "amount": {"currency_code": "EUR", "minor": 48000}},
    {"kind": "opportunity", "id": "P", "since": "2026-01-02", "due": "2026-01-20", "type": "UP_SELL", "stage": "offer",
     "probability": 40, "amount": {"currency_code": "EUR", "minor": 1000},
     "weighted": {"currency_code": "EUR", "minor": 400}}])"));
  const PlainJson late = Document("/v1/accounts/A2/open")["open"];
  EXPECT_EQ(late[0]["id"], "L");
  EXPECT_EQ(late[0]["overdue"], true);
  EXPECT_FALSE(late[1].contains("overdue"));
  EXPECT_EQ(Document("/v1/accounts/A1/open?as_of=2026-01-01")["open"].size(), 1u);
  EXPECT_EQ(Document("/v1/accounts/A1/open?as_of=2026-03-01")["open"][1]["id"], "C2");
}

TEST_F(OpenThingsTest, WhatFallsDueIsInTheOrderOfDays) {
  const PlainJson page = Document("/v1/due");
  EXPECT_EQ(page["from"], "2026-01-05");
  EXPECT_EQ(page["to"], "2026-02-04");
  EXPECT_THAT(Lines(page), ElementsAre("2026-01-15 A2 meeting M", "2026-01-20 A1 opportunity P",
                                       "2026-01-20 A2 order O", "2026-01-20 A3 quote Q", "2026-01-31 A1 contract C1"));
  EXPECT_EQ(page["due"][0]["name"], "Firma A2");
  EXPECT_EQ(page["due"][0]["type"], "EXECUTIVE_REVIEW");
  EXPECT_EQ(page["due"][3]["amount"], PlainJson({{"currency_code", "USD"}, {"minor", 900}}));
  EXPECT_THAT(Due("from=2026-01-21&to=2027-02-01"),
              ElementsAre("2026-01-31 A1 contract C1", "2027-01-31 A1 contract C2"));
  EXPECT_THAT(Due("from=2026-01-21&to=2026-01-30"), IsEmpty());
}

TEST_F(OpenThingsTest, FiltersAreByKindGroupAndManager) {
  EXPECT_THAT(Due("kind=meeting,quote"), ElementsAre("2026-01-15 A2 meeting M", "2026-01-20 A3 quote Q"));
  EXPECT_THAT(Due("manager_id=M8"), ElementsAre("2026-01-20 A3 quote Q"));
  EXPECT_THAT(Due("group=manager:M7&kind=contract"), ElementsAre("2026-01-31 A1 contract C1"));
  EXPECT_THAT(Due("group=manager:M9"), IsEmpty());
}

TEST_F(OpenThingsTest, PagesShowEachOnce) {
  const std::vector<std::string> all = Due("");
  std::vector<std::string> paged;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const PlainJson page = Document(absl::StrCat("/v1/due?limit=2&cursor=", cursor));
    for (const std::string& line : Lines(page)) paged.push_back(line);
    if (!page.contains("next_cursor")) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(paged, all);
}

TEST_F(OpenThingsTest, OthersSeeNothing) {
  EXPECT_THAT(Due("", Manager()), ElementsAre("2026-01-15 A2 meeting M", "2026-01-20 A1 opportunity P",
                                              "2026-01-20 A2 order O", "2026-01-31 A1 contract C1"));
  EXPECT_THAT(Due("group=manager:M8", Manager()), IsEmpty());
  EXPECT_THAT(Due("manager_id=M8", Manager()), IsEmpty());
  EXPECT_EQ(Get("/v1/accounts/A3/open", Manager()).status, 404);
}

TEST_F(OpenThingsTest, WhatIsWrongIsSaid) {
  const auto expect = [this](const std::string& target, const std::string& reason) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_THAT(*response.body, HasSubstr(reason)) << target;
  };
  expect("/v1/due?from=2026-01-04", "from: is before 2026-01-05; what is overdue");
  expect("/v1/due?to=2026-01-04", "to: is before from");
  expect("/v1/due?to=2028-01-04", "400 days");
  expect("/v1/due?kind=contracts", "did you mean contract?");
  expect("/v1/due?cursor=x", "cursor");
}

}  // namespace
}  // namespace keyfold
