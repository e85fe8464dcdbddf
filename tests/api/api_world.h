// The API over two shards and what they published.
#ifndef KEYFOLD_TESTS_API_API_WORLD_H_
#define KEYFOLD_TESTS_API_API_WORLD_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/api.h"
#include "ask/projection_world.h"
#include "hooks/hooks.h"
#include "intake/event_sink.h"
#include "live/latest_values.h"
#include "rows/alert_key.h"
#include "store/memory_store.h"
#include "webhooks/deliveries.h"

namespace keyfold {

using PlainJson = nlohmann::json;

// Kafka as the tests want it: it has everything at once, but what is of one account.
class FakeEventSink : public EventSink {
 public:
  std::shared_ptr<void> Claim(size_t bytes) override {
    if (full) return nullptr;
    claimed = static_cast<int64_t>(bytes);
    const auto claim = std::make_shared<int>(0);
    room = claim;
    return claim;
  }
  void Send(std::vector<PostedEvent> events, std::function<void(std::vector<PostedEvent>)> done) override {
    for (PostedEvent& event : events) {
      if (event.status != PostedStatus::kValid) continue;
      sent.push_back(event);
      const bool lost = event.account_id == lost_account;
      event.status = lost ? PostedStatus::kUnacknowledged : PostedStatus::kAccepted;
      event.reason = lost ? "lost" : "";
    }
    done(std::move(events));
  }
  IntakeCounts counts() const override { return {}; }

