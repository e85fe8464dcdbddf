#include "webhooks/message.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "keyfold/v1/latest_values.pb.h"
#include "live/json_members.h"
#include "live/published_alert.h"
#include "rights/digest.h"
#include "rows/alert_key.h"
#include "rows/row_table.h"

namespace keyfold {

std::optional<AlertNews> ReadNews(const PublishedRecord& record) {
  if (!record.value.has_value()) return std::nullopt;
  std::optional<v1::KpiAlert> alert = DecodeAlert(record.key, *record.value);
  if (!alert.has_value() || alert->cause() == v1::KpiUpdate::RECOVERY) return std::nullopt;
  AlertNews news;
  news.key = record.key;
  news.partition = record.partition;
  news.offset = record.offset;
  news.recorded_ms = LatestOf(*alert).recorded_ms();
  v1::LatestRow owner;
  *owner.mutable_attributes() = alert->attributes();
  const bool is_account = !alert->account_id().empty();
  news.groups = GroupsOfRow(is_account ? LatestTopic::kAccounts : LatestTopic::kGroups,
                            is_account ? alert->account_id() : alert->group_id(), owner);
  news.alert = *std::move(alert);
  return news;
}

bool IsWanted(const WebhookConfig& webhook, const AlertNews& news) {
  if (!webhook.alerts.empty() && !webhook.alerts.contains(news.alert.alert())) return false;
  if (!webhook.severities.empty() && !webhook.severities.contains(v1::KpiAlert::Severity_Name(news.alert.severity()))) {
    return false;
  }
  return webhook.groups.empty() ||
         absl::c_any_of(news.groups, [&](const std::string& group) { return webhook.groups.contains(group); });
}

std::string DeliveryId(const AlertNews& news) {
  constexpr size_t kDigits = 32;
  // When it was recorded, too: in a topic that was made anew the offsets come again.
  return Sha256Hex(absl::StrCat(news.key, "\n", news.partition, "\n", news.offset, "\n", news.recorded_ms))
      .substr(0, kDigits);
}

std::string MessageBody(const AlertNews& news, const std::string& webhook) {
  std::string body;
  AppendAlertJson(news.alert, body);
  KEYFOLD_CHECK(body.ends_with('}'));
  body.back() = ',';
  std::string delivery;
  MemberWriter members(delivery);
  members.Text("id", DeliveryId(news));
  members.Text("webhook", webhook);
  members.Integer32("partition", news.partition);
  members.Integer64("offset", news.offset);
  members.Close();
  absl::StrAppend(&body, "\"delivery\":", delivery, "}");
  return body;
}

std::string SignatureOf(std::span<const std::string> secrets, int64_t unix_s, std::string_view body) {
  std::string signature = absl::StrCat("t=", unix_s);
  std::string text = absl::StrCat(unix_s, ".");
  text += body;
  for (const std::string& secret : secrets) absl::StrAppend(&signature, ",v1=", HmacSha256Hex(secret, text));
  return signature;
}

}  // namespace keyfold
