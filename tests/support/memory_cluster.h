// A Kafka in memory: the twin of KafkaEventLog and KafkaUpdateSink, with every fault that the engine must survive at
// hand. Passes the same contract (tests/contract/log_sink_contract.h). Single-threaded; nothing waits.
#ifndef KEYFOLD_TESTS_SUPPORT_MEMORY_CLUSTER_H_
#define KEYFOLD_TESTS_SUPPORT_MEMORY_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// A record with its own bytes.
struct MemoryRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<RecordHeader> headers;
  int64_t timestamp_ms = 0;
};

// What happens to the next commit.
enum class CommitFault {
  kNone,
  kAborted,        // refused, certainly
  kLostCommitted,  // the answer is lost; it was committed
  kLostAborted,    // the answer is lost; it was not
  kLostUndecided,  // the answer is lost; it is decided only when somebody ends it (`undecided_commits` says how)
};

class MemoryCluster {
 public:
  explicit MemoryCluster(int32_t partitions) : input_(partitions), first_partitions_(partitions) {}

  void Append(int32_t partition, MemoryRecord record) { input_[partition].records.push_back(std::move(record)); }
  void DeleteBefore(int32_t partition, int64_t offset) { input_[partition].first = offset; }
  // Removes every record that a later one of the same key has superseded, as compaction may do at any time.
  void Compact(int32_t partition);
  int64_t End(int32_t partition) const { return static_cast<int64_t>(input_[partition].records.size()); }
  // The group gives them to its members unless `assigns_added` is false: it need not know them before it rebalances.
  void AddPartitions(int32_t count) { input_.resize(input_.size() + static_cast<size_t>(count)); }
  bool assigns_added = true;
  int32_t first_partitions() const { return first_partitions_; }
  int32_t partitions() const { return static_cast<int32_t>(input_.size()); }

  // One more worker of the group. The log must live longer than the sink made with it.
  std::unique_ptr<EventLog> OpenLog();
  std::unique_ptr<UpdateSink> OpenSink(EventLog* log, const std::string& identity);

  // What a read_committed reader sees of an output topic.
  const std::vector<MemoryRecord>& outputs(OutputTopic topic) { return outputs_[topic]; }
  std::map<int32_t, CommittedOffset>& committed() { return committed_; }
  const std::map<int32_t, CommittedOffset>& committed() const { return committed_; }

  // Called for every record of a transaction that was committed, in order.
  std::function<void(const OutputRecord&)> on_published = [](const OutputRecord&) {};

  // Called before and after every call of a port, with its name ("Commit.before"); may throw to simulate a crash.
  std::function<void(std::string_view step)> on_step = [](std::string_view) {};
  std::function<CommitFault()> next_commit_fault = [] { return CommitFault::kNone; };
  // Whether a transaction that nobody decided turns out as committed.
  std::function<bool()> undecided_commits = [] { return false; };
  // What the topics take, in bytes of a record.
  size_t letter_bytes_max = 1'000'000;
  size_t record_bytes_max = 1'000'000;  // all but the dead letters' one
  // What the line takes in the time that a transaction has; a larger one is aborted.
  size_t transaction_bytes_max = std::numeric_limits<size_t>::max();
  // An error of the operator's making that every commit meets until he mends it: a denied write, a deleted topic.
  absl::Status permanent_error;
  // Moves one partition to another member at the next polls, as a rebalance does.
  void Rebalance() { ++rotation_; }

 private:
  friend class MemoryEventLog;
  friend class MemoryUpdateSink;

  struct Partition {
    std::vector<MemoryRecord> records;
    int64_t first = 0;
    std::set<int64_t> compacted;  // offsets that have no record any more
  };
  struct Transaction {
    std::vector<OutputRecord> records;
    std::vector<OffsetCommit> offsets;
  };
  struct Identity {
    int64_t epoch = 0;
    std::optional<Transaction> undecided;
  };

  absl::Status Check(const Transaction& transaction) const;
  void Apply(Transaction transaction);
  void Decide(Identity& identity);
  int64_t OwnerOf(int32_t partition) const;  // as the group wants it; -1: nobody

  std::vector<Partition> input_;
  int32_t first_partitions_;  // before any were added
  std::map<OutputTopic, std::vector<MemoryRecord>> outputs_;
  std::map<int32_t, CommittedOffset> committed_;
  std::map<std::string, Identity> identities_;
  std::set<int64_t> members_;
  std::map<int32_t, int64_t> holders_;  // who has been told that a partition is his
  int64_t next_member_ = 0;
  int64_t rotation_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_MEMORY_CLUSTER_H_
