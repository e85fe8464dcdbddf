#include "kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"

namespace keyfold {
namespace {

using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)>;
using ResourceHandle = std::unique_ptr<rd_kafka_ConfigResource_t, decltype(&rd_kafka_ConfigResource_destroy)>;
using AdminOptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

// A consumer, because a producer's question for a topic's metadata may create the topic.
absl::StatusOr<ClientHandle> NewAdministrator(const KafkaConnection& connection) {
  ClientSettings settings;
  settings.kind = ClientKind::kConsumer;
  settings.required = {{"allow.auto.create.topics", "false"}};
  return NewClient(connection, settings);
}

AdminOptionsHandle NewAdminOptions(rd_kafka_t* client, rd_kafka_admin_op_t operation, absl::Duration wait_max) {
  AdminOptionsHandle options(rd_kafka_AdminOptions_new(client, operation), &rd_kafka_AdminOptions_destroy);
  // librdkafka takes at most an hour; it reports values that it does not take, and then keeps its default of a minute.
  rd_kafka_AdminOptions_set_request_timeout(options.get(), WaitMilliseconds(std::min(wait_max, absl::Hours(1))),
                                            nullptr, 0);
  return options;
}

absl::StatusOr<EventHandle> Await(rd_kafka_queue_t* queue, absl::Duration wait_max, absl::string_view what) {
  // Longer than the request's own time-out, whose error says more.
  EventHandle event(rd_kafka_queue_poll(queue, WaitMilliseconds(wait_max + absl::Seconds(2))), &rd_kafka_event_destroy);
  if (event == nullptr) return absl::DeadlineExceededError(absl::StrCat(what, ": no answer"));
  const char* const reason = rd_kafka_event_error_string(event.get());
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_event_error(event.get()), what, reason == nullptr ? "" : reason));
  return event;
}

absl::StatusOr<NewTopicHandle> NewTopicOf(const TopicSpecification& topic) {
  char reason[256];
  NewTopicHandle result(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication_factor, reason, sizeof(reason)),
      &rd_kafka_NewTopic_destroy);
  if (result == nullptr) return absl::InvalidArgumentError(absl::StrCat("topic ", topic.name, ": ", reason));
  for (const auto& [name, value] : topic.config) {
    KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_NewTopic_set_config(result.get(), name.c_str(), value.c_str()),
                                        absl::StrCat("topic ", topic.name, ": ", name)));
  }
  return result;
}

// An error that is worse than "exists already" wins.
absl::Status Combine(const absl::Status& left, const absl::Status& right) {
  if (left.ok()) return right;
  if (right.ok()) return left;
  const absl::StatusCode code = absl::IsAlreadyExists(left) ? right.code() : left.code();
  return absl::Status(code, absl::StrCat(left.message(), "; ", right.message()));
}

absl::Status ResultOf(const rd_kafka_event_t* event) {
  absl::Status status;
  size_t count = 0;
  const rd_kafka_topic_result_t** const results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(event)), &count);
  for (size_t i = 0; i < count; ++i) {
    const char* const reason = rd_kafka_topic_result_error_string(results[i]);
    status = Combine(status, KafkaStatus(rd_kafka_topic_result_error(results[i]),
                                         absl::StrCat("creating topic ", rd_kafka_topic_result_name(results[i])),
                                         reason == nullptr ? "" : reason));
  }
  return status;
}

// Partitions and replicas; nullopt: the topic does not exist, or not every partition has a leader yet.
absl::StatusOr<std::optional<TopicDescription>> Shape(rd_kafka_t* client, const std::string& name,
                                                      absl::Duration wait_max) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  if (topic == nullptr) return KafkaStatus(rd_kafka_last_error(), absl::StrCat("topic ", name));
  const struct rd_kafka_metadata* answer = nullptr;
  KEYFOLD_RETURN_IF_ERROR(
      KafkaStatus(rd_kafka_metadata(client, /*all_topics=*/0, topic.get(), &answer, WaitMilliseconds(wait_max)),
                  absl::StrCat("topic ", name)));
  const MetadataHandle metadata(answer);
  if (metadata->topic_cnt == 0) return std::nullopt;
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || found.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
    return std::nullopt;
  }
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(found.err, absl::StrCat("topic ", name)));
  TopicDescription description;
  description.name = name;
  description.exists = true;
  description.partitions = found.partition_cnt;
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) return std::nullopt;
    const int32_t replicas = found.partitions[i].replica_cnt;
    description.replication_factor = i == 0 ? replicas : std::min(description.replication_factor, replicas);
  }
  return description;
}

