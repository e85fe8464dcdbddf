#include "simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "base/transient.h"
#include "engine/account_shard.h"
#include "engine/group_shard.h"
#include "fold/update_format.h"
#include "simulation/rocks_disks.h"
#include "state/store_keys.h"
#include "support/gathering.h"
#include "support/shared_store.h"

namespace keyfold {
namespace {

constexpr int kTurnsMax = 200'000;
constexpr int32_t kPartialsPartitions = 2;
constexpr int kTurnsAfterGrowth = 300;

class CountingObserver final : public WorkerObserver {
 public:
  explicit CountingObserver(int& recoveries) : recoveries_(recoveries) {}
  void OnRecovery(const absl::Status& /*why*/) override { ++recoveries_; }

 private:
  int& recoveries_;
};

class Simulation {
 public:
  Simulation(const Catalog& catalog, const std::vector<std::vector<MemoryRecord>>& log, const FaultOptions& faults,
             uint64_t seed)
      : catalog_(catalog),
        log_(log),
        faults_(faults),
        random_(seed),
        cluster_(static_cast<int32_t>(log.size())),
        partials_cluster_(kPartialsPartitions),
        format_(UpdateFormat::Encoding::kProtobuf),
        observer_(result_.recoveries),
        appended_(log.size()),
        rocks_(faults.power_cuts ? std::make_unique<RocksDisks>(seed) : nullptr) {
    for (MemoryCluster* cluster : {&cluster_, &partials_cluster_}) {
      cluster->on_step = [this](std::string_view) {
        if (++result_.steps == faults_.crash_at_step) throw SimulatedCrash();
        if (disturbed_ && Roll(1000) < faults_.crash_per_mille) throw SimulatedCrash();
      };
      cluster->next_commit_fault = [this] {
        if (!disturbed_ || Roll(100) >= faults_.commit_fault_percent) return CommitFault::kNone;
        return static_cast<CommitFault>(1 + Roll(4));
      };
      cluster->letter_bytes_max = faults_.letter_bytes_max;
      cluster->transaction_bytes_max = faults_.transaction_bytes_max;
      cluster->undecided_commits = [this] { return Roll(2) == 0; };
    }
    cluster_.on_published = [this](const OutputRecord& record) {
      if (record.topic != OutputTopic::kPartials) return;
      const auto partition = std::hash<std::string>()(*record.routing_key) % partials_cluster_.partitions();
      partials_cluster_.Append(static_cast<int32_t>(partition), {record.key, record.value, {}, 0});
    };
  }

  RunResult Run() {
    processes_.resize(faults_.workers);
    int quiet_turns = 0;
    for (int turn = 0; turn < kTurnsMax && quiet_turns < 20; ++turn) {
      AppendSome();
      GrowTopics(turn);
      if (grown_ && ++after_end_ > kTurnsAfterGrowth) break;
      const bool all_appended = AllAppended();
      if (all_appended && ++after_end_ > 50) disturbed_ = false;
      if (disturbed_ && Roll(100) < faults_.rebalance_percent) cluster_.Rebalance();
      if (disturbed_ && Roll(100) < faults_.rebalance_percent) partials_cluster_.Rebalance();
      if (disturbed_ && Roll(100) < faults_.compaction_percent) partials_cluster_.Compact(Roll(kPartialsPartitions));
      const bool denied = disturbed_ && Roll(100) < faults_.permanent_error_percent;
      cluster_.permanent_error = denied ? absl::PermissionDeniedError("denied") : absl::OkStatus();
      partials_cluster_.permanent_error = cluster_.permanent_error;
      bool idle = all_appended && !disturbed_;
      for (size_t i = 0; i < processes_.size(); ++i) idle &= Turn(i);
      quiet_turns = idle ? quiet_turns + 1 : 0;
      if (testing::Test::HasFatalFailure()) return {};
    }
    EXPECT_TRUE(quiet_turns == 20 || grown_) << "it does not come to an end";
    if (grown_) {
      CollectOfGrown();
    } else {
      Collect();
    }
    return std::move(result_);
  }

