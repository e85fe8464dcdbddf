#include "kafka/message_record.h"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace keyfold {
namespace {

std::vector<RecordHeader> HeadersOf(const rd_kafka_message_t& message) {
  std::vector<RecordHeader> result;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return result;  // it has none
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    RecordHeader& header = result.emplace_back();
    header.name = name;
    if (value != nullptr) header.value.emplace(static_cast<const char*>(value), size);
  }
  return result;
}

}  // namespace

Record RecordOf(MessageHandle message) {
  Record record;
  record.partition = message->partition;
  record.offset = message->offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.timestamp_ms = rd_kafka_message_timestamp(message.get(), &type);
  if (message->key != nullptr) {
    record.key = std::string_view(static_cast<const char*>(message->key), message->key_len);
  }
  if (message->payload != nullptr) {
    record.value = std::string_view(static_cast<const char*>(message->payload), message->len);
  }
  record.headers = HeadersOf(*message);
  record.owner = {message.release(), [](void* owned) { HandleDeleter()(static_cast<rd_kafka_message_t*>(owned)); }};
  return record;
}

}  // namespace keyfold
