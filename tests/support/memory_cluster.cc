#include "support/memory_cluster.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/dead_letter.h"

namespace keyfold {

class MemoryEventLog final : public EventLog {
 public:
  explicit MemoryEventLog(MemoryCluster& cluster) : cluster_(cluster), member_(cluster.next_member_++) {
    cluster_.members_.insert(member_);
  }

  ~MemoryEventLog() override {
    cluster_.members_.erase(member_);
    std::erase_if(cluster_.holders_, [this](const auto& holder) { return holder.second == member_; });
  }

  absl::StatusOr<PollResult> Poll(const PollLimits& limits) override {
    cluster_.on_step("Poll.before");
    PollResult result;
    for (int32_t partition = 0; partition < cluster_.partitions(); ++partition) {
      const bool held = Holds(partition);
      const bool wanted = cluster_.OwnerOf(partition) == member_;
      if (held && !wanted) {
        cluster_.holders_.erase(partition);
        positions_.erase(partition);
        result.revoked.push_back(partition);
      } else if (!held && wanted && !cluster_.holders_.contains(partition)) {
        cluster_.holders_[partition] = member_;
        result.assigned.push_back(partition);
      }
    }
    size_t bytes = 0;
    for (auto& [partition, position] : positions_) Take(partition, position, limits, bytes, result.records);
    cluster_.on_step("Poll.after");
    return result;
  }

  absl::Status Fetch(int32_t partition, int64_t offset) override {
    cluster_.on_step("Fetch.before");
    const MemoryCluster::Partition& log = cluster_.input_[partition];
    if (!Holds(partition)) return absl::AbortedError(absl::StrCat("partition ", partition, " is not ours any more"));
    if (offset < log.first || offset > cluster_.End(partition)) {
      return absl::FailedPreconditionError(absl::StrCat("partition ", partition, " cannot be read from ", offset));
    }
    positions_[partition] = offset;
    return absl::OkStatus();
  }

  absl::StatusOr<CommittedOffset> Committed(int32_t partition) override {
    cluster_.on_step("Committed.before");
    for (auto& [name, identity] : cluster_.identities_) cluster_.Decide(identity);
    return cluster_.committed_[partition];
  }

  absl::StatusOr<LogRange> Range(int32_t partition) override {
    cluster_.on_step("Range.before");
    return LogRange{cluster_.input_[partition].first, cluster_.End(partition)};
  }

  absl::StatusOr<int32_t> Partitions() override {
    cluster_.on_step("Partitions.before");
    return cluster_.partitions();
  }

  absl::StatusOr<std::string> ClusterId() override { return std::string("memory"); }

  bool Holds(int32_t partition) const {
    const auto holder = cluster_.holders_.find(partition);
    return holder != cluster_.holders_.end() && holder->second == member_;
  }

 private:
  void Take(int32_t partition, int64_t& position, const PollLimits& limits, size_t& bytes,
            std::vector<Record>& records) {
    while (position < cluster_.End(partition) && records.size() < limits.records_max) {
      if (cluster_.input_[partition].compacted.contains(position)) {
        ++position;
        continue;
      }
      const MemoryRecord& stored = cluster_.input_[partition].records[position];
      const size_t size = stored.key.value_or("").size() + stored.value.value_or("").size();
      if (!records.empty() && bytes + size > limits.bytes_max) return;
      bytes += size;
      Record record;
      auto copy = std::make_unique<MemoryRecord>(stored);
      record.partition = partition;
      record.offset = position++;
      record.timestamp_ms = copy->timestamp_ms;
      if (copy->key.has_value()) record.key = *copy->key;
      if (copy->value.has_value()) record.value = *copy->value;
      record.headers = copy->headers;
      record.owner = {copy.release(), [](void* owner) { delete static_cast<MemoryRecord*>(owner); }};
      records.push_back(std::move(record));
    }
  }

  MemoryCluster& cluster_;
  const int64_t member_;
  std::map<int32_t, int64_t> positions_;
};

class MemoryUpdateSink final : public UpdateSink {
 public:
  MemoryUpdateSink(MemoryCluster& cluster, const MemoryEventLog* log, std::string identity)
      : cluster_(cluster), log_(log), identity_(std::move(identity)) {}

  absl::Status Begin() override {
    cluster_.on_step("Begin.before");
    if (Fenced() || open_.has_value()) return absl::FailedPreconditionError("the sink must be reset");
    open_.emplace();
    cluster_.on_step("Begin.after");
    return absl::OkStatus();
  }

