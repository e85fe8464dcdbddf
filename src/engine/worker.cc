#include "engine/worker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/transient.h"

namespace keyfold {
namespace {

// A worker that is behind remains so for a while: brokers send in bursts, with less in between.
constexpr absl::Duration kBehindFor = absl::Seconds(1);

// When so many records are there at once, it is behind.
constexpr size_t kBehindRecords = 5'000;

// Transactions do not grow where the brokers take longer than this for one.
constexpr absl::Duration kCommitSlow = absl::Seconds(2);

// What an operator has to mend; anything else that ends a transaction may be another thing the next time.
bool IsPermanent(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status);
}

}  // namespace

Worker::Worker(EventLog& log, UpdateSink& sink, ShardFactory shards, WorkerOptions options, WorkerObserver& observer)
    : log_(log),
      sink_(sink),
      open_shard_(std::move(shards)),
      options_(std::move(options)),
      observer_(observer),
      flushed_at_(options_.clock()),
      partitions_checked_at_(flushed_at_),
      records_max_(static_cast<int64_t>(options_.poll.records_max)),
      sweep_visits_max_(options_.sweep_visits_max) {}

absl::Status Worker::Start() {
  KEYFOLD_ASSIGN_OR_RETURN(cluster_id_, log_.ClusterId());
  KEYFOLD_ASSIGN_OR_RETURN(topic_partitions_, log_.Partitions());
  KEYFOLD_RETURN_IF_ERROR(sink_.Reset());
  return CheckGroup();
}

std::map<int32_t, const Shard*> Worker::shards() const {
  std::map<int32_t, const Shard*> shards;
  for (const auto& [number, partition] : partitions_) {
    if (partition.shard != nullptr) shards.emplace(number, partition.shard.get());
  }
  return shards;
}

std::vector<PartitionProgress> Worker::progress() const {
  std::vector<PartitionProgress> progress;
  for (const auto& [number, partition] : partitions_) {
    PartitionProgress& told = progress.emplace_back();
    told.partition = number;
    told.waiting = static_cast<int64_t>(partition.waiting.size());
    if (partition.shard == nullptr) continue;
    told.running = partition.state == State::kRunning;
    told.next_offset = partition.shard->next_offset();
    told.sweeping = partition.shard->sweeping();
    told.kept_bytes = partition.shard->kept_bytes();
  }
  return progress;
}

bool Worker::idle() const {
  return std::all_of(partitions_.begin(), partitions_.end(), [](const auto& entry) {
    const Partition& partition = entry.second;
    return partition.state == State::kRunning && partition.waiting.empty() && !partition.shard->sweeping();
  });
}

absl::Status Worker::Step() {
  if (!failure_.ok()) KEYFOLD_RETURN_IF_ERROR(Recover());
  failure_ = Turn();
  return failure_;
}

bool Worker::sweeping() const {
  return std::any_of(partitions_.begin(), partitions_.end(), [](const auto& entry) {
    return entry.second.state == State::kRunning && entry.second.shard->sweeping();
  });
}

bool Worker::finishing() const {
  return std::any_of(partitions_.begin(), partitions_.end(),
                     [](const auto& entry) { return entry.second.state == State::kFinishing; });
}

absl::Status Worker::Turn() {
  PollLimits limits = options_.poll;
  const auto records_for_outputs = static_cast<double>(options_.outputs_max) / outputs_per_record_;
  limits.records_max =
      std::min(static_cast<size_t>(records_max_), static_cast<size_t>(std::max(records_for_outputs, 1.0)));
  const bool waits = std::any_of(partitions_.begin(), partitions_.end(),
                                 [](const auto& entry) { return !entry.second.waiting.empty(); });
  const bool busy = waits || sweeping() || finishing();
  if (busy) limits.wait_max = absl::ZeroDuration();
  // What waits already counts: memory is bounded by what one poll brings.
  const bool full = std::any_of(partitions_.begin(), partitions_.end(), [&limits](const auto& entry) {
    return entry.second.waiting.size() >= limits.records_max;
  });
  if (full) limits.records_max = 0;
  KEYFOLD_ASSIGN_OR_RETURN(PollResult polled, log_.Poll(limits));
  const bool rests = !busy && polled.records.empty();
  const absl::Time now = options_.clock();
  KEYFOLD_RETURN_IF_ERROR(CheckPartitions(now));
  if (full || polled.records.size() >= std::min(limits.records_max / 2, kBehindRecords)) behind_at_ = now;
  const bool behind = now - behind_at_ < kBehindFor;
  KEYFOLD_RETURN_IF_ERROR(TakeIn(std::move(polled)));
  KEYFOLD_RETURN_IF_ERROR(RunTransaction(behind && now - flushed_at_ < options_.flush_every_behind));
  if (rests) KEYFOLD_RETURN_IF_ERROR(Flush());
  return KeepBudget();  // at rest, too: others may be short of what this worker holds
}

