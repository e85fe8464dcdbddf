#include "rows/alert_key.h"

#include <cstddef>

namespace keyfold {
namespace {

constexpr std::string_view kAccount = "account/";
constexpr std::string_view kGroup = "group/";

std::string_view PrefixOf(LatestTopic owner_topic) { return owner_topic == LatestTopic::kAccounts ? kAccount : kGroup; }

}  // namespace

std::optional<ParsedAlertKey> ParseAlertKey(std::string_view key) {
  for (LatestTopic topic : {LatestTopic::kAccounts, LatestTopic::kGroups}) {
    const std::string_view prefix = PrefixOf(topic);
    if (!key.starts_with(prefix)) continue;
    const std::string_view rest = key.substr(prefix.size());
    const size_t slash = rest.find('/');  // ids of alerts have none
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) return std::nullopt;
    return ParsedAlertKey{topic, rest.substr(0, slash), rest.substr(slash + 1)};
  }
  return std::nullopt;
}

std::string AlertsGroupOf(LatestTopic owner_topic, std::string_view owner_id) {
  return std::string(PrefixOf(owner_topic)) += owner_id;
}

}  // namespace keyfold
