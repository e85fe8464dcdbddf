#include "kafka/committed_offset.h"

#include <librdkafka/rdkafka.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kafka/client.h"
#include "kafka/kafka_status.h"

namespace keyfold {

absl::StatusOr<CommittedOffset> QueryCommitted(rd_kafka_t* client, const std::string& topic, int32_t partition,
                                               const CommittedWaits& waits) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(20);
  const absl::Time deadline = absl::Now() + waits.stable_max;
  while (true) {
    const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    rd_kafka_resp_err_t error = rd_kafka_committed(client, list.get(), WaitMilliseconds(waits.request_max));
    const rd_kafka_topic_partition_t& answer = list->elems[0];
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = answer.err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      CommittedOffset result;
      if (answer.offset >= 0) result.offset = answer.offset;
      result.metadata.assign(static_cast<const char*>(answer.metadata), answer.metadata_size);
      return result;
    }
    // A transaction that is open still may commit or not: as a read_committed consumer we are refused the answer.
    const bool open = error == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
    if (!open || absl::Now() >= deadline) {
      return KafkaStatus(error, absl::StrCat("committed offset of ", topic, "[", partition, "]"));
    }
    absl::SleepFor(kRetryWait);
  }
}

}  // namespace keyfold
