// An account's events: the list, its filters and pages, single events, and what others do not see.
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
using ::testing::SizeIs;

v1::AccountEvent Of(const char* account_id, const char* event_id, const char* when, const std::string& payload) {
  v1::AccountEvent event = At(when, payload, {.event_id = event_id, .account_id = account_id});
  event.set_source("crm");
  return event;
}

class EventsTest : public ApiTest {
 protected:
  EventsTest() {
    world_.Add(
        Of("A1", "e1", "2026-01-02", "escalation_opened { escalation_id: 'E' severity: HIGH department: SALES }"));
    world_.Add(Of("A1", "e2", "2026-01-03", "escalation_resolved { escalation_id: 'E' }"));
    world_.Add(Of("A1", "e3", "2026-01-04T08:00:00Z", "escalation_resolved { escalation_id: 'E' }"));
    world_.Add(Of("A1", "q1", "2026-01-04T09:00:00Z",
                  "quote_issued { quote_id: 'Q' valid_until: '2026-03-01'" + Money("amount", 5) + "}"));
    world_.Add(Retracted(Of("A1", "q1", "2026-01-04T09:00:00Z", "quote_issued { quote_id: 'Q' }")));
    world_.Add(Of("A1", "o1", "2026-01-04T23:30:00Z",  // the 5th in Berlin
                  "order_placed { order_id: 'O'" + LineOf("BASE", 500, 100) + LineOf("BASE", 200, 50) +
                      LineOf("BASE", 70, 1, "USD") + "}"));
    world_.Add(
        Of("A3", "e1", "2026-01-02", "escalation_opened { escalation_id: 'E' severity: LOW department: SALES }"));
    reader_ = std::make_shared<const ProjectionReader>(world_.Open());
  }

  static std::vector<std::string> Ids(const PlainJson& page) {
    std::vector<std::string> ids;
    for (const PlainJson& event : page["events"]) ids.push_back(event["event_id"]);
    return ids;
  }
  std::vector<std::string> IdsOf(const std::string& query) const {
    return Ids(Document("/v1/accounts/A1/events?" + query));
  }
};

TEST_F(EventsTest, TheLatestComeFirstWithWhatTheyAre) {
  const PlainJson page = Document("/v1/accounts/A1/events?type=order_placed,escalation_resolved,quote_issued");
  EXPECT_THAT(Ids(page), ElementsAre("o1", "q1", "e3", "e2"));
  EXPECT_EQ(page["total"], 4);
  EXPECT_FALSE(page.contains("next_cursor"));
  const PlainJson& order = page["events"][0];
  EXPECT_EQ(order["entity"], PlainJson({{"kind", "order"}, {"id", "O"}}));
  EXPECT_EQ(order["type"], "order_placed");
  EXPECT_EQ(order["occurred_at"], "2026-01-04T23:30:00Z");
  EXPECT_EQ(order["source"], "crm");
  EXPECT_TRUE(order.contains("partition") && order.contains("offset") && order.contains("recorded_at"));
  EXPECT_EQ(order["payload"], PlainJson::parse(R"({"order_id": "O", "line_count": 3, "net": [
      {"currency_code": "EUR", "minor": 700}, {"currency_code": "USD", "minor": 70}]})"));
  EXPECT_EQ(page["events"][1]["retracted"], true);
  EXPECT_EQ(page["events"][1]["revision"], 1);
  EXPECT_EQ(page["events"][2]["without_effect"], "already_resolved");
  EXPECT_FALSE(page["events"][3].contains("without_effect"));
}

TEST_F(EventsTest, FiltersAreByTypeEntityAndDay) {
  EXPECT_THAT(IdsOf("type=escalation_opened"), ElementsAre("e1"));
  EXPECT_THAT(IdsOf("entity=escalation"), ElementsAre("e3", "e2", "e1"));
  EXPECT_THAT(IdsOf("entity=escalation/E&to=2026-01-03"), ElementsAre("e2", "e1"));
  EXPECT_THAT(IdsOf("entity=escalation/F"), IsEmpty());
  EXPECT_THAT(IdsOf("entity=order&from=2026-01-05"), ElementsAre("o1"));
  EXPECT_THAT(IdsOf("entity=order&to=2026-01-04"), IsEmpty());
}

TEST_F(EventsTest, PagesShowEachEventOnce) {
  const std::vector<std::string> all = IdsOf("limit=1000");
  ASSERT_THAT(all, SizeIs(7));  // with the manager and the invoice of the world
  std::vector<std::string> paged;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const PlainJson page = Document(absl::StrCat("/v1/accounts/A1/events?limit=3&cursor=", cursor));
    EXPECT_EQ(page["total"], 7);
    for (const std::string& id : Ids(page)) paged.push_back(id);
    if (!page.contains("next_cursor")) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(paged, all);
}

TEST_F(EventsTest, AnEventComesWhole) {
  const PlainJson document = Document("/v1/accounts/A1/events/o1");
  ASSERT_THAT(document["events"], SizeIs(1));
  const PlainJson& event = document["events"][0]["event"];
  EXPECT_EQ(event["account_id"], "A1");
  EXPECT_THAT(event["order_placed"]["lines"], SizeIs(3));
  EXPECT_EQ(event["order_placed"]["lines"][1]["net"]["minor"], "200");
  // Of what was taken back, the record that did so is what there is.
  EXPECT_EQ(Document("/v1/accounts/A1/events/q1")["events"][0]["event"]["retracted"], true);
}

TEST_F(EventsTest, WhatIsWrongIsSaid) {
  const auto expect = [this](const std::string& target, int status, const std::string& reason) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_THAT(*response.body, HasSubstr(reason)) << target;
  };
  expect("/v1/accounts/A1/events?type=order_place", 400, "did you mean order_placed?");
  expect("/v1/accounts/A1/events?entity=escalations", 400, "entity");
  expect("/v1/accounts/A1/events?cursor=x", 400, "cursor");
  expect("/v1/accounts/A1/events?cursor=WzEsMiwzXQ", 400, "cursor");  // [1,2,3]
  expect("/v1/accounts/A1/events?from=yesterday", 400, "from");
  expect("/v1/accounts/A1/events/nothing", 404, "has no event nothing");
}

TEST_F(EventsTest, OthersSeeNothing) {
  EXPECT_EQ(Get("/v1/accounts/A1/events", Manager()).status, 200);
  for (const char* hidden : {"/v1/accounts/A3/events", "/v1/accounts/A3/events/e1"}) {
    EXPECT_EQ(Get(hidden, Manager()).status, 404) << hidden;
  }
  EXPECT_EQ(*Get("/v1/accounts/A3/events/e1", Manager()).body, *Get("/v1/accounts/A3/events/e9", Manager()).body);
}

}  // namespace
}  // namespace keyfold
