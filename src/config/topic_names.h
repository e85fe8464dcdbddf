// The topics that a configuration names, and what each is for.
#ifndef KEYFOLD_CONFIG_TOPIC_NAMES_H_
#define KEYFOLD_CONFIG_TOPIC_NAMES_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "config/config.h"

namespace keyfold {

enum class TopicRole {
  kEvents,
  kKpis,        // of the accounts
  kRollupKpis,  // of the groups
  kAlerts,      // of both
  kPartials,    // internal: what the shards add to each group
  kCatalog,     // what the KPIs are
  kMembers,     // internal: which process has which partition
  kDeadLetters,
};

using TopicNames = std::map<TopicRole, std::string>;

// The topics of a configuration.
TopicNames TopicsOf(const Config& config);

// The key that names the topic: "topics.dead_letters".
std::string KeyOf(TopicRole role);

// InvalidArgument: two keys name one topic.
absl::Status CheckTopicNames(const Config& config);

// The role as people say it: "dead letters".
const char* RoleName(TopicRole role);

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_TOPIC_NAMES_H_
