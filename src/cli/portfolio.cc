// keyfold portfolio: a group's KPIs and its members, ranked, compared with an earlier date.
#include "ask/portfolio.h"

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

// Beside the ranking KPI, where the catalogue has them.
constexpr const char* kColumns[] = {"revenue_t12m", "revenue_growth", "contribution_margin_ratio", "at_risk"};
constexpr int kMonthsBack = 3;

struct PortfolioFlags {
  ConfigFlags config;
  std::string group_id;
  std::string by = "health_score";
  std::string as_of;
  std::string since;
  std::string format = "table";
  size_t limit = 50;
};

constexpr const char* kPortfolioFooter =
    "--format json prints one document; undefined values are absent:\n"
    "  "
    "{\"group_id\":\"manager:M7\",\"as_of\":DATE,\"since\":DATE,\"by\":\"health_score\",\"accounts\":12,\"accounts_"
    "since\":11,\n"
    "   \"kpis\":{KPI:{\"value\":N,\"since\":N,\"change\":N},...},\"missing_rates\":[],\n"
    "   "
    "\"members\":[{\"rank\":1,\"account_id\":ID,\"name\":TEXT,\"tier\":TEXT,\"manager_id\":ID,\"value\":N,\"since\":N,"
    "\"change\":N,\n"
    "               \"kpis\":{KPI:N,...}},...],\n"
    "   \"joined_accounts\":1,\"joined\":[{\"account_id\":ID,\"name\":TEXT,\"date\":DATE,\"from\":GROUP},...],\n"
    "   \"left_accounts\":0,\"left\":[{\"account_id\":ID,\"name\":TEXT,\"date\":DATE,\"to\":GROUP},...],\n"
    "   \"shards\":[{\"partition\":0,\"next_offset\":N,\"stream_time\":TIME,\"stored_at\":TIME},...]}\n"
    "The group's value at --since is that of its members then; a member's is its own. Everybody belongs to "
    "portfolio:all\n"
    "at all times: nobody joins or leaves it. For example:\n"
    "  keyfold portfolio manager:M7 --format json | jq -r '.members[] | [.rank, .account_id, .value] | @tsv'";

std::string FormatGroupKpi(const Definition& kpi, double value) {
  // What is a flag of an account is a number of accounts in a group.
  return kpi.unit == "flag" ? FormatNumber(value, 0) : FormatKpi(kpi, value);
}

std::string Header(const Catalog& catalog, uint16_t index) {
  const Definition& kpi = catalog.definitions()[index];
  return kpi.is_money ? absl::StrCat(kpi.id, " ", catalog.reporting_currency().code()) : kpi.id;
}

void PrintKpis(const Catalog& catalog, const PortfolioQuestion& question, const Portfolio& portfolio) {
  Table table;
  table.AddColumn("KPI", Table::Align::kLeft);
  table.AddColumn("unit", Table::Align::kLeft);
  table.AddColumn(FormatDay(question.day), Table::Align::kRight);
  table.AddColumn(FormatDay(question.since), Table::Align::kRight);
  table.AddColumn("change", Table::Align::kRight);
  table.AddColumn("", Table::Align::kLeft);
  for (const GroupKpi& row : portfolio.kpis) {
    const Definition& kpi = catalog.definitions()[row.kpi];
    const std::string unit = kpi.unit == "flag" ? "count" : kpi.unit;
    const std::string change = FormatChange(kpi, row.value.change());
    table.AddRow({kpi.group_id, kpi.is_money ? std::string(catalog.reporting_currency().code()) + unit.substr(5) : unit,
                  FormatGroupKpi(kpi, row.value.value), FormatGroupKpi(kpi, row.value.since), change,
                  Judge(kpi, row.value.change())});
  }
  table.Print(std::cout);
}

