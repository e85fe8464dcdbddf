// keyfold rebuild: everything that follows from the stored events, made anew from them, without the log.
#include <cstdint>
#include <iostream>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "report/progress.h"
#include "run/local_rebuild.h"

namespace keyfold {
namespace {

constexpr const char* kRebuildFooter =
    "For another catalogue, other parameters, another time zone or fiscal year, or a new version of a measure: stop\n"
    "`keyfold run` everywhere, rebuild on every machine with the new configuration, and start it again. It goes on\n"
    "where it was in the log, and publishes every account and group once. The result is what folding the log anew\n"
    "gives. With roll-ups, all shards must be on this machine. Another reporting currency needs a new projection.";

absl::StatusOr<int> Rebuild(const ConfigFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  Progress progress("events");
  KEYFOLD_ASSIGN_OR_RETURN(const LocalRebuild rebuilt,
                           RebuildLocalShards(config, catalog, [&](int64_t events) { progress.Advance(events); }));
  progress.Show();
  std::cout << "rebuilt " << rebuilt.shards << " shards with catalogue " << catalog.hash() << ": " << rebuilt.accounts
            << " accounts, " << rebuilt.events << " events\n";
  return kExitOk;
}

}  // namespace

void AddRebuild(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ConfigFlags>();
  CLI::App* verb = app.add_subcommand("rebuild", "Make KPIs anew from the stored events: for another catalogue");
  verb->footer(kRebuildFooter);
  flags->AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Rebuild(*flags)); });
}

}  // namespace keyfold
