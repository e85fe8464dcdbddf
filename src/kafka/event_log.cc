#include "kafka/event_log.h"

#include <librdkafka/rdkafka.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/assignment.h"
#include "kafka/client.h"
#include "kafka/committed_offset.h"
#include "kafka/consumer_settings.h"
#include "kafka/group_members.h"
#include "kafka/kafka_status.h"
#include "kafka/log_range.h"
#include "kafka/message_record.h"
#include "kafka/partition_list.h"
#include "kafka/seek.h"

namespace keyfold {
namespace {

// Messages asked for at once: more are no faster, and so many at most are held here beyond what Poll() may return.
constexpr size_t kChunkSize = 1000;

// Short: the number of partitions is asked for time and again, also while no broker answers.
constexpr absl::Duration kPartitionsWaitMax = absl::Seconds(2);

size_t SizeOf(const rd_kafka_message_t& message) { return message.len + message.key_len; }

}  // namespace

// What the callbacks of librdkafka point to.
class KafkaEventLog::Consumer {
 public:
  explicit Consumer(const KafkaEventLogOptions& options) : options_(options) {}
  ~Consumer();

  absl::Status Start();
  absl::StatusOr<PollResult> Poll(const PollLimits& limits);
  absl::Status Fetch(int32_t partition, int64_t offset);
  absl::StatusOr<CommittedOffset> Committed(int32_t partition);
  absl::StatusOr<LogRange> Range(int32_t partition);

  std::optional<int64_t> Lag(int32_t partition, int64_t next_offset) const;

  const KafkaEventLogOptions& options() const { return options_; }
  bool joined() const { return joined_; }
  rd_kafka_t* client() const { return client_.get(); }
  absl::Status CheckOwned(const std::vector<OffsetCommit>& offsets) const;

 private:
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions,
                          void* opaque);
  void Assign(rd_kafka_topic_partition_list_t* partitions);
  void Revoke(rd_kafka_topic_partition_list_t* partitions);

  void Close();
  bool Serve(int wait_milliseconds);
  PartitionListHandle One(int32_t partition, int64_t offset) const;
  void Resume();
  void Drain(const PollLimits& limits);
  void Take(MessageHandle message);
  void TakeError(const rd_kafka_message_t& message);
  void Forget(int32_t partition);
  absl::Status TakeFailure();
  void MoveRecords(const PollLimits& limits, std::vector<Record>* records);

  const KafkaEventLogOptions options_;
  Assignment assignment_;
  absl::Status failure_;  // of the consumer as a whole; reported once
  bool waiting_ = false;
  bool joined_ = false;  // the group has told which partitions are ours
  ClientHandle client_;
  QueueHandle queue_;                  // everything for us: records, errors, rebalances
  std::vector<int32_t> to_resume_;     // where fetching is to begin with the next Poll()
  std::deque<MessageHandle> pending_;  // taken from librdkafka, not returned yet
  size_t pending_bytes_ = 0;
};

KafkaEventLog::Consumer::~Consumer() {
  if (client_ == nullptr) return;
  pending_.clear();
  Close();
  queue_.reset();
  // It has left the group by now; if not, no more time is to be lost with it.
  rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

// Serves what waits before it closes: closing would hang for ever on an unserved rebalance, and librdkafka before 2.3
// aborts the process (an assertion) when a consumer is closed between joining and its first assignment.
void KafkaEventLog::Consumer::Close() {
  constexpr int kServeMilliseconds = 10;
  const absl::Time settled = absl::Now() + absl::Milliseconds(1500);
  while ((!joined_ && absl::Now() < settled) || Serve(0)) Serve(joined_ ? 0 : kServeMilliseconds);
  const ErrorHandle error(rd_kafka_consumer_close_queue(client(), queue_.get()));
  if (error != nullptr) return;
  const absl::Time deadline = absl::Now() + options_.request_wait_max;
  while (rd_kafka_consumer_closed(client()) == 0 && absl::Now() < deadline) Serve(kServeMilliseconds);
}

// Runs callbacks, drops records; false: nothing was there.
bool KafkaEventLog::Consumer::Serve(int wait_milliseconds) {
  rd_kafka_message_t* messages[kChunkSize];
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), wait_milliseconds, messages, kChunkSize);
  for (ssize_t i = 0; i < count; ++i) rd_kafka_message_destroy(messages[i]);
  return count > 0;
}

