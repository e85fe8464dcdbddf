#include "kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"
#include "kafka/log_range.h"
#include "kafka/message_record.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

absl::StatusOr<ClientHandle> NewReader(const KafkaConnection& connection) {
  ClientSettings settings = GrouplessConsumer("keyfold.reader");
  settings.defaults["fetch.wait.max.ms"] = "20";  // the end is noticed by a fetch that brings nothing
  settings.defaults["queued.min.messages"] = "1000000";
  return NewClient(connection, settings);
}

absl::StatusOr<std::vector<LogRange>> RangesOf(rd_kafka_t* client, const std::string& topic, int32_t partitions,
                                               absl::Duration wait_max) {
  std::vector<LogRange> ranges(static_cast<size_t>(partitions));
  for (int32_t partition = 0; partition < partitions; ++partition) {
    KEYFOLD_ASSIGN_OR_RETURN(ranges[static_cast<size_t>(partition)], QueryLogRange(client, topic, partition, wait_max));
  }
  return ranges;
}

// The ends of the partitions that are to be read: the last stable offsets.
absl::StatusOr<std::map<int32_t, int64_t>> Assign(rd_kafka_t* client, const std::string& topic, int32_t partitions,
                                                  absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<LogRange> ranges, RangesOf(client, topic, partitions, wait_max));
  std::map<int32_t, int64_t> ends;
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions));
  for (int32_t partition = 0; partition < partitions; ++partition) {
    const LogRange& range = ranges[static_cast<size_t>(partition)];
    if (range.first >= range.end) continue;
    ends[partition] = range.end;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = range.first;
  }
  rd_kafka_poll_set_consumer(client);
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_assign(client, list.get()), absl::StrCat("reading ", topic)));
  return ends;
}

}  // namespace

absl::Status ReadTopic(const KafkaConnection& connection, const std::string& topic,
                       const std::function<void(const Record&)>& visit, absl::Duration stall_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> descriptions,
                           DescribeTopics(connection, {topic}, stall_max));
  if (!descriptions[0].exists) return absl::NotFoundError(absl::StrCat("there is no topic ", topic));
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewReader(connection));
  using Ends = std::map<int32_t, int64_t>;
  KEYFOLD_ASSIGN_OR_RETURN(Ends ends, Assign(client.get(), topic, descriptions[0].partitions, stall_max));
  absl::Time deadline = absl::Now() + stall_max;
  while (!ends.empty()) {
    MessageHandle message(rd_kafka_consumer_poll(client.get(), WaitMilliseconds(deadline - absl::Now())));
    if (message == nullptr) {
      if (absl::Now() < deadline) continue;
      return absl::DeadlineExceededError(absl::StrCat("reading ", topic, ": nothing came for a while"));
    }
    deadline = absl::Now() + stall_max;
    const int32_t partition = message->partition;
    // The end of a partition can be the offset of a transaction's marker, which is never seen.
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ends.erase(partition);
      continue;
    }
    KEYFOLD_RETURN_IF_ERROR(
        KafkaStatus(message->err, absl::StrCat("reading ", topic), rd_kafka_message_errstr(message.get())));
    const auto end = ends.find(partition);
    if (end == ends.end()) continue;
    const int64_t offset = message->offset;
    if (offset < end->second) visit(RecordOf(std::move(message)));
    if (offset + 1 >= end->second) ends.erase(end);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LogRange>> ReadRanges(const KafkaConnection& connection, const std::string& topic,
                                                 int32_t partitions, absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewReader(connection));
  return RangesOf(client.get(), topic, partitions, wait_max);
}

absl::StatusOr<bool> HasRecords(const KafkaConnection& connection, const std::string& topic, int32_t partition,
                                int64_t offset, absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewReader(connection));
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_poll_set_consumer(client.get());
  const std::string what = absl::StrCat("reading ", topic, "[", partition, "]");
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_assign(client.get(), list.get()), what));
  const MessageHandle message(rd_kafka_consumer_poll(client.get(), WaitMilliseconds(wait_max)));
  if (message == nullptr) return absl::DeadlineExceededError(absl::StrCat(what, ": nothing came for a while"));
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return false;
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(message->err, what, rd_kafka_message_errstr(message.get())));
  return true;
}

}  // namespace keyfold