 private:
  struct Stage {
    std::unique_ptr<EventLog> log;
    std::unique_ptr<UpdateSink> sink;
    std::unique_ptr<Worker> worker;

    void End() {
      worker.reset();
      sink.reset();
      log.reset();
    }
  };
  struct Process {
    Stage accounts;
    Stage groups;

    void End() {
      accounts.End();
      groups.End();
    }
  };
  enum StageNumber { kAccounts = 1, kGroups = 2 };

  int Roll(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random_); }

  void AppendSome() {
    for (size_t partition = 0; partition < log_.size(); ++partition) {
      for (int count = Roll(40); count > 0 && appended_[partition] < log_[partition].size(); --count) {
        const bool moved = cluster_.partitions() > static_cast<int32_t>(log_.size()) && Roll(2) == 0;
        cluster_.Append(static_cast<int32_t>(partition + (moved ? log_.size() : 0)),
                        log_[partition][appended_[partition]++]);
      }
    }
  }

  absl::Time ClockOf(int32_t partition) {
    const std::vector<MemoryRecord>& log = log_[static_cast<size_t>(partition)];
    if (!faults_.wild_clocks) return absl::FromUnixMillis(log.back().timestamp_ms);
    return absl::FromUnixMillis(log.front().timestamp_ms) + absl::Hours(Roll(24 * 20) - 24 * 5);
  }

  void GrowTopics(int turn) {
    if (faults_.grow_events_at_turn > 0 && turn >= faults_.grow_events_at_turn) Grow(cluster_);
    if (faults_.grow_partials_at_turn > 0 && turn >= faults_.grow_partials_at_turn) Grow(partials_cluster_);
  }

  void Grow(MemoryCluster& cluster) {
    const bool folded = std::any_of(cluster.committed().begin(), cluster.committed().end(),
                                    [](const auto& entry) { return entry.second.offset.has_value(); });
    if (grown_ || !folded) return;
    cluster.assigns_added = Roll(2) == 0;
    cluster.AddPartitions(cluster.partitions());
    grown_ = true;
    after_end_ = 0;
  }

  bool AllAppended() const {
    for (size_t partition = 0; partition < log_.size(); ++partition) {
      if (appended_[partition] < log_[partition].size()) return false;
    }
    return true;
  }

  size_t MachineOf(size_t process) const { return faults_.own_machines ? process : 0; }

  MemoryStore& Disk(StageNumber stage, size_t process, int32_t partition) {
    return disks_.try_emplace({stage, MachineOf(process), partition}, MergeStored).first->second;
  }
  static std::string DiskName(StageNumber stage, int32_t partition) {
    return std::to_string(stage) + "-" + std::to_string(partition);
  }

  absl::StatusOr<std::unique_ptr<ShardStore>> OpenStore(StageNumber stage, size_t process, int32_t partition) {
    if (rocks_ != nullptr) {
      return rocks_->Open(MachineOf(process), DiskName(stage, partition), cluster_.on_step);
    }
    return std::make_unique<SharedStore>(
        Disk(stage, process, partition),
        [this](const StoreBatch& /*batch*/) {
          cluster_.on_step("Write.before");
          return absl::OkStatus();
        },
        [this] { cluster_.on_step("Write.after"); });
  }

  ShardContents Contents(StageNumber stage, size_t process, int32_t partition) {
    if (rocks_ == nullptr) return Disk(stage, process, partition).contents();
    return rocks_->Contents(MachineOf(process), DiskName(stage, partition));
  }

  void Begin(Stage& stage, MemoryCluster& cluster, const std::string& topic, size_t index, const ShardFactory& shards) {
    stage.log = cluster.OpenLog();
    stage.sink = cluster.OpenSink(stage.log.get(), "worker-" + std::to_string(index));
    WorkerOptions options;
    options.topic = topic;
    options.poll.records_max = static_cast<size_t>(1 + Roll(static_cast<int>(faults_.records_max)));
    options.sweep_visits_max = 1 + Roll(static_cast<int>(faults_.sweep_visits_max));
    options.clock = [this] { return now_ += absl::Milliseconds(Roll(500)); };
    stage.worker = std::make_unique<Worker>(*stage.log, *stage.sink, shards, options, observer_);
    const absl::Status started = stage.worker->Start();
    EndIfRefused(started);
    ASSERT_TRUE(started.ok()) << started;
  }

