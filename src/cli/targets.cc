// keyfold targets: every plan in force, where it stands, and where the fiscal year ends at the present run rate.
#include "ask/targets.h"

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
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

struct TargetFlags {
  ConfigFlags config;
  std::string group_id = "portfolio:all";
  std::string as_of;
  std::string format = "table";
};

constexpr const char* kTargetsFooter =
    "Takes the members of the group whose plan is in force, the worst year-end gap first. The forecast of the fiscal\n"
    "year's end is its revenue to date / days gone (the evaluation date included) x days of the year; the gap is that\n"
    "less what the plan wants on the year's last day, absent where no plan is in force then. The last line sums up\n"
    "these accounts; its year's end those that have a year-end gap.\n"
    "--format json prints one document; ratios are 0.25 for 25 %, undefined values are absent:\n"
    "  {\"group_id\":ID,\"as_of\":DATE,\"fiscal_year\":{\"from\":DATE,\"to\":DATE,\"days\":365,\"days_gone\":181},\n"
    "   \"accounts\":12,\"accounts_with_plan\":7,\"accounts_on_track\":4,\"missing_rates\":[],\"group\":VALUES,\n"
    "   \"members\":[{\"account_id\":ID,\"name\":TEXT,\"tier\":TEXT,\"manager_id\":ID,\n"
    "               "
    "\"plan\":{\"start_date\":DATE,\"end_date\":DATE,\"target_growth\":N,\"min_margin\":N},\"plan_on_track\":1,\n"
    "               ...VALUES},...],\n"
    "   \"shards\":[{\"partition\":0,\"next_offset\":N,\"stream_time\":TIME,\"stored_at\":TIME},...]}\n"
    "  VALUES: {\"revenue_t12m\":N,\"plan_target\":N,\"plan_goal\":N,\"plan_attainment\":N,\"plan_progress\":N,\n"
    "           \"contribution_margin_ratio\":N,\"plan_margin_headroom\":N,\n"
    "           \"year_end\":{\"revenue\":N,\"plan_target\":N,\"gap\":N}}; group's year_end also has \"accounts\"\n"
    "For example, who will miss the plan at the end of the year:\n"
    "  keyfold targets manager:M7 --format json | jq -r '.members[] | select((.year_end.gap // 0) < 0) | .account_id'";

// "3 years", "18 months", or "400 days" where months do not fit. A plan's last day is in it, or is the day of its
// start.
std::string Duration(Day start, Day end) {
  const Month months = MonthOf(end + 1) - MonthOf(start);
  if (months <= 0 || (MinusMonths(end + 1, months) != start && MinusMonths(end, months) != start)) {
    return absl::StrCat(end - start + 1, " days");
  }
  const bool years = months % 12 == 0;
  const int count = years ? months / 12 : months;
  return absl::StrCat(count, years ? " year" : " month", count == 1 ? "" : "s");
}

// As people write goals: "25%", "12.5%".
std::string GoalPercent(double ratio) { return absl::StrCat(std::round(1000 * ratio) / 10, "%"); }

// "+25% in 3 years to 2028-12-31, margin >= 30%"
std::string PlanText(const TargetRow& row) {
  const std::string margin =
      std::isnan(row.min_margin) ? "" : absl::StrCat(", margin >= ", GoalPercent(row.min_margin));
  return absl::StrCat(row.growth >= 0 ? "+" : "", GoalPercent(row.growth), " in ",
                      Duration(row.plan_start, row.plan_end), " to ", FormatDay(row.plan_end), margin);
}

void AddCells(const TargetValues& values, const std::string& on_track, std::vector<std::string>& cells) {
  for (const std::string& cell :
       {FormatMoney(values.goal), FormatPercent(values.progress), FormatMoney(values.revenue),
        FormatMoney(values.target), FormatPercent(values.attainment), FormatPercent(values.margin_ratio),
        std::isnan(values.margin_headroom) ? "-" : FormatNumber(100 * values.margin_headroom, 1) + "pp", on_track,
        FormatMoney(values.year_end_revenue), FormatMoney(values.year_end_target),
        FormatMoney(values.year_end_gap())}) {
    cells.push_back(cell);
  }
}

