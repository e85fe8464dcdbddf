// What a simulated run is to have published, and what it has.
#ifndef KEYFOLD_TESTS_SIMULATION_EXPECTED_H_
#define KEYFOLD_TESTS_SIMULATION_EXPECTED_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "kpi/catalog.h"
#include "simulation/simulation.h"
#include "support/memory_cluster.h"

namespace keyfold {

struct Published {
  std::map<std::string, double> kpis;
  std::vector<std::string> missing_rates;
  int64_t accounts = 0;         // groups only
  std::string attributes = "";  // of accounts, but for what follows from the tier
  friend bool operator==(const Published&, const Published&) = default;
};

// What a partition's time does to its records: which are refused for theirs, and which day it reaches.
struct TimeOfLog {
  std::set<int64_t> refused;
  Day day;
};

// The last record of every account or group that has one; checks on the way that versions rise and every record is an
// update.
std::map<std::string, Published> LastPublished(const std::vector<MemoryRecord>& updates);

std::string HeaderOf(const MemoryRecord& record, std::string_view name);

// What is wrong with the `changed` of accounts and groups.
std::vector<std::string> WrongChanges(const Catalog& catalog, const RunResult& run);

std::multiset<std::string> DeadLetterPositions(const std::vector<MemoryRecord>& letters);

// While the process's clock stands where the log ends.
TimeOfLog FollowTime(const Catalog& catalog, const std::vector<MemoryRecord>& log);

// What `fold` makes of a partition's log.
std::map<std::string, Published> Folded(const Catalog& catalog, const std::vector<MemoryRecord>& log,
                                        const TimeOfLog& time);

// What the ledgers of all shards say about the groups, at the day that all have reached.
std::map<std::string, Published> GroupsOfShards(const Catalog& catalog, const std::map<int32_t, ShardContents>& shards);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SIMULATION_EXPECTED_H_
