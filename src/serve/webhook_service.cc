#include "serve/webhook_service.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/alert_ids.h"
#include "base/combine.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "client/http_url.h"
#include "kafka/topic_follower.h"
#include "run/backoff.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kAlertsMax = 1'000;
constexpr absl::Duration kAlertWaitMax = absl::Milliseconds(200);

absl::Status CheckWebhook(const WebhookConfig& webhook, const Catalog& catalog) {
  if (const absl::Status status = CheckConfidential(webhook.url); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("webhook ", webhook.name, ": url: ", status.message()));
  }
  const std::vector<std::string_view> known = AlertIdsOf(catalog);
  for (const std::string& id : webhook.alerts) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat("webhook ", webhook.name, ": alerts: the catalogue has no alert '",
                                                   id, "'", DidYouMean(id, known)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookService>> WebhookService::Start(const Config& config, const Catalog& catalog,
                                                                      const KafkaConnection& connection,
                                                                      const std::string& cluster_id,
                                                                      RocksEnvironment& environment) {
  for (const WebhookConfig& webhook : config.webhooks) KEYFOLD_RETURN_IF_ERROR(CheckWebhook(webhook, catalog));
  std::unique_ptr<Deliveries> deliveries;
  if (!config.webhooks.empty()) {
    DeliveryLimits limits;
    const int64_t hours = config.gateway.alerts_age_hours_max;
    limits.age_max = hours == 0 ? absl::InfiniteDuration() : absl::Hours(hours);
    KEYFOLD_ASSIGN_OR_RETURN(
        std::unique_ptr<ShardStore> store,
        OpenRocksStore(environment, absl::StrCat(config.state_directory, "/", config.projection, "/webhooks"),
                       NoMerge));
    KEYFOLD_ASSIGN_OR_RETURN(
        deliveries,
        Deliveries::Open(std::move(store), config.webhooks, absl::StrCat(cluster_id, "/", config.alerts_topic), limits,
                         [](std::string_view message) { spdlog::warn("{}", std::string(message)); }));
  }
  return std::unique_ptr<WebhookService>(new WebhookService(connection, config.alerts_topic, std::move(deliveries)));
}

WebhookService::WebhookService(const KafkaConnection& connection, std::string topic,
                               std::unique_ptr<Deliveries> deliveries)
    : connection_(connection), topic_(std::move(topic)), deliveries_(std::move(deliveries)) {
  if (deliveries_ == nullptr) return;
  sender_ = std::make_unique<WebhookSender>(*deliveries_);
  thread_ = std::thread([this] { Run(); });
}

WebhookService::~WebhookService() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void WebhookService::Run() {
  for (Backoff backoff(stop_); !stop_; backoff.Wait()) {
    absl::Status status = Follow();
    if (absl::IsFailedPrecondition(status)) {
      spdlog::warn("webhooks: {}: alerts are read anew", std::string(status.message()));
      if (const absl::Status anew = deliveries_->BeginAnew(); !anew.ok()) status = anew;
    }
    if (!status.ok()) spdlog::warn("webhooks: {}; trying again", std::string(status.message()));
  }
}

// Until it is stopped, or something goes wrong.
absl::Status WebhookService::Follow() {
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<int64_t> next, deliveries_->NextOffsets());
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<TopicFollower> follower,
                           TopicFollower::Open(connection_, {{topic_, std::move(next)}}));
  while (!stop_) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<FollowedRecord> records, follower->Poll(kAlertsMax, kAlertWaitMax));
    if (records.empty()) continue;
    std::vector<PublishedRecord> published;
    for (const auto& [topic, record] : records) {
      published.push_back({LatestTopic::kAlerts, record.partition, record.offset, record.timestamp_ms,
                           record.key.value_or(""), record.value});
    }
    KEYFOLD_RETURN_IF_ERROR(deliveries_->Take(published, absl::Now()));
    sender_->Wake();
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> WebhookService::Resend(const std::string& name) {
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t count, deliveries_->Resend(name));
  spdlog::info("webhook {}: {} that could not be delivered are sent again", name, count);
  sender_->Wake();
  return count;
}

}  // namespace keyfold