absl::Status AwaitTopic(rd_kafka_t* client, const std::string& name, absl::Time deadline) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(20);
  while (true) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<TopicDescription> shape,
                             Shape(client, name, std::max(deadline - absl::Now(), absl::Seconds(1))));
    if (shape.has_value()) return absl::OkStatus();
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(absl::StrCat("topic ", name, " has no leader yet"));
    absl::SleepFor(kRetryWait);
  }
}

absl::Status ReadConfigs(const rd_kafka_event_t* event, std::vector<TopicDescription>* descriptions) {
  size_t resource_count = 0;
  const rd_kafka_ConfigResource_t** const resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(const_cast<rd_kafka_event_t*>(event)), &resource_count);
  for (size_t i = 0; i < resource_count; ++i) {
    const std::string name = rd_kafka_ConfigResource_name(resources[i]);
    const char* const reason = rd_kafka_ConfigResource_error_string(resources[i]);
    KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_ConfigResource_error(resources[i]),
                                        absl::StrCat("configuration of topic ", name),
                                        reason == nullptr ? "" : reason));
    size_t count = 0;
    const rd_kafka_ConfigEntry_t** const entries = rd_kafka_ConfigResource_configs(resources[i], &count);
    for (TopicDescription& description : *descriptions) {
      if (description.name != name) continue;
      for (size_t j = 0; j < count; ++j) {
        const char* const value = rd_kafka_ConfigEntry_value(entries[j]);
        description.config[rd_kafka_ConfigEntry_name(entries[j])] = value == nullptr ? "" : value;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status DescribeConfigs(rd_kafka_t* client, absl::Duration wait_max, std::vector<TopicDescription>* descriptions) {
  std::vector<ResourceHandle> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const TopicDescription& description : *descriptions) {
    if (!description.exists) continue;
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, description.name.c_str()),
                           &rd_kafka_ConfigResource_destroy);
    pointers.push_back(resources.back().get());
  }
  if (pointers.empty()) return absl::OkStatus();
  const AdminOptionsHandle options = NewAdminOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait_max);
  const QueueHandle queue(rd_kafka_queue_new(client));
  rd_kafka_DescribeConfigs(client, pointers.data(), pointers.size(), options.get(), queue.get());
  KEYFOLD_ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), wait_max, "describing topics"));
  return ReadConfigs(event.get(), descriptions);
}

}  // namespace

absl::Status CreateTopics(const KafkaConnection& connection, const std::vector<TopicSpecification>& topics,
                          absl::Duration wait_max) {
  if (topics.empty()) return absl::OkStatus();
  const absl::Time deadline = absl::Now() + wait_max;
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewAdministrator(connection));
  std::vector<NewTopicHandle> handles;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const TopicSpecification& topic : topics) {
    KEYFOLD_ASSIGN_OR_RETURN(NewTopicHandle handle, NewTopicOf(topic));
    pointers.push_back(handle.get());
    handles.push_back(std::move(handle));
  }
  const AdminOptionsHandle options = NewAdminOptions(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, wait_max);
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  rd_kafka_CreateTopics(client.get(), pointers.data(), pointers.size(), options.get(), queue.get());
  KEYFOLD_ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), wait_max, "creating topics"));
  const absl::Status status = ResultOf(event.get());
  if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
  for (const TopicSpecification& topic : topics) {
    KEYFOLD_RETURN_IF_ERROR(AwaitTopic(client.get(), topic.name, deadline));
  }
  return status;
}

absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(const KafkaConnection& connection,
                                                             const std::vector<std::string>& names,
                                                             absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewAdministrator(connection));
  std::vector<TopicDescription> descriptions;
  for (const std::string& name : names) {
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<TopicDescription> shape, Shape(client.get(), name, wait_max));
    TopicDescription missing;
    missing.name = name;
    descriptions.push_back(shape.has_value() ? *std::move(shape) : std::move(missing));
  }
  KEYFOLD_RETURN_IF_ERROR(DescribeConfigs(client.get(), wait_max, &descriptions));
  return descriptions;
}

}  // namespace keyfold
