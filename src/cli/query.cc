// keyfold query: the KPIs of accounts and groups from the shards on this machine, now, at any date, or over time.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "ask/series.h"
#include "ask/shard_query.h"
#include "base/status_macros.h"
#include "cli/question.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "lines/json_lines.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

struct QueryOptions {
  ConfigFlags config;
  std::vector<std::string> ids;
  std::string as_of;
  bool measures = false;
  std::vector<std::string> series;
  std::string formula;
  std::string unit = "number";
  std::string from;
  std::string to;
  std::string step;
};

constexpr const char* kFormulaId = "formula";
constexpr const char* kQueryFooter =
    "An ID that begins with portfolio:, manager:, segment:, region:, industry:, tier: or parent: is a group's:\n"
    "portfolio:all, portfolio:key, manager:M7 ... A group's numbers need the shards of all partitions on this\n"
    "machine. Which took part, and at which moment each was seen, is said on standard error.\n\n"
    "Prints JSON lines as fold does. With --series, a line per step, with the members of that day for groups:\n"
    "  keyfold query A1 manager:M7 --series revenue_t12m,nps --from 2024-01-31 --step month |\n"
    "    jq -r '[.account_id // .group_id, .as_of, .kpis.revenue_t12m] | @csv'\n"
    "Months are counted from --from; a month's last day leads to last days.\n\n"
    "--formula asks for any formula of the catalogue's language, of accounts and groups, without changing the "
    "catalogue;\n"
    "the value is called formula. Money is in minor units, unless --unit money says that it is published in major "
    "ones:\n"
    "  keyfold query A1 manager:M7 --formula 'sum(revenue, trailing 6 m) / sum(orders, trailing 6 m)' --unit money";

// What --series or --formula asks for.
struct SeriesQuestion {
  std::vector<uint16_t> kpis;
  std::vector<Day> days;
};

// --from and its companions ask for values over time: of --series, or of --formula.
absl::Status CheckFlags(const QueryOptions& options) {
  const bool over_time = !options.from.empty();
  const bool chosen = !options.series.empty() || !options.formula.empty();
  if (!options.series.empty() && !options.formula.empty()) {
    return absl::InvalidArgumentError("--series and --formula are two questions");
  }
  if (!chosen && (over_time || !options.to.empty() || !options.step.empty())) {
    return absl::InvalidArgumentError("--from, --to and --step need --series KPI[,KPI...] or --formula");
  }
  if (!over_time && (!options.series.empty() || !options.to.empty() || !options.step.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.series.empty() ? "--to and --step need" : "--series needs", " --from DATE"));
  }
  if ((over_time && !options.as_of.empty()) || (chosen && options.measures)) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.series.empty() ? "--formula" : "--series",
                     " goes with --from, --to and --step, not with --as-of and --measures"));
  }
  return absl::OkStatus();
}

// The KPIs that are asked for by name, or that of the formula.
absl::StatusOr<std::vector<uint16_t>> ReadKpis(const QueryOptions& options, const Catalog& catalog) {
  if (!options.formula.empty()) return std::vector<uint16_t>{*catalog.FindKpi(kFormulaId)};
  std::vector<uint16_t> kpis;
  for (const std::string& id : options.series) {
    KEYFOLD_ASSIGN_OR_RETURN(kpis.emplace_back(), FindKpiFlag(catalog, "--series", id));
  }
  return kpis;
}

absl::StatusOr<SeriesQuestion> ReadSeries(const QueryOptions& options, const ProjectionReader& reader) {
  SeriesQuestion question;
  KEYFOLD_ASSIGN_OR_RETURN(question.kpis, ReadKpis(options, reader.catalog()));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, ParseDateFlag("--from", options.from));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> to, ParseDateFlag("--to", options.to));
  if (!to.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(to, reader.LatestDay());
  }
  const std::string step_name = options.step.empty() ? "month" : options.step;
  const std::optional<SeriesStep> step = ParseSeriesStep(step_name);
  if (!step.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--step: '", step_name, "' is none of day, week, month, quarter, year"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(question.days, SeriesDays(*from, *to, *step));
  return question;
}

absl::Status CheckForGroups(const Catalog& catalog, const SeriesQuestion& question) {
  for (uint16_t index : question.kpis) {
    const Definition& kpi = catalog.definitions()[index];
    if (kpi.rollup == Definition::Rollup::kNone) {
      return absl::InvalidArgumentError(absl::StrCat("--series: ", kpi.id, " is not published for groups"));
    }
  }
  return absl::OkStatus();
}

