// keyfold catalog: what `run` publishes about its KPIs, without Kafka.
#include <iostream>
#include <memory>

#include "CLI/CLI.hpp"
#include "ask/catalog_document.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"

namespace keyfold {
namespace {

absl::StatusOr<int> PrintCatalog(const ConfigFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  std::cout << CatalogDocument(catalog) << '\n' << std::flush;
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return kExitOk;
}

}  // namespace

void AddCatalog(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ConfigFlags>();
  CLI::App* verb = app.add_subcommand(
      "catalog", "Check the catalogue and print what it says of every KPI, as `run` publishes it (JSON)");
  flags->AddTo(*verb, DefinitionKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(PrintCatalog(*flags)); });
}

}  // namespace keyfold
