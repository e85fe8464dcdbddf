#include "lines/json_lines.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "ask/json.h"

namespace keyfold {
namespace {

Json Kpis(const FoldedValues& values) {
  Json kpis = Json::object();
  for (const auto& [id, value] : values.kpis) kpis[id] = value;
  return kpis;
}

Json Measures(std::span<const Contribution> ledger, Day day) {
  std::map<std::string, std::map<std::string, __int128>> sums;
  for (const Contribution& contribution : ledger) {
    const LedgerCell& cell = contribution.cell;
    if (cell.day > day) continue;
    std::string name(MeasureName(cell.measure));
    if (cell.measure == Measure::kResolutionHistogram) absl::StrAppend(&name, "[", cell.bin, "]");
    sums[name][cell.currency.code()] += contribution.amount;
  }
  Json measures = Json::object();
  for (const auto& [name, by_currency] : sums) {
    for (const auto& [currency, sum] : by_currency) {
      if (sum != 0) measures[name][currency] = static_cast<int64_t>(sum);
    }
  }
  return measures;
}

}  // namespace

void WriteDeadLetter(std::ostream& out, int64_t line, const Rejection& rejection, std::string_view record) {
  WriteJsonLine(out, Json{{"line", line},
                          {"code", std::string(RejectionCodeName(rejection.code))},
                          {"message", rejection.message},
                          {"record", std::string(record)}});
}

void WriteAccount(std::ostream& out, const FoldedValues& values, Day day, bool measures) {
  Json json{{"account_id", values.id}, {"as_of", FormatDay(day)}};
  json["kpis"] = Kpis(values);
  json["missing_rates"] = values.missing_rates;
  if (measures) json["measures"] = Measures(values.ledger, day);
  WriteJsonLine(out, json);
}

void WriteGroup(std::ostream& out, const FoldedValues& values, Day day) {
  Json json{{"group_id", values.id}, {"as_of", FormatDay(day)}, {"accounts", values.accounts}};
  json["kpis"] = Kpis(values);
  json["missing_rates"] = values.missing_rates;
  WriteJsonLine(out, json);
}

}  // namespace keyfold
