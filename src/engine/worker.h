// The loop: poll -> fold -> publish -> commit -> keep.
//
//   assigned ──▶ verifying ──▶ replaying ──▶ finishing ──▶ running ──▶ revoked
//                (is this the    (fold what     (sweep as      (fold,
//                log the shard    the group      far as the     publish,
//                was made from?)  committed)     group has)     commit)
//
// A crash anywhere, and every failed or unknown transaction, leads to the same place: shards are opened from their
// stores, compared with what the group has committed, and the gap is folded again with outputs suppressed.
#ifndef KEYFOLD_ENGINE_WORKER_H_
#define KEYFOLD_ENGINE_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/check.h"
#include "engine/dead_letter.h"
#include "engine/shard.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

struct WorkerOptions {
  std::string topic;  // the input
  std::string projection;
  PollLimits poll;
  // A transaction takes fewer records where, by what the last one's made, they would make more outputs: these, and the
  // accounts that they are of, are in memory until it ends.
  int64_t outputs_max = 15'000;
  // What the topic of the dead letters is said to take: where it has refused one, they are cut to this, and to ever
  // less if that is not enough.
  size_t letter_bytes_max = kDeadLetterBytesMax;
  // A transaction sweeps until it has taken so long, its records included, or so many accounts, to bound its memory.
  absl::Duration sweep_time_max = absl::Milliseconds(20);
  int64_t sweep_visits_max = 10'000;
  // At the head of the log what a transaction has changed is flushed at its end. A worker that is behind gathers for so
  // long: it writes less, and more is folded again after a crash.
  absl::Duration flush_every_behind = absl::Seconds(10);
  std::function<absl::Time()> clock = absl::Now;
  // How many offsets at the end of the log may be no records but the ends of transactions, which nobody gets to see.
  int64_t markers_max = 0;
  // How often it asks whether the topic has got partitions: until then producers may already use them.
  absl::Duration partitions_check_every = absl::Seconds(1);
  // Begin a new shard at the start of the log even if the log has lost records there (retention).
  bool accept_log_start = false;
};

// Opens a partition's shard.
using ShardFactory = std::function<absl::StatusOr<std::unique_ptr<Shard>>(const ShardIdentity& identity)>;

// A transaction that was committed.
struct CommittedBatch {
  int64_t records = 0;
  int64_t outputs = 0;
  bool swept = false;       // a slice of a sweep was part of it
  bool sweeps_on = false;   // and it was not the last one
  absl::Duration duration;  // from the first record folded until the state was kept
  absl::Duration fold;      // of that to fold, to sweep and to evaluate
  absl::Duration commit;    // of that the brokers had to publish and commit
  ShardCounts counts;       // what became of the records, what was swept and published

  // The earliest timestamp among the first records of its partitions; nullopt: there were no records, or none had one.
  std::optional<absl::Time> recorded_at;
};

// How a worker does with one of its partitions.
struct PartitionProgress {
  int32_t partition = 0;
  bool running = false;     // it folds and publishes; else it is verified or replayed
  int64_t next_offset = 0;  // the first record not folded yet; 0 while its shard is not open
  int64_t waiting = 0;      // records taken from the log, not folded yet
  bool sweeping = false;
  int64_t kept_bytes = 0;  // see Shard
};

// Told what happens, for logs and tests. Called from the worker's thread.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;
  virtual void OnAssigned(int32_t /*partition*/, int64_t /*next_offset*/, const CommittedOffset& /*committed*/) {}
  virtual void OnRunning(int32_t /*partition*/) {}
  virtual void OnRevoked(int32_t /*partition*/) {}
  virtual void OnCommitted(const CommittedBatch& /*batch*/) {}
  virtual void OnRecovery(const absl::Status& /*why*/) {}
};

// Not thread-safe: one thread, one log, one sink.
class Worker {
 public:
  // Everything outlives the worker.
  Worker(EventLog& log, UpdateSink& sink, ShardFactory shards, WorkerOptions options, WorkerObserver& observer);

  // Prepares the sink; fences a predecessor. Once, before Step(). FailedPrecondition: the group has folded the topic
  // when it had another number of partitions.
  absl::Status Start();

  // One turn: takes what has arrived and commits at most one transaction. After an error the next turn throws away what
  // is in memory and goes on from the shards' stores: try again (after a while) if the error IsTransient(), else stop;
  // nothing is lost, a new worker goes on.
  absl::Status Step();

  // Flushes its shards: at a clean end.
  absl::Status Flush();

  // The shards that this worker runs, by partition.
  std::map<int32_t, const Shard*> shards() const;

  // Of all its partitions.
  std::vector<PartitionProgress> progress() const;

  // Whether it has nothing to do right now: no records waiting, no replay, no sweep.
  bool idle() const;

 private:
  // As drawn above; a state is left for the next one only.
  enum class State { kVerifying, kReplaying, kFinishing, kRunning };
  struct Partition {
    std::unique_ptr<Shard> shard;  // null after a failure, until it has been opened again
    State state = State::kVerifying;
    CommittedOffset committed;
    std::deque<Record> waiting;
    ShardCounts counted;  // of the shard, when it was last told of

    void Advance(State next) {
      KEYFOLD_CHECK(static_cast<int>(next) == static_cast<int>(state) + 1);
      state = next;
    }
  };

  bool sweeping() const;
  bool finishing() const;
  absl::Status Turn();
  absl::Status Recover();
  absl::Status CheckGroup();
  absl::Status CheckPartitions(absl::Time now);
  absl::Status Adopt(int32_t partition);
  absl::Status CheckPosition(const Shard& shard, const CommittedOffset& committed, const LogRange& range) const;
  absl::Status TakeAssignment(const PollResult& polled);
  absl::Status TakeIn(PollResult polled);
  absl::Status Verify(Partition& partition);
  absl::Status Replay(Partition& partition);
  absl::Status Finish(Partition& partition);
  absl::Status KeepBudget();
  std::vector<Partition*> PartitionsInTurn();
  // `gathers`: the shards need not be flushed yet.
  absl::Status RunTransaction(bool gathers);
  absl::Status TellLogEnd(Shard& shard);
  absl::StatusOr<int64_t> FoldNext(Partition& partition, int64_t records_max);
  absl::StatusOr<int64_t> SweepSlice(absl::Time deadline, std::vector<Partition*>* moved);
  static ShardCounts CountsSince(Partition& partition);
  absl::Status CommitTransaction(std::vector<OutputRecord> outputs, const std::vector<OffsetCommit>& offsets);
  absl::Status CutLetters(size_t largest, const absl::Status& refusal);
  void AdaptLimits(const CommittedBatch& batch, int64_t swept, bool committed);

  EventLog& log_;
  UpdateSink& sink_;
  ShardFactory open_shard_;
  WorkerOptions options_;
  WorkerObserver& observer_;

  std::string cluster_id_;
  int32_t topic_partitions_ = 0;  // when it started
  std::map<int32_t, Partition> partitions_;
  int32_t first_partition_ = 0;                  // of the next transaction
  absl::Time behind_at_ = absl::InfinitePast();  // when a poll has last brought much
  absl::Time flushed_at_;
  absl::Time partitions_checked_at_;
  double outputs_per_record_ = 1;  // of the last transaction
  size_t letter_bytes_max_ = kDeadLetterBytesMax;
  int64_t records_max_;       // of a transaction: what the line to the brokers has shown to bear
  int64_t sweep_visits_max_;  // the same of a slice of a sweep
  absl::Status failure_;      // of the last turn
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_WORKER_H_
