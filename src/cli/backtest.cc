// keyfold backtest: how good a flag of the catalogue is as a warning.
#include "ask/backtest.h"

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ask/json.h"
#include "ask/moments.h"
#include "base/status_macros.h"
#include "cli/question.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "report/report.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

struct BacktestFlags {
  ConfigFlags config;
  std::string flag;
  std::string outcome = "-customer";
  std::string horizon = "90d";
  std::string format = "table";
};

constexpr const char* kBacktestFooter =
    "Of every account that is a customer, at every month end: was the flag up, and did the outcome come within the\n"
    "horizon after it? Month ends whose horizon is not over do not count. All is computed with what is known now. An\n"
    "outcome is a day on which a measure of the account rises or falls: -customer (a customer is lost), churned_key,\n"
    "lapses, -revenue. Write --outcome=-MEASURE where it begins with a minus sign.\n"
    "Where the flag's formula compares a KPI with a constant, the same for that comparison alone at the deciles of "
    "the\n"
    "KPI and at the constant. --format json prints one document; undefined values are absent:\n"
    "  {\"flag\":ID,\"outcome\":\"-customer\",\"horizon_days\":90,\"from\":DATE,\"to\":DATE,\"accounts\":312,COUNTS,\n"
    "   "
    "\"outcomes\":9,\"warned\":7,\"lead_days_median\":61,\"score\":KPI,\"thresholds\":[{\"threshold\":50,COUNTS},...],"
    "\n"
    "   \"shards\":[SHARD,...]}\n"
    "  COUNTS: \"true_positives\":N,\"false_positives\":N,\"true_negatives\":N,\"false_negatives\":N,\"precision\":N,"
    "\"recall\":N\n"
    "For example:\n"
    "  keyfold backtest at_risk --outcome=-customer --horizon 90d";

constexpr int kHorizonDaysMax = 3'660;

absl::StatusOr<int> ParseHorizon(absl::string_view text) {
  int days = 0;
  absl::ConsumeSuffix(&text, "d");
  if (!absl::SimpleAtoi(text, &days) || days < 1 || days > kHorizonDaysMax) {
    return absl::InvalidArgumentError(absl::StrCat("--horizon: days from 1d to ", kHorizonDaysMax, "d"));
  }
  return days;
}

absl::StatusOr<uint16_t> FindFlag(const Catalog& catalog, const std::string& id) {
  const std::optional<uint16_t> found = catalog.FindDefinition(id);
  if (found.has_value() && catalog.definitions()[*found].unit == "flag") return *found;
  std::string known;
  for (uint16_t index = 0; index < catalog.definitions().size(); ++index) {
    const Definition& definition = catalog.definitions()[index];
    if (definition.unit == "flag") absl::StrAppend(&known, known.empty() ? "" : ", ", definition.id);
  }
  return absl::InvalidArgumentError(absl::StrCat("the catalogue has no flag '", id, "': ", known));
}

const char* SignOf(Formula::Op op) {
  switch (op) {
    case Formula::Op::kLess:
      return "<";
    case Formula::Op::kLessEqual:
      return "<=";
    case Formula::Op::kGreater:
      return ">";
    default:
      return ">=";
  }
}

double Published(const Catalog& catalog, const ScoreComparison& score, double threshold) {
  return PublishedValue(catalog, catalog.definitions()[score.kpi], threshold);
}

void AddRow(const std::string& name, const BacktestCounts& counts, Table& table) {
  table.AddRow({name, absl::StrCat(counts.true_positives), absl::StrCat(counts.false_positives),
                absl::StrCat(counts.true_negatives), absl::StrCat(counts.false_negatives),
                FormatPercent(counts.precision()), FormatPercent(counts.recall())});
}

