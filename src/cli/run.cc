// keyfold run: account events in from Kafka, KPI updates out to Kafka.
#include <atomic>
#include <memory>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "run/projection.h"
#include "run/stop_signal.h"
#include "serve/serve.h"

namespace keyfold {
namespace {

struct RunOptions {
  ConfigFlags config;
  ProjectionOptions projection;
  bool serve = false;
};

absl::StatusOr<int> Run(const RunOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, options.config.Load());
  std::atomic<bool>& stop = StopOnSignals();
  KEYFOLD_RETURN_IF_ERROR(options.serve ? RunAndServe(config, options.projection, stop)
                                        : RunProjection(config, options.projection, stop));
  return kExitOk;
}

}  // namespace

void AddRun(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* verb = app.add_subcommand("run", "Fold the event topic and publish KPI updates, until stopped");
  verb->add_flag("--accept-log-start", options->projection.accept_log_start,
                 "Begin new shards at the start of the log even where retention has removed records before it");
  verb->add_flag("--until-end", options->projection.until_end,
                 "Stop when everything that is in the topic has been committed");
  verb->add_flag("--serve", options->serve, "Answer over HTTP, too, as `keyfold serve` does");
  options->config.AddTo(*verb);
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Run(*options)); });
}

}  // namespace keyfold
