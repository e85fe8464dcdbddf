// keyfold select: which accounts deserve to be key accounts, beside those that are.
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
#include "ask/selection.h"
#include "base/status_macros.h"
#include "cli/question.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "report/report.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

struct SelectFlags {
  ConfigFlags config;
  size_t top = 50;
  std::string as_of;
  std::string format = "table";
};

constexpr const char* kSelectFooter =
    "Ranks all accounts by selection_score; equal scores rank by account id. Accounts that are no customers are "
    "ranked\n"
    "too, and marked. Three lists: designated and in the top, in the top but not designated (candidates), designated\n"
    "but not in the top. --format json prints one document; undefined values are absent:\n"
    "  {\"as_of\":DATE,\"top\":50,\"accounts\":312,\"designated_in_top\":[ROW,...],\"candidates\":[ROW,...],\n"
    "   \"designated_outside\":[ROW,...],\"shards\":[SHARD,...]}\n"
    "  ROW: "
    "{\"rank\":1,\"account_id\":ID,\"name\":TEXT,\"tier\":TEXT,\"manager_id\":ID,\"customer\":true,\"selection_score\":"
    "N,\n"
    "        \"revenue_t12m\":N,\"strategic_importance\":N,\"annual_potential\":N,\n"
    "        \"points\":{\"revenue\":N,\"importance\":N,\"potential\":N}}\n"
    "  SHARD: {\"partition\":0,\"next_offset\":N,\"stream_time\":TIME,\"stored_at\":TIME}\n"
    "For example:\n"
    "  keyfold select --top 20 --format json | jq -r '.candidates[].account_id'";

// The points that a part gives, if the score is made of them.
double PointsOf(const SelectionRow& row, const SelectionPart& part) { return row.has_points ? part.points : NAN; }

void PrintList(const std::string& title, const std::string& currency, const std::vector<SelectionRow>& rows) {
  std::cout << '\n' << title << ": " << rows.size() << '\n';
  Table table;
  table.AddColumn("rank", Table::Align::kRight);
  for (const char* header : {"account", "name", "tier", "manager", "customer"}) {
    table.AddColumn(header, Table::Align::kLeft);
  }
  for (const std::string& header :
       {std::string("score"), absl::StrCat("revenue_t12m ", currency), std::string("points"), std::string("importance"),
        std::string("points"), absl::StrCat("potential ", currency), std::string("points")}) {
    table.AddColumn(header, Table::Align::kRight);
  }
  for (const SelectionRow& row : rows) {
    table.AddRow({absl::StrCat(row.rank), TextCell(row.account_id), TextCell(row.name), TextCell(row.tier),
                  TextCell(row.manager_id), row.is_customer ? "yes" : "no", FormatNumber(row.score, 1),
                  FormatMoney(row.revenue.amount), FormatNumber(PointsOf(row, row.revenue), 1),
                  FormatNumber(row.importance.amount, 0), FormatNumber(PointsOf(row, row.importance), 1),
                  FormatMoney(row.potential.amount), FormatNumber(PointsOf(row, row.potential), 1)});
  }
  table.Print(std::cout);
}

void PrintSelectionTables(const ProjectionReader& reader, const SelectFlags& flags, Day day,
                          const Selection& selection) {
  const std::string currency = reader.catalog().reporting_currency().code();
  std::cout << "key account selection on " << FormatDay(day) << ": the top " << flags.top << " of " << selection.ranked
            << " accounts\n";
  PrintList("designated and deserving", currency, selection.designated_in_top);
  PrintList("deserving, not designated", currency, selection.candidates);
  PrintList(absl::StrCat("designated, not in the top ", flags.top), currency, selection.designated_outside);
}

Json ToJson(const std::vector<SelectionRow>& rows) {
  Json json = Json::array();
  for (const SelectionRow& row : rows) {
    Json entry{{"rank", row.rank}, {"account_id", row.account_id}};
    PutText(entry, "name", row.name);
    PutText(entry, "tier", row.tier);
    PutText(entry, "manager_id", row.manager_id);
    entry["customer"] = row.is_customer;
    entry["selection_score"] = row.score;
    PutDefined(entry, "revenue_t12m", row.revenue.amount);
    PutDefined(entry, "strategic_importance", row.importance.amount);
    PutDefined(entry, "annual_potential", row.potential.amount);
    if (row.has_points) {
      entry["points"] = Json{
          {"revenue", row.revenue.points}, {"importance", row.importance.points}, {"potential", row.potential.points}};
    }
    json.push_back(std::move(entry));
  }
  return json;
}

void PrintSelectionJson(const ProjectionReader& reader, const SelectFlags& flags, Day day, const Selection& selection) {
  WriteJsonLine(std::cout, Json{{"as_of", FormatDay(day)},
                                {"top", flags.top},
                                {"accounts", selection.ranked},
                                {"designated_in_top", ToJson(selection.designated_in_top)},
                                {"candidates", ToJson(selection.candidates)},
                                {"designated_outside", ToJson(selection.designated_outside)},
                                {"shards", MomentsToJson(reader)}});
}

absl::StatusOr<int> Select(const SelectFlags& flags) {
  if (flags.top == 0) return absl::InvalidArgumentError("--top: at least 1");
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", flags.as_of));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  const ProjectionReader& reader = *projection->reader;
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, reader.LatestDay());
  }
  KEYFOLD_RETURN_IF_ERROR(BeginGroupQuestion(reader));
  KEYFOLD_ASSIGN_OR_RETURN(const Selection selection, AskSelection(reader, *day, flags.top));
  (flags.format == "json" ? PrintSelectionJson : PrintSelectionTables)(reader, flags, *day, selection);
  return kExitOk;
}

}  // namespace

void AddSelect(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<SelectFlags>();
  CLI::App* verb =
      app.add_subcommand("select", "Rank accounts by selection_score and compare with who is a key account today");
  verb->add_option("--top", flags->top, "How many accounts deserve to be key accounts (50)");
  verb->add_option("--as-of", flags->as_of, "Evaluation date (default: the day that the shards have reached)");
  verb->add_option("--format", flags->format, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
  verb->footer(kSelectFooter);
  flags->config.AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Select(*flags)); });
}

}  // namespace keyfold
