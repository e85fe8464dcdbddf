// Owners of librdkafka's objects, so that no path forgets to free one. Only forward declarations: nothing outside this
// folder sees librdkafka's header.
#ifndef KEYFOLD_KAFKA_HANDLES_H_
#define KEYFOLD_KAFKA_HANDLES_H_

#include <memory>

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_consumer_group_metadata_s;
struct rd_kafka_error_s;
struct rd_kafka_message_s;
struct rd_kafka_metadata;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_topic_s;

namespace keyfold {

struct HandleDeleter {
  void operator()(rd_kafka_s* client) const;
  void operator()(rd_kafka_conf_s* configuration) const;
  void operator()(rd_kafka_consumer_group_metadata_s* metadata) const;
  void operator()(rd_kafka_error_s* error) const;
  void operator()(rd_kafka_message_s* message) const;
  void operator()(const struct rd_kafka_metadata* metadata) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_topic_partition_list_s* list) const;
  void operator()(rd_kafka_topic_s* topic) const;
};

// Belongs to nobody but its owner.
using MetadataHandle = std::unique_ptr<const struct rd_kafka_metadata, HandleDeleter>;

// All others belong to a client and must go before it.
using ClientHandle = std::unique_ptr<rd_kafka_s, HandleDeleter>;
using ConfigurationHandle = std::unique_ptr<rd_kafka_conf_s, HandleDeleter>;
using GroupMetadataHandle = std::unique_ptr<rd_kafka_consumer_group_metadata_s, HandleDeleter>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_s, HandleDeleter>;
using MessageHandle = std::unique_ptr<rd_kafka_message_s, HandleDeleter>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_s, HandleDeleter>;
using PartitionListHandle = std::unique_ptr<rd_kafka_topic_partition_list_s, HandleDeleter>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_s, HandleDeleter>;

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_HANDLES_H_
