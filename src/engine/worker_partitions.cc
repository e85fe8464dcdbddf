// The part of Worker that takes partitions, folds again what the group has committed of them, and recovers.
#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/worker.h"
#include "state/commit_metadata.h"
#include "state/shard_meta.h"

namespace keyfold {

// --- taking a partition ----------------------------------------------------------------------------------------------

// A group's commits say how many partitions it folds, also where none of its shards are on this machine.
absl::Status Worker::CheckGroup() {
  for (int32_t number = 0; number < topic_partitions_; ++number) {
    KEYFOLD_ASSIGN_OR_RETURN(const CommittedOffset committed, log_.Committed(number));
    const int32_t before = ParseCommitMetadata(committed.metadata).topic_partitions();
    if (before != 0) return CheckTopicPartitions(options_.topic, before, topic_partitions_);
  }
  return absl::OkStatus();
}

// Partitions may be added that nobody is told of: the group gives a member that comes back what it had before.
absl::Status Worker::CheckPartitions(absl::Time now) {
  if (now - partitions_checked_at_ < options_.partitions_check_every) return absl::OkStatus();
  const absl::StatusOr<int32_t> partitions = log_.Partitions();
  // A topic never has fewer: that is said by brokers that lag behind, as a topic is not there to those that start.
  if (partitions.ok() && *partitions > topic_partitions_) {
    return CheckTopicPartitions(options_.topic, topic_partitions_, *partitions);
  }
  partitions_checked_at_ = now;
  return absl::OkStatus();
}

absl::Status Worker::Adopt(int32_t number) {
  if (number >= topic_partitions_) return CheckTopicPartitions(options_.topic, topic_partitions_, number + 1);
  Partition partition;
  KEYFOLD_ASSIGN_OR_RETURN(partition.shard,
                           open_shard_({cluster_id_, options_.topic, number, topic_partitions_, options_.projection}));
  KEYFOLD_ASSIGN_OR_RETURN(partition.committed, log_.Committed(number));
  KEYFOLD_RETURN_IF_ERROR(CheckTopicPartitions(
      options_.topic, ParseCommitMetadata(partition.committed.metadata).topic_partitions(), topic_partitions_));
  KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, log_.Range(number));
  const Shard& shard = *partition.shard;
  KEYFOLD_RETURN_IF_ERROR(CheckPosition(shard, partition.committed, range));
  observer_.OnAssigned(number, shard.next_offset(), partition.committed);

  // Fetching begins with the last record folded, where it is still there, to see that this is the same log.
  int64_t fetch_from = std::max(shard.next_offset(), range.first);
  if (shard.meta().last_record_offset() >= range.first) {
    fetch_from = shard.meta().last_record_offset();
  } else {
    partition.Advance(State::kReplaying);
  }
  KEYFOLD_RETURN_IF_ERROR(log_.Fetch(number, fetch_from));
  if (partition.committed.offset.has_value()) partition.shard->BeginReplay(partition.committed);
  partitions_[number] = std::move(partition);
  return absl::OkStatus();
}

absl::Status Worker::CheckPosition(const Shard& shard, const CommittedOffset& committed, const LogRange& range) const {
  const int64_t next = shard.next_offset();
  const std::string name = absl::StrCat("partition ", shard.identity().partition, " of ", options_.topic);
  if (next > committed.offset.value_or(0)) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, ": the shard stands at offset ", next, ", but the group has committed ",
                     committed.offset.has_value() ? absl::StrCat(*committed.offset) : "nothing",
                     ": the group's offsets were reset or have expired. To go on from the shard: kafka-consumer-groups "
                     "--reset-offsets --to-offset ",
                     next, " --topic ", options_.topic, ":", shard.identity().partition,
                     " --execute; to fold the log anew: remove the shard's directory"));
  }
  if (next > range.end) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, ": the shard stands at offset ", next, ", but the log ends at ", range.end,
        ": the topic was deleted and created again, or lost records. To fold the new log: --projection NEW_NAME"));
  }
  // The first transaction may have been committed, and its state lost: then it is the shard's beginning, too.
  const bool begins =
      next == 0 && (!committed.offset.has_value() || ParseCommitMetadata(committed.metadata).from_offset() == next);
  const bool begins_late = begins && options_.accept_log_start;
  if (next < range.first && !begins_late) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, ": the next record to fold is ", next, ", but the log starts at ", range.first,
        ": retention has removed records that were not folded. Restore them (a copy of the topic or of the shard), "
        "or accept the loss for a new projection: --projection NEW_NAME --accept-log-start"));
  }
  return absl::OkStatus();
}

