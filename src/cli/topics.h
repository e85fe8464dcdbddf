// What `keyfold topics` finds out about topics: whether they are as the engine needs them.
#ifndef KEYFOLD_CLI_TOPICS_H_
#define KEYFOLD_CLI_TOPICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/topics.h"

namespace keyfold {

enum class TopicRole {
  kEvents,
  kKpis,        // of the accounts
  kRollupKpis,  // of the groups
  kPartials,    // internal: what the shards add to each group
  kDeadLetters,
};

struct TopicDeviation {
  bool fatal = false;  // else a warning
  std::string what;
  std::string repair;  // a command line; empty: there is none
};

// Compares a topic that exists with what its role asks for. `bootstrap` goes into the commands.
std::vector<TopicDeviation> FindDeviations(TopicRole role, const TopicDescription& topic, const std::string& bootstrap);

// A topic of that role as it should be.
TopicSpecification SpecificationOf(TopicRole role, const std::string& name, int32_t partitions,
                                   int32_t replication_factor);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_TOPICS_H_