void PrintMembers(const Catalog& catalog, const PortfolioQuestion& question, const Portfolio& portfolio) {
  const Definition& by = catalog.definitions()[question.by];
  Table table;
  table.AddColumn("rank", Table::Align::kRight);
  for (const char* header : {"account", "name", "tier", "manager"}) table.AddColumn(header, Table::Align::kLeft);
  table.AddColumn(Header(catalog, question.by), Table::Align::kRight);
  table.AddColumn(FormatDay(question.since), Table::Align::kRight);
  table.AddColumn("change", Table::Align::kRight);
  for (uint16_t column : question.columns) table.AddColumn(Header(catalog, column), Table::Align::kRight);
  for (const MemberRow& member : portfolio.members) {
    std::vector<std::string> cells = {member.rank > 0 ? absl::StrCat(member.rank) : "-",
                                      TextCell(member.account_id),
                                      TextCell(member.name),
                                      TextCell(member.tier),
                                      TextCell(member.manager_id),
                                      FormatKpi(by, member.value.value),
                                      FormatKpi(by, member.value.since),
                                      FormatChange(by, member.value.change())};
    for (size_t i = 0; i < question.columns.size(); ++i) {
      cells.push_back(FormatKpi(catalog.definitions()[question.columns[i]], member.columns[i]));
    }
    table.AddRow(std::move(cells));
  }
  table.Print(std::cout);
}

void PrintMoves(const char* title, const char* preposition, const PortfolioQuestion& question, int64_t accounts,
                const std::vector<MoveRow>& moves) {
  std::cout << '\n' << title << " since " << FormatDay(question.since) << ": " << accounts << '\n';
  Table table;
  for (const char* header : {"account", "name", "on", preposition}) table.AddColumn(header, Table::Align::kLeft);
  for (const MoveRow& move : moves) {
    table.AddRow({TextCell(move.account_id), TextCell(move.name), FormatDay(move.day), TextCell(move.other_group)});
  }
  table.Print(std::cout);
}

void PrintPortfolioTables(const ProjectionReader& reader, const PortfolioQuestion& question,
                          const Portfolio& portfolio) {
  const Catalog& catalog = reader.catalog();
  std::cout << ForTerminal(question.group_id) << " on " << FormatDay(question.day) << ": " << portfolio.accounts
            << " accounts; on " << FormatDay(question.since) << ": " << portfolio.accounts_since << "\n\n";
  PrintKpis(catalog, question, portfolio);
  std::cout << "\nmembers by " << catalog.definitions()[question.by].id;
  if (static_cast<int64_t>(portfolio.members.size()) < portfolio.accounts) {
    std::cout << " (" << portfolio.members.size() << " of " << portfolio.accounts << ": --limit 0 shows all)";
  }
  std::cout << '\n';
  PrintMembers(catalog, question, portfolio);
  PrintMoves("joined", "from", question, portfolio.joined_accounts, portfolio.joined);
  PrintMoves("left", "to", question, portfolio.left_accounts, portfolio.left);
  for (const std::string& currency : portfolio.missing_rates) {
    std::cout << "\namounts in " << currency << " are left out: there is no rate for them\n";
  }
}

Json ToJson(const ValueSince& value) {
  Json json = Json::object();
  PutDefined(json, "value", value.value);
  PutDefined(json, "since", value.since);
  PutDefined(json, "change", value.change());
  return json;
}

Json ToJson(const Catalog& catalog, const PortfolioQuestion& question, const MemberRow& member) {
  Json json;
  if (member.rank > 0) json["rank"] = member.rank;
  json["account_id"] = member.account_id;
  PutText(json, "name", member.name);
  PutText(json, "tier", member.tier);
  PutText(json, "manager_id", member.manager_id);
  json.update(ToJson(member.value));
  json["kpis"] = Json::object();
  for (size_t i = 0; i < question.columns.size(); ++i) {
    PutDefined(json["kpis"], catalog.definitions()[question.columns[i]].id, member.columns[i]);
  }
  return json;
}

Json ToJson(const std::vector<MoveRow>& moves, const char* preposition) {
  Json json = Json::array();
  for (const MoveRow& move : moves) {
    Json row{{"account_id", move.account_id}};
    PutText(row, "name", move.name);
    row["date"] = FormatDay(move.day);
    PutText(row, preposition, move.other_group);
    json.push_back(std::move(row));
  }
  return json;
}

