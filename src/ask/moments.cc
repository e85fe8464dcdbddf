#include "ask/moments.h"

#include <utility>

#include "absl/time/time.h"
#include "base/instant.h"

namespace keyfold {

Json MomentsToJson(std::span<const ShardMoment> moments) {
  Json shards = Json::array();
  for (const ShardMoment& moment : moments) {
    Json shard{{"partition", moment.partition}};
    if (moment.stored) shard["next_offset"] = moment.next_offset;
    if (moment.stream_time_ms >= 0) shard["stream_time"] = FormatInstant(absl::FromUnixMillis(moment.stream_time_ms));
    if (moment.written_at > absl::InfinitePast()) shard["stored_at"] = FormatInstant(moment.written_at);
    shards.push_back(std::move(shard));
  }
  return shards;
}

}  // namespace keyfold
