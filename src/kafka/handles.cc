#include "kafka/handles.h"

#include <librdkafka/rdkafka.h>

namespace keyfold {

void HandleDeleter::operator()(rd_kafka_s* client) const { rd_kafka_destroy(client); }

void HandleDeleter::operator()(rd_kafka_conf_s* configuration) const { rd_kafka_conf_destroy(configuration); }

void HandleDeleter::operator()(rd_kafka_consumer_group_metadata_s* metadata) const {
  rd_kafka_consumer_group_metadata_destroy(metadata);
}

void HandleDeleter::operator()(rd_kafka_error_s* error) const { rd_kafka_error_destroy(error); }

void HandleDeleter::operator()(rd_kafka_message_s* message) const { rd_kafka_message_destroy(message); }

void HandleDeleter::operator()(const struct rd_kafka_metadata* metadata) const { rd_kafka_metadata_destroy(metadata); }

void HandleDeleter::operator()(rd_kafka_queue_s* queue) const { rd_kafka_queue_destroy(queue); }

void HandleDeleter::operator()(rd_kafka_topic_partition_list_s* list) const {
  rd_kafka_topic_partition_list_destroy(list);
}

void HandleDeleter::operator()(rd_kafka_topic_s* topic) const { rd_kafka_topic_destroy(topic); }

}  // namespace keyfold
