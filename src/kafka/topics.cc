#include "kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>
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

// Asks, and notes which connections fail meanwhile.
class Administrator {
 public:
  explicit Administrator(const KafkaConnection& connection) {
    ClientSettings settings;
    // A consumer, because a producer's question for a topic's metadata may create the topic.
    settings.kind = ClientKind::kConsumer;
    settings.required = {{"allow.auto.create.topics", "false"}};
    settings.configure = [this](rd_kafka_conf_t* configuration) {
      rd_kafka_conf_set_opaque(configuration, this);
      rd_kafka_conf_set_error_cb(configuration, [](rd_kafka_t*, int, const char*, void* opaque) {
        ++static_cast<Administrator*>(opaque)->failures_;
      });
    };
    client_ = NewClient(connection, settings);
  }
  Administrator(const Administrator&) = delete;
  Administrator& operator=(const Administrator&) = delete;

  const absl::Status& status() const { return client_.status(); }
  rd_kafka_t* client() const { return client_->get(); }

  // How many connections have failed so far.
  int CountFailures() {
    rd_kafka_poll(client(), 0);  // serves the callback
    return failures_;
  }

 private:
  int failures_ = 0;
  absl::StatusOr<ClientHandle> client_;  // goes first
};

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

// Partitions and replicas, as one broker tells. Unavailable: some have no leader now.
absl::StatusOr<TopicDescription> Shape(rd_kafka_t* client, const std::string& name, absl::Duration wait_max) {
  const std::string what = absl::StrCat("topic ", name);
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  if (topic == nullptr) return KafkaStatus(rd_kafka_last_error(), what);
  const struct rd_kafka_metadata* answer = nullptr;
  KEYFOLD_RETURN_IF_ERROR(
      KafkaStatus(rd_kafka_metadata(client, /*all_topics=*/0, topic.get(), &answer, WaitMilliseconds(wait_max)), what));
  const MetadataHandle metadata(answer);
  TopicDescription description;
  description.name = name;
  if (metadata->topic_cnt == 0) return description;
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return description;
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(found.err, what));
  description.exists = true;
  description.partitions = found.partition_cnt;
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
      return KafkaStatus(found.partitions[i].err, absl::StrCat(what, ", partition ", found.partitions[i].id));
    }
    const int32_t replicas = found.partitions[i].replica_cnt;
    description.replication_factor = i == 0 ? replicas : std::min(description.replication_factor, replicas);
  }
  return description;
}

// Asks until the topic is there and has its leaders.
absl::Status AwaitTopic(rd_kafka_t* client, const std::string& name, absl::Time deadline) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(20);
  while (true) {
    const absl::StatusOr<TopicDescription> shape =
        Shape(client, name, std::max(deadline - absl::Now(), absl::Seconds(1)));
    if (shape.ok() ? shape->exists : !absl::IsUnavailable(shape.status())) return shape.status();
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(absl::StrCat("topic ", name, " has no leader yet"));
    absl::SleepFor(kRetryWait);
  }
}

// Asks until the topic has its leaders, or has been missing for `missing_for`.
absl::StatusOr<TopicDescription> DescribeShape(Administrator& administrator, const std::string& name,
                                               absl::Time deadline, absl::Time missing_at) {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(100);
  while (true) {
    const int failures = administrator.CountFailures();
    absl::StatusOr<TopicDescription> shape =
        Shape(administrator.client(), name, std::max(deadline - absl::Now(), absl::ZeroDuration()));
    if (shape.ok() && shape->exists) return shape;
    const absl::Time now = absl::Now();
    if (shape.ok() && now >= missing_at) {
      if (administrator.CountFailures() == failures) return shape;
      shape = absl::UnavailableError(absl::StrCat("topic ", name, " is not known, but not every broker answers"));
    }
    const bool again = shape.ok() || absl::IsUnavailable(shape.status());
    if (!again || now + kRetryWait >= deadline) return shape;
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
    const absl::Status status =
        KafkaStatus(rd_kafka_ConfigResource_error(resources[i]), absl::StrCat("configuration of topic ", name),
                    reason == nullptr ? "" : reason);
    if (absl::IsPermissionDenied(status)) continue;
    KEYFOLD_RETURN_IF_ERROR(status);
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
  const Administrator administrator(connection);
  KEYFOLD_RETURN_IF_ERROR(administrator.status());
  rd_kafka_t* const client = administrator.client();
  std::vector<NewTopicHandle> handles;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const TopicSpecification& topic : topics) {
    KEYFOLD_ASSIGN_OR_RETURN(NewTopicHandle handle, NewTopicOf(topic));
    pointers.push_back(handle.get());
    handles.push_back(std::move(handle));
  }
  const AdminOptionsHandle options = NewAdminOptions(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, wait_max);
  const QueueHandle queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options.get(), queue.get());
  KEYFOLD_ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), wait_max, "creating topics"));
  const absl::Status status = ResultOf(event.get());
  if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
  for (const TopicSpecification& topic : topics) {
    KEYFOLD_RETURN_IF_ERROR(AwaitTopic(client, topic.name, deadline));
  }
  return status;
}

absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(const KafkaConnection& connection,
                                                             const std::vector<std::string>& names,
                                                             absl::Duration wait_max, absl::Duration missing_for) {
  const absl::Time deadline = absl::Now() + wait_max;
  const absl::Time missing_at = absl::Now() + missing_for;
  Administrator administrator(connection);
  KEYFOLD_RETURN_IF_ERROR(administrator.status());
  std::vector<TopicDescription> descriptions;
  for (const std::string& name : names) {
    KEYFOLD_ASSIGN_OR_RETURN(TopicDescription shape, DescribeShape(administrator, name, deadline, missing_at));
    descriptions.push_back(std::move(shape));
  }
  KEYFOLD_RETURN_IF_ERROR(DescribeConfigs(administrator.client(), wait_max, &descriptions));
  return descriptions;
}

absl::StatusOr<std::vector<std::string>> ListTopics(const KafkaConnection& connection, absl::Duration wait_max) {
  Administrator administrator(connection);
  KEYFOLD_RETURN_IF_ERROR(administrator.status());
  const struct rd_kafka_metadata* answer = nullptr;
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(rd_kafka_metadata(administrator.client(), /*all_topics=*/1, /*only_rkt=*/nullptr,
                                                        &answer, WaitMilliseconds(wait_max)),
                                      "listing topics"));
  const MetadataHandle metadata(answer);
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  return names;
}

}  // namespace keyfold