absl::Status Worker::Flush() {
  flushed_at_ = options_.clock();
  for (auto& [number, partition] : partitions_) {
    if (partition.shard != nullptr) KEYFOLD_RETURN_IF_ERROR(partition.shard->Flush());
  }
  return absl::OkStatus();
}

// It is the shard that keeps most which makes room: any other would do so over and over for little.
absl::Status Worker::KeepBudget() {
  for (size_t rounds = 0; rounds < partitions_.size(); ++rounds) {
    Shard* largest = nullptr;
    for (auto& [number, partition] : partitions_) {
      Shard* const shard = partition.shard.get();
      if (shard == nullptr) continue;
      if (largest == nullptr || shard->kept_bytes() > largest->kept_bytes()) largest = shard;
    }
    if (largest == nullptr || !largest->crowded()) break;
    KEYFOLD_RETURN_IF_ERROR(largest->MakeRoom());
  }
  return absl::OkStatus();
}

absl::Status Worker::TakeAssignment(const PollResult& polled) {
  absl::Status flushed;
  for (int32_t number : polled.revoked) {
    const auto partition = partitions_.find(number);
    if (partition == partitions_.end()) continue;
    if (partition->second.shard != nullptr) flushed.Update(partition->second.shard->Flush());
    partitions_.erase(partition);
    observer_.OnRevoked(number);
  }
  for (int32_t number : polled.assigned) partitions_[number] = Partition();  // ours, even if adopting it fails
  return flushed;
}

absl::Status Worker::TakeIn(PollResult polled) {
  KEYFOLD_RETURN_IF_ERROR(TakeAssignment(polled));
  for (int32_t number : polled.assigned) KEYFOLD_RETURN_IF_ERROR(Adopt(number));
  for (Record& record : polled.records) {
    const auto partition = partitions_.find(record.partition);
    if (partition != partitions_.end()) partition->second.waiting.push_back(std::move(record));
  }
  for (auto& [number, partition] : partitions_) {
    if (partition.state == State::kVerifying) KEYFOLD_RETURN_IF_ERROR(Verify(partition));
    if (partition.state == State::kReplaying) KEYFOLD_RETURN_IF_ERROR(Replay(partition));
    if (partition.state == State::kFinishing) KEYFOLD_RETURN_IF_ERROR(Finish(partition));
  }
  return absl::OkStatus();
}

// --- the transaction -------------------------------------------------------------------------------------------------

// Beginning with the one that got no room the last time: small transactions must not leave partitions behind.
std::vector<Worker::Partition*> Worker::PartitionsInTurn() {
  const auto first = partitions_.lower_bound(first_partition_);
  std::vector<Partition*> in_turn;
  for (auto entry = first; entry != partitions_.end(); ++entry) in_turn.push_back(&entry->second);
  for (auto entry = partitions_.begin(); entry != first; ++entry) in_turn.push_back(&entry->second);
  return in_turn;
}

absl::Status Worker::RunTransaction(bool gathers) {
  std::vector<Partition*> moved;
  std::vector<OutputRecord> outputs;
  std::vector<OffsetCommit> offsets;
  CommittedBatch batch;
  const absl::Time begin = options_.clock();
  for (Partition* const partition : PartitionsInTurn()) {
    const int64_t room = records_max_ - batch.records;
    if (partition->state != State::kRunning || partition->waiting.empty()) continue;
    if (room == 0) {
      first_partition_ = partition->shard->identity().partition;
      break;
    }
    const int64_t recorded_ms = partition->waiting.front().timestamp_ms;
    if (recorded_ms >= 0) {
      batch.recorded_at =
          std::min(batch.recorded_at.value_or(absl::InfiniteFuture()), absl::FromUnixMillis(recorded_ms));
    }
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t folded, FoldNext(*partition, room));
    batch.records += folded;
    moved.push_back(partition);
  }
  batch.swept = sweeping();
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t swept, SweepSlice(begin + options_.sweep_time_max, &moved));
  if (moved.empty()) return absl::OkStatus();
  for (Partition* partition : moved) {
    KEYFOLD_ASSIGN_OR_RETURN(std::vector<OutputRecord> results, partition->shard->PrepareCommit());
    std::move(results.begin(), results.end(), std::back_inserter(outputs));
    offsets.push_back(partition->shard->OffsetToCommit());
  }
  batch.outputs = static_cast<int64_t>(outputs.size());
  if (!batch.swept && batch.outputs > 0) {
    outputs_per_record_ = static_cast<double>(batch.outputs) / static_cast<double>(batch.records);
  }
  const absl::Time ready = options_.clock();
  const absl::Status committed = CommitTransaction(std::move(outputs), offsets);
  batch.fold = ready - begin;
  batch.commit = options_.clock() - ready;
  AdaptLimits(batch, swept, committed.ok());
  KEYFOLD_RETURN_IF_ERROR(committed);
  for (Partition* partition : moved) {
    KEYFOLD_RETURN_IF_ERROR(partition->shard->PostCommit());
    batch.counts += CountsSince(*partition);
  }
  if (!gathers) KEYFOLD_RETURN_IF_ERROR(Flush());
  batch.sweeps_on = batch.swept && sweeping();
  batch.duration = options_.clock() - begin;
  observer_.OnCommitted(batch);
  return absl::OkStatus();
}

