// keyfold fold: folds JSON lines and prints every account's KPIs.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "lines/json_lines.h"
#include "lines/line_fold.h"
#include "lines/without_effect_report.h"
#include "mapped/fold_mapped.h"

namespace keyfold {
namespace {

struct FoldOptions {
  ConfigFlags config;
  std::vector<std::string> files;
  std::string as_of;
  std::string dead_letters_file;
  std::string without_effect_file;
  MapFlags map;
  bool rollups = false;
  bool measures = false;
  bool strict = false;
};

absl::Status PrintResults(const FoldOptions& options, const OfflineFold& fold, Day day) {
  KEYFOLD_RETURN_IF_ERROR(fold.VisitAccounts(
      day, [&](const FoldedValues& values) { WriteAccount(std::cout, values, day, options.measures); }));
  if (options.rollups) {
    KEYFOLD_RETURN_IF_ERROR(
        fold.VisitGroups(day, [&](const FoldedValues& values) { WriteGroup(std::cout, values, day); }));
  }
  std::cout.flush();
  return std::cout ? absl::OkStatus() : absl::DataLossError("writing to standard output failed");
}

// One wrong clock must not choose the date without a word.
void PrintIfFarAhead(const OfflineFold& fold) {
  constexpr int64_t kFarDays = 366;  // a history may well be a year long
  const std::optional<LastRecord> last = fold.Last();
  if (!last.has_value() || last->days_after_median <= kFarDays) return;
  std::cerr << "the date is that of line " << last->offset << ", event_id " << last->event_id << ", of "
            << absl::FormatTime(absl::RFC3339_sec, absl::FromUnixSeconds(last->seconds), absl::UTCTimeZone())
            << ", which is " << last->days_after_median
            << " days after the median of the others; --as-of chooses another date\n";
}

absl::StatusOr<int> Fold(const FoldOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, options.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", options.as_of));
  RejectedLines rejected;
  KEYFOLD_RETURN_IF_ERROR(
      rejected.Open(options.dead_letters_file, options.map.given() ? std::vector<std::string>() : options.files));
  WithoutEffectReport without_effect;
  KEYFOLD_RETURN_IF_ERROR(without_effect.Open(options.without_effect_file, options.files));
  LineFold lines(catalog, UnknownFields::kIgnored, rejected);
  int64_t rejected_rows = 0;
  if (options.map.given()) {
    KEYFOLD_ASSIGN_OR_RETURN(rejected_rows, FoldMapped(options.map, options.files, lines));
  } else {
    KEYFOLD_RETURN_IF_ERROR(lines.Fold(options.files));
  }
  const OfflineFold& fold = lines.folded();
  if (!day.has_value()) {
    day = fold.LastDay();
    PrintIfFarAhead(fold);
  }
  if (day.has_value()) KEYFOLD_RETURN_IF_ERROR(PrintResults(options, fold, *day));
  const FoldCounts& counts = fold.counts();
  std::cerr << "folded " << counts.applied << " events, " << counts.duplicates << " duplicates, " << counts.superseded
            << " superseded, " << counts.erasures << " erasures, " << counts.rejected << " rejected"
            << rejected.CountsByCode() << '\n';
  KEYFOLD_RETURN_IF_ERROR(without_effect.Write(fold, std::cerr));
  return options.strict && counts.rejected + rejected_rows > 0 ? kExitFailed : kExitOk;
}

}  // namespace

void AddFold(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<FoldOptions>();
  CLI::App* verb =
      app.add_subcommand("fold", "Fold JSON lines, or an export by its mapping, and print every account's KPIs");
  verb->add_option("FILE", options->files, "Events, one a line, in order of arrival, or an export; - is standard input")
      ->required();
  verb->add_option("--as-of", options->as_of, "Evaluation date (default: the day of the greatest occurred_at)");
  verb->add_flag("--rollups", options->rollups, "Also print groups");
  verb->add_flag("--measures", options->measures, "Also print each measure's sum in its own currency");
  verb->add_option("--dead-letters", options->dead_letters_file,
                   "Write rejected lines to this file; - is standard output");
  verb->add_option("--without-effect", options->without_effect_file,
                   "Write the events that are without effect, and why, to this file: JSON lines");
  verb->add_flag("--strict", options->strict, "Exit with 1 if a line was rejected");
  options->map.AddTo(*verb);
  options->config.AddTo(*verb, DefinitionKeys());
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Fold(*options)); });
}

}  // namespace keyfold
