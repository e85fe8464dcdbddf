// Webhooks of other programs: who may send them, what is answered, and that nothing is accepted before Kafka has it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/api_world.h"
#include "rights/digest.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

constexpr char kDocument[] = R"({"id": "A1", "at": "2025-03-03T10:00:00Z"})";

class ApiHooksTest : public ApiTest {
 protected:
  void SetUp() override { OpenHooks(); }

  static Principal Nobody() { return {}; }

  HttpResponse PostSigned(const std::string& body, const std::string& signature) const {
    HttpRequest request = Request("POST", "/v1/hooks/signed", Nobody());
    if (!signature.empty()) request.headers = {{"Signature", signature}};
    request.headers.emplace_back("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    request.body = body;
    return AnswerTo(request);
  }
  HttpResponse PostSigned(const std::string& body) const { return PostSigned(body, HmacSha256Hex("secret", body)); }
};

TEST_F(ApiHooksTest, WhatIsSignedNeedsNoToken) {
  const HttpResponse response = PostSigned(kDocument);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(PlainJson::parse(*response.body), PlainJson::parse(R"({"accepted": 1, "rejected": 0, "unacknowledged": 0,
    "left_out": 0, "events": [{"line": 1, "event_id": "crm:account_churned:A1", "status": "accepted"}]})"));
  EXPECT_EQ(response.audit_note, "hook signed: 1 accepted, 0 rejected, 0 unacknowledged, 0 left out");
  ASSERT_EQ(events_.sent.size(), 1u);
  EXPECT_EQ(events_.sent[0].account_id, "A1");
  EXPECT_EQ(events_.sent[0].traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(events_.claimed, static_cast<int64_t>(sizeof(kDocument) - 1));
  EXPECT_TRUE(events_.room.expired()) << "the room is held after the answer";
  EXPECT_TRUE(Api::IsPublic("/v1/hooks/signed"));
  EXPECT_FALSE(Api::IsPublic("/v1/hooks"));
  EXPECT_FALSE(Api::IsPublic("/v1/hooks/signed/more"));
  EXPECT_FALSE(Api::IsPublic("/v1/events"));
}

TEST_F(ApiHooksTest, WhatIsNotSignedRightIsRefusedAndNoted) {
  const std::string right = HmacSha256Hex("secret", kDocument);
  for (const std::string& signature : {std::string(), HmacSha256Hex("other", kDocument), right + "0"}) {
    const HttpResponse response = PostSigned(kDocument, signature);
    EXPECT_EQ(response.status, 401) << signature;
    EXPECT_THAT(*response.body, HasSubstr("the signature is not right"));
    EXPECT_THAT(response.audit_note, HasSubstr("hook signed: "));
  }
  EXPECT_EQ(PostSigned(std::string(kDocument) + " ", right).status, 401);
  EXPECT_TRUE(events_.sent.empty());
  EXPECT_EQ(events_.claimed, 0) << "room is for those who may send";
  // Whoever has a token has no signature by that.
  EXPECT_EQ(Ask("POST", "/v1/hooks/signed", LocalPrincipal(), kDocument).status, 401);
}

TEST_F(ApiHooksTest, WithoutASignatureItTakesAProducersToken) {
  const auto status = [this](const Principal& who) { return Ask("POST", "/v1/hooks/plain", who, kDocument).status; };
  EXPECT_EQ(status(Nobody()), 401);
  EXPECT_EQ(status(Manager()), 403);
  EXPECT_TRUE(events_.sent.empty());
  EXPECT_EQ(status({.token_id = "p", .roles = {Role::kProducer}}), 200);
  EXPECT_EQ(status({.token_id = "a", .roles = {Role::kAdmin}}), 200);
  EXPECT_EQ(Ask("POST", "/v1/hooks/other", LocalPrincipal(), kDocument).status, 404);
  EXPECT_EQ(Get("/v1/hooks/plain").status, 405);
}

TEST_F(ApiHooksTest, EachRowHasItsOutcome) {
  const HttpResponse some = PostSigned(
      R"([{"id": "A1", "at": "2025-03-03"}, {"id": "A2", "at": "soon"}, {"test": true}, {"id": "", "at": "2025-03-03"}])");
  EXPECT_EQ(some.status, 207);
  const PlainJson document = PlainJson::parse(*some.body);
  EXPECT_EQ(document["accepted"], 1);
  EXPECT_EQ(document["rejected"], 2);
  EXPECT_EQ(document["left_out"], 1);
  EXPECT_EQ(document["events"][1]["line"], 2);
  EXPECT_THAT(std::string(document["events"][1]["reason"]), HasSubstr("'soon'"));
  EXPECT_EQ(document["events"][2]["line"], 4);
  EXPECT_EQ(events_.sent.size(), 1u);
  EXPECT_EQ(PostSigned(R"({"id": "A2", "at": "soon"})").status, 422);
  EXPECT_EQ(PostSigned(R"({"test": true})").status, 200);
  EXPECT_EQ(PostSigned("[]").status, 200);
}

TEST_F(ApiHooksTest, WhatKafkaDoesNotAcknowledgeIsToBeSentAgain) {
  events_.lost_account = "A1";
  const HttpResponse response = PostSigned(kDocument);
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(FindField(response.headers, "Retry-After"), nullptr);
  events_.full = true;
  EXPECT_EQ(PostSigned(kDocument).status, 429);
}

TEST_F(ApiHooksTest, WhatCannotBeReadIsRefused) {
  EXPECT_EQ(PostSigned("").status, 400);
  EXPECT_EQ(PostSigned("{").status, 400);
  std::string many = "[{}";
  for (int i = 0; i < 10'000; ++i) many += ",{}";
  EXPECT_EQ(PostSigned(many + "]").status, 413);
  EXPECT_TRUE(events_.sent.empty());
  EXPECT_TRUE(events_.room.expired());
}

}  // namespace
}  // namespace keyfold
