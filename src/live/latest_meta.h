// What the store of latest values stands for: which topics, how far, and by which catalogue.
#ifndef KEYFOLD_LIVE_LATEST_META_H_
#define KEYFOLD_LIVE_LATEST_META_H_

#include <cstdint>
#include <string>

#include "keyfold/v1/kpi_update.pb.h"
#include "keyfold/v1/latest_values.pb.h"
#include "rows/latest_topic.h"

namespace keyfold {

// Where the records come from. With another one, offsets say something else.
struct LatestSource {
  std::string cluster_id;
  PerTopic<std::string> topics;  // of each its name, and its id where the brokers have told it
};

// Of a store that has nothing yet.
v1::LatestMeta NewMeta(const LatestSource& source);

// Why a store is of no use for this source; empty if it is.
std::string Misfit(const v1::LatestMeta& stored, const LatestSource& source);

v1::LatestPartition& PartitionOf(v1::LatestMeta& meta, LatestTopic topic, int32_t partition);

TopicEnds EndsOf(const v1::LatestMeta& meta);

// Of the ids of streams (stream_position.h): the same wherever the same topics are read, another one for another
// cluster, topic or catalogue.
std::string EpochOf(const v1::LatestMeta& meta);

// Notes which catalogue a record follows. Another one comes in record by record: what was published with the one before
// may still be read from other partitions, and does not bring that back.
void NoteCatalog(LatestTopic topic, int32_t partition, const v1::KpiUpdate& update, v1::LatestMeta& meta);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_LATEST_META_H_
