#include "kafka/log_range.h"

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/kafka_status.h"

namespace keyfold {

absl::StatusOr<LogRange> QueryLogRange(rd_kafka_t* client, const std::string& topic, int32_t partition,
                                       absl::Duration wait_max) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(20);
  const absl::Time deadline = absl::Now() + wait_max;
  while (true) {
    LogRange range;
    const absl::Status status =
        KafkaStatus(rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &range.first, &range.end,
                                                     WaitMilliseconds(deadline - absl::Now())),
                    absl::StrCat("offsets of ", topic, "[", partition, "]"));
    if (status.ok()) return range;
    if (!absl::IsUnavailable(status) || absl::Now() + kRetryWait >= deadline) return status;
    absl::SleepFor(kRetryWait);
  }
}

absl::StatusOr<int32_t> CountPartitions(rd_kafka_t* client, const std::string& topic, absl::Duration wait_max) {
  const std::string what = absl::StrCat("counting the partitions of ", topic);
  const TopicHandle handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  if (handle == nullptr) return KafkaStatus(rd_kafka_last_error(), what);
  const struct rd_kafka_metadata* answer = nullptr;
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(
      rd_kafka_metadata(client, /*all_topics=*/0, handle.get(), &answer, WaitMilliseconds(wait_max)), what));
  const MetadataHandle metadata(answer);
  if (metadata->topic_cnt == 0) return KafkaStatus(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, what);
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(metadata->topics[0].err, what));
  if (metadata->topics[0].partition_cnt == 0) return KafkaStatus(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, what);
  return metadata->topics[0].partition_cnt;
}

}  // namespace keyfold
