#include "kafka/update_sink.h"

#include <librdkafka/rdkafka.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"
#include "kafka/partition_list.h"

namespace keyfold {
namespace {

// For librdkafka: as long as the transaction may take.
constexpr int kUntilTransactionTimeout = -1;

int CommitMilliseconds(absl::Duration wait) {
  return wait == absl::InfiniteDuration() ? kUntilTransactionTimeout : WaitMilliseconds(wait);
}

absl::Status NotOpen() { return absl::FailedPreconditionError("no transaction is open"); }

}  // namespace

KafkaUpdateSink::KafkaUpdateSink(const KafkaUpdateSinkOptions& options, KafkaEventLog* log)
    : options_(options), log_(log) {}

KafkaUpdateSink::~KafkaUpdateSink() { DropProducer(); }

void KafkaUpdateSink::DropProducer() {
  // librdkafka 2.0 may abort the process (an assertion in the answer to AddPartitionsToTxn) when a producer is
  // destroyed while partitions are being added to its transaction: that has happened when its records are delivered.
  // They stay part of the open transaction, which whoever comes next ends.
  constexpr absl::Duration kSettleWait = absl::Seconds(1);
  if (producer_ != nullptr && state_ == State::kOpen) producer_->Flush(kSettleWait).IgnoreError();
  producer_ = nullptr;
  state_ = State::kNeedsReset;
}

absl::Status KafkaUpdateSink::Begin() {
  if (state_ != State::kIdle) {
    return absl::FailedPreconditionError(state_ == State::kOpen ? "a transaction is open" : "Reset() is needed");
  }
  if (options_.guarantee == Guarantee::kExactlyOnce) {
    const ErrorHandle error(rd_kafka_begin_transaction(producer_->client()));
    if (error != nullptr) {
      state_ = State::kNeedsReset;
      return KafkaStatus(error.get(), "beginning a transaction");
    }
  }
  producer_->ClearFailures();
  records_.clear();
  state_ = State::kOpen;
  return absl::OkStatus();
}

absl::Status KafkaUpdateSink::Publish(OutputRecord record) {
  if (state_ != State::kOpen) return NotOpen();
  records_.push_back(std::move(record));
  return absl::OkStatus();
}

CommitResult KafkaUpdateSink::Commit(const std::vector<OffsetCommit>& offsets) {
  if (state_ != State::kOpen) return {CommitOutcome::kAborted, NotOpen()};
  return options_.guarantee == Guarantee::kExactlyOnce ? CommitTransaction(offsets) : CommitInOrder(offsets);
}

CommitResult KafkaUpdateSink::CommitTransaction(const std::vector<OffsetCommit>& offsets) {
  // Until all of that is done nobody is asked to commit: whatever fails, nothing of the transaction can become visible.
  // Offsets first: until the markers of the transaction before are written the brokers refuse everything of this one,
  // and librdkafka repeats what sends offsets after retry.backoff.ms, but what adds a partition after 20 ms.
  if (absl::Status status = SendOffsets(offsets); !status.ok()) return GiveUp(std::move(status));
  if (absl::Status status = ProduceAll(); !status.ok()) return GiveUp(std::move(status));

  const ErrorHandle error(
      rd_kafka_commit_transaction(producer_->client(), CommitMilliseconds(options_.commit_wait_max)));
  if (error == nullptr) {
    state_ = State::kIdle;
    return {CommitOutcome::kCommitted, absl::OkStatus()};
  }
  absl::Status status = KafkaStatus(error.get(), "committing a transaction");
  if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
    CommitResult result = GiveUp(std::move(status));
    // Aborted for certain only if the coordinator has said so: the request to commit may have been sent.
    if (state_ == State::kNeedsReset) result.outcome = CommitOutcome::kUnknown;
    return result;
  }
  // Lost the answer, or fenced: the first of several tries to send the request may have been obeyed before.
  state_ = State::kNeedsReset;
  return {CommitOutcome::kUnknown, std::move(status)};
}