absl::Status KafkaEventLog::Consumer::Start() {
  ClientSettings settings = ConsumerSettings(options_);
  settings.configure = [this](rd_kafka_conf_t* configuration) {
    rd_kafka_conf_set_opaque(configuration, this);
    rd_kafka_conf_set_rebalance_cb(configuration, &Consumer::OnRebalance);
  };
  KEYFOLD_ASSIGN_OR_RETURN(client_, NewClient(options_.connection, settings));
  rd_kafka_poll_set_consumer(client());
  queue_.reset(rd_kafka_queue_new(client()));
  const QueueHandle consumer_queue(rd_kafka_queue_get_consumer(client()));
  rd_kafka_queue_forward(consumer_queue.get(), queue_.get());
  const PartitionListHandle topics = One(RD_KAFKA_PARTITION_UA, RD_KAFKA_OFFSET_INVALID);
  return KafkaStatus(rd_kafka_subscribe(client(), topics.get()), absl::StrCat("subscribing to ", options_.topic));
}

// Served inside Poll(), and once more when the consumer is closed.
void KafkaEventLog::Consumer::OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto* const consumer = static_cast<Consumer*>(opaque);
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    consumer->Assign(partitions);
  } else {
    consumer->Revoke(partitions);  // revoked in good order, or lost
  }
  // A Poll() that waits for records reports this instead. Never inside the batch call: yielding there drops a message.
  if (consumer->waiting_) rd_kafka_yield(client);
}

void KafkaEventLog::Consumer::Assign(rd_kafka_topic_partition_list_t* partitions) {
  joined_ = true;
  // librdkafka must be given a position now, Fetch() gives the one that counts; nothing is read before, because the
  // partitions are paused. An offset that exists: it needs no look-up that a later seek could run into.
  // Where one answer does not come the others are not waited for.
  bool answered = true;
  for (int i = 0; i < partitions->cnt; ++i) {
    partitions->elems[i].offset = 0;
    if (!answered) continue;
    const absl::StatusOr<LogRange> range = Range(partitions->elems[i].partition);
    answered = range.ok();
    if (answered) partitions->elems[i].offset = range->end;
  }
  failure_.Update(KafkaStatus(rd_kafka_assign(client(), partitions), "taking over partitions"));
  rd_kafka_pause_partitions(client(), partitions);
  for (int i = 0; i < partitions->cnt; ++i) {
    Forget(partitions->elems[i].partition);
    assignment_.Assign(partitions->elems[i].partition);
  }
}

void KafkaEventLog::Consumer::Revoke(rd_kafka_topic_partition_list_t* partitions) {
  for (int i = 0; i < partitions->cnt; ++i) {
    Forget(partitions->elems[i].partition);
    assignment_.Revoke(partitions->elems[i].partition);
  }
  failure_.Update(KafkaStatus(rd_kafka_assign(client(), nullptr), "giving up partitions"));
}

PartitionListHandle KafkaEventLog::Consumer::One(int32_t partition, int64_t offset) const {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), options_.topic.c_str(), partition)->offset = offset;
  return list;
}

void KafkaEventLog::Consumer::Resume() {
  if (to_resume_.empty()) return;
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(to_resume_.size())));
  for (int32_t partition : to_resume_) {
    if (assignment_.Owns(partition)) rd_kafka_topic_partition_list_add(list.get(), options_.topic.c_str(), partition);
  }
  rd_kafka_resume_partitions(client(), list.get());
  to_resume_.clear();
}

absl::StatusOr<PollResult> KafkaEventLog::Consumer::Poll(const PollLimits& limits) {
  const absl::Time deadline = absl::Now() + limits.wait_max;
  Resume();
  // Not every version takes the batch call for a sign of life (max.poll.interval.ms).
  if (MessageHandle message(rd_kafka_consumer_poll(client(), 0)); message != nullptr) Take(std::move(message));
  while (true) {
    Drain(limits);
    KEYFOLD_RETURN_IF_ERROR(TakeFailure());
    PollResult result;
    assignment_.Report(&result);
    MoveRecords(limits, &result.records);
    const absl::Duration wait = deadline - absl::Now();
    if (!result.revoked.empty() || !result.assigned.empty() || !result.records.empty() ||
        wait <= absl::ZeroDuration()) {
      return result;
    }
    // Unlike the batch call this one returns after the first message, or after a rebalance.
    waiting_ = true;
    MessageHandle message(rd_kafka_consumer_poll(client(), WaitMilliseconds(wait)));
    waiting_ = false;
    if (message != nullptr) Take(std::move(message));
  }
}

