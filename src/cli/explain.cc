// keyfold explain: why a number is what it is, or what has changed it since another date.
#include "explain/explain.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "ask/moments.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/question.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "explain/explanation_json.h"
#include "kpi/groups.h"
#include "report/report.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

struct ExplainFlags {
  ConfigFlags config;
  std::string id;
  std::string kpi;
  std::string as_of;
  std::string since;
  std::string format = "table";
  size_t limit = 20;
};

constexpr const char* kExplainFooter =
    "Shows the formula with its values put in, each component with its window and its sum, and what makes that sum: "
    "of\n"
    "an account the contributions with the events behind them, of a group the members' shares. They add up. The "
    "largest\n"
    "come first; what --limit leaves out is one line with its sum. Events without effect are told with their reason.\n"
    "--since DATE explains the change between two dates: what came into the windows, what left them, what moved.\n"
    "--format json prints one document (docs/formats.md, \"Explanations\").\n"
    "  keyfold explain A1 revenue_growth\n"
    "  keyfold explain manager:M7 contribution_margin --since 2025-12-31\n"
    "  keyfold explain A1 revenue_t12m --limit 0 --format json | jq '[.components[].contributions[].amount] | add'";

// An amount of money in major units, to the last digit; anything else as it is.
std::string Amount(__int128 amount, Currency currency) {
  std::string digits = DecimalDigits(amount);
  if (currency.is_none()) return digits;
  const auto decimals = static_cast<size_t>(currency.digits());
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return absl::StrCat(negative ? "-" : "", digits, " ", currency.code());
}

class ExplanationPrinter {
 public:
  ExplanationPrinter(const Catalog& catalog, const Explanation& explanation)
      : catalog_(catalog), explanation_(explanation), compared_(explanation.since.has_value()) {}

  void Print() const {
    PrintHead();
    for (const ExplainedFormula& formula : explanation_.formulas) PrintFormula(formula);
    for (const ExplainedComponent& component : explanation_.components) PrintComponent(component);
    PrintLeftOut();
  }

 private:
  void PrintHead() const {
    std::cout << ForTerminal(explanation_.id) << "  " << explanation_.kpi << " = " << Value(explanation_.value)
              << " on " << FormatDay(explanation_.day);
    if (compared_) std::cout << ", " << Value(explanation_.value_since) << " on " << FormatDay(*explanation_.since);
    if (explanation_.is_group) std::cout << ", " << explanation_.accounts << " accounts";
    if (explanation_.is_group && compared_) std::cout << " (" << explanation_.accounts_since << ")";
    std::cout << '\n';
  }

  std::string Value(double value) const {
    if (std::isnan(value)) return "undefined";
    const bool money = explanation_.unit.starts_with("money");
    return money ? absl::StrCat(FormatNumber(value, catalog_.reporting_currency().digits()), " ",
                                catalog_.reporting_currency().code())
                 : absl::StrCat(value, " ", explanation_.unit);
  }

  void PrintFormula(const ExplainedFormula& formula) const {
    const std::string indent(formula.id.size() + 1, ' ');
    std::cout << '\n' << formula.id << " = " << OneLine(formula.formula) << '\n';
    std::cout << indent << "= " << OneLine(formula.with_values) << '\n';
    std::cout << indent << "= " << Plain(formula.value) << '\n';
    if (!compared_) return;
    std::cout << indent << "on " << FormatDay(*explanation_.since) << ": " << OneLine(formula.with_values_since)
              << " = " << Plain(formula.value_since) << '\n';
  }

  static std::string Plain(double value) { return std::isnan(value) ? "undefined" : absl::StrCat(value); }

  // A formula that the catalogue has on several lines.
  static std::string OneLine(const std::string& text) {
    std::string line;
    for (char c : text) {
      const bool space = c == ' ' || c == '\n' || c == '\t';
      if (!space) {
        line += c;
      } else if (!line.empty() && line.back() != ' ') {
        line += ' ';
      }
    }
    return line;
  }

  void PrintComponent(const ExplainedComponent& component) const {
    const Currency reporting = component.is_money ? catalog_.reporting_currency() : Currency();
    std::cout << '\n' << component.name << " = " << ComponentValue(component.now, reporting);
    if (!component.formula.empty()) std::cout << "   the sum of " << OneLine(component.formula);
    PrintWindow(component.window, component.now);
    if (component.since.has_value()) {
      std::cout << "\n  on " << FormatDay(*explanation_.since) << ": " << ComponentValue(*component.since, reporting);
      PrintWindow("", *component.since);
    }
    std::cout << '\n';
    if (!component.rule.empty()) std::cout << "  " << component.rule << '\n';
    PrintConversions(component.now);
    if (explanation_.is_group) {
      PrintMembers(component, reporting);
    } else {
      PrintLines(component);
    }
  }

