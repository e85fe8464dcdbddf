// The shards on this machine, for questions: opened anew when what was opened has become old.
#ifndef KEYFOLD_SERVE_FRESH_READER_H_
#define KEYFOLD_SERVE_FRESH_READER_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "ask/projection_reader.h"
#include "config/config.h"
#include "kpi/catalog.h"
#include "store/rocks_store.h"

namespace keyfold {

// Thread-safe. All that is passed in outlives the readers.
class FreshReader {
 public:
  FreshReader(const Config& config, const Catalog& catalog, RocksEnvironment& environment)
      : config_(config), catalog_(catalog), environment_(environment) {}

  // The shards as they were within the last second. Errors are those of OpenLocalReader().
  absl::StatusOr<std::shared_ptr<const ProjectionReader>> Get();

 private:
  const Config& config_;
  const Catalog& catalog_;
  RocksEnvironment& environment_;

  absl::Mutex mutex_;
  std::shared_ptr<const ProjectionReader> reader_ ABSL_GUARDED_BY(mutex_);
  absl::Time opened_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_FRESH_READER_H_
