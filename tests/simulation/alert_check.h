// Walks the alerts that a simulated run has published, and says which ought to be raised at its end.
#ifndef KEYFOLD_TESTS_SIMULATION_ALERT_CHECK_H_
#define KEYFOLD_TESTS_SIMULATION_ALERT_CHECK_H_

#include <set>
#include <string>
#include <vector>

#include "kpi/catalog.h"
#include "simulation/simulation.h"
#include "support/memory_cluster.h"

namespace keyfold {

// The shipped catalogue and two alerts that groups have, too: one that events move, and one that time does.
Catalog CatalogWithGroupAlerts();

// What is wrong with the alerts of accounts or groups, in their order: of a key, versions that do not rise, and a
// record that says what the one before said, unless it is told afresh.
std::vector<std::string> WrongAlerts(const std::vector<MemoryRecord>& alerts);

// The keys of those that are raised in the end.
std::set<std::string> RaisedAtLast(const RunResult& run);

// The keys of those that the ledgers of all shards raise, at the day that each has reached, of groups at the latest.
std::set<std::string> RaisedByShards(const Catalog& catalog, const RunResult& run);

// What is wrong with all alerts of a run.
std::vector<std::string> WrongAlerts(const Catalog& catalog, const RunResult& run);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SIMULATION_ALERT_CHECK_H_
