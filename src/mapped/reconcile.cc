#include "mapped/reconcile.h"

#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "ask/json.h"
#include "ask/projection_reader.h"
#include "base/status_macros.h"
#include "lines/line_fold.h"
#include "lines/rejected_lines.h"
#include "mapped/fold_mapped.h"
#include "mapped/reconciliation.h"
#include "mapping/rounding.h"
#include "report/report.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

constexpr size_t kDaysShown = 3;

// A sum as people read it: of money in whole units.
std::string SumText(const SumDifference& difference, int64_t sum) {
  return difference.currency.is_none() ? absl::StrCat(sum) : MajorUnits(sum, difference.currency);
}

std::string DaysText(const SumDifference& difference) {
  std::string text;
  for (size_t i = 0; i < difference.days.size() && i < kDaysShown; ++i) {
    const SumDifference::OnDay& on = difference.days[i];
    absl::StrAppend(&text, i == 0 ? "" : ", ", FormatDay(on.day), ": ",
                    SumText(difference, on.in_export - on.in_ledger));
  }
  if (difference.days.size() > kDaysShown) absl::StrAppend(&text, ", ", difference.days.size() - kDaysShown, " more");
  return text;
}

void PrintTable(const Reconciliation& reconciliation) {
  Table table;
  table.AddColumn("account", Table::Align::kLeft);
  table.AddColumn("period", Table::Align::kLeft);
  table.AddColumn("measure", Table::Align::kLeft);
  table.AddColumn("", Table::Align::kLeft);
  table.AddColumn("export", Table::Align::kRight);
  table.AddColumn("ledger", Table::Align::kRight);
  table.AddColumn("difference", Table::Align::kRight);
  table.AddColumn("days that differ", Table::Align::kLeft);
  for (const SumDifference& difference : reconciliation.differences()) {
    table.AddRow({TextCell(difference.account_id), difference.period, std::string(MeasureName(difference.measure)),
                  difference.currency.code(), SumText(difference, difference.in_export),
                  SumText(difference, difference.in_ledger),
                  SumText(difference, difference.in_export - difference.in_ledger), DaysText(difference)});
  }
  table.Print(std::cout);
}

void PrintJson(const Reconciliation& reconciliation) {
  for (const SumDifference& difference : reconciliation.differences()) {
    Json days = Json::array();
    for (const SumDifference::OnDay& on : difference.days) {
      days.push_back({{"day", FormatDay(on.day)}, {"export", on.in_export}, {"ledger", on.in_ledger}});
    }
    WriteJsonLine(std::cout, Json{{"account_id", difference.account_id},
                                  {"period", difference.period},
                                  {"measure", std::string(MeasureName(difference.measure))},
                                  {"currency", difference.currency.code()},
                                  {"export", difference.in_export},
                                  {"ledger", difference.in_ledger},
                                  {"days", std::move(days)}});
  }
}

absl::StatusOr<ReconciledSums> ReadQuestion(const ReconcileFlags& flags) {
  ReconciledSums sums;
  const std::optional<Period> period = ParsePeriod(flags.period);
  if (!period.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--period: '", flags.period, "' is none of day, month, quarter, year"));
  }
  sums.period = *period;
  for (const std::string& name : flags.measures) {
    const std::optional<Measure> measure = FindMeasure(name);
    if (!measure.has_value() || KindOf(*measure) != MeasureKind::kFlow) {
      return absl::InvalidArgumentError(absl::StrCat("--measure: '", name, "' is nothing that is added up by days"));
    }
    sums.measures.insert(*measure);
  }
  KEYFOLD_ASSIGN_OR_RETURN(sums.from, ParseDateFlag("--from", flags.from));
  KEYFOLD_ASSIGN_OR_RETURN(sums.to, ParseDateFlag("--to", flags.to));
  return sums;
}

}  // namespace

void ReconcileFlags::AddTo(CLI::App& verb) {
  verb.add_option("FILE", files, "The export, whole for its accounts and periods; - is standard input")->required();
  map.AddTo(verb)->required();
  verb.add_option("--measure", measures,
                  "What is compared, of the measures of docs/events.md (money that the export has)");
  verb.add_option("--period", period, "day, month, quarter or year")->capture_default_str();
  verb.add_option("--from", from, "Nothing before this day is compared");
  verb.add_option("--to", to, "Nor after this day");
  verb.add_option("--format", format, "table or json")->check(CLI::IsMember({"table", "json"}))->capture_default_str();
  verb.footer(
      "Folds what the export becomes and compares its sums with those of the shards on this machine, account by\n"
      "account, to the cent; prints those that differ. Ends with 1 if any does, or a row was rejected.\n\n"
      "With --format json a line each, amounts in minor units:\n"
      "  {\"account_id\":\"A1\",\"period\":\"2026-01\",\"measure\":\"revenue\",\"currency\":\"EUR\",\"export\":100,\n"
      "  \"ledger\":90,\"days\":[{\"day\":\"2026-01-05\",\"export\":100,\"ledger\":90}]}");
  config.AddTo(verb, ShardKeys());
}

absl::StatusOr<bool> Reconcile(const ReconcileFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(ReconciledSums sums, ReadQuestion(flags));
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  RejectedLines rejected;
  LineFold lines(projection->catalog, UnknownFields::kRejected, rejected);
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t rejected_rows, FoldMapped(flags.map, flags.files, lines));
  Reconciliation reconciliation(std::move(sums));
  absl::Status read;
  const std::optional<Day> last = lines.folded().LastDay();
  if (last.has_value()) {
    KEYFOLD_RETURN_IF_ERROR(lines.folded().VisitAccounts(*last, [&](const FoldedValues& values) {
      if (!read.ok()) return;
      const auto account = projection->reader->ReadAccount(values.id);
      read = account.status();
      if (!read.ok()) return;
      const std::span<const Contribution> none;
      reconciliation.Compare(values.id, values.ledger, account->has_value() ? (*account)->ledger : none);
    }));
  }
  KEYFOLD_RETURN_IF_ERROR(read);
  if (flags.format == "json") {
    PrintJson(reconciliation);
  } else {
    PrintTable(reconciliation);
  }
  std::cout.flush();
  std::cerr << reconciliation.accounts() << " accounts, " << reconciliation.sums()
            << " sums: " << reconciliation.differences().size() << " differ, of "
            << reconciliation.accounts_that_differ() << " accounts\n";
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return reconciliation.differences().empty() && rejected_rows == 0;
}

}  // namespace keyfold
