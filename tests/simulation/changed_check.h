// Walks an output topic: whether every record's `changed` is what differs from the record before.
#ifndef KEYFOLD_TESTS_SIMULATION_CHANGED_CHECK_H_
#define KEYFOLD_TESTS_SIMULATION_CHANGED_CHECK_H_

#include <string>
#include <vector>

#include "kpi/catalog.h"
#include "support/memory_cluster.h"

namespace keyfold {

// What is wrong with the updates of accounts or groups, in their order: a `changed` that is not the difference from the
// previous record of its id (or, of what is published afresh, not empty), a record that says the same as the one
// before and is not published afresh.
std::vector<std::string> WrongChanges(const Catalog& catalog, const std::vector<MemoryRecord>& updates);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SIMULATION_CHANGED_CHECK_H_
