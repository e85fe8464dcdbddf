// A record of the topics that hold the latest values, as it comes from whoever consumes them.
#ifndef KEYFOLD_LIVE_PUBLISHED_RECORD_H_
#define KEYFOLD_LIVE_PUBLISHED_RECORD_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "rows/latest_topic.h"

namespace keyfold {

// A committed record. The views live as long as the call that takes it.
struct PublishedRecord {
  LatestTopic topic = LatestTopic::kAccounts;
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string_view key;                   // an account's or a group's id
  std::optional<std::string_view> value;  // a KpiUpdate in any published format; nullopt: a tombstone
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_PUBLISHED_RECORD_H_
