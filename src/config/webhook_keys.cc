#include "config/webhook_keys.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "config/keys.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

const std::map<std::string, std::string WebhookConfig::*, std::less<>>& TextKeys() {
  static const auto* const keys =
      new std::map<std::string, std::string WebhookConfig::*, std::less<>>{{"name", &WebhookConfig::name},
                                                                           {"url", &WebhookConfig::url},
                                                                           {"secret", &WebhookConfig::secret},
                                                                           {"secret_file", &WebhookConfig::secret_file},
                                                                           {"ca_file", &WebhookConfig::ca_file}};
  return *keys;
}

const std::map<std::string, std::set<std::string> WebhookConfig::*, std::less<>>& ListKeys() {
  static const auto* const keys = new std::map<std::string, std::set<std::string> WebhookConfig::*, std::less<>>{
      {"alerts", &WebhookConfig::alerts},
      {"severities", &WebhookConfig::severities},
      {"groups", &WebhookConfig::groups}};
  return *keys;
}

struct NumberKey {
  int64_t WebhookConfig::*member;
  int64_t min;
  int64_t max;
};
const std::map<std::string, NumberKey, std::less<>>& NumberKeys() {
  static const auto* const keys =
      new std::map<std::string, NumberKey, std::less<>>{{"timeout_ms", {&WebhookConfig::timeout_ms, 100, 120'000}},
                                                        {"attempts_max", {&WebhookConfig::attempts_max, 1, 1'000}},
                                                        {"pause_s_max", {&WebhookConfig::pause_s_max, 1, 86'400}}};
  return *keys;
}

absl::Status NoSuchKey(const std::string& key) {
  std::vector<std::string_view> known;
  for (const auto& [name, member] : TextKeys()) known.emplace_back(name);
  for (const auto& [name, member] : ListKeys()) known.emplace_back(name);
  for (const auto& [name, number] : NumberKeys()) known.emplace_back(name);
  return absl::InvalidArgumentError(absl::StrCat("there is no such key", DidYouMean(key, known)));
}

absl::Status SetWebhookKey(const std::string& key, const YAML::Node& value, WebhookConfig& webhook) {
  if (const auto list = ListKeys().find(key); list != ListKeys().end()) {
    if (!value.IsSequence()) return absl::InvalidArgumentError("a list is expected");
    for (const YAML::Node& item : value) (webhook.*list->second).insert(item.as<std::string>());
    return absl::OkStatus();
  }
  const auto text = TextKeys().find(key);
  const auto number = NumberKeys().find(key);
  if (text == TextKeys().end() && number == NumberKeys().end()) return NoSuchKey(key);
  if (!value.IsScalar()) return absl::InvalidArgumentError("a single value is expected");
  if (text != TextKeys().end()) {
    webhook.*text->second = value.as<std::string>();
    return absl::OkStatus();
  }
  KEYFOLD_ASSIGN_OR_RETURN(webhook.*number->second.member,
                           ParseInteger(value.as<std::string>(), number->second.min, number->second.max));
  return absl::OkStatus();
}

absl::Status CheckWebhook(const WebhookConfig& webhook) {
  KEYFOLD_RETURN_IF_ERROR(CheckListName(webhook.name));
  if (webhook.url.empty()) return absl::InvalidArgumentError("url: it is missing");
  if (webhook.secret.empty() == webhook.secret_file.empty()) {
    return absl::InvalidArgumentError("either secret or secret_file is needed: its receiver must know whose it is");
  }
  static constexpr std::string_view kSeverities[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};
  for (const std::string& severity : webhook.severities) {
    if (std::find(std::begin(kSeverities), std::end(kSeverities), severity) == std::end(kSeverities)) {
      return absl::InvalidArgumentError(
          absl::StrCat("severities: '", severity, "' is none of LOW, MEDIUM, HIGH and CRITICAL"));
    }
  }
  for (const std::string& group : webhook.groups) {
    const absl::Status status = CheckGroupId(group);
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat("groups: ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<WebhookConfig>> ReadWebhooks(const std::string& file, const YAML::Node& list) {
  const auto at = [&file](const YAML::Node& node, const std::string& key, const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", node.Mark().line + 1, ": webhooks", key, ": ", status.message()));
  };
  if (!list.IsSequence()) return at(list, "", absl::InvalidArgumentError("a list is expected"));
  std::vector<WebhookConfig> webhooks;
  std::set<std::string> names;
  for (const YAML::Node& entry : list) {
    if (!entry.IsMap()) return at(entry, "", absl::InvalidArgumentError("a map is expected"));
    WebhookConfig& webhook = webhooks.emplace_back();
    for (const auto& pair : entry) {
      const std::string key = pair.first.as<std::string>();
      const absl::Status status = SetWebhookKey(key, pair.second, webhook);
      if (!status.ok()) return at(pair.first, "." + key, status);
    }
    if (const absl::Status status = CheckWebhook(webhook); !status.ok()) return at(entry, "", status);
    if (!names.insert(webhook.name).second) {
      return at(entry, "", absl::InvalidArgumentError(absl::StrCat("there are two of the name ", webhook.name)));
    }
  }
  return webhooks;
}

}  // namespace keyfold
