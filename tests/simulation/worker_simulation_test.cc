// A thousand seeds of crashes, lost answers and re-assignments: the state equals that of an undisturbed run, and what
// was published is complete, in order, and there once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/account_reader.h"
#include "engine/offline_fold.h"
#include "engine/store_keys.h"
#include "engine/stored_account.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "kpi/group_sums.h"
#include "simulation/changed_check.h"
#include "simulation/simulation.h"
#include "support/default_catalog.h"
#include "support/random_history.h"

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

struct Published {
  std::map<std::string, double> kpis;
  std::vector<std::string> missing_rates;
  int64_t accounts = 0;         // groups only
  std::string attributes = "";  // of accounts, but for what follows from the tier
  friend bool operator==(const Published&, const Published&) = default;
};

std::string Describe(const v1::AccountAttributes& attributes) {
  return absl::StrCat(attributes.name(), "/", attributes.segment(), "/", attributes.manager_id(), "/",
                      attributes.parent_id(), "/", attributes.tier(), attributes.customer() ? ", customer" : "");
}

std::string Describe(const AccountAttributes& attributes, bool customer) {
  return absl::StrCat(attributes.name, "/", attributes.segment, "/", attributes.manager_id, "/", attributes.parent_id,
                      "/", attributes.tier, customer ? ", customer" : "");
}

// The last record of every account or group that has one; checks on the way that versions rise and every record is an
// update.
std::map<std::string, Published> LastPublished(const std::vector<MemoryRecord>& updates) {
  std::map<std::string, Published> last;
  std::map<std::string, int64_t> version;
  for (const MemoryRecord& record : updates) {
    const std::string& account_id = *record.key;
    const bool is_group = account_id.find(':') != std::string::npos;
    if (!record.value.has_value()) {
      // A group may get one more after a crash: its partials may have been compacted away that were published.
      const bool known = last.erase(account_id) == 1;
      EXPECT_TRUE(known || is_group) << "a tombstone for " << account_id << ", which was not published";
      continue;
    }
    v1::KpiUpdate update;
    EXPECT_TRUE(update.ParseFromString(*record.value));
    const auto before = version.find(account_id);
    if (before != version.end()) {
      EXPECT_GT(update.source_offset(), before->second) << account_id << " was published twice";
    }
    version[account_id] = update.source_offset();
    last[account_id] = {{update.kpis().begin(), update.kpis().end()},
                        {update.missing_rates().begin(), update.missing_rates().end()},
                        update.accounts(),
                        is_group ? "" : Describe(update.attributes())};
  }
  return last;
}

std::string HeaderOf(const MemoryRecord& record, std::string_view name) {
  for (const RecordHeader& header : record.headers) {
    if (header.name == name) return *header.value;
  }
  return "";
}

// What is wrong with the `changed` of accounts and groups.
std::vector<std::string> WrongChanges(const Catalog& catalog, const RunResult& run) {
  std::vector<std::string> problems = WrongChanges(catalog, run.updates);
  const std::vector<std::string> of_groups = WrongChanges(catalog, run.group_updates);
  problems.insert(problems.end(), of_groups.begin(), of_groups.end());
  return problems;
}

std::multiset<std::string> DeadLetterPositions(const std::vector<MemoryRecord>& letters) {
  std::multiset<std::string> positions;
  for (const MemoryRecord& letter : letters) {
    positions.insert(HeaderOf(letter, "error.partition") + " " + HeaderOf(letter, "error.offset"));
  }
  return positions;
}

// What a partition's time does to its records: which are refused for theirs, and which day it reaches.
struct TimeOfLog {
  std::set<int64_t> refused;
  Day day;
};

Record RecordOf(const MemoryRecord& stored) {
  Record record;
  record.timestamp_ms = stored.timestamp_ms;
  record.key = *stored.key;
  if (stored.value.has_value()) record.value = *stored.value;
  return record;
}

// While the process's clock stands where the log ends.
TimeOfLog FollowTime(const Catalog& catalog, const std::vector<MemoryRecord>& log) {
  const Decoder decoder(catalog.reporting_currency());
  const int64_t clock_ms = log.back().timestamp_ms;
  int64_t stream_time_ms = 0;
  TimeOfLog time;
  for (size_t offset = 0; offset < log.size(); ++offset) {
    if (std::holds_alternative<Rejection>(decoder.Decode(RecordOf(log[offset])))) continue;
    if (log[offset].timestamp_ms > std::max(stream_time_ms, clock_ms) + kAheadMsMax) {
      if (log[offset].value.has_value()) time.refused.insert(static_cast<int64_t>(offset));
      continue;
    }
    stream_time_ms = std::max(stream_time_ms, log[offset].timestamp_ms);
  }
  time.day = catalog.calendar().DayOf(stream_time_ms / 1000);
  return time;
}

