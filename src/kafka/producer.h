// A plain producer: `keyfold produce`, control records, and what the transactional sink publishes with.
#ifndef KEYFOLD_KAFKA_PRODUCER_H_
#define KEYFOLD_KAFKA_PRODUCER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "keyfold/record.h"

struct rd_kafka_s;

namespace keyfold {

// The views are copied by Produce().
struct ProducerRecord {
  std::optional<int32_t> partition;  // nullopt: by the routing key or the key, as Java clients choose it (murmur2);
                                     // neither: at random
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  const std::vector<RecordHeader>* headers = nullptr;
  int64_t timestamp_ms = -1;  // -1 (and 0, which librdkafka cannot tell from it): now

  // Chooses the partition instead of the key: the one that a record with this key goes to (by murmur2, even where the
  // configuration gives plain records another `partitioner`: several processes must agree).
  std::optional<std::string_view> routing_key = std::nullopt;

  int64_t tag = 0;  // what the caller knows the record by, for DeliveryFailures
};

// What became of a record that was produced: its tag, and OK or why it was not delivered.
using OnDelivered = std::function<void(int64_t tag, const absl::Status& status)>;

struct DeliveryFailures {
  int64_t count = 0;
  // Why the first one failed; its message names topic and partition. Aborted where all were only dropped because of
  // something else.
  absl::Status first;
  std::string topic;  // of the first
  int64_t first_tag = 0;
};

// Idempotent: a record is written once, and those of a partition in the order in which they were produced, also when
// requests are repeated. Not thread-safe.
class KafkaProducer {
 public:
  // `required` properties cannot be overridden by those of the connection. Errors: those of NewClient().
  static absl::StatusOr<std::unique_ptr<KafkaProducer>> Create(const KafkaConnection& connection,
                                                               std::map<std::string, std::string> required = {});

  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // Drops what has not been delivered: Flush() first.
  ~KafkaProducer();

  // Queues a record. Where the queue is full it waits until there is room, at most `wait_max`: ResourceExhausted.
  // OutOfRange: the record is larger than message.max.bytes. NotFound: there is no such topic or partition. A topic's
  // first record with a routing key asks the brokers for the number of its partitions, which holds as long as this
  // producer; Unavailable and DeadlineExceeded: they do not answer.
  absl::Status Produce(const std::string& topic, const ProducerRecord& record,
                       absl::Duration wait_max = absl::Seconds(60));

  // Waits until everything queued was delivered or has failed; DeadlineExceeded after `wait_max`, Cancelled once
  // `stopped` says so. Failures do not make it an error: they are in failures().
  absl::Status Flush(absl::Duration wait_max, const std::function<bool()>& stopped = nullptr);

  // Since the start, or since ClearFailures(). Counted as they become known: complete after a successful Flush().
  const DeliveryFailures& failures() const;
  void ClearFailures();

  // Has every record told, within Produce() and Flush(), beside failures(). To be called before the first record.
  void TellDeliveries(OnDelivered told);

  // For calls that this class does not wrap. Lives as long as this.
  rd_kafka_s* client() const;

 private:
  struct Implementation;

  explicit KafkaProducer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_PRODUCER_H_