// What the shard has counted since it was last asked.
ShardCounts Worker::CountsSince(Partition& partition) {
  ShardCounts counts = partition.shard->counts();
  counts -= std::exchange(partition.counted, counts);
  return counts;
}

// A line that is too slow for a transaction breaks it off, and would break off the same one for ever: after each that
// was not committed the next are half as large, and grow again while they are quick.
void Worker::AdaptLimits(const CommittedBatch& batch, int64_t swept, bool committed) {
  const auto adapt = [&](int64_t tried, int64_t limit, int64_t* max) {
    if (!committed && tried > 0) *max = std::min(*max, std::max<int64_t>(1, tried / 2));
    if (committed && batch.commit < kCommitSlow) *max = std::min(limit, *max + *max / 8 + 1);
  };
  adapt(batch.records, static_cast<int64_t>(options_.poll.records_max), &records_max_);
  adapt(swept, options_.sweep_visits_max, &sweep_visits_max_);
}

absl::Status Worker::TellLogEnd(Shard& shard) {
  if (!shard.catching_up()) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, log_.Range(shard.identity().partition));
  shard.SetLogEnd(range.end - options_.markers_max);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Worker::FoldNext(Partition& partition, int64_t records_max) {
  KEYFOLD_RETURN_IF_ERROR(TellLogEnd(*partition.shard));
  const auto end = partition.waiting.begin() + std::min(records_max, static_cast<int64_t>(partition.waiting.size()));
  std::vector<Record> records(std::make_move_iterator(partition.waiting.begin()), std::make_move_iterator(end));
  partition.waiting.erase(partition.waiting.begin(), end);
  KEYFOLD_ASSIGN_OR_RETURN(const size_t folded, partition.shard->Fold(records));
  partition.waiting.insert(partition.waiting.begin(), std::make_move_iterator(records.begin() + folded),
                           std::make_move_iterator(records.end()));
  return static_cast<int64_t>(folded);
}

// One shard after the other. Something is swept in any case: records that never end must not keep accounts from ever
// being brought up to date.
absl::StatusOr<int64_t> Worker::SweepSlice(absl::Time deadline, std::vector<Partition*>* moved) {
  const auto over = [&] { return options_.clock() >= deadline; };
  int64_t count = 0;
  for (auto& [number, partition] : partitions_) {
    if (partition.state != State::kRunning || !partition.shard->sweeping()) continue;
    if (count > 0 && (count >= sweep_visits_max_ || over())) break;
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t swept, partition.shard->Sweep(sweep_visits_max_ - count, over));
    count += swept;
    if (!absl::c_linear_search(*moved, &partition)) moved->push_back(&partition);
  }
  return count;
}

absl::Status Worker::CommitTransaction(std::vector<OutputRecord> outputs, const std::vector<OffsetCommit>& offsets) {
  KEYFOLD_RETURN_IF_ERROR(sink_.Begin());
  size_t largest_letter = 0;
  for (OutputRecord& output : outputs) {
    if (output.topic == OutputTopic::kDeadLetters) {
      CutDeadLetter(letter_bytes_max_, &output);
      largest_letter = std::max(largest_letter, BytesOf(output));
    }
    KEYFOLD_RETURN_IF_ERROR(sink_.Publish(std::move(output)));
  }
  const CommitResult result = sink_.Commit(offsets);
  if (result.outcome == CommitOutcome::kCommitted) return absl::OkStatus();
  // Aborted or unknown: either way the group's committed offset tells where to go on.
  const absl::Status why(result.status.code(), absl::StrCat(result.outcome == CommitOutcome::kUnknown
                                                                ? "the end of a transaction is unknown: "
                                                                : "a transaction was aborted: ",
                                                            result.status.message()));
  if (absl::IsOutOfRange(why)) return CutLetters(largest_letter, why);
  return IsPermanent(why) || IsTransient(why) ? why : absl::AbortedError(why.message());
}

// Its topic refuses a dead letter: the next ones are smaller, so this comes to an end, and no record comes for ever.
absl::Status Worker::CutLetters(size_t largest, const absl::Status& refusal) {
  if (largest <= kDeadLetterBytesMin) return refusal;
  const bool known = options_.letter_bytes_max < largest;
  letter_bytes_max_ = std::max(kDeadLetterBytesMin, known ? options_.letter_bytes_max : largest / 2);
  return absl::AbortedError(
      absl::StrCat(refusal.message(), "; dead letters are cut to ", letter_bytes_max_, " bytes from now on"));
}

}  // namespace keyfold