// What `fold` makes of a partition's log.
std::map<std::string, Published> Folded(const Catalog& catalog, const std::vector<MemoryRecord>& log,
                                        const TimeOfLog& time) {
  MemoryStore store(MergeStored);
  OfflineFold fold(catalog, store);
  const Decoder decoder(catalog.reporting_currency());
  const auto ignore = [](int64_t, const Rejection&) {};
  for (size_t offset = 0; offset < log.size(); ++offset) {
    if (time.refused.contains(static_cast<int64_t>(offset))) continue;
    EXPECT_TRUE(fold.Add(decoder.Decode(RecordOf(log[offset])), 0, ignore).ok());
  }
  EXPECT_TRUE(fold.Flush(ignore).ok());
  std::map<std::string, Published> values;
  const auto add = [&](const FoldedValues& account) {
    Published& published = values[account.id];
    published.kpis = {account.kpis.begin(), account.kpis.end()};
    published.missing_rates = account.missing_rates;
    const auto spans = ReadAttributes(store, catalog.calendar(), account.id);
    published.attributes = Describe(AttributesAt(*spans, time.day), published.kpis.at("customers") > 0);
  };
  EXPECT_TRUE(fold.VisitAccounts(time.day, add).ok());
  return values;
}

// What the ledgers of all shards say about the groups, at the day that all have reached.
std::map<std::string, Published> GroupsOfShards(const Catalog& catalog,
                                                const std::map<int32_t, ShardContents>& shards) {
  std::map<std::string, GroupSums> groups;
  std::optional<EvaluationDay> evaluation;
  for (const auto& [partition, contents] : shards) {
    MemoryStore store(MergeStored);
    StoreBatch batch;
    for (const auto& [key, value] : contents) batch.Put(key, value);
    EXPECT_TRUE(store.Write(batch).ok());
    v1::ShardMeta meta;
    EXPECT_TRUE(meta.ParseFromString(contents.at(MetaKey())));
    const Day day = catalog.calendar().DayOf(meta.stream_time_ms() / 1000);
    EXPECT_TRUE(!evaluation.has_value() || evaluation->day == day);
    if (!evaluation.has_value()) evaluation.emplace(catalog, day);
    const RateTable rates = *ReadRates(store);
    const std::vector<std::string> accounts = *ReadMembers(store, kAllAccountsGroup);
    for (const std::string& id : accounts) {
      if (ParseStoredAccount(id, contents.at(AccountKey(id)))->live_events() == 0) continue;
      const ComponentValues components = SumComponents(*evaluation, *ReadLedger(store, id), rates);
      const GroupDelta share(catalog, {components, EvaluateAccount(*evaluation, components)});
      const AccountAttributes attributes = AttributesAt(*ReadAttributes(store, catalog.calendar(), id), day);
      for (const std::string& group : GroupsOf(attributes)) groups.try_emplace(group, catalog).first->second += share;
    }
  }
  std::map<std::string, Published> published;
  for (const auto& [id, sums] : groups) {
    Published& values = published[id];
    for (const auto& [kpi, value] : PublishedKpis(catalog, sums.Evaluate(*evaluation), /*group=*/true)) {
      values.kpis[kpi] = value;
    }
    for (const auto& [currency, count] : sums.missing_rates) values.missing_rates.push_back(currency.code());
    values.accounts = sums.accounts;
  }
  return published;
}

class WorkerSimulation : public ::testing::Test {
 protected:
  const Catalog catalog_ = DefaultCatalog();
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
    EXPECT_EQ(run.crashes, 0);
    EXPECT_EQ(run.recoveries, 0);
    EXPECT_FALSE(run.dead_letters.empty());
  }
}

TEST_F(WorkerSimulation, SameLogTwiceLeavesTheSameBytes) {
  const auto log = MakeLog(7, 400);
  const RunResult first = RunSimulation(catalog_, log, {}, 1);
  const RunResult second = RunSimulation(catalog_, log, {.records_max = 7, .sweep_accounts_max = 2}, 2);
  EXPECT_EQ(FirstDifference(first.shards, second.shards), "");
}

// One crash at each step of a whole run, in turn: before and after polling, beginning, publishing, committing, writing.
TEST_F(WorkerSimulation, SurvivesACrashAtEveryStep) {
  const auto log = MakeLog(11, 40);
  const RunResult undisturbed = RunSimulation(catalog_, log, {}, 11);
  FaultOptions faults;
  faults.records_max = 8;
  faults.sweep_accounts_max = 2;
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

// A quarter of the thousand seeds. Under sanitizers, which look at memory rather than at results and take twenty times
// as long, every ninth of them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeedStep = 9;
#else
constexpr uint64_t kSeedStep = 1;
#endif
constexpr uint64_t kSeedsInTest = 250;

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
  faults.sweep_accounts_max = std::uniform_int_distribution<int>(1, 4)(random);
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
