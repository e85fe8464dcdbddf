// Running a projection: the workers of this process, from the input topic to the output topics.
#ifndef KEYFOLD_RUN_PROJECTION_H_
#define KEYFOLD_RUN_PROJECTION_H_

#include <atomic>

#include "absl/status/status.h"
#include "config/config.h"
#include "metrics/metrics.h"

namespace keyfold {

struct ProjectionOptions {
  bool accept_log_start = false;  // see WorkerOptions
  bool until_end = false;         // end when everything that is in the topic has been committed
  Metrics* metrics = nullptr;     // where its numbers go, and from where metrics.listen has them; outlives the run
};

// Folds and publishes until `stop` is set (the workers then commit what they hold, and leave), until the end if so
// wished, or until a worker meets an error that trying again does not mend: its status. Logs what it does. Blocks.
absl::Status RunProjection(const Config& config, const ProjectionOptions& options, std::atomic<bool>& stop);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_PROJECTION_H_
