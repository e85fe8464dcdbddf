// At which moment a question sees each of the shards, for a document.
#ifndef KEYFOLD_ASK_MOMENTS_H_
#define KEYFOLD_ASK_MOMENTS_H_

#include <span>

#include "ask/json.h"
#include "ask/projection_reader.h"

namespace keyfold {

//   [{"partition":0,"next_offset":12,"stream_time":"2026-01-05T12:00:00Z","stored_at":"2026-01-05T12:00:07Z"},...]
// Of a shard of which nothing is stored there is only the partition.
Json MomentsToJson(std::span<const ShardMoment> moments);
inline Json MomentsToJson(const ProjectionReader& reader) { return MomentsToJson(reader.moments()); }

}  // namespace keyfold

#endif  // KEYFOLD_ASK_MOMENTS_H_
