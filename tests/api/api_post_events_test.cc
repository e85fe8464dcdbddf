// Events over HTTP: who may, what is answered, and that nothing is accepted before Kafka has it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

constexpr char kChurned[] =
    R"({"event_id": "e1", "account_id": "A1", "occurred_at": "2025-03-03T10:00:00Z", "account_churned": {}})";
constexpr char kOther[] =
    R"({"event_id": "e2", "account_id": "A2", "occurred_at": "2025-03-03T10:00:00Z", "account_churned": {}})";
constexpr char kWrong[] = R"({"event_id": "e3", "account_id": "A1", "account_churned": {}})";

class ApiPostEventsTest : public ApiTest {
 protected:
  static Principal Producer() { return {.token_id = "p", .roles = {Role::kProducer}}; }

  HttpResponse Post(const std::string& body, const Principal& who = Producer()) const {
    return Ask("POST", "/v1/events", who, body);
  }
};

TEST_F(ApiPostEventsTest, WhatKafkaHasIsAccepted) {
  const HttpResponse response = Post(kChurned);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(PlainJson::parse(*response.body), PlainJson::parse(R"({"accepted": 1, "rejected": 0, "unacknowledged": 0,
    "events": [{"line": 1, "event_id": "e1", "status": "accepted"}]})"));
  EXPECT_EQ(response.audit_note, "events: 1 accepted, 0 rejected, 0 unacknowledged");
  ASSERT_EQ(events_.sent.size(), 1u);
  EXPECT_EQ(events_.sent[0].account_id, "A1");
  EXPECT_EQ(events_.claimed, static_cast<int64_t>(sizeof(kChurned) - 1));
  EXPECT_TRUE(events_.room.expired()) << "the room is held after the answer";
}

TEST_F(ApiPostEventsTest, EachEventHasItsOutcome) {
  const HttpResponse some = Post(std::string(kChurned) + "\n" + kWrong + "\n" + kOther);
  EXPECT_EQ(some.status, 207);
  const PlainJson document = PlainJson::parse(*some.body);
  EXPECT_EQ(document["accepted"], 2);
  EXPECT_EQ(document["rejected"], 1);
  EXPECT_EQ(document["events"][1]["line"], 2);
  EXPECT_EQ(document["events"][1]["status"], "rejected");
  EXPECT_THAT(std::string(document["events"][1]["reason"]), HasSubstr("occurred_at: "));
  EXPECT_EQ(events_.sent.size(), 2u);
  EXPECT_EQ(Post(kWrong).status, 422);
}

TEST_F(ApiPostEventsTest, WhatKafkaDoesNotAcknowledgeIsToBeSentAgain) {
  events_.lost_account = "A2";
  const HttpResponse response = Post(std::string(kChurned) + "\n" + kWrong + "\n" + kOther);
  EXPECT_EQ(response.status, 503);
  ASSERT_NE(FindField(response.headers, "Retry-After"), nullptr);
  const PlainJson document = PlainJson::parse(*response.body);
  EXPECT_EQ(document["accepted"], 1);
  EXPECT_EQ(document["unacknowledged"], 1);
  EXPECT_EQ(document["events"][2]["status"], "unacknowledged");
  EXPECT_EQ(document["events"][2]["reason"], "lost");
}

TEST_F(ApiPostEventsTest, WithoutRoomItIsAskedToComeAgain) {
  events_.full = true;
  const HttpResponse response = Post(kChurned);
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(FindField(response.headers, "Retry-After"), nullptr);
  EXPECT_TRUE(events_.sent.empty());
}

TEST_F(ApiPostEventsTest, OnlyProducersMay) {
  EXPECT_EQ(Post(kChurned, Manager()).status, 403);
  EXPECT_EQ(Post(kChurned, {.token_id = "m", .roles = {Role::kMetrics}}).status, 403);
  EXPECT_TRUE(events_.sent.empty());
  EXPECT_EQ(Post(kChurned, {.token_id = "a", .roles = {Role::kAdmin}}).status, 200);
  EXPECT_EQ(Post(kChurned, LocalPrincipal()).status, 200);
  EXPECT_EQ(Get("/v1/accounts", Producer()).status, 403);
}

TEST_F(ApiPostEventsTest, WhatCannotBeReadIsRefused) {
  HttpRequest request = Request("POST", "/v1/events", Producer());
  request.body = kChurned;
  EXPECT_EQ(MakeApi().Answer(request).status, 415);
  request.headers = {{"Content-Type", "text/plain"}};  // what a form of another page can send
  EXPECT_EQ(MakeApi().Answer(request).status, 415);
  request.headers = {{"Content-Type", "application/x-ndjson"}};
  request.body = "\n";
  EXPECT_EQ(MakeApi().Answer(request).status, 400);
  for (int i = 0; i <= 10'000; ++i) request.body += "{}\n";
  EXPECT_EQ(MakeApi().Answer(request).status, 413);
  EXPECT_TRUE(events_.room.expired());
}

}  // namespace
}  // namespace keyfold
