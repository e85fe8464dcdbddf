#include "kafka/log_range.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

}  // namespace keyfold
