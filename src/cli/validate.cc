// keyfold validate: folds JSON lines in memory, and says which are rejected. keyfold reconcile: compares an export.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "lines/line_fold.h"
#include "mapped/fold_mapped.h"
#include "mapped/reconcile.h"

namespace keyfold {
namespace {

struct ValidateOptions {
  std::string reporting_currency = "EUR";
  std::vector<std::string> files;
  std::string dead_letters_file;
  MapFlags map;
  bool allow_unknown_fields = false;
  bool strict = false;
};

// What there must be of a catalogue. The default one names no currency, so it fits every one.
absl::StatusOr<Catalog> CatalogIn(const std::string& reporting_currency) {
  Config config;
  config.kpi.reporting_currency = reporting_currency;
  return LoadCatalog(config);
}

absl::StatusOr<int> ValidateFiles(const ValidateOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, CatalogIn(options.reporting_currency));
  RejectedLines rejected;
  KEYFOLD_RETURN_IF_ERROR(
      rejected.Open(options.dead_letters_file, options.map.given() ? std::vector<std::string>() : options.files));
  LineFold lines(catalog, options.allow_unknown_fields ? UnknownFields::kIgnored : UnknownFields::kRejected, rejected);
  int64_t rejected_rows = 0;
  if (options.map.given()) {
    KEYFOLD_ASSIGN_OR_RETURN(rejected_rows, FoldMapped(options.map, options.files, lines));
  } else {
    KEYFOLD_RETURN_IF_ERROR(lines.Fold(options.files));
  }
  const FoldCounts& counts = lines.folded().counts();
  std::cerr << counts.applied + counts.duplicates + counts.superseded << " valid events, " << counts.erasures
            << " erasures, " << counts.rejected << " rejected" << rejected.CountsByCode() << '\n';
  return options.strict && counts.rejected + rejected_rows > 0 ? kExitFailed : kExitOk;
}

}  // namespace

void AddValidate(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* verb = app.add_subcommand(
      "validate", "Check JSON lines and that they have no unknown fields, or an export by its mapping");
  verb->footer(
      "Folds the lines in memory to find conflicts and entities with too many events, too. Not checked: what only a "
      "log\n"
      "has (record keys, how far a record is ahead of its time), and conflicts with events that are not in the files.");
  verb->add_option("FILE", options->files, "Events, one a line, or an export; - is standard input")->required();
  verb->add_option("--dead-letters", options->dead_letters_file,
                   "Write rejected lines to this file; - is standard output");
  verb->add_flag("--allow-unknown-fields", options->allow_unknown_fields,
                 "Take events with fields that there are not, as `run` does");
  verb->add_flag("--strict", options->strict, "Exit with 1 if a line was rejected");
  CLI::Option* const map = options->map.AddTo(*verb);
  verb->add_option("--events", options->map.events_file,
                   "Write the events that an export becomes to this file, as JSON lines; - is standard output")
      ->needs(map);
  verb->add_option("--reporting_currency", options->reporting_currency, "A rate for it is wrong")
      ->envname("KEYFOLD_REPORTING_CURRENCY")
      ->capture_default_str();
  verb->callback([options, &exit_status] { exit_status = ExitStatus(ValidateFiles(*options)); });
}

void AddReconcile(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ReconcileFlags>();
  flags->AddTo(*app.add_subcommand("reconcile", "Compare an export's sums with the ledger's, per account and period"));
  app.get_subcommand("reconcile")->callback([flags, &exit_status] {
    const absl::StatusOr<bool> agree = Reconcile(*flags);
    exit_status = agree.ok() && *agree ? kExitOk : agree.ok() ? kExitFailed : ExitStatus(agree.status());
  });
}

}  // namespace keyfold