  // A process whose worker is refused because its topic has grown ends.
  void EndIfRefused(const absl::Status& status) {
    if (!grown_ || !absl::IsFailedPrecondition(status)) return;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("partitions when this projection began"));
    ++result_.refusals;
    throw SimulatedCrash();
  }

  void Begin(size_t index) {
    Begin(processes_[index].accounts, cluster_, "account-events", index,
          [this, index](const ShardIdentity& id) -> absl::StatusOr<std::unique_ptr<Shard>> {
            // As in life, they gather what they write.
            constexpr int64_t kBudgets[] = {1, 20'000, 1 << 30};
            auto memory = std::make_shared<MemoryBudget>(kBudgets[Roll(3)]);
            KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store, OpenStore(kAccounts, index, id.partition));
            return AccountShard::Open(Gathering(std::move(store), memory), catalog_, format_, id,
                                      {kAheadMsMax, memory, [this, id] { return ClockOf(id.partition); }});
          });
    Begin(processes_[index].groups, partials_cluster_, "partials", index,
          [this, index](const ShardIdentity& id) -> absl::StatusOr<std::unique_ptr<Shard>> {
            KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store, OpenStore(kGroups, index, id.partition));
            return GroupShard::Open(std::move(store), catalog_, format_, id);
          });
  }

  // One turn of a process's stages, which may crash in it. True: it had nothing to do.
  bool Turn(size_t index) {
    Process& process = processes_[index];
    try {
      if (process.groups.worker == nullptr) Begin(index);
      bool idle = true;
      for (Stage* stage : {&process.accounts, &process.groups}) {
        const absl::Status status = stage->worker->Step();
        if (absl::IsPermissionDenied(status) && faults_.permanent_error_percent > 0) {
          ++result_.ends;
          process.accounts.End();
          process.groups.End();
          return false;
        }
        EndIfRefused(status);
        EXPECT_TRUE(status.ok() || IsTransient(status)) << status;
        idle &= status.ok() && stage->worker->idle();
      }
      return idle && AtEnd(*process.accounts.worker, cluster_) && AtEnd(*process.groups.worker, partials_cluster_);
    } catch (const SimulatedCrash&) {
      ++result_.crashes;
      if (rocks_ != nullptr && Roll(2) == 0) {
        CutPower(MachineOf(index));
      } else {
        process.End();
      }
      return false;
    }
  }

  // Whatever runs on the machine ends with it.
  void CutPower(size_t machine) {
    ++result_.power_cuts;
    const auto loss = Roll(2) == 0 ? PowerCutFiles::Loss::kAll : PowerCutFiles::Loss::kAny;
    rocks_->CutPower(machine, loss, [this, machine] {
      for (size_t i = 0; i < processes_.size(); ++i) {
        if (MachineOf(i) == machine) processes_[i].End();
      }
    });
  }

  static bool AtEnd(const Worker& worker, const MemoryCluster& cluster) {
    for (const auto& [partition, shard] : worker.shards()) {
      if (shard->next_offset() < cluster.End(partition)) return false;
    }
    return true;
  }

  void Collect() {
    for (size_t i = 0; i < processes_.size(); ++i) {
      for (const auto& [partition, shard] : processes_[i].accounts.worker->shards()) {
        ShardContents contents = Contents(kAccounts, i, partition);
        // A ledger block whose cells have cancelled out is empty, or was never written: which one depends on the
        // batches.
        std::erase_if(contents, [](const auto& entry) { return entry.first[0] == 'l' && entry.second.empty(); });
        EXPECT_TRUE(result_.shards.emplace(partition, std::move(contents)).second);
      }
      for (const auto& [partition, shard] : processes_[i].groups.worker->shards()) {
        EXPECT_TRUE(result_.group_shards.emplace(partition, Contents(kGroups, i, partition)).second);
      }
    }
    result_.updates = cluster_.outputs(OutputTopic::kAccountKpis);
    result_.alerts = cluster_.outputs(OutputTopic::kAlerts);
    result_.group_alerts = partials_cluster_.outputs(OutputTopic::kAlerts);
    result_.dead_letters = cluster_.outputs(OutputTopic::kDeadLetters);
    result_.partials = cluster_.outputs(OutputTopic::kPartials);
    result_.group_updates = partials_cluster_.outputs(OutputTopic::kGroupKpis);
    EXPECT_TRUE(partials_cluster_.outputs(OutputTopic::kDeadLetters).empty());
  }

  void CollectOfGrown() {
    for (const MemoryCluster* cluster : {&cluster_, &partials_cluster_}) {
      for (const auto& [partition, committed] : cluster->committed()) {
        if (partition >= cluster->first_partitions()) result_.folded_of_added += committed.offset.value_or(0);
      }
    }
    result_.updates = cluster_.outputs(OutputTopic::kAccountKpis);
    result_.group_updates = partials_cluster_.outputs(OutputTopic::kGroupKpis);
  }

  const Catalog& catalog_;
  const std::vector<std::vector<MemoryRecord>>& log_;
  const FaultOptions faults_;
  std::mt19937_64 random_;
  MemoryCluster cluster_;           // account events
  MemoryCluster partials_cluster_;  // what stage 1 publishes for stage 2
  UpdateFormat format_;
  RunResult result_;
  CountingObserver observer_;
  std::vector<size_t> appended_;
  std::map<std::tuple<StageNumber, size_t, int32_t>, MemoryStore> disks_;
  std::unique_ptr<RocksDisks> rocks_;  // instead of those
  std::vector<Process> processes_;
  absl::Time now_ = absl::UnixEpoch();
  bool disturbed_ = true;
  bool grown_ = false;  // one of the topics
  int after_end_ = 0;
};