  static std::string ComponentValue(const ComponentAt& at, Currency reporting) {
    if (std::isnan(at.value)) return "undefined";
    return absl::StrCat(Amount(static_cast<__int128>(at.value), reporting),
                        at.incomplete ? " (incomplete: a rate is missing)" : "");
  }

  static void PrintWindow(const std::string& window, const ComponentAt& at) {
    constexpr Day kOpen = std::numeric_limits<Day>::min();
    if (at.days.last == kOpen) return;
    std::cout << "   " << window << (window.empty() ? "" : ": ")
              << (at.days.first == kOpen ? "" : FormatDay(at.days.first) + " ") << "to " << FormatDay(at.days.last);
  }

  void PrintConversions(const ComponentAt& at) const {
    for (const Conversion& conversion : at.conversions) {
      std::cout << "  of it " << Amount(conversion.amount, conversion.currency) << " of "
                << FormatDay(FirstDayOf(conversion.month)).substr(0, 7);
      if (conversion.rate.has_value()) {
        std::cout << " at " << *conversion.rate << " = " << Amount(conversion.converted, catalog_.reporting_currency());
      } else {
        std::cout << ": left out, there is no rate";
      }
      std::cout << '\n';
    }
  }

  void PrintLines(const ExplainedComponent& component) const {
    Table table;
    if (compared_) table.AddColumn("  change", Table::Align::kLeft);
    table.AddColumn(compared_ ? "day" : "  day", Table::Align::kLeft);
    table.AddColumn("amount", Table::Align::kRight);
    for (const char* header : {"of", "event", "id", "occurred", "recorded", "at", "from"}) {
      table.AddColumn(header, Table::Align::kLeft);
    }
    for (const ContributionLine& line : component.lines) {
      std::vector<std::string> cells;
      if (compared_) {
        cells.push_back(absl::StrCat("  ", PresenceText(line.presence), line.moved ? " (moved)" : ""));
      }
      cells.push_back(absl::StrCat(compared_ ? "" : "  ", FormatDay(line.cell.day)));
      cells.push_back(Amount(line.amount, line.cell.currency));
      AddEvent(line.event, cells);
      table.AddRow(std::move(cells));
    }
    table.Print(std::cout);
    for (const RestOfLines& rest : component.rest) {
      std::cout << "  " << (component.lines.empty() ? "" : "and ") << rest.count
                << (component.lines.empty() ? "" : " more") << (rest.count == 1 ? " contribution" : " contributions")
                << (compared_ ? absl::StrCat(" that ", PresenceText(rest.presence)) : "") << ": "
                << Amount(rest.amount, rest.currency) << '\n';
    }
  }

  static std::string PresenceText(Presence presence) { return std::string(PresenceName(presence)); }

  static void AddEvent(const EventOrigin& event, std::vector<std::string>& cells) {
    cells.push_back(ForTerminal(absl::StrCat(std::string(EntityKindName(event.entity.kind)),
                                             event.entity.id.empty() ? "" : " ", event.entity.id)));
    cells.push_back(event.type);
    cells.push_back(ForTerminal(
        absl::StrCat(event.event_id, event.revision > 0 ? absl::StrCat(" revision ", event.revision) : "")));
    cells.push_back(FormatInstant(event.occurred_at));
    cells.push_back(FormatInstant(absl::FromUnixMillis(event.recorded_at_ms)));
    cells.push_back(absl::StrCat(event.partition, "@", event.offset));
    cells.push_back(TextCell(event.source));
  }