  absl::Status Publish(OutputRecord record) override {
    cluster_.on_step("Publish.before");
    if (!open_.has_value()) return absl::FailedPreconditionError("no transaction is open");
    open_->records.push_back(std::move(record));
    return absl::OkStatus();
  }

  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override {
    cluster_.on_step("Commit.before");
    if (!open_.has_value()) return {CommitOutcome::kAborted, absl::FailedPreconditionError("no transaction is open")};
    MemoryCluster::Transaction transaction = *std::exchange(open_, std::nullopt);
    transaction.offsets = offsets;
    if (Fenced()) return {CommitOutcome::kAborted, absl::AbortedError("fenced")};
    for (const OffsetCommit& offset : offsets) {
      if (!log_->Holds(offset.partition)) return {CommitOutcome::kAborted, absl::AbortedError("not ours any more")};
    }
    if (absl::Status refused = cluster_.Check(transaction); !refused.ok()) {
      return {CommitOutcome::kAborted, std::move(refused)};
    }
    const CommitFault fault = cluster_.next_commit_fault();
    if (fault == CommitFault::kAborted) return {CommitOutcome::kAborted, absl::AbortedError("refused")};
    if (fault == CommitFault::kNone || fault == CommitFault::kLostCommitted) {
      cluster_.Apply(std::move(transaction));
    } else if (fault == CommitFault::kLostUndecided) {
      cluster_.identities_[identity_].undecided = std::move(transaction);
    }
    cluster_.on_step("Commit.after");
    if (fault == CommitFault::kNone) return {CommitOutcome::kCommitted, absl::OkStatus()};
    usable_ = false;
    return {CommitOutcome::kUnknown, absl::DeadlineExceededError("no answer")};
  }

  absl::Status Abort() override {
    cluster_.on_step("Abort.before");
    open_.reset();
    return absl::OkStatus();
  }

  absl::Status Reset() override {
    cluster_.on_step("Reset.before");
    MemoryCluster::Identity& identity = cluster_.identities_[identity_];
    cluster_.Decide(identity);
    epoch_ = ++identity.epoch;
    usable_ = true;
    open_.reset();
    cluster_.on_step("Reset.after");
    return absl::OkStatus();
  }

 private:
  bool Fenced() const { return !usable_ || cluster_.identities_[identity_].epoch != epoch_; }

  MemoryCluster& cluster_;
  const MemoryEventLog* log_;
  const std::string identity_;
  int64_t epoch_ = 0;
  bool usable_ = false;
  std::optional<MemoryCluster::Transaction> open_;
};

std::unique_ptr<EventLog> MemoryCluster::OpenLog() { return std::make_unique<MemoryEventLog>(*this); }

std::unique_ptr<UpdateSink> MemoryCluster::OpenSink(EventLog* log, const std::string& identity) {
  return std::make_unique<MemoryUpdateSink>(*this, static_cast<MemoryEventLog*>(log), identity);
}

void MemoryCluster::Compact(int32_t partition) {
  std::set<std::string> later;
  Partition& log = input_[partition];
  for (int64_t offset = End(partition) - 1; offset >= 0; --offset) {
    if (!later.insert(*log.records[offset].key).second) log.compacted.insert(offset);
  }
}

absl::Status MemoryCluster::Check(const Transaction& transaction) const {
  size_t bytes = 0;
  for (const OutputRecord& record : transaction.records) {
    const size_t size = BytesOf(record);
    bytes += size;
    const bool is_letter = record.topic == OutputTopic::kDeadLetters;
    if (is_letter && size > letter_bytes_max) return absl::OutOfRangeError("the dead letter is too large");
    if (!is_letter && size > record_bytes_max) return absl::InvalidArgumentError("the record is too large");
  }
  if (bytes > transaction_bytes_max) return absl::DeadlineExceededError("the line is too slow");
  return permanent_error;
}

void MemoryCluster::Apply(Transaction transaction) {
  for (OutputRecord& record : transaction.records) {
    on_published(record);
    outputs_[record.topic].push_back(
        {std::move(record.key), std::move(record.value), std::move(record.headers), record.timestamp_ms});
  }
  for (OffsetCommit& offset : transaction.offsets) {
    committed_[offset.partition] = {offset.next_offset, std::move(offset.metadata)};
  }
}

void MemoryCluster::Decide(Identity& identity) {
  if (!identity.undecided.has_value()) return;
  Transaction transaction = *std::exchange(identity.undecided, std::nullopt);
  if (undecided_commits()) Apply(std::move(transaction));
}

int64_t MemoryCluster::OwnerOf(int32_t partition) const {
  if (members_.empty() || (partition >= first_partitions_ && !assigns_added)) return -1;
  const auto index = static_cast<int64_t>(partition + rotation_) % static_cast<int64_t>(members_.size());
  return *std::next(members_.begin(), index);
}

}  // namespace keyfold