// The question that --as-of asks.
absl::StatusOr<SeriesQuestion> OneDay(const ProjectionReader& reader, std::vector<uint16_t> kpis,
                                      std::optional<Day> day) {
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, reader.LatestDay());
  }
  return SeriesQuestion{std::move(kpis), {*day}};
}

// Prints an account's values; false: there is no such account.
absl::StatusOr<bool> PrintAccount(const ProjectionReader& reader, const std::string& account_id, std::optional<Day> day,
                                  bool measures) {
  for (const ShardSource& shard : reader.shards()) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<AccountAtDay> found,
                             QueryAccount(*shard.store, reader.catalog(), account_id, day));
    if (!found.has_value()) continue;
    WriteAccount(std::cout, found->values, found->day, measures);
    return true;
  }
  return false;
}

// Prints what is asked of one id; false: there is no such account, or nobody in the group.
absl::StatusOr<bool> Print(const ProjectionReader& reader, const std::string& id, const QueryOptions& options,
                           std::optional<Day> day, const std::optional<SeriesQuestion>& series) {
  if (IsGroupId(id)) {
    KEYFOLD_ASSIGN_OR_RETURN(const SeriesQuestion one_day, OneDay(reader, reader.catalog().kpis(), day));
    const SeriesQuestion& question = series.has_value() ? *series : one_day;
    return GroupSeries(reader, id, question.days, question.kpis,
                       [](Day at, const FoldedValues& values) { WriteGroup(std::cout, values, at); });
  }
  if (!series.has_value()) return PrintAccount(reader, id, day, options.measures);
  return AccountSeries(reader, id, series->days, series->kpis, [](Day at, const FoldedValues& values) {
    WriteAccount(std::cout, values, at, /*measures=*/false);
  });
}

absl::StatusOr<int> Query(const QueryOptions& options) {
  KEYFOLD_RETURN_IF_ERROR(CheckFlags(options));
  bool any_group = false;
  for (const std::string& id : options.ids) {
    if (!IsGroupId(id)) continue;
    any_group = true;
    KEYFOLD_RETURN_IF_ERROR(CheckGroupId(id));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, options.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> day, ParseDateFlag("--as-of", options.as_of));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  std::optional<Catalog> extended;  // with the formula
  if (!options.formula.empty()) {
    const absl::StatusOr<Catalog> compiled = projection->catalog.WithFormula(kFormulaId, options.formula, options.unit);
    if (!compiled.ok()) return absl::InvalidArgumentError(absl::StrCat("--formula: ", compiled.status().message()));
    extended = *compiled;
  }
  const ProjectionReader reader = extended.has_value() ? projection->reader->With(*extended) : *projection->reader;
  std::optional<SeriesQuestion> series;
  if (!options.from.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(series, ReadSeries(options, reader));
  } else if (extended.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(series, OneDay(reader, {*extended->FindKpi(kFormulaId)}, day));
  }
  if (series.has_value()) {
    if (any_group) KEYFOLD_RETURN_IF_ERROR(CheckForGroups(reader.catalog(), *series));
  }
  if (any_group) KEYFOLD_RETURN_IF_ERROR(reader.CheckComplete());
  std::cerr << "keyfold: " << reader.Describe() << '\n';
  int exit_status = kExitOk;
  for (const std::string& id : options.ids) {
    KEYFOLD_ASSIGN_OR_RETURN(const bool found, Print(reader, id, options, day, series));
    if (found) continue;
    std::cerr << "keyfold: " << NotFoundText(reader, id) << '\n';
    exit_status = kExitFailed;
  }
  return exit_status;
}

}  // namespace

void AddQuery(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* verb = app.add_subcommand("query", "Print the KPIs of accounts and groups from the shards on this machine");
  verb->add_option("ID", options->ids, "Account ids, group ids")->required();
  verb->add_option("--as-of", options->as_of, "Evaluation date (default: the day that the shard has reached)");
  verb->add_flag("--measures", options->measures, "Also print each measure's sum in its own currency; accounts only");
  verb->add_option("--series", options->series, "These KPIs over time: KPI[,KPI...]")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--formula", options->formula, "The value of this formula instead of the catalogue's KPIs");
  verb->add_option("--unit", options->unit, "number, money or money/day: of the formula (number)")
      ->check(CLI::IsMember({"number", "money", "money/day"}));
  verb->add_option("--from", options->from, "First date of the series");
  verb->add_option("--to", options->to, "Last date of the series (default: the day that the shards have reached)");
  verb->add_option("--step", options->step, "day, week, month, quarter or year (month)");
  verb->footer(kQueryFooter);
  options->config.AddTo(*verb, ShardKeys());
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Query(*options)); });
}

}  // namespace keyfold
