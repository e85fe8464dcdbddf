// Everything that a shard keeps besides its entities, made anew from those, without the log: ledgers, accounts as
// evaluated, sums of groups, members, the numbers of entities. That is how another catalogue comes into a shard.
#ifndef KEYFOLD_ENGINE_REBUILD_H_
#define KEYFOLD_ENGINE_REBUILD_H_

#include <cstdint>
#include <functional>
#include <map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"

namespace keyfold {

struct RebuildCounts {
  int64_t accounts = 0;
  int64_t events = 0;
};

// Of a shard of stage 1, which nobody else has open. Its position in the log stays; its next run publishes every
// account and every group in a sweep. What is stored is afterwards what folding the log with this catalogue would have
// stored.
//
// A rebuild that is interrupted leaves a shard that is refused until another one has come to its end; no entity is
// touched. FailedPrecondition: the store is of another format, or its records were judged with another reporting
// currency. DataLoss: entities are damaged. A shard that no record has come to stays empty.
//
// `progress` is told of the events of each account.
absl::StatusOr<RebuildCounts> RebuildAccountShard(
    ShardStore& store, const Catalog& catalog, const std::function<void(int64_t events)>& progress = [](int64_t) {});

// Whether RebuildGroupShard() will have what it needs: to be asked before a shard of stage 1 is rebuilt.
absl::Status CheckGroupRebuild(const ShardStore& store, const Catalog& catalog,
                               const std::map<int32_t, const ShardStore*>& accounts);

// Of a shard of stage 2, after all of stage 1, whose stores are given by partition: the partials that it has received
// are replaced by what those hold now. Only needed for another catalogue; nothing to do otherwise. Its next run
// publishes every group that stage 1 tells of. FailedPrecondition: as above, or the store of a partition is not given.
absl::Status RebuildGroupShard(ShardStore& store, const Catalog& catalog,
                               const std::map<int32_t, const ShardStore*>& accounts);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_REBUILD_H_
