// What a scrape has of workers over a Kafka in memory, and that dashboard and alert rules ask for nothing else.
#include "metrics/metrics.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/worker_world.h"
#include "gateway/server.h"
#include "hooks/hooks.h"
#include "metrics/gateway_metrics.h"
#include "metrics/intake_metrics.h"
#include "metrics/scrape.h"
#include "metrics/stage_metrics.h"
#include "metrics/state_metrics.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public WorkerTest {
 protected:
  // Folds what was appended, and tells the metrics as a stage does.
  void Fold() {
    Begin(process_);
    RunToEnd(process_);
    for (const CommittedBatch& batch : process_.observer.batches)
      stage_.Count(batch, absl::FromUnixSeconds(1'767'614'410));
    process_.observer.batches.clear();
    for (const PartitionProgress& progress : process_.worker->progress()) stage_.Set(progress, 0);
  }

  Metrics metrics_;
  StageMetrics stage_{metrics_, "accounts"};
};

TEST_F(MetricsTest, RecordsAreCountedByWhatBecameOfThem) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  MemoryRecord broken = RecordOf("2026-01-05", Invoice("A2", "2026-01-05", 100));
  broken.value = "no event";
  cluster_.Append(1, broken);
  Fold();
  EXPECT_THAT(metrics_.Scrape(),
              AllOf(HasSubstr("keyfold_records_in_total{stage=\"accounts\"} 3\n"),
                    HasSubstr("keyfold_records_total{outcome=\"applied\",stage=\"accounts\"} 1\n"),
                    HasSubstr("keyfold_records_total{outcome=\"duplicate\",stage=\"accounts\"} 1\n"),
                    HasSubstr("keyfold_records_total{outcome=\"rejected\",stage=\"accounts\"} 1\n"),
                    HasSubstr("keyfold_rejected_total{reason=\"undecodable\",stage=\"accounts\"} 1\n"),
                    HasSubstr("keyfold_rejected_total{reason=\"conflict\",stage=\"accounts\"} 0\n")));
}

TEST_F(MetricsTest, ATransactionThatIsRepeatedCountsOnce) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Begin(process_);
  process_.errors.emplace("Begin", absl::UnavailableError("no broker"));
  Fold();
  EXPECT_THAT(metrics_.Scrape(), HasSubstr("keyfold_records_total{outcome=\"applied\",stage=\"accounts\"} 1\n"));
}

TEST_F(MetricsTest, WhatIsReplayedDoesNotCountAgain) {
  FoldThree(process_);
  process_.disks.clear();
  process_.observer.batches.clear();
  Append("2026-01-05", Invoice("A4", "2026-01-05", 100));
  Fold();
  EXPECT_THAT(metrics_.Scrape(), HasSubstr("keyfold_records_total{outcome=\"applied\",stage=\"accounts\"} 1\n"));
}

TEST_F(MetricsTest, TransactionsHaveTheirPartsAndAnAge) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Fold();
  const std::string scrape = metrics_.Scrape();
  for (const char* part : {"all", "fold", "commit", "keep"}) {
    EXPECT_THAT(scrape, ::testing::ContainsRegex(absl::StrCat("keyfold_transaction_seconds_count.part=\"", part,
                                                              "\",stage=\"accounts\". [1-9]")));
  }
  EXPECT_THAT(scrape, AllOf(HasSubstr("keyfold_age_seconds_count{stage=\"accounts\"} 1\n"),
                            HasSubstr("keyfold_age_seconds_sum{stage=\"accounts\"} 10\n")));
}

