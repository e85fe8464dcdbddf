// Runs workers over a memory cluster, with or without faults, and looks at what they leave behind.
#ifndef KEYFOLD_TESTS_SIMULATION_SIMULATION_H_
#define KEYFOLD_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/worker.h"
#include "kpi/catalog.h"
#include "store/memory_store.h"
#include "support/memory_cluster.h"

namespace keyfold {

// Thrown by a fault to end a process in the middle of whatever it does.
struct SimulatedCrash {};

struct FaultOptions {
  int crash_per_mille = 0;              // of every step of every port
  int64_t crash_at_step = 0;            // once, at this step of the run; 0: never
  int commit_fault_percent = 0;         // aborted, or an answer that is lost
  int rebalance_percent = 0;            // per turn
  int compaction_percent = 0;           // per turn, of the records between the stages
  int permanent_error_percent = 0;      // per turn: what ends a process; somebody mends it and starts it again
  size_t letter_bytes_max = 1'000'000;  // what the topic of the dead letters takes
  size_t transaction_bytes_max = std::numeric_limits<size_t>::max();  // what a slow line takes
  int workers = 1;
  // From this turn on, once something of it was folded, the event topic, or that of the records between the stages, has
  // as many partitions again as before; further records go to the old and to the new ones. 0: never.
  int grow_events_at_turn = 0;
  int grow_partials_at_turn = 0;
  bool own_machines = false;     // each worker keeps its own shards: a partition that moves is folded anew there
  bool power_cuts = false;       // stores are on real disks, and of the crashes some take what was not synced
  int64_t records_max = 10'000;  // per batch
  int64_t sweep_visits_max = 1'000;
  bool wild_clocks = false;  // processes' clocks are days off, each time by others; else they stand where a log ends
};

// The bound that the workers keep: records stamped further ahead are rejected.
inline constexpr int64_t kAheadMsMax = 2 * int64_t{86'400'000};

// What a run left behind.
struct RunResult {
  // Contents of the shard of the partition's last owner.
  std::map<int32_t, std::map<std::string, std::string, std::less<>>> shards;
  std::vector<MemoryRecord> updates;
  std::vector<MemoryRecord> alerts;
  std::vector<MemoryRecord> dead_letters;
  // Stage 2, and the records between the stages.
  std::map<int32_t, std::map<std::string, std::string, std::less<>>> group_shards;
  std::vector<MemoryRecord> group_updates;
  std::vector<MemoryRecord> group_alerts;
  std::vector<MemoryRecord> partials;
  int crashes = 0;
  int power_cuts = 0;  // among them
  int64_t steps = 0;   // calls of ports, counted before and after where both are steps
  int recoveries = 0;
  int ends = 0;  // of processes, by permanent errors
  // Only where a topic grows: how often a process ended for it, and records of the added partitions that were folded.
  int refusals = 0;
  int64_t folded_of_added = 0;
};

using ShardContents = std::map<std::string, std::string, std::less<>>;

// The first key in which two runs' shards differ, readably; empty: they are the same.
std::string FirstDifference(const std::map<int32_t, ShardContents>& actual,
                            const std::map<int32_t, ShardContents>& expected);

// Folds `log` (records by partition), appended bit by bit while workers of both stages run, until everything is done.
// Every process has a worker of each stage. With faults, they end some time after the last record. gtest failures where
// it does not come to an end or a worker gives up. Where a topic grows, its readers must give up, every time that they
// are started again; the run then ends after a while.
RunResult RunSimulation(const Catalog& catalog, const std::vector<std::vector<MemoryRecord>>& log,
                        const FaultOptions& faults, uint64_t seed);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SIMULATION_SIMULATION_H_
