// To whom alerts are sent, for administrators: what waits shows accounts whatever their groups.
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/routes.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "client/http_url.h"
#include "rows/alert_key.h"
#include "webhooks/deliveries.h"

namespace keyfold {
namespace {

constexpr size_t kDeadShownMax = 100;

std::string InstantOf(int64_t unix_ms) { return FormatInstant(absl::FromUnixMillis(unix_ms)); }

Json ToJson(const v1::WebhookDelivery& delivery) {
  Json json{{"id", delivery.id()}};
  if (const std::optional<ParsedAlertKey> key = ParseAlertKey(delivery.alert_key()); key.has_value()) {
    json[key->owner_topic == LatestTopic::kAccounts ? "account_id" : "group_id"] = std::string(key->owner_id);
    json["alert"] = std::string(key->alert);
  }
  json["recorded_at"] = InstantOf(delivery.recorded_ms());
  json["attempts"] = delivery.attempts();
  json["error"] = delivery.error();
  return json;
}

Json ToJson(const WebhookConfig& webhook, const WebhookState& state) {
  const absl::StatusOr<HttpUrl> url = ParseHttpUrl(webhook.url);
  Json json{{"name", webhook.name},
            {"receiver", url.ok() ? url->origin : ""},  // the path may be as secret as a token
            {"alerts", webhook.alerts},
            {"severities", webhook.severities},
            {"groups", webhook.groups},
            {"waiting", state.waiting},
            {"delivered", state.progress.delivered()},
            {"dead", state.dead},
            {"dropped", state.progress.dropped()}};
  if (state.progress.delivered_at_ms() > 0) json["delivered_at"] = InstantOf(state.progress.delivered_at_ms());
  if (state.progress.failed_at_ms() > 0) {
    json["failed_at"] = InstantOf(state.progress.failed_at_ms());
    json["error"] = state.progress.error();
  }
  if (state.waiting > 0 && state.paused_until > absl::Now()) {
    json["next_attempt_at"] = FormatInstant(state.paused_until);
  }
  json["latest_dead"] = Json::array();
  for (const v1::WebhookDelivery& delivery : state.latest_dead) json["latest_dead"].push_back(ToJson(delivery));
  return json;
}

}  // namespace

absl::StatusOr<HttpResponse> ListWebhooks(const ApiQuestion& question) {
  Json json{{"webhooks", Json::array()}};
  Deliveries* const deliveries = question.sources().webhooks;
  if (deliveries == nullptr) return JsonResponse(json);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<WebhookState> states, deliveries->States(kDeadShownMax));
  for (size_t i = 0; i < states.size(); ++i) json["webhooks"].push_back(ToJson(deliveries->webhooks()[i], states[i]));
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> RetryWebhook(const ApiQuestion& question) {
  const std::string& name = question.Argument(0);
  if (question.sources().webhooks == nullptr) return absl::NotFoundError(absl::StrCat("there is no webhook ", name));
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t count, question.sources().retry_webhook(name));
  HttpResponse response = JsonResponse(Json{{"sent_again", count}});
  response.audit_note = absl::StrCat("had webhook ", name, " sent ", count, " again");
  return response;
}

}  // namespace keyfold