// Aborts the open transaction because of `why`, before anybody was asked to commit it.
CommitResult KafkaUpdateSink::GiveUp(absl::Status why) {
  if (const absl::Status aborted = Abort(); !aborted.ok()) {
    why = absl::Status(why.code(), absl::StrCat(why.message(), "; then ", aborted.message()));
  }
  return {CommitOutcome::kAborted, std::move(why)};
}

absl::Status KafkaUpdateSink::ProduceAll() {
  if (by_topic_) return ProduceByTopic();
  for (const OutputRecord& record : records_) KEYFOLD_RETURN_IF_ERROR(Produce(record));
  records_.clear();  // librdkafka has copies
  const absl::Status status = AwaitDeliveries();
  const bool names_topic = producer_->failures().count == 0 || !absl::IsAborted(producer_->failures().first);
  if (!absl::IsPermissionDenied(status) || names_topic) return status;
  by_topic_ = true;
  return absl::AbortedError(absl::StrCat(status.message(), "; finding out which topic it is"));
}

absl::Status KafkaUpdateSink::ProduceByTopic() {
  for (const OutputTopic topic : {OutputTopic::kAccountKpis, OutputTopic::kDeadLetters, OutputTopic::kPartials,
                                  OutputTopic::kGroupKpis, OutputTopic::kAlerts}) {
    for (const OutputRecord& record : records_) {
      if (record.topic == topic) KEYFOLD_RETURN_IF_ERROR(Produce(record));
    }
    const absl::Status status = AwaitDeliveries();
    if (status.ok()) continue;
    return absl::Status(status.code(), absl::StrCat("writing to ", TopicName(topic), ": ", status.message()));
  }
  records_.clear();
  by_topic_ = false;
  return absl::OkStatus();
}

absl::Status KafkaUpdateSink::Produce(const OutputRecord& record) {
  ProducerRecord produced;
  produced.key = record.key;
  produced.value = record.value;
  produced.headers = &record.headers;
  produced.timestamp_ms = record.timestamp_ms;
  produced.routing_key = record.routing_key;
  produced.partition = record.partition;
  const std::string& topic = TopicName(record.topic);
  return Refusal(topic, producer_->Produce(topic, produced, options_.transaction_timeout));
}

absl::Status KafkaUpdateSink::AwaitDeliveries() {
  // With one failure the transaction is over; librdkafka may keep what else was on its way until it times out.
  constexpr absl::Duration kSlice = absl::Milliseconds(100);
  const DeliveryFailures& failures = producer_->failures();
  const absl::Time deadline = absl::Now() + options_.transaction_timeout;
  absl::Status delivered;
  do {
    delivered = producer_->Flush(kSlice);
  } while (absl::IsDeadlineExceeded(delivered) && failures.count == 0 && absl::Now() < deadline);
  if (failures.count == 0) return delivered;
  absl::Status why = Refusal(failures.topic, failures.first);
  // All were dropped because the transaction has failed: asked to commit, librdkafka refuses and says why.
  if (absl::IsAborted(why) && options_.guarantee == Guarantee::kExactlyOnce) {
    constexpr int kAnswerWaitMs = 5'000;  // it comes from librdkafka itself, when a busy machine lets it
    const ErrorHandle error(rd_kafka_commit_transaction(producer_->client(), kAnswerWaitMs));
    if (error != nullptr) why = KafkaStatus(error.get(), "publishing");
  }
  return absl::Status(why.code(), absl::StrCat(failures.count, " records were not delivered: ", why.message()));
}

// Only a dead letter can be cut; that another record does not fit is for the operator to mend.
absl::Status KafkaUpdateSink::Refusal(const std::string& topic, const absl::Status& why) const {
  if (!absl::IsOutOfRange(why) || topic == options_.dead_letters_topic) return why;
  return absl::InvalidArgumentError(absl::StrCat(why.message(), "; raise max.message.bytes of ", topic));
}