void PrintPortfolioJson(const ProjectionReader& reader, const PortfolioQuestion& question, const Portfolio& portfolio) {
  const Catalog& catalog = reader.catalog();
  Json json{{"group_id", question.group_id},      {"as_of", FormatDay(question.day)},
            {"since", FormatDay(question.since)}, {"by", catalog.definitions()[question.by].id},
            {"accounts", portfolio.accounts},     {"accounts_since", portfolio.accounts_since}};
  json["kpis"] = Json::object();
  for (const GroupKpi& kpi : portfolio.kpis) {
    json["kpis"][catalog.definitions()[kpi.kpi].group_id] = ToJson(kpi.value);
  }
  json["missing_rates"] = portfolio.missing_rates;
  json["members"] = Json::array();
  for (const MemberRow& member : portfolio.members) json["members"].push_back(ToJson(catalog, question, member));
  json["joined_accounts"] = portfolio.joined_accounts;
  json["joined"] = ToJson(portfolio.joined, "from");
  json["left_accounts"] = portfolio.left_accounts;
  json["left"] = ToJson(portfolio.left, "to");
  json["shards"] = MomentsToJson(reader);
  WriteJsonLine(std::cout, json);
}

absl::StatusOr<PortfolioQuestion> ReadQuestion(const PortfolioFlags& flags, const ProjectionReader& reader) {
  PortfolioQuestion question;
  question.group_id = flags.group_id;
  question.limit = flags.limit;
  KEYFOLD_ASSIGN_OR_RETURN(question.by, FindKpiFlag(reader.catalog(), "--by", flags.by));
  for (const char* column : kColumns) {
    const std::optional<uint16_t> kpi = reader.catalog().FindKpi(column);
    if (kpi.has_value() && *kpi != question.by) question.columns.push_back(*kpi);
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", flags.as_of));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> since, ParseDateFlag("--since", flags.since));
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, reader.LatestDay());
  }
  question.day = *day;
  question.since = since.value_or(MinusMonths(*day, kMonthsBack));
  if (question.since >= question.day) {
    return absl::InvalidArgumentError(
        absl::StrCat("--since: ", FormatDay(question.since), " is not before ", FormatDay(question.day)));
  }
  return question;
}

absl::StatusOr<int> ShowPortfolio(const PortfolioFlags& flags) {
  KEYFOLD_RETURN_IF_ERROR(CheckGroupId(flags.group_id));
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  const ProjectionReader& reader = *projection->reader;
  KEYFOLD_ASSIGN_OR_RETURN(const PortfolioQuestion question, ReadQuestion(flags, reader));
  KEYFOLD_RETURN_IF_ERROR(BeginGroupQuestion(reader));
  KEYFOLD_ASSIGN_OR_RETURN(const Portfolio portfolio, AskPortfolio(reader, question));
  if (portfolio.accounts == 0 && portfolio.accounts_since == 0) {
    std::cerr << "keyfold: nobody belongs to the group '" << question.group_id << "' on " << FormatDay(question.day)
              << ", nor did on " << FormatDay(question.since) << '\n';
    return kExitFailed;
  }
  (flags.format == "json" ? PrintPortfolioJson : PrintPortfolioTables)(reader, question, portfolio);
  return kExitOk;
}

}  // namespace

void AddPortfolio(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<PortfolioFlags>();
  CLI::App* verb = app.add_subcommand(
      "portfolio", "Show a group's KPIs, its members ranked, and who joined and left, against an earlier date");
  verb->add_option("GROUP", flags->group_id, "portfolio:all, portfolio:key, manager:ID, segment:X ...")->required();
  verb->add_option("--by", flags->by, "The KPI that ranks the members, best first (health_score)");
  verb->add_option("--limit", flags->limit, "How many members to show, and of those who moved; 0: all (50)");
  verb->add_option("--as-of", flags->as_of, "Evaluation date (default: the day that the shards have reached)");
  verb->add_option("--since", flags->since, "The date to compare with (default: three months before)");
  verb->add_option("--format", flags->format, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
  verb->footer(kPortfolioFooter);
  flags->config.AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(ShowPortfolio(*flags)); });
}

}  // namespace keyfold