void KafkaEventLog::Consumer::Drain(const PollLimits& limits) {
  rd_kafka_message_t* messages[kChunkSize];
  while (pending_.size() < limits.records_max && pending_bytes_ < limits.bytes_max) {
    const size_t wanted = std::min(kChunkSize, limits.records_max - pending_.size());
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages, wanted);
    for (ssize_t i = 0; i < count; ++i) Take(MessageHandle(messages[i]));
    if (count <= 0) return;
  }
}

void KafkaEventLog::Consumer::Take(MessageHandle message) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return TakeError(*message);
  const AssignedPartition* const partition = assignment_.Find(message->partition);
  if (partition == nullptr || !partition->fetching || message->offset < partition->next_offset) return;
  pending_bytes_ += SizeOf(*message);
  pending_.push_back(std::move(message));
}

void KafkaEventLog::Consumer::TakeError(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) return;  // what this costs us follows as lost
  AssignedPartition* const partition = assignment_.Find(message.partition);
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (partition != nullptr && partition->fetching) partition->end_offset = message.offset;
    return;
  }
  if (message.err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    failure_ = KafkaStatus(message.err, absl::StrCat("reading ", options_.topic), rd_kafka_message_errstr(&message));
    return;
  }
  if (partition == nullptr || !partition->fetching) return;
  const absl::StatusOr<LogRange> range = Range(message.partition);
  partition->fetch_status = absl::FailedPreconditionError(absl::StrCat(
      options_.topic, "[", message.partition, "]: offset ", partition->next_offset, " is not in the log",
      range.ok() ? absl::StrCat(", which starts at ", range->first, " and ends at ", range->end) : std::string()));
}

void KafkaEventLog::Consumer::Forget(int32_t partition) {
  std::erase_if(pending_, [this, partition](const MessageHandle& message) {
    if (message->partition != partition) return false;
    pending_bytes_ -= SizeOf(*message);
    return true;
  });
}

absl::Status KafkaEventLog::Consumer::TakeFailure() {
  char reason[512];
  if (const auto fatal = rd_kafka_fatal_error(client(), reason, sizeof(reason)); fatal != 0) {
    if (fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
      return FencedByNamesake(options_.group_id, options_.group_instance_id);
    }
    return KafkaStatus(fatal, "the consumer cannot go on", reason);
  }
  if (!failure_.ok()) return std::exchange(failure_, absl::OkStatus());
  for (const auto& [unused, partition] : assignment_.partitions()) {
    if (!partition.fetch_status.ok()) return partition.fetch_status;
  }
  return absl::OkStatus();
}

void KafkaEventLog::Consumer::MoveRecords(const PollLimits& limits, std::vector<Record>* records) {
  size_t bytes = 0;
  while (!pending_.empty() && records->size() < limits.records_max) {
    const size_t size = SizeOf(*pending_.front());
    if (!records->empty() && bytes + size > limits.bytes_max) return;
    bytes += size;
    pending_bytes_ -= size;
    Record record = RecordOf(std::move(pending_.front()));
    pending_.pop_front();
    assignment_.Find(record.partition)->next_offset = record.offset + 1;
    records->push_back(std::move(record));
  }
}