  void PrintMembers(const ExplainedComponent& component, Currency reporting) const {
    Table table;
    table.AddColumn("  account", Table::Align::kLeft);
    table.AddColumn("name", Table::Align::kLeft);
    table.AddColumn("amount", Table::Align::kRight);
    if (compared_) {
      table.AddColumn("before", Table::Align::kRight);
      table.AddColumn("change", Table::Align::kRight);
    }
    const auto cell = [&](std::optional<int64_t> amount) {
      return amount.has_value() ? Amount(*amount, reporting) : std::string("-");
    };
    for (const MemberLine& member : component.members) {
      std::vector<std::string> cells = {absl::StrCat("  ", ForTerminal(member.account_id)), TextCell(member.name),
                                        cell(member.amount)};
      if (compared_) {
        cells.push_back(cell(member.amount_since));
        const auto change = static_cast<__int128>(member.amount.value_or(0)) - member.amount_since.value_or(0);
        cells.push_back(Amount(change, reporting));
      }
      table.AddRow(std::move(cells));
    }
    table.Print(std::cout);
    if (component.members_rest_count == 0) return;
    std::cout << "  and " << component.members_rest_count << " more: " << Amount(component.members_rest, reporting);
    if (compared_) std::cout << ", before " << Amount(component.members_rest_since, reporting);
    std::cout << '\n';
  }

  void PrintLeftOut() const {
    for (const std::string& currency : explanation_.missing_rates) {
      std::cout << "\namounts in " << currency << " are left out: there is no rate for them\n";
    }
    if (explanation_.without_effect.empty()) return;
    std::cout << "\nwithout effect:\n";
    Table table;
    for (const char* header : {"  reason", "of", "event", "id", "occurred", "recorded", "at", "from"}) {
      table.AddColumn(header, Table::Align::kLeft);
    }
    for (const LeftOutEvent& left_out : explanation_.without_effect) {
      std::vector<std::string> cells = {absl::StrCat("  ", left_out.reason)};
      AddEvent(left_out.event, cells);
      table.AddRow(std::move(cells));
    }
    table.Print(std::cout);
    if (explanation_.without_effect_rest > 0) std::cout << "  and " << explanation_.without_effect_rest << " more\n";
  }

  const Catalog& catalog_;
  const Explanation& explanation_;
  const bool compared_;
};

absl::StatusOr<ExplainQuestion> ReadQuestion(const ExplainFlags& flags, const ProjectionReader& reader) {
  ExplainQuestion question;
  question.id = flags.id;
  question.limit = flags.limit;
  const std::optional<uint16_t> explained = FindExplained(reader.catalog(), flags.kpi);
  if (!explained.has_value()) return FindKpiFlag(reader.catalog(), "KPI", flags.kpi).status();
  question.kpi = *explained;
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", flags.as_of));
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, reader.LatestDay());
  }
  question.day = *day;
  KEYFOLD_ASSIGN_OR_RETURN(question.since, ParseDateFlag("--since", flags.since));
  if (question.since.has_value() && *question.since >= question.day) {
    return absl::InvalidArgumentError(
        absl::StrCat("--since: ", flags.since, " is not before ", FormatDay(question.day)));
  }
  return question;
}

absl::StatusOr<int> ShowExplanation(const ExplainFlags& flags) {
  if (IsGroupId(flags.id)) KEYFOLD_RETURN_IF_ERROR(CheckGroupId(flags.id));
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<LocalProjection> projection, OpenLocalProjection(config));
  const ProjectionReader& reader = *projection->reader;
  KEYFOLD_ASSIGN_OR_RETURN(const ExplainQuestion question, ReadQuestion(flags, reader));
  if (IsGroupId(flags.id)) KEYFOLD_RETURN_IF_ERROR(BeginGroupQuestion(reader));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Explanation> explanation, Explain(reader, question));
  if (!explanation.has_value()) {
    std::cerr << "keyfold: " << NotFoundText(reader, flags.id) << '\n';
    return kExitFailed;
  }
  if (flags.format == "json") {
    Json json = ToJson(*explanation);
    json["shards"] = MomentsToJson(reader);
    WriteJsonLine(std::cout, json);
  } else {
    ExplanationPrinter(reader.catalog(), *explanation).Print();
  }
  return kExitOk;
}

}  // namespace

void AddExplain(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* verb =
      app.add_subcommand("explain", "Show why a number is what it is: formula, components, and the events behind them");
  verb->add_option("ID", flags->id, "An account or a group")->required();
  verb->add_option("KPI", flags->kpi, "A KPI or an alert of the catalogue")->required();
  verb->add_option("--as-of", flags->as_of, "Evaluation date (default: the day that the shards have reached)");
  verb->add_option("--since", flags->since, "Explain the change since this date");
  verb->add_option("--limit", flags->limit, "Lines per component; 0: all (20)");
  verb->add_option("--format", flags->format, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
  verb->footer(kExplainFooter);
  flags->config.AddTo(*verb, ShardKeys());
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(ShowExplanation(*flags)); });
}

}  // namespace keyfold