void PrintTargetsTables(const ProjectionReader& reader, const TargetFlags& flags, Day day, const Targets& targets) {
  const Catalog& catalog = reader.catalog();
  const FiscalYear& year = targets.year;
  std::cout << ForTerminal(flags.group_id) << " on " << FormatDay(day) << ": " << targets.rows.size() << " of "
            << targets.accounts << " accounts have a plan, " << targets.accounts_on_track << " are on track\n"
            << "fiscal year " << FormatDay(year.first) << " to " << FormatDay(year.last) << ": " << day - year.first + 1
            << " of " << year.days() << " days gone; money in " << catalog.reporting_currency().code() << "\n\n";
  Table table;
  for (const char* header : {"account", "name", "manager", "plan"}) table.AddColumn(header, Table::Align::kLeft);
  for (const char* header : {"goal", "progress", "revenue_t12m", "wanted now", "attained", "margin", "above floor",
                             "on track", "year end", "wanted then", "gap"}) {
    table.AddColumn(header, Table::Align::kRight);
  }
  for (const TargetRow& row : targets.rows) {
    std::vector<std::string> cells = {TextCell(row.account_id), TextCell(row.name), TextCell(row.manager_id),
                                      PlanText(row)};
    AddCells(row.values, FormatFlag(row.on_track), cells);
    table.AddRow(std::move(cells));
  }
  if (!targets.rows.empty()) {
    std::vector<std::string> cells = {"all", "", "", absl::StrCat(targets.rows.size(), " plans")};
    AddCells(targets.group, absl::StrCat(targets.accounts_on_track, "/", targets.rows.size()), cells);
    table.AddRow(std::move(cells));
  }
  table.Print(std::cout);
  const auto without = static_cast<int64_t>(targets.rows.size()) - targets.year_end_accounts;
  if (without > 0) {
    std::cout << "\nthe year's end leaves out " << without << " whose plan is not in force on " << FormatDay(year.last)
              << '\n';
  }
  for (const std::string& currency : targets.missing_rates) {
    std::cout << "\namounts in " << currency << " are left out: there is no rate for them\n";
  }
}

void PutValues(const TargetValues& values, Json& json) {
  PutDefined(json, "revenue_t12m", values.revenue);
  PutDefined(json, "plan_target", values.target);
  PutDefined(json, "plan_goal", values.goal);
  PutDefined(json, "plan_attainment", values.attainment);
  PutDefined(json, "plan_progress", values.progress);
  PutDefined(json, "contribution_margin_ratio", values.margin_ratio);
  PutDefined(json, "plan_margin_headroom", values.margin_headroom);
  Json year_end = Json::object();
  PutDefined(year_end, "revenue", values.year_end_revenue);
  PutDefined(year_end, "plan_target", values.year_end_target);
  PutDefined(year_end, "gap", values.year_end_gap());
  json["year_end"] = std::move(year_end);
}

Json ToJson(const TargetRow& row) {
  Json json{{"account_id", row.account_id}};
  PutText(json, "name", row.name);
  PutText(json, "tier", row.tier);
  PutText(json, "manager_id", row.manager_id);
  Json plan{
      {"start_date", FormatDay(row.plan_start)}, {"end_date", FormatDay(row.plan_end)}, {"target_growth", row.growth}};
  PutDefined(plan, "min_margin", row.min_margin);
  json["plan"] = std::move(plan);
  PutDefined(json, "plan_on_track", row.on_track);
  PutValues(row.values, json);
  return json;
}

void PrintTargetsJson(const ProjectionReader& reader, const TargetFlags& flags, Day day, const Targets& targets) {
  Json json{{"group_id", flags.group_id},
            {"as_of", FormatDay(day)},
            {"fiscal_year", Json{{"from", FormatDay(targets.year.first)},
                                 {"to", FormatDay(targets.year.last)},
                                 {"days", targets.year.days()},
                                 {"days_gone", day - targets.year.first + 1}}},
            {"accounts", targets.accounts},
            {"accounts_with_plan", targets.rows.size()},
            {"accounts_on_track", targets.accounts_on_track},
            {"missing_rates", targets.missing_rates}};
  json["group"] = Json::object();
  PutValues(targets.group, json["group"]);
  json["group"]["year_end"]["accounts"] = targets.year_end_accounts;
  json["members"] = Json::array();
  for (const TargetRow& row : targets.rows) json["members"].push_back(ToJson(row));
  json["shards"] = MomentsToJson(reader);
  WriteJsonLine(std::cout, json);
}

absl::StatusOr<int> ShowTargets(const TargetFlags& flags) {
  KEYFOLD_RETURN_IF_ERROR(CheckGroupId(flags.group_id));
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", flags.as_of));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  const ProjectionReader& reader = *projection->reader;
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, reader.LatestDay());
  }
  KEYFOLD_RETURN_IF_ERROR(BeginGroupQuestion(reader));
  KEYFOLD_ASSIGN_OR_RETURN(const Targets targets, AskTargets(reader, flags.group_id, *day));
  if (targets.accounts == 0) {
    std::cerr << "keyfold: nobody belongs to the group '" << flags.group_id << "' on " << FormatDay(*day) << '\n';
    return kExitFailed;
  }
  (flags.format == "json" ? PrintTargetsJson : PrintTargetsTables)(reader, flags, *day, targets);
  return kExitOk;
}

}  // namespace

void AddTargets(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<TargetFlags>();
  CLI::App* verb = app.add_subcommand(
      "targets", "Show the plans of a group's members: where they stand, and where the fiscal year ends");
  verb->add_option("GROUP", flags->group_id, "portfolio:all (default), portfolio:key, manager:ID, segment:X ...");
  verb->add_option("--as-of", flags->as_of, "Evaluation date (default: the day that the shards have reached)");
  verb->add_option("--format", flags->format, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
  verb->footer(kTargetsFooter);
  flags->config.AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(ShowTargets(*flags)); });
}

}  // namespace keyfold