absl::Status KafkaUpdateSink::SendOffsets(const std::vector<OffsetCommit>& offsets) {
  if (offsets.empty()) return absl::OkStatus();
  constexpr absl::Duration kRetryWait = absl::Milliseconds(2);
  const absl::Time deadline = absl::Now() + options_.transaction_timeout;
  while (true) {
    KEYFOLD_ASSIGN_OR_RETURN(const GroupMetadataHandle metadata, log_->MetadataToCommit(offsets));
    const PartitionListHandle list = PartitionListOf(producer_->client(), log_->topic(), offsets);
    const ErrorHandle error(rd_kafka_send_offsets_to_transaction(producer_->client(), list.get(), metadata.get(),
                                                                 kUntilTransactionTimeout));
    if (error == nullptr) return absl::OkStatus();
    if (rd_kafka_error_is_retriable(error.get()) == 0 || absl::Now() >= deadline) {
      return KafkaStatus(error.get(), "sending offsets to a transaction");
    }
    absl::SleepFor(kRetryWait);
  }
}

CommitResult KafkaUpdateSink::CommitInOrder(const std::vector<OffsetCommit>& offsets) {
  absl::Status status = ProduceAll();
  if (status.ok() && !offsets.empty()) status = log_->CommitOffsets(offsets);
  state_ = status.ok() ? State::kIdle : State::kNeedsReset;
  return {status.ok() ? CommitOutcome::kCommitted : CommitOutcome::kUnknown, std::move(status)};
}

absl::Status KafkaUpdateSink::Abort() {
  if (state_ != State::kOpen) return NotOpen();
  if (options_.guarantee == Guarantee::kExactlyOnce) {
    const ErrorHandle error(rd_kafka_abort_transaction(producer_->client(), kUntilTransactionTimeout));
    if (error != nullptr) {
      state_ = State::kNeedsReset;
      return KafkaStatus(error.get(), "aborting a transaction");
    }
  }
  state_ = State::kIdle;
  return absl::OkStatus();
}

absl::Status KafkaUpdateSink::Reset() {
  DropProducer();  // first: two with the same identity would fence each other
  std::map<std::string, std::string> required;
  if (options_.batch_bytes_max.has_value()) required["batch.size"] = absl::StrCat(*options_.batch_bytes_max);
  if (options_.guarantee == Guarantee::kExactlyOnce) {
    required["transactional.id"] = options_.transactional_id;
    required["transaction.timeout.ms"] = absl::StrCat(WaitMilliseconds(options_.transaction_timeout));
  }
  KEYFOLD_ASSIGN_OR_RETURN(producer_, KafkaProducer::Create(options_.connection, std::move(required)));
  if (options_.guarantee == Guarantee::kExactlyOnce) KEYFOLD_RETURN_IF_ERROR(InitTransactions());
  state_ = State::kIdle;
  return absl::OkStatus();
}

absl::Status KafkaUpdateSink::InitTransactions() {
  constexpr absl::Duration kRetryWait = absl::Milliseconds(50);
  const absl::Time deadline = absl::Now() + options_.reset_wait_max;
  while (true) {
    const ErrorHandle error(rd_kafka_init_transactions(producer_->client(), WaitMilliseconds(deadline - absl::Now())));
    if (error == nullptr) return absl::OkStatus();
    if (rd_kafka_error_is_retriable(error.get()) == 0 || absl::Now() >= deadline) {
      return KafkaStatus(error.get(), absl::StrCat("taking over as ", options_.transactional_id));
    }
    absl::SleepFor(kRetryWait);
  }
}

const std::string& KafkaUpdateSink::TopicName(OutputTopic topic) const {
  switch (topic) {
    case OutputTopic::kDeadLetters:
      return options_.dead_letters_topic;
    case OutputTopic::kPartials:
      return options_.partials_topic;
    case OutputTopic::kGroupKpis:
      return options_.group_kpis_topic;
    case OutputTopic::kAlerts:
      return options_.alerts_topic;
    case OutputTopic::kAccountKpis:
      break;
  }
  return options_.account_kpis_topic;
}

}  // namespace keyfold
