#include "kafka/partition_list.h"

namespace keyfold {

PartitionListHandle PartitionListOf(rd_kafka_t* client, const std::string& topic,
                                    const std::vector<OffsetCommit>& offsets) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const OffsetCommit& offset : offsets) {
    rd_kafka_topic_partition_t* const added =
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), offset.partition);
    added->offset = offset.next_offset;
    if (offset.metadata.empty()) continue;
    added->metadata = rd_kafka_mem_malloc(client, offset.metadata.size());
    offset.metadata.copy(static_cast<char*>(added->metadata), offset.metadata.size());
    added->metadata_size = offset.metadata.size();
  }
  return list;
}

}  // namespace keyfold
