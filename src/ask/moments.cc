#include "ask/moments.h"

#include <utility>

#include "absl/time/time.h"

namespace keyfold {

Json MomentsToJson(const ProjectionReader& reader) {
  const auto instant = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  Json shards = Json::array();
  for (const ShardMoment& moment : reader.moments()) {
    Json shard{{"partition", moment.partition}};
    if (moment.stored) shard["next_offset"] = moment.next_offset;
    if (moment.stream_time_ms >= 0) shard["stream_time"] = instant(absl::FromUnixMillis(moment.stream_time_ms));
    if (moment.written_at > absl::InfinitePast()) shard["stored_at"] = instant(moment.written_at);
    shards.push_back(std::move(shard));
  }
  return shards;
}

}  // namespace keyfold
