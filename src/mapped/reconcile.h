// `keyfold reconcile`: the first question of every controller.
#ifndef KEYFOLD_MAPPED_RECONCILE_H_
#define KEYFOLD_MAPPED_RECONCILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "mapped/map_flags.h"

namespace CLI {
class App;
}  // namespace CLI

namespace keyfold {

struct ReconcileFlags {
  ConfigFlags config;
  MapFlags map;
  std::vector<std::string> files;
  std::vector<std::string> measures;
  std::string period = "month";
  std::string from;
  std::string to;
  std::string format = "table";

  void AddTo(CLI::App& verb);
};

// Folds what becomes of the export and compares it with the shards on this machine. True: all sums agree.
absl::StatusOr<bool> Reconcile(const ReconcileFlags& flags);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPED_RECONCILE_H_
