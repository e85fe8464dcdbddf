#include "config/topic_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace keyfold {

const char* RoleName(TopicRole role) {
  switch (role) {
    case TopicRole::kEvents:
      return "events";
    case TopicRole::kKpis:
      return "kpis";
    case TopicRole::kRollupKpis:
      return "rollup kpis";
    case TopicRole::kAlerts:
      return "alerts";
    case TopicRole::kPartials:
      return "partials";
    case TopicRole::kCatalog:
      return "catalog";
    case TopicRole::kMembers:
      return "members";
    case TopicRole::kDeadLetters:
      return "dead letters";
  }
  return "";  // not reached: the cases are all there are
}

TopicNames TopicsOf(const Config& config) {
  return {{TopicRole::kEvents, config.events_topic},          {TopicRole::kKpis, config.kpis_topic},
          {TopicRole::kRollupKpis, config.rollup_kpis_topic}, {TopicRole::kAlerts, config.alerts_topic},
          {TopicRole::kPartials, config.partials_topic},      {TopicRole::kCatalog, config.catalog_topic},
          {TopicRole::kMembers, config.members_topic},        {TopicRole::kDeadLetters, config.dead_letters_topic}};
}

std::string KeyOf(TopicRole role) { return absl::StrCat("topics.", absl::StrReplaceAll(RoleName(role), {{" ", "_"}})); }

absl::Status CheckTopicNames(const Config& config) {
  std::map<std::string, TopicRole> roles;
  for (const auto& [role, name] : TopicsOf(config)) {
    const auto [other, is_first] = roles.emplace(name, role);
    if (is_first) continue;
    return absl::InvalidArgumentError(absl::StrCat(KeyOf(other->second), " and ", KeyOf(role), " are both '", name,
                                                   "': each needs a topic of its own"));
  }
  return absl::OkStatus();
}

}  // namespace keyfold
