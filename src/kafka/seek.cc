#include "kafka/seek.h"

#include <librdkafka/rdkafka.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"

namespace keyfold {

absl::Status SeekPartition(rd_kafka_s* client, const std::string& topic, int32_t partition, int64_t offset,
                           absl::Duration wait_max) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(5);
  const absl::Time deadline = absl::Now() + wait_max;
  while (true) {
    const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    const ErrorHandle error(rd_kafka_seek_partitions(client, list.get(), WaitMilliseconds(wait_max)));
    const int code = error != nullptr ? rd_kafka_error_code(error.get()) : list->elems[0].err;
    // An assignment begins in the background; until it has begun there is nothing to seek in.
    const bool repeat = code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS;
    if (!repeat || absl::Now() >= deadline) {
      return KafkaStatus(code, absl::StrCat("moving to offset ", offset, " of ", topic, "[", partition, "]"));
    }
    absl::SleepFor(kRetryWait);
  }
}

}  // namespace keyfold
