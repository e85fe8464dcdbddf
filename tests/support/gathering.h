// What an account shard is opened with.
#ifndef KEYFOLD_TESTS_SUPPORT_GATHERING_H_
#define KEYFOLD_TESTS_SUPPORT_GATHERING_H_

#include <memory>
#include <utility>

#include "keyfold/memory_budget.h"
#include "keyfold/shard_store.h"
#include "state/store_keys.h"
#include "store/write_behind_store.h"

namespace keyfold {

// The store of an account shard: what it writes is kept in memory up to a budget; without one, nothing is kept back.
inline std::unique_ptr<GatheringStore> Gathering(std::unique_ptr<ShardStore> store,
                                                 std::shared_ptr<MemoryBudget> memory = nullptr) {
  if (memory == nullptr) memory = std::make_shared<MemoryBudget>(-1);  // always exceeded
  return std::make_unique<WriteBehindStore>(std::move(store), MergeStored, std::move(memory));
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_GATHERING_H_