void PrintTable(const Catalog& catalog, const BacktestFlags& flags, const Backtest& backtest) {
  if (!backtest.first.has_value()) {
    std::cout << "no month end of a customer lies " << flags.horizon
              << " before the day that the shards have reached\n";
    return;
  }
  std::cout << flags.flag << " as a warning of " << flags.outcome << " within " << flags.horizon << ": "
            << backtest.accounts << " accounts, month ends from " << FormatDay(*backtest.first) << " to "
            << FormatDay(*backtest.last) << "\n\n";
  Table table;
  table.AddColumn("up", Table::Align::kLeft);
  for (const char* header : {"rightly up", "in vain", "rightly down", "missed", "precision", "recall"}) {
    table.AddColumn(header, Table::Align::kRight);
  }
  AddRow(flags.flag, backtest.counts, table);
  for (const BacktestThreshold& by : backtest.thresholds) {
    const Definition& kpi = catalog.definitions()[backtest.score->kpi];
    AddRow(absl::StrCat(kpi.id, " ", SignOf(backtest.score->op), " ",
                        FormatKpi(kpi, Published(catalog, *backtest.score, by.threshold))),
           by.counts, table);
  }
  table.Print(std::cout);
  std::cout << '\n' << backtest.outcomes << " outcomes, " << backtest.warned << " of them after a warning";
  if (backtest.lead_days.has_value()) std::cout << ", in the median " << *backtest.lead_days << " days before";
  std::cout << '\n';
}

void PutCounts(const BacktestCounts& counts, Json& json) {
  json["true_positives"] = counts.true_positives;
  json["false_positives"] = counts.false_positives;
  json["true_negatives"] = counts.true_negatives;
  json["false_negatives"] = counts.false_negatives;
  PutDefined(json, "precision", counts.precision());
  PutDefined(json, "recall", counts.recall());
}

void PrintBacktestJson(const ProjectionReader& reader, const BacktestFlags& flags, int horizon_days,
                       const Backtest& backtest) {
  const Catalog& catalog = reader.catalog();
  Json json{{"flag", flags.flag}, {"outcome", flags.outcome}, {"horizon_days", horizon_days}};
  if (backtest.first.has_value()) {
    json["from"] = FormatDay(*backtest.first);
    json["to"] = FormatDay(*backtest.last);
  }
  json["accounts"] = backtest.accounts;
  PutCounts(backtest.counts, json);
  json["outcomes"] = backtest.outcomes;
  json["warned"] = backtest.warned;
  PutDefined(json, "lead_days_median", backtest.lead_days.value_or(NAN));
  if (backtest.score.has_value()) json["score"] = catalog.definitions()[backtest.score->kpi].id;
  json["thresholds"] = Json::array();
  for (const BacktestThreshold& by : backtest.thresholds) {
    Json entry{{"threshold", Published(catalog, *backtest.score, by.threshold)}};
    PutCounts(by.counts, entry);
    json["thresholds"].push_back(std::move(entry));
  }
  json["shards"] = MomentsToJson(reader);
  WriteJsonLine(std::cout, json);
}

absl::StatusOr<int> RunBacktest(const BacktestFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const int horizon_days, ParseHorizon(flags.horizon));
  const std::optional<BacktestOutcome> outcome = ParseOutcome(flags.outcome);
  if (!outcome.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("--outcome: there is no measure '", flags.outcome, "'"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  const ProjectionReader& reader = *projection->reader;
  KEYFOLD_ASSIGN_OR_RETURN(const uint16_t flag, FindFlag(reader.catalog(), flags.flag));
  KEYFOLD_RETURN_IF_ERROR(BeginGroupQuestion(reader));
  KEYFOLD_ASSIGN_OR_RETURN(const Backtest backtest, AskBacktest(reader, flag, *outcome, horizon_days));
  if (flags.format == "json") {
    PrintBacktestJson(reader, flags, horizon_days, backtest);
  } else {
    PrintTable(reader.catalog(), flags, backtest);
  }
  return kExitOk;
}

}  // namespace

void AddBacktest(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<BacktestFlags>();
  CLI::App* verb = app.add_subcommand("backtest", "Say how good a flag was as a warning: precision, recall, lead time");
  verb->add_option("flag", flags->flag, "The flag: an alert of the catalogue, or a KPI of unit flag")->required();
  verb->add_option("--outcome", flags->outcome, "What it is to warn of: a measure, with - or + only its falls or rises")
      ->capture_default_str();
  verb->add_option("--horizon", flags->horizon, "How long before, in days")->capture_default_str();
  verb->add_option("--format", flags->format, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
  verb->footer(kBacktestFooter);
  flags->config.AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(RunBacktest(*flags)); });
}

}  // namespace keyfold
