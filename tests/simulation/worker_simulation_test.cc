// A thousand seeds of crashes, lost answers and re-assignments: the state equals that of an undisturbed run, and what
// was published is complete, in order, and there once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "keyfold/v1/kpi_update.pb.h"
#include "simulation/alert_check.h"
#include "simulation/expected.h"
#include "simulation/simulation.h"
#include "state/store_keys.h"
#include "support/random_history.h"
#include "support/sanitized.h"

namespace keyfold {
namespace {

using ::testing::IsEmpty;

constexpr int kPartitions = 2;

// How far ahead producers are whose clocks are wrong.
constexpr int64_t kWrongByMs = 732 * int64_t{86'400'000};

std::vector<std::vector<MemoryRecord>> MakeLog(uint64_t seed, int records) {
  std::vector<std::vector<MemoryRecord>> log;
  for (int partition = 0; partition < kPartitions; ++partition) {
    RandomHistory history(seed * kPartitions + partition);
    std::vector<MemoryRecord> part;
    for (int i = 0; i < records; ++i) {
      part.push_back(history.Next());
      // Accounts of one partition only, as keys guarantee.
      std::string& key = *part.back().key;
      v1::AccountEvent event;
      if (key.empty()) continue;
      key += "-" + std::to_string(partition);
      if (part.back().value.has_value() && event.ParseFromString(*part.back().value) && event.has_occurred_at()) {
        event.set_account_id(key);
        part.back().value = event.SerializeAsString();
      }
    }
    // Now and then a producer whose clock is wrong.
    for (size_t i = 20; i < part.size(); i += 50) {
      if (!part[i].key->empty()) part[i].timestamp_ms += kWrongByMs;
    }
    log.push_back(std::move(part));
  }
  // In the end all partitions have reached one time.
  v1::AccountEvent tick;
  tick.set_event_id("tick");
  tick.mutable_occurred_at()->set_seconds(1);
  tick.mutable_clock_advanced();
  int64_t end_ms = 0;
  for (const auto& part : log) {
    for (const MemoryRecord& record : part) {
      const bool wrong = record.timestamp_ms > part.front().timestamp_ms + kWrongByMs;
      if (!wrong) end_ms = std::max(end_ms, record.timestamp_ms);
    }
  }
  for (auto& part : log) part.push_back({"", tick.SerializeAsString(), {}, end_ms});
  return log;
}

class WorkerSimulation : public ::testing::Test {
 protected:
  const Catalog catalog_ = CatalogWithGroupAlerts();
};

TEST_F(WorkerSimulation, UndisturbedRunPublishesWhatFoldSays) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const auto log = MakeLog(seed, 300);
    const RunResult run = RunSimulation(catalog_, log, {}, seed);
    std::map<std::string, Published> expected;
    for (const auto& part : log) expected.merge(Folded(catalog_, part, FollowTime(catalog_, part)));
    EXPECT_EQ(LastPublished(run.updates), expected);
    EXPECT_EQ(LastPublished(run.group_updates), GroupsOfShards(catalog_, run.shards));
    EXPECT_THAT(WrongChanges(catalog_, run), IsEmpty());
    EXPECT_THAT(WrongAlerts(catalog_, run), IsEmpty());
    EXPECT_FALSE(run.alerts.empty());
    EXPECT_FALSE(run.group_alerts.empty());
    EXPECT_EQ(run.crashes, 0);
    EXPECT_EQ(run.recoveries, 0);
    EXPECT_FALSE(run.dead_letters.empty());
  }
}

TEST_F(WorkerSimulation, SameLogTwiceLeavesTheSameBytes) {
  const auto log = MakeLog(7, 400);
  const RunResult first = RunSimulation(catalog_, log, {}, 1);
  const RunResult second = RunSimulation(catalog_, log, {.records_max = 7, .sweep_visits_max = 2}, 2);
  EXPECT_EQ(FirstDifference(first.shards, second.shards), "");
}

// One crash at each step of a whole run, in turn: before and after polling, beginning, publishing, committing, writing.
TEST_F(WorkerSimulation, SurvivesACrashAtEveryStep) {
  const auto log = MakeLog(11, 40);
  const RunResult undisturbed = RunSimulation(catalog_, log, {}, 11);
  FaultOptions faults;
  faults.records_max = 8;
  faults.sweep_visits_max = 2;
  int64_t crashes = 0;
  for (faults.crash_at_step = 1;; ++faults.crash_at_step) {
    SCOPED_TRACE(testing::Message() << "crash at step " << faults.crash_at_step);
    const RunResult run = RunSimulation(catalog_, log, faults, 11);
    if (run.steps < faults.crash_at_step) break;
    crashes += run.crashes;
    ASSERT_EQ(FirstDifference(run.shards, undisturbed.shards), "");
    ASSERT_EQ(LastPublished(run.updates), LastPublished(undisturbed.updates));
    ASSERT_EQ(LastPublished(run.group_updates), LastPublished(undisturbed.group_updates));
    ASSERT_EQ(DeadLetterPositions(run.dead_letters), DeadLetterPositions(undisturbed.dead_letters));
    ASSERT_THAT(WrongChanges(catalog_, run), IsEmpty());
    ASSERT_THAT(WrongAlerts(catalog_, run), IsEmpty());
  }
  EXPECT_EQ(crashes, faults.crash_at_step - 1);
  EXPECT_GT(crashes, 300);
}

