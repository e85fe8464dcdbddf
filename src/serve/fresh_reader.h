// The shards on this machine, for questions: opened anew when what was opened has become old.
#ifndef KEYFOLD_SERVE_FRESH_READER_H_
#define KEYFOLD_SERVE_FRESH_READER_H_

#include <cstdint>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "ask/projection_reader.h"
#include "config/config.h"
#include "kpi/catalog.h"
#include "peers/partition_owners.h"
#include "store/rocks_store.h"

namespace keyfold {

// Thread-safe. All that is passed in outlives the readers.
class FreshReader {
 public:
  FreshReader(const Config& config, const Catalog& catalog, RocksEnvironment& environment,
              const PartitionOwners& owners)
      : config_(config), catalog_(catalog), environment_(environment), owners_(owners) {}

  // The shards as they were within the last second, but for those of partitions that another process has: what is here
  // of these is old. Unavailable: it is not known yet which these are. Others are those of OpenLocalReader().
  absl::StatusOr<std::shared_ptr<const ProjectionReader>> Get();

 private:
  const Config& config_;
  const Catalog& catalog_;
  RocksEnvironment& environment_;
  const PartitionOwners& owners_;

  absl::Mutex mutex_;
  std::shared_ptr<const ProjectionReader> reader_ ABSL_GUARDED_BY(mutex_);
  absl::Time opened_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::set<int32_t> left_out_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_FRESH_READER_H_
