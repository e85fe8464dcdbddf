// What is sent of an alert, to whom, and signed how.
#ifndef KEYFOLD_WEBHOOKS_MESSAGE_H_
#define KEYFOLD_WEBHOOKS_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/webhook_config.h"
#include "keyfold/v1/alert.pb.h"
#include "live/published_record.h"

namespace keyfold {

// A record of account-alerts that is news.
struct AlertNews {
  std::string key;  // alert_key.h
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t recorded_ms = 0;
  v1::KpiAlert alert;
  std::vector<std::string> groups;  // that its account belongs to by its record; of a group, itself
};

// nullopt: it is none. A tombstone says that there is nobody any more; with the cause RECOVERY nothing has changed.
std::optional<AlertNews> ReadNews(const PublishedRecord& record);

// Whether the webhook asks for it.
bool IsWanted(const WebhookConfig& webhook, const AlertNews& news);

// 32 hexadecimal digits: the same for the same record, however often it is sent, and no other's.
std::string DeliveryId(const AlertNews& news);

// The alert as /v1/alerts has it, with `delivery`: {"id": …, "webhook": …, "partition": …, "offset": "…"}
std::string MessageBody(const AlertNews& news, const std::string& webhook);

// "t=1767607200,v1=…": for each secret a v1, the HMAC-SHA256 in hexadecimal digits of "1767607200." and the body.
std::string SignatureOf(std::span<const std::string> secrets, int64_t unix_s, std::string_view body);

}  // namespace keyfold

#endif  // KEYFOLD_WEBHOOKS_MESSAGE_H_