TEST_F(MetricsTest, PostedEventsAreCountedByTheirOutcome) {
  struct Sink : EventSink {
    std::shared_ptr<void> Claim(size_t) override { return nullptr; }
    void Send(std::vector<PostedEvent>, std::function<void(std::vector<PostedEvent>)>) override {}
    IntakeCounts counts() const override { return {.accepted = 5, .rejected = 4, .unacknowledged = 3, .refused = 2}; }
  };
  const Sink sink;
  const std::string mapping = testing::TempDir() + "metrics_test.yaml";
  std::ofstream(mapping) << "name: x\nsource: json\naccount: id\nkey: id\nskip: {old: at = \"\"}\n"
                            "rows: [{account_churned: {at: at}}]\n";
  HookConfig config{.name = "crm", .mapping = mapping, .signature = {}};
  config.signature.header = "S";
  config.signature.secret = "s";
  const absl::StatusOr<Hooks> hooks = Hooks::Open({config}, Currency());
  ASSERT_TRUE(hooks.ok()) << hooks.status();
  const Hook& hook = *hooks->all()[0];
  EXPECT_FALSE(hook.Check({"POST", {}, ""}, absl::UnixEpoch()).ok());
  EXPECT_TRUE(hook.Map(R"([{"id": 1, "at": "2025-01-01"}, {"id": 2, "at": "x"}, {"id": 3}])", "").ok());
  const IntakeMetrics intake(metrics_, sink, *hooks);
  EXPECT_THAT(metrics_.Scrape(), AllOf(HasSubstr("keyfold_hook_refused_total{hook=\"crm\"} 1\n"),
                                       HasSubstr("keyfold_hook_rows_total{hook=\"crm\",outcome=\"event\"} 1\n"),
                                       HasSubstr("keyfold_hook_rows_total{hook=\"crm\",outcome=\"rejected\"} 1\n"),
                                       HasSubstr("keyfold_hook_rows_total{hook=\"crm\",outcome=\"left_out\"} 1\n")));
  EXPECT_THAT(metrics_.Scrape(), AllOf(HasSubstr("keyfold_posted_events_total{outcome=\"accepted\"} 5\n"),
                                       HasSubstr("keyfold_posted_events_total{outcome=\"rejected\"} 4\n"),
                                       HasSubstr("keyfold_posted_events_total{outcome=\"unacknowledged\"} 3\n"),
                                       HasSubstr("keyfold_posts_refused_total 2\n")));
}

TEST_F(MetricsTest, APartitionThatIsGoneHasNoMetrics) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Fold();
  const std::string lag = "keyfold_lag_records{partition=\"1\",stage=\"accounts\"} 0\n";
  EXPECT_THAT(metrics_.Scrape(), AllOf(HasSubstr(lag), HasSubstr("keyfold_partition_running{partition=\"1\"")));
  stage_.Forget(1);
  EXPECT_THAT(metrics_.Scrape(), AllOf(Not(HasSubstr("partition=\"1\"")), HasSubstr("partition=\"0\"")));
}

TEST_F(MetricsTest, WhereTokensAreAskedForAScrapeNeedsARole) {
  HttpRequest request{.method = "GET", .who = {.roles = {Role::kReader}}};
  EXPECT_EQ(AnswerScrape(metrics_, request).status, 403);
  request.who.roles = {Role::kMetrics};
  EXPECT_EQ(AnswerScrape(metrics_, request).status, 200);
  request.method = "POST";
  EXPECT_EQ(AnswerScrape(metrics_, request).status, 405);
}

std::set<std::string> NamesIn(const std::string& text) {
  static const auto* const name = new std::regex(R"(\b(?:keyfold|process)_[a-z_]+\b)");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), *name), end; at != end; ++at) names.insert(at->str());
  return names;
}

TEST_F(MetricsTest, DashboardAndRulesAskForWhatThereIs) {
  RocksEnvironment environment{RocksMemory()};
  const MemoryBudget budget(1);
  const StateMetrics state(metrics_, {&environment, &budget, {}, 0, [] { return true; }});
  GatewayConfig listener;
  listener.listen = "127.0.0.1:0";
  const auto server = HttpServer::Start(listener, [](const HttpRequest&) { return BodyResponse(""); });
  ASSERT_TRUE(server.ok()) << server.status();
  const GatewayMetrics gateway(metrics_, **server, [] { return true; });
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Fold();
  const std::set<std::string> there = NamesIn(metrics_.Scrape());
  for (const char* file : {"grafana/keyfold.json", "prometheus/alerts.yaml"}) {
    std::ifstream in(absl::StrCat(KEYFOLD_DEPLOY, "/", file));
    std::ostringstream text;
    text << in.rdbuf();
    const std::set<std::string> asked = NamesIn(text.str());
    EXPECT_GT(asked.size(), 5u) << file;
    for (const std::string& name : asked) EXPECT_TRUE(there.contains(name)) << file << " asks for " << name;
  }
}

}  // namespace
}  // namespace keyfold