absl::Status Worker::Verify(Partition& partition) {
  const v1::ShardMeta& meta = partition.shard->meta();
  if (partition.waiting.empty()) {
    // Only when nothing follows either can the log have lost the record without a trace; it is still to come.
    return absl::OkStatus();
  }
  const Record& first = partition.waiting.front();
  if (first.offset == meta.last_record_offset() && ShardBook::Fingerprint(first) != meta.last_record_hash()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "partition ", meta.partition(), " of ", options_.topic, ": the record at offset ", first.offset,
        " is not the one that the shard has folded: the topic was deleted and created again under the same name. To "
        "fold the new log: --projection NEW_NAME"));
  }
  partition.Advance(State::kReplaying);
  return absl::OkStatus();
}

absl::Status Worker::Replay(Partition& partition) {
  Shard& shard = *partition.shard;
  const int64_t committed = partition.committed.offset.value_or(0);
  while (!partition.waiting.empty() && partition.waiting.front().offset < shard.next_offset()) {
    partition.waiting.pop_front();
  }
  std::vector<Record> gap;
  while (!partition.waiting.empty() && partition.waiting.front().offset < committed) {
    gap.push_back(std::move(partition.waiting.front()));
    partition.waiting.pop_front();
  }
  for (size_t folded = 0; folded < gap.size();) {
    KEYFOLD_ASSIGN_OR_RETURN(const size_t count, shard.Fold(std::span(gap).subspan(folded)));
    KEYFOLD_RETURN_IF_ERROR(shard.PrepareCommit().status());  // it was published before
    KEYFOLD_RETURN_IF_ERROR(shard.PostCommit());
    KEYFOLD_RETURN_IF_ERROR(KeepBudget());
    folded += count;
  }
  // Records between the shard and the commit may be gone from the log; what follows shows that nothing is to come.
  const bool passed = !partition.waiting.empty() && partition.waiting.front().offset >= committed;
  if (shard.next_offset() >= committed || passed) partition.Advance(State::kFinishing);
  return absl::OkStatus();
}

// A slice in each turn, so that all else goes on: other partitions, rebalances, being stopped, the bound of memory.
absl::Status Worker::Finish(Partition& partition) {
  if (partition.committed.offset.has_value()) {
    KEYFOLD_RETURN_IF_ERROR(TellLogEnd(*partition.shard));
    const absl::Time deadline = options_.clock() + options_.sweep_time_max;
    KEYFOLD_ASSIGN_OR_RETURN(const bool finished, partition.shard->FinishReplay(options_.sweep_visits_max, [&] {
      return options_.clock() >= deadline;
    }));
    if (!finished) return absl::OkStatus();
  }
  CountsSince(partition);  // what a replay has folded was told of by whoever committed it
  partition.Advance(State::kRunning);
  observer_.OnRunning(partition.shard->identity().partition);
  return absl::OkStatus();
}

// --- recovery --------------------------------------------------------------------------------------------------------

absl::Status Worker::Recover() {
  observer_.OnRecovery(failure_);
  KEYFOLD_RETURN_IF_ERROR(sink_.Reset());
  // What a store cannot keep now is folded again.
  for (auto& [number, partition] : partitions_) {
    if (partition.shard != nullptr) partition.shard->Flush().IgnoreError();
  }
  // All are closed before any is opened: a store can be open only once.
  for (auto& [number, partition] : partitions_) partition = Partition();
  // What happened may be that the group has moved partitions.
  PollLimits no_records = options_.poll;
  no_records.records_max = 0;
  no_records.wait_max = absl::ZeroDuration();
  KEYFOLD_ASSIGN_OR_RETURN(const PollResult polled, log_.Poll(no_records));
  KEYFOLD_RETURN_IF_ERROR(TakeAssignment(polled));
  for (auto& [number, partition] : partitions_) KEYFOLD_RETURN_IF_ERROR(Adopt(number));
  failure_ = absl::OkStatus();
  return absl::OkStatus();
}

}  // namespace keyfold