// Dead letters that their topic refuses, a line that is too slow for a batch, errors that only an operator can mend.
TEST_F(WorkerSimulation, SurvivesRefusals) {
  RunResult all;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    auto log = MakeLog(seed, 150);
    for (auto& part : log) {
      for (size_t i = 5; i < part.size(); i += 20) {
        part[i].value = std::string(std::uniform_int_distribution<size_t>(500, 20'000)(random), 'x');
      }
    }
    FaultOptions faults;
    faults.letter_bytes_max = std::uniform_int_distribution<size_t>(1'100, 10'000)(random);
    faults.transaction_bytes_max = std::uniform_int_distribution<size_t>(50'000, 200'000)(random);
    faults.permanent_error_percent = std::uniform_int_distribution<int>(0, 5)(random);
    faults.commit_fault_percent = std::uniform_int_distribution<int>(0, 10)(random);
    faults.workers = std::uniform_int_distribution<int>(1, 2)(random);
    const RunResult undisturbed = RunSimulation(catalog_, log, {}, seed);
    const RunResult disturbed = RunSimulation(catalog_, log, faults, seed);
    ASSERT_EQ(FirstDifference(disturbed.shards, undisturbed.shards), "");
    ASSERT_EQ(LastPublished(disturbed.updates), LastPublished(undisturbed.updates));
    ASSERT_EQ(LastPublished(disturbed.group_updates), LastPublished(undisturbed.group_updates));
    ASSERT_EQ(DeadLetterPositions(disturbed.dead_letters), DeadLetterPositions(undisturbed.dead_letters));
    ASSERT_THAT(WrongAlerts(catalog_, disturbed), IsEmpty());
    all.ends += disturbed.ends;
    all.recoveries += disturbed.recoveries;
    for (const MemoryRecord& letter : disturbed.dead_letters) {
      if (letter.headers.back().name == "error.cut") all.dead_letters.push_back(letter);
    }
  }
  EXPECT_GT(all.ends, 60);
  EXPECT_GT(all.recoveries, 60);
  EXPECT_GT(all.dead_letters.size(), 60u);
}

// By which shards an account or group was published.
std::map<std::string, std::set<int32_t>> Publishers(const std::vector<MemoryRecord>& updates) {
  std::map<std::string, std::set<int32_t>> publishers;
  for (const MemoryRecord& record : updates) {
    v1::KpiUpdate update;
    if (!record.value.has_value()) continue;
    EXPECT_TRUE(update.ParseFromString(*record.value));
    publishers[*record.key].insert(update.source_partition());
  }
  return publishers;
}

// Whoever runs, and whoever is started again, on whichever machine, refuses a topic that has got partitions: no account
// and no group is ever published by two shards.
TEST_F(WorkerSimulation, ATopicThatGetsPartitionsIsRefusedByAll) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    FaultOptions faults;
    faults.crash_per_mille = seed % 3 == 0 ? 20 : 0;
    faults.rebalance_percent = std::uniform_int_distribution<int>(0, 20)(random);
    faults.workers = std::uniform_int_distribution<int>(1, 3)(random);
    faults.own_machines = seed % 2 == 0;
    faults.records_max = 20;
    int& turn = seed % 4 < 2 ? faults.grow_events_at_turn : faults.grow_partials_at_turn;
    turn = std::uniform_int_distribution<int>(5, 15)(random);
    const RunResult run = RunSimulation(catalog_, MakeLog(seed, 300), faults, seed);
    EXPECT_FALSE(run.updates.empty());
    EXPECT_GT(run.refusals, 20 * faults.workers);
    EXPECT_EQ(run.folded_of_added, 0);
    for (const std::vector<MemoryRecord>* updates : {&run.updates, &run.group_updates}) {
      for (const auto& [id, shards] : Publishers(*updates)) EXPECT_EQ(shards.size(), 1u) << id;
    }
  }
}

// A quarter of the thousand seeds.
constexpr uint64_t kSeedsInTest = 250;
constexpr uint64_t kSeedStep = kSanitized ? 9 : 1;

FaultOptions FaultsOf(uint64_t seed) {
  std::mt19937_64 random(seed);
  FaultOptions faults;
  faults.crash_per_mille = std::uniform_int_distribution<int>(0, 40)(random);
  faults.commit_fault_percent = std::uniform_int_distribution<int>(0, 30)(random);
  faults.rebalance_percent = std::uniform_int_distribution<int>(0, 20)(random);
  faults.compaction_percent = std::uniform_int_distribution<int>(0, 20)(random);
  faults.workers = std::uniform_int_distribution<int>(1, 3)(random);
  faults.own_machines = seed % 2 == 0;
  faults.records_max = std::uniform_int_distribution<int>(1, 60)(random);
  faults.sweep_visits_max = std::uniform_int_distribution<int>(1, 4)(random);
  return faults;
}