  bool full = false;
  std::string lost_account;
  int64_t claimed = 0;  // by the latest request
  std::weak_ptr<void> room;
  std::vector<PostedEvent> sent;
};

// Accounts A1 and A2 of manager M7, A3 of M8. A2 was of M8 before.
class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : world_(2), values_(MakeValues()) {
    world_.Add(Managed("A1", "2026-01-01", "M7"));
    world_.Add(Invoice("A1", "2026-01-02", 12'500));
    world_.Add(Managed("A2", "2026-01-01", "M8"));
    world_.Add(Managed("A2", "2026-01-04", "M7"));
    world_.Add(Invoice("A2", "2026-01-03", 700));
    world_.Add(Managed("A3", "2026-01-01", "M8"));
    world_.Add(Invoice("A3", "2026-01-03", 9'900));
    reader_ = std::make_shared<const ProjectionReader>(world_.Open());
    Publish();
  }

  static std::unique_ptr<LatestValues> MakeValues() {
    auto values =
        LatestValues::Open(std::make_unique<MemoryStore>(MergeStored),
                           {"cluster", {"account-kpis", "rollup-kpis", "account-alerts"}}, {}, [](std::string_view) {});
    EXPECT_TRUE(values.ok()) << values.status();
    return *std::move(values);
  }

  // What a worker publishes of the world.
  void Publish() {
    const Day day = *ParseDay("2026-01-05");
    int64_t offset = 0;
    for (const auto& [id, account] : world_.Accounts(day)) {
      v1::KpiUpdate update = UpdateOf(account);
      update.set_account_id(id);
      update.set_source_partition(static_cast<int32_t>(world_.PartitionOf(id)));
      update.mutable_attributes()->set_manager_id(id == "A3" ? "M8" : "M7");
      update.mutable_attributes()->set_name(absl::StrCat("Firma ", id));
      update.mutable_attributes()->set_customer(true);
      Apply(LatestTopic::kAccounts, id, offset++, update);
    }
    for (const auto& [id, group] : world_.Groups(day)) {
      v1::KpiUpdate update = UpdateOf(group);
      update.set_group_id(id);
      update.set_accounts(group.accounts);
      Apply(LatestTopic::kGroups, id, offset++, update);
    }
  }

  v1::KpiUpdate UpdateOf(const FoldedValues& values) const {
    v1::KpiUpdate update;
    update.set_as_of("2026-01-05");
    update.set_catalog_hash(world_.catalog().hash());
    for (const auto& [kpi, value] : values.kpis) (*update.mutable_kpis())[kpi] = value;
    return update;
  }

  void Apply(LatestTopic topic, const std::string& id, int64_t offset, const v1::KpiUpdate& update) {
    const std::string value = update.SerializeAsString();
    const PublishedRecord record{topic, 0, offset, 0, id, value};
    ASSERT_TRUE(values_->Apply(std::span(&record, 1)).ok());
  }

  // What the alert's latest record says.
  void Alert(const std::string& key, bool raised, int64_t recorded_s, v1::KpiAlert::Severity severity) {
    const std::optional<ParsedAlertKey> parsed = ParseAlertKey(key);
    ASSERT_TRUE(parsed.has_value());
    v1::KpiAlert alert;
    const std::string owner(parsed->owner_id);
    parsed->owner_topic == LatestTopic::kAccounts ? alert.set_account_id(owner) : alert.set_group_id(owner);
    alert.set_alert(std::string(parsed->alert));
    alert.set_raised(raised);
    alert.set_severity(severity);
    alert.mutable_recorded_at()->set_seconds(recorded_s);
    alert.mutable_attributes()->set_name(absl::StrCat("Firma ", owner));
    alert.add_inputs()->set_id("nps");
    const std::string value = alert.SerializeAsString();
    const PublishedRecord record{LatestTopic::kAlerts, 0, alerts_++, 0, key, value};
    const absl::StatusOr<LatestReport> report = values_->Apply(std::span(&record, 1));
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->undecodable, 0);
  }

  void RaiseSome() {
    Alert("account/contract_due/A1", true, 1'000, v1::KpiAlert::HIGH);
    Alert("account/at_risk/A2", true, 2'000, v1::KpiAlert::CRITICAL);
    Alert("account/at_risk/A1", true, 2'000, v1::KpiAlert::CRITICAL);
    Alert("account/contract_due/A2", false, 50, v1::KpiAlert::HIGH);
    Alert("account/contract_due/A3", false, 150, v1::KpiAlert::HIGH);
    Alert("account/at_risk/A3", true, 10, v1::KpiAlert::CRITICAL);
    Alert("group/at_risk/manager:M8", true, 5, v1::KpiAlert::LOW);
    Alert("account/at_risk/A4", true, 3'000, v1::KpiAlert::LOW);  // whose row is not there
  }

  // Things that are open at the present day, 2026-01-05, and fall due after it.
  void OpenSome() {
    auto of = [number = 0](const char* account_id, const char* day, const std::string& payload) mutable {
      return At(day, payload, {.event_id = absl::StrCat("open-", ++number), .account_id = account_id});
    };
    world_.Add(of("A1", "2026-01-01",
                  "contract_signed { contract_id: 'C1' start_date: '2025-02-01' end_date: '2026-01-31'" +
                      Money("annual_value", 48'000) + "}"));
    world_.Add(of("A1", "2026-01-01",
                  "contract_signed { contract_id: 'C2' start_date: '2026-02-01' end_date: '2027-01-31'" +
                      Money("annual_value", 50'000) + "}"));
    world_.Add(
        of("A1", "2026-01-02", "escalation_opened { escalation_id: 'E' severity: CRITICAL department: LOGISTICS }"));
    world_.Add(of("A1", "2026-01-02",
                  "opportunity_created { opportunity_id: 'P' sale_type: UP_SELL stage: 'offer' probability: 40 "
                  "expected_close: '2026-01-20'" +
                      Money("amount", 1'000) + "}"));
    world_.Add(
        of("A2", "2026-01-02",
           "meeting_scheduled { meeting_id: 'M' kind: EXECUTIVE_REVIEW scheduled_for { seconds: 1768478400 } }"));
    world_.Add(of("A2", "2026-01-02",
                  "order_placed { order_id: 'O' promised_date: '2026-01-20'" + LineOf("BASE", 300, 100) + "}"));
    world_.Add(of("A2", "2026-01-02",
                  "order_placed { order_id: 'L' promised_date: '2026-01-03'" + LineOf("BASE", 10, 1) + "}"));
    world_.Add(of("A3", "2026-01-02",
                  "quote_issued { quote_id: 'Q' valid_until: '2026-01-20'" + Money("amount", 900, "USD") + "}"));
    reader_ = std::make_shared<const ProjectionReader>(world_.Open());
  }

  // A webhook to which an alert of A1 could not be delivered, and one of A2 is to be sent in a while.
  void OpenWebhook() {
    WebhookConfig webhook;
    webhook.name = "sales";
    webhook.url = "https://hooks.example/private";
    webhook.severities = {"HIGH"};
    webhook.attempts_max = 1;
    auto webhooks = Deliveries::Open(std::make_unique<MemoryStore>(nullptr), {webhook}, "cluster/alerts", {},
                                     [](std::string_view) {});
    ASSERT_TRUE(webhooks.ok()) << webhooks.status();
    webhooks_ = *std::move(webhooks);
    for (const char* account : {"A1", "A2"}) {
      v1::KpiAlert alert;
      alert.set_account_id(account);
      alert.set_alert("at_risk");
      alert.set_severity(v1::KpiAlert::HIGH);
      alert.mutable_recorded_at()->set_seconds(absl::ToUnixSeconds(absl::Now()));
      const std::string key = absl::StrCat("account/at_risk/", account);
      const std::string value = alert.SerializeAsString();
      const PublishedRecord record{LatestTopic::kAlerts, 0, account[1], 0, key, value};
      ASSERT_TRUE(webhooks_->Take(std::span(&record, 1), absl::Now()).ok());
    }
    const auto next = webhooks_->Next(0, absl::Now());
    ASSERT_TRUE(next.ok() && next->sequence.has_value());
    ASSERT_TRUE(webhooks_->Failed(0, *next->sequence, "it is away", absl::Hours(1), 0, absl::Now()).ok());
  }

  // Hooks that churn the account of each document: `signed`, by the secret "secret" in hexadecimal digits in the header
  // Signature; and `plain`.
  void OpenHooks() {
    const std::string mapping = testing::TempDir() + "api_hook.yaml";
    std::ofstream(mapping) << "name: crm\nsource: json\naccount: id\nkey: id\nskip: {a test: test = \"true\"}\n"
                              "rows: [{account_churned: {at: at}}]\n";
    HookConfig signed_one{.name = "signed", .mapping = mapping, .signature = {}};
    signed_one.signature.header = "Signature";
    signed_one.signature.secret = "secret";
    absl::StatusOr<Hooks> hooks = Hooks::Open({signed_one, {.name = "plain", .mapping = mapping, .signature = {}}},
                                              world_.catalog().reporting_currency());
    std::remove(mapping.c_str());
    ASSERT_TRUE(hooks.ok()) << hooks.status();
    hooks_ = *std::move(hooks);
  }

  ApiSources Sources() const {
    ApiSources sources;
    sources.catalog = &world_.catalog();
    sources.live = values_.get();
    sources.tokens_file = tokens_file_;
    sources.alerts_from_ms = [] { return int64_t{100'000}; };
    sources.shards = [this] { return reader_; };
    sources.webhooks = webhooks_.get();
    sources.retry_webhook = [this](const std::string& name) { return webhooks_->Resend(name); };
    sources.events = &events_;
    sources.hooks = &hooks_;
    sources.status = [] { return Json{{"projection", "live"}}; };
    sources.ready = [] { return absl::OkStatus(); };
    return sources;
  }
  Api MakeApi() const { return Api(Sources()); }

  static Principal Manager() { return {.token_id = "t", .roles = {Role::kReader}, .groups = {"manager:M7"}}; }

  HttpRequest Request(const std::string& method, const std::string& target, const Principal& who) const {
    HttpRequest request;
    request.method = method;
    const absl::StatusOr<HttpTarget> parsed = ParseTarget(target);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    request.target = *parsed;
    request.who = who;
    return request;
  }

  // Also one that is made later.
  HttpResponse AnswerTo(const HttpRequest& request) const {
    HttpResponse response = MakeApi().Answer(request);
    if (response.later == nullptr) return response;
    HttpResponse answer;
    response.later([&answer](HttpResponse sent) { answer = std::move(sent); });
    return answer;
  }

  HttpResponse Ask(const std::string& method, const std::string& target, const Principal& who = LocalPrincipal(),
                   const std::string& body = "") const {
    HttpRequest request = Request(method, target, who);
    if (!body.empty()) request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    return AnswerTo(request);
  }
  HttpResponse Get(const std::string& target, const Principal& who = LocalPrincipal()) const {
    return Ask("GET", target, who);
  }

  PlainJson Document(const std::string& target, const Principal& who = LocalPrincipal()) const {
    const HttpResponse response = Get(target, who);
    EXPECT_EQ(response.status, 200) << target << ": " << *response.body;
    return PlainJson::parse(*response.body);
  }

  // Everything that there is to read for this token, in one text.
  std::string Everything(const Principal& who) const {
    std::string text;
    for (const char* target : {"/v1/accounts",
                               "/v1/groups",
                               "/v1/accounts?q=A",
                               "/v1/accounts?id=A1,A2,A3",
                               "/v1/accounts?group=portfolio:all",
                               "/v1/groups/manager:M7",
                               "/v1/groups/portfolio:all",
                               "/v1/accounts/A3",
                               "/v1/accounts/A3/series?from=2026-01-01",
                               "/v1/accounts/A3/explain/revenue_t12m",
                               "/v1/groups/manager:M8/explain/revenue_t12m",
                               "/v1/groups/portfolio:all/explain/revenue_t12m",
                               "/v1/alerts?state=all",
                               "/v1/groups/manager:M8",
                               "/v1/formula?formula=nps&id=A3",
                               "/v1/groups/manager:M7/explain/revenue_t12m",
                               "/v1/accounts/A3/events",
                               "/v1/accounts/A3/open",
                               "/v1/due",
                               "/v1/due?manager_id=M8",
                               "/v1/session"}) {
      text += *Get(target, who).body;
      HttpResponse response = Get(target, who);
      if (response.status == 404) text += "\n";
    }
    return text;
  }

  ProjectionWorld world_;
  std::unique_ptr<LatestValues> values_;
  std::unique_ptr<Deliveries> webhooks_;  // null: there are none
  std::shared_ptr<const ProjectionReader> reader_;
  int64_t alerts_ = 0;  // records of account-alerts
  std::string tokens_file_;
  mutable FakeEventSink events_;
  Hooks hooks_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_API_API_WORLD_H_
