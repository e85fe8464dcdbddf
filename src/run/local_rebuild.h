// Rebuilding the shards of a projection that are on this machine.
#ifndef KEYFOLD_RUN_LOCAL_REBUILD_H_
#define KEYFOLD_RUN_LOCAL_REBUILD_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "kpi/catalog.h"

namespace keyfold {

struct LocalRebuild {
  size_t shards = 0;
  int64_t accounts = 0;
  int64_t events = 0;
};

// Makes everything that follows from the stored events anew, with these definitions, several shards at a time; then
// the groups. Nobody else may have the shards open. `progress` is called now and then, by the calling thread, with how
// many more events were read. NotFound: there are no shards here. Others: those of RebuildAccountShard() and
// RebuildGroupShard(), with the shard's number.
absl::StatusOr<LocalRebuild> RebuildLocalShards(const Config& config, const Catalog& catalog,
                                                const std::function<void(int64_t events)>& progress);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_LOCAL_REBUILD_H_
