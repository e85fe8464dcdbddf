// Offsets to commit, as librdkafka takes them.
#ifndef KEYFOLD_KAFKA_PARTITION_LIST_H_
#define KEYFOLD_KAFKA_PARTITION_LIST_H_

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "kafka/handles.h"
#include "keyfold/update_sink.h"

namespace keyfold {

PartitionListHandle PartitionListOf(rd_kafka_t* client, const std::string& topic,
                                    const std::vector<OffsetCommit>& offsets);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_PARTITION_LIST_H_
