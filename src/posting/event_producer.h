// Posted events into the input topic: one thread hands them to Kafka, and tells each request when Kafka has its events.
//
// Nobody waits for Kafka but that thread, and it waits for all requests together. What it may hold is claimed before a
// body is read into events, so a Kafka that is away costs no memory beyond that.
#ifndef KEYFOLD_POSTING_EVENT_PRODUCER_H_
#define KEYFOLD_POSTING_EVENT_PRODUCER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "intake/event_sink.h"
#include "intake/posted_events.h"
#include "kafka/connection.h"
#include "kafka/producer.h"

namespace keyfold {

struct EventProducerLimits {
  int64_t bytes_max = 0;         // of requests whose events wait for Kafka
  absl::Duration wait_max = {};  // of an event for Kafka; about a second more where no broker answers
};

class EventProducer : public EventSink {
 public:
  // Begins. Brokers that are gone, and a topic that is not there, make events unacknowledged. InvalidArgument: a
  // property of the connection is wrong.
  static absl::StatusOr<std::unique_ptr<EventProducer>> Start(const KafkaConnection& connection, std::string topic,
                                                              const EventProducerLimits& limits);
  EventProducer(const EventProducer&) = delete;
  EventProducer& operator=(const EventProducer&) = delete;

  // Stop().
  ~EventProducer() override;

  // Tells all requests; what Kafka has not acknowledged by then, and what comes later, is unacknowledged.
  void Stop();

  std::shared_ptr<void> Claim(size_t bytes) override;
  void Send(std::vector<PostedEvent> events, std::function<void(std::vector<PostedEvent>)> done) override;
  IntakeCounts counts() const override;

 private:
  // A request that waits for Kafka.
  struct Post {
    std::vector<PostedEvent> events;
    std::function<void(std::vector<PostedEvent>)> done;
    size_t pieces = 0;  // its records of which nothing is known yet
  };
  struct Piece {
    Post* post = nullptr;
    size_t event = 0;
  };

  EventProducer(KafkaConnection connection, std::string topic, const EventProducerLimits& limits);

  void Run();
  absl::Status OpenProducer();
  void HandOver(std::unique_ptr<Post> post);
  void Produce(Post& post, size_t event);
  void ProducePiece(Post& post, size_t event, std::optional<int32_t> partition);
  void Told(int64_t tag, const absl::Status& status);
  void GiveUp(const absl::Status& why);
  void Finish(Post& post);
  void Answer(Post& post);  // by any thread

  const KafkaConnection connection_;
  const std::string topic_;
  const EventProducerLimits limits_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Post>> waiting_;
  int64_t claimed_ = 0;
  bool ending_ = false;

  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> rejected_ = 0;
  std::atomic<int64_t> unacknowledged_ = 0;
  std::atomic<int64_t> refused_ = 0;

  // Of the thread.
  std::unique_ptr<KafkaProducer> producer_;  // null: the last one was of no use any more
  absl::flat_hash_map<Post*, std::unique_ptr<Post>> posts_;
  absl::flat_hash_map<int64_t, Piece> pieces_;  // by the tag of the record
  int64_t next_tag_ = 1;
  bool broken_ = false;  // the producer is of no use any more
  absl::Time told_at_ = absl::InfinitePast();

  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_POSTING_EVENT_PRODUCER_H_