struct Disturbed {
  uint64_t runs = 0;
  uint64_t crashes = 0, recoveries = 0, power_cuts = 0;
};

Disturbed DisturbSeeds(const Catalog& catalog, uint64_t first, uint64_t seeds, bool power_cuts) {
  Disturbed sum;
  for (uint64_t seed = first; seed < first + seeds; seed += kSeedStep) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const auto log = MakeLog(seed, 150);
    FaultOptions faults = FaultsOf(seed);
    faults.power_cuts = power_cuts;
    const RunResult undisturbed = RunSimulation(catalog, log, {}, seed);
    const RunResult disturbed = RunSimulation(catalog, log, faults, seed);
    EXPECT_EQ(FirstDifference(disturbed.shards, undisturbed.shards), "");
    EXPECT_EQ(LastPublished(disturbed.updates), LastPublished(undisturbed.updates));
    EXPECT_EQ(LastPublished(disturbed.group_updates), LastPublished(undisturbed.group_updates));
    EXPECT_EQ(DeadLetterPositions(disturbed.dead_letters), DeadLetterPositions(undisturbed.dead_letters));
    EXPECT_THAT(WrongChanges(catalog, undisturbed), IsEmpty());
    EXPECT_THAT(WrongChanges(catalog, disturbed), IsEmpty());
    EXPECT_THAT(WrongAlerts(catalog, disturbed), IsEmpty());
    if (testing::Test::HasFailure()) break;
    ++sum.runs;
    sum.crashes += disturbed.crashes;
    sum.recoveries += disturbed.recoveries;
    sum.power_cuts += disturbed.power_cuts;
  }
  return sum;
}

// Clocks decide which records are refused, and decide it once: however often a record is folded again, on which machine
// and when, the state is that of the records that were not sent to the dead letters.
TEST_F(WorkerSimulation, SurvivesClocksThatAreWrong) {
  size_t refused_by_clocks = 0;  // though right ones would not have
  for (uint64_t seed = 1; seed <= 200; seed += kSeedStep) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    auto log = MakeLog(seed, 150);
    std::mt19937_64 random(seed);
    for (auto& part : log) {
      for (MemoryRecord& record : part) {
        if (random() % 10 == 0) record.timestamp_ms += static_cast<int64_t>(random() % 6) * 86'400'000;
      }
    }
    FaultOptions faults = FaultsOf(seed);
    faults.wild_clocks = true;
    const RunResult run = RunSimulation(catalog_, log, faults, seed);
    std::vector<TimeOfLog> times(log.size());
    for (size_t partition = 0; partition < log.size(); ++partition) {
      v1::ShardMeta meta;
      ASSERT_TRUE(meta.ParseFromString(run.shards.at(static_cast<int32_t>(partition)).at(MetaKey())));
      times[partition].day = catalog_.calendar().DayOf(meta.stream_time_ms() / 1000);
    }
    for (const MemoryRecord& letter : run.dead_letters) {
      if (!HeaderOf(letter, "error.message").starts_with("record timestamp")) continue;
      const size_t partition = std::stoul(HeaderOf(letter, "error.partition"));
      EXPECT_TRUE(times[partition].refused.insert(std::stoll(HeaderOf(letter, "error.offset"))).second);
    }
    std::map<std::string, Published> expected;
    for (size_t partition = 0; partition < log.size(); ++partition) {
      expected.merge(Folded(catalog_, log[partition], times[partition]));
      const std::set<int64_t> by_right_clocks = FollowTime(catalog_, log[partition]).refused;
      for (int64_t offset : times[partition].refused) refused_by_clocks += by_right_clocks.contains(offset) ? 0 : 1;
    }
    ASSERT_EQ(LastPublished(run.updates), expected);
    ASSERT_THAT(WrongChanges(catalog_, run), IsEmpty());
    ASSERT_THAT(WrongAlerts(catalog_, run), IsEmpty());
  }
  EXPECT_GT(refused_by_clocks, 1'000 / kSeedStep);
}

void ExpectSurvived(const Catalog& catalog, uint64_t first) {
  const Disturbed sum = DisturbSeeds(catalog, first, kSeedsInTest, /*power_cuts=*/false);
  EXPECT_GT(sum.crashes, sum.runs);
  EXPECT_GT(sum.recoveries, sum.runs);
}

TEST_F(WorkerSimulation, SurvivesSeeds1To250) { ExpectSurvived(catalog_, 1); }
TEST_F(WorkerSimulation, SurvivesSeeds251To500) { ExpectSurvived(catalog_, 251); }
TEST_F(WorkerSimulation, SurvivesSeeds501To750) { ExpectSurvived(catalog_, 501); }
TEST_F(WorkerSimulation, SurvivesSeeds751To1000) { ExpectSurvived(catalog_, 751); }

// Over RocksDB: a machine comes back with less than its processes had committed.
TEST_F(WorkerSimulation, SurvivesPowerCuts) {
  const Disturbed sum = DisturbSeeds(catalog_, 2'001, 18, /*power_cuts=*/true);
  EXPECT_GT(sum.power_cuts, sum.runs);
}

}  // namespace
}  // namespace keyfold