absl::Status KafkaEventLog::Consumer::Fetch(int32_t partition, int64_t offset) {
  AssignedPartition* const assigned = assignment_.Find(partition);
  if (assigned == nullptr) {
    return absl::AbortedError(absl::StrCat(options_.topic, "[", partition, "] is not ours any more"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, Range(partition));
  if (offset < range.first || offset > range.end) {
    return absl::FailedPreconditionError(absl::StrCat(options_.topic, "[", partition, "]: offset ", offset,
                                                      " is not in the log, which starts at ", range.first,
                                                      " and ends at ", range.end));
  }
  Forget(partition);
  const bool was_fetching = std::exchange(assigned->fetching, false);
  KEYFOLD_RETURN_IF_ERROR(SeekPartition(client(), options_.topic, partition, offset, options_.request_wait_max));
  // Not yet: while anything is being fetched, each further question to the broker waits for that fetch to end.
  if (!was_fetching) to_resume_.push_back(partition);
  *assigned =
      AssignedPartition{.fetching = true, .next_offset = offset, .fetch_status = absl::OkStatus(), .end_offset = 0};
  return absl::OkStatus();
}

absl::StatusOr<CommittedOffset> KafkaEventLog::Consumer::Committed(int32_t partition) {
  return QueryCommitted(client(), options_.topic, partition,
                        {std::min(options_.request_wait_max, options_.stable_wait_max), options_.stable_wait_max});
}

absl::StatusOr<LogRange> KafkaEventLog::Consumer::Range(int32_t partition) {
  return QueryLogRange(client(), options_.topic, partition, options_.request_wait_max);
}

std::optional<int64_t> KafkaEventLog::Consumer::Lag(int32_t partition, int64_t next_offset) const {
  const auto assigned = assignment_.partitions().find(partition);
  if (assigned == assignment_.partitions().end() || !assigned->second.fetching) return std::nullopt;
  int64_t first = 0;
  int64_t end = RD_KAFKA_OFFSET_INVALID;
  rd_kafka_get_watermark_offsets(client(), options_.topic.c_str(), partition, &first, &end);
  if (end < 0) return std::nullopt;
  // Whoever has folded all that Poll() has returned stands where the log was read to, and not behind its last record.
  const bool took_all = next_offset >= assigned->second.next_offset &&
                        std::none_of(pending_.begin(), pending_.end(), [partition](const MessageHandle& message) {
                          return message->partition == partition;
                        });
  const int64_t position = took_all ? std::max(next_offset, assigned->second.end_offset) : next_offset;
  return std::max<int64_t>(0, end - position);
}

absl::Status KafkaEventLog::Consumer::CheckOwned(const std::vector<OffsetCommit>& offsets) const {
  for (const OffsetCommit& offset : offsets) {
    if (assignment_.Owns(offset.partition)) continue;
    return absl::AbortedError(absl::StrCat(options_.topic, "[", offset.partition, "] is not ours any more"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<KafkaEventLog>> KafkaEventLog::Create(const KafkaEventLogOptions& options) {
  auto consumer = std::make_unique<Consumer>(options);
  KEYFOLD_RETURN_IF_ERROR(consumer->Start());
  return std::unique_ptr<KafkaEventLog>(new KafkaEventLog(std::move(consumer)));
}

KafkaEventLog::KafkaEventLog(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

KafkaEventLog::~KafkaEventLog() = default;

const std::string& KafkaEventLog::topic() const { return consumer_->options().topic; }

bool KafkaEventLog::joined() const { return consumer_->joined(); }

absl::StatusOr<PollResult> KafkaEventLog::Poll(const PollLimits& limits) { return consumer_->Poll(limits); }

absl::Status KafkaEventLog::Fetch(int32_t partition, int64_t offset) { return consumer_->Fetch(partition, offset); }

absl::StatusOr<CommittedOffset> KafkaEventLog::Committed(int32_t partition) { return consumer_->Committed(partition); }

absl::StatusOr<LogRange> KafkaEventLog::Range(int32_t partition) { return consumer_->Range(partition); }

absl::StatusOr<int32_t> KafkaEventLog::Partitions() {
  return CountPartitions(consumer_->client(), topic(), kPartitionsWaitMax);
}

std::optional<int64_t> KafkaEventLog::Lag(int32_t partition, int64_t next_offset) const {
  return consumer_->Lag(partition, next_offset);
}

absl::StatusOr<std::string> KafkaEventLog::ClusterId() {
  return ReadClusterId(consumer_->client(), consumer_->options().request_wait_max);
}

absl::StatusOr<GroupMetadataHandle> KafkaEventLog::MetadataToCommit(const std::vector<OffsetCommit>& offsets) const {
  KEYFOLD_RETURN_IF_ERROR(consumer_->CheckOwned(offsets));
  rd_kafka_t* const client = consumer_->client();
  GroupMetadataHandle metadata(rd_kafka_consumer_group_metadata(client));
  // The coordinator takes transactional offsets from anybody who names no member. A member that was thrown out has
  // lost its name and does not get a new one before Poll() has served the loss: so the order matters here.
  char* const member = rd_kafka_memberid(client);
  const bool is_member = member != nullptr && *member != '\0';
  if (member != nullptr) rd_kafka_mem_free(client, member);
  if (metadata == nullptr || !is_member || rd_kafka_assignment_lost(client) != 0) {
    return absl::AbortedError(absl::StrCat("not a member of ", consumer_->options().group_id, " any more"));
  }
  return metadata;
}

absl::Status KafkaEventLog::CommitOffsets(const std::vector<OffsetCommit>& offsets) {
  KEYFOLD_RETURN_IF_ERROR(MetadataToCommit(offsets).status());
  const PartitionListHandle list = PartitionListOf(consumer_->client(), consumer_->options().topic, offsets);
  const rd_kafka_resp_err_t error = rd_kafka_commit(consumer_->client(), list.get(), /*async=*/0);
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(error, "committing offsets"));
  for (int i = 0; i < list->cnt; ++i) KEYFOLD_RETURN_IF_ERROR(KafkaStatus(list->elems[i].err, "committing offsets"));
  return absl::OkStatus();
}

}  // namespace keyfold