std::string Describe(std::string_view key, const std::string* value) {
  if (value == nullptr) return "(absent)\n";
  const auto text = [value](auto message) {
    message.ParseFromString(*value);
    std::string debug = message.ShortDebugString();
    for (size_t at; (at = debug.find("components: ")) != std::string::npos;) debug.erase(at, 12);
    return debug + "\n";
  };
  switch (key[0]) {
    case 'a':
      return text(v1::StoredAccount());
    case 'e':
      return text(v1::StoredEntity());
    case 'm':
      return text(v1::ShardMeta());
    case 'g':
      return text(v1::StoredGroup());
    case 'p':
      return text(v1::GroupPartial());
    default:
      return std::to_string(value->size()) + " bytes\n";
  }
}

std::string FirstDifferenceOf(const ShardContents& actual, const ShardContents& expected) {
  const auto find = [](const ShardContents& contents, const std::string& key) {
    const auto at = contents.find(key);
    return at == contents.end() ? nullptr : &at->second;
  };
  ShardContents all = actual;
  all.insert(expected.begin(), expected.end());
  for (const auto& [key, ignored] : all) {
    const std::string* a = find(actual, key);
    const std::string* b = find(expected, key);
    if (a != nullptr && b != nullptr && *a == *b) continue;
    return "key " + testing::PrintToString(key) + "\nis       " + Describe(key, a) + "expected " + Describe(key, b);
  }
  return "";
}

}  // namespace

std::string FirstDifference(const std::map<int32_t, ShardContents>& actual,
                            const std::map<int32_t, ShardContents>& expected) {
  for (const auto& [partition, contents] : expected) {
    const auto at = actual.find(partition);
    if (at == actual.end()) return "partition " + std::to_string(partition) + " is missing";
    const std::string difference = FirstDifferenceOf(at->second, contents);
    if (!difference.empty()) return "partition " + std::to_string(partition) + ", " + difference;
  }
  return "";
}

RunResult RunSimulation(const Catalog& catalog, const std::vector<std::vector<MemoryRecord>>& log,
                        const FaultOptions& faults, uint64_t seed) {
  return Simulation(catalog, log, faults, seed).Run();
}

}  // namespace keyfold
