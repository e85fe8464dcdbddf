#include "kafka/topic_follower.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"
#include "kafka/log_range.h"
#include "kafka/message_record.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

constexpr absl::Duration kWaitMax = absl::Seconds(10);
constexpr absl::Duration kCountEvery = absl::Seconds(10);
constexpr absl::Duration kCountWaitMax = absl::Seconds(2);

absl::StatusOr<ClientHandle> NewFollower(const KafkaConnection& connection) {
  ClientSettings settings = GrouplessConsumer("keyfold.follower");
  settings.defaults["fetch.wait.max.ms"] = "500";
  settings.defaults["queued.min.messages"] = "10000";
  return NewClient(connection, settings);
}

}  // namespace

class TopicFollower::Consumer {
 public:
  absl::Status Open(const KafkaConnection& connection, const std::vector<FollowedTopic>& topics) {
    connection_ = connection;
    std::vector<std::string> names;
    for (const FollowedTopic& topic : topics) names.push_back(topic.name);
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> found, DescribeTopics(connection, names));
    KEYFOLD_ASSIGN_OR_RETURN(client_, NewFollower(connection));
    const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
    for (size_t i = 0; i < topics.size(); ++i) {
      if (!found[i].exists) return absl::NotFoundError(absl::StrCat("there is no topic ", topics[i].name));
      places_.emplace_back();
      for (int32_t partition = 0; partition < found[i].partitions; ++partition) {
        KEYFOLD_RETURN_IF_ERROR(Add(topics[i], partition, list.get()));
      }
    }
    topics_ = topics;
    rd_kafka_poll_set_consumer(client_.get());
    return KafkaStatus(rd_kafka_assign(client_.get(), list.get()), "following topics");
  }

  absl::StatusOr<std::vector<FollowedRecord>> Poll(size_t records_max, absl::Duration wait_max) {
    KEYFOLD_RETURN_IF_ERROR(CheckPartitions());
    std::vector<FollowedRecord> records;
    const absl::Time deadline = absl::Now() + wait_max;
    while (records.size() < records_max) {
      // What is there is not waited for.
      const absl::Duration wait = records.empty() ? deadline - absl::Now() : absl::ZeroDuration();
      MessageHandle message(rd_kafka_consumer_poll(client_.get(), WaitMilliseconds(wait)));
      if (message == nullptr) {
        if (!records.empty() || absl::Now() >= deadline) break;
        continue;
      }
      KEYFOLD_RETURN_IF_ERROR(Take(std::move(message), records));
    }
    return records;
  }

  int64_t left() const {
    int64_t left = 0;
    for (const std::vector<Place>& places : places_) {
      for (const Place& place : places) left += std::max<int64_t>(0, place.end - place.next);
    }
    return left;
  }

  // By a client of its own: a question would wait for the fetch that is under way.
  absl::Status LookForEnds() {
    if (asker_ == nullptr) {
      KEYFOLD_ASSIGN_OR_RETURN(asker_, NewFollower(connection_));
    }
    for (size_t i = 0; i < topics_.size(); ++i) {
      for (int32_t partition = 0; partition < CountOf(i); ++partition) {
        Place& place = places_[i][static_cast<size_t>(partition)];
        KEYFOLD_ASSIGN_OR_RETURN(const LogRange range,
                                 RangeAround(asker_.get(), topics_[i].name, partition, place.next));
        place.end = range.end;
      }
    }
    return absl::OkStatus();
  }

 private:
  struct Place {
    int64_t next = 0;  // behind a transaction's marker, too, once nothing follows it
    int64_t end = 0;
  };

  absl::Status Add(const FollowedTopic& topic, int32_t partition, rd_kafka_topic_partition_list_t* list) {
    const auto index = static_cast<size_t>(partition);
    int64_t next = index < topic.next_offsets.size() ? topic.next_offsets[index] : 0;
    KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, RangeAround(client_.get(), topic.name, partition, next));
    if (next == 0) next = range.first;
    places_.back().push_back({next, range.end});
    rd_kafka_topic_partition_list_add(list, topic.name.c_str(), partition)->offset = next;
    return absl::OkStatus();
  }

  static absl::StatusOr<LogRange> RangeAround(rd_kafka_t* client, const std::string& topic, int32_t partition,
                                              int64_t next) {
    KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, QueryLogRange(client, topic, partition, kWaitMax));
    if (next == 0 || (next >= range.first && next <= range.end)) return range;
    return absl::FailedPreconditionError(absl::StrCat(topic, "/", partition, " has offsets ", range.first, " to ",
                                                      range.end, ", and was read up to ", next));
  }

  int32_t CountOf(size_t topic) const { return static_cast<int32_t>(places_[topic].size()); }

  absl::Status Take(MessageHandle message, std::vector<FollowedRecord>& records) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const size_t topic = TopicOf(*message);
      places_[topic][static_cast<size_t>(message->partition)].next = message->offset + 1;
      records.push_back({topic, RecordOf(std::move(message))});
      return absl::OkStatus();
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      places_[TopicOf(*message)][static_cast<size_t>(message->partition)].next = message->offset;
      return absl::OkStatus();
    }
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      return absl::FailedPreconditionError(
          absl::StrCat(rd_kafka_topic_name(message->rkt), "/", message->partition,
                       " does not have the offset that is to be read: ", rd_kafka_message_errstr(message.get())));
    }
    // librdkafka goes on by itself; what it does not get over comes as a fatal error.
    const absl::Status status = KafkaStatus(message->err, "following topics");
    return rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR || !IsTransient(status)
               ? status
               : absl::OkStatus();
  }

  size_t TopicOf(const rd_kafka_message_t& message) const {
    const std::string_view name = rd_kafka_topic_name(message.rkt);
    size_t topic = 0;
    while (topics_[topic].name != name) ++topic;
    return topic;
  }

  // An answer that does not come is no reason to stop.
  absl::Status CheckPartitions() {
    if (absl::Now() < count_at_) return absl::OkStatus();
    count_at_ = absl::Now() + kCountEvery;
    for (size_t i = 0; i < topics_.size(); ++i) {
      const absl::StatusOr<int32_t> count = CountPartitions(client_.get(), topics_[i].name, kCountWaitMax);
      if (count.ok() && *count != CountOf(i)) {
        return absl::FailedPreconditionError(
            absl::StrCat(topics_[i].name, " had ", CountOf(i), " partitions, and has ", *count));
      }
    }
    return absl::OkStatus();
  }

  KafkaConnection connection_;
  ClientHandle client_;
  ClientHandle asker_;
  std::vector<FollowedTopic> topics_;
  std::vector<std::vector<Place>> places_;  // by topic and partition
  absl::Time count_at_ = absl::Now() + kCountEvery;
};

TopicFollower::TopicFollower(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

TopicFollower::~TopicFollower() = default;

absl::StatusOr<std::unique_ptr<TopicFollower>> TopicFollower::Open(const KafkaConnection& connection,
                                                                   const std::vector<FollowedTopic>& topics) {
  auto consumer = std::make_unique<Consumer>();
  KEYFOLD_RETURN_IF_ERROR(consumer->Open(connection, topics));
  return std::unique_ptr<TopicFollower>(new TopicFollower(std::move(consumer)));
}

absl::StatusOr<std::vector<FollowedRecord>> TopicFollower::Poll(size_t records_max, absl::Duration wait_max) {
  return consumer_->Poll(records_max, wait_max);
}

int64_t TopicFollower::left() const { return consumer_->left(); }

absl::Status TopicFollower::LookForEnds() { return consumer_->LookForEnds(); }

absl::StatusOr<std::string> ReadClusterId(const KafkaConnection& connection, absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewFollower(connection));
  return ReadClusterId(client.get(), wait_max);
}

}  // namespace keyfold
