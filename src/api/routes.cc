#include "api/routes.h"

namespace keyfold {
namespace {

using Parameters = std::vector<ApiParameter>;

Parameters operator+(Parameters a, const Parameters& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const ApiParameter kKpis{"kpis", "ids of KPIs, separated by commas; all where none is named"};
const ApiParameter kAsOf{"as_of", "evaluation date, YYYY-MM-DD; the present day where it is not given"};

Parameters RowParameters() {
  return {{"sort", "id, name, or a KPI; with - in front the greatest first; undefined values come last"},
          {"limit", "rows of a page, from 1 to 1000 (50)"},
          {"cursor", "next_cursor of the page before"},
          {"q", "in the name or the id, whatever the case"},
          {"id", "one of these ids"},
          {"where", "a condition, such as nps<0 or revenue_t12m>=100000; all of them hold"},
          kKpis};
}

Parameters AccountParameters() {
  return RowParameters() + Parameters{{"segment", "with this segment"},
                                      {"region", "with this region"},
                                      {"industry", "with this industry"},
                                      {"manager_id", "of this manager"},
                                      {"parent_id", "of this corporate group"},
                                      {"tier", "STRATEGIC, KEY or GROWTH"},
                                      {"group", "members of this group, such as portfolio:key; of several, of all"},
                                      {"customer", "true or false"},
                                      {"key_account", "true or false"}};
}

Parameters StepParameters() {
  return {{"from", "first date"},
          {"to", "last date (the present day)"},
          {"step", "day, week, month, quarter or year (month)"}};
}

Parameters ExplainParameters() {
  return {
      kAsOf, {"since", "explain the change since this date"}, {"limit", "lines of a component, from 1 to 10000 (50)"}};
}

Parameters FormulaParameters() {
  return StepParameters() + Parameters{{"formula", "the formula"},
                                       {"unit", "number, money or money/day (number)"},
                                       {"id", "accounts and groups, separated by commas; up to 100"},
                                       kAsOf};
}

std::vector<ApiRoute> RoutesOfAccounts() {
  return {
      {"/v1/accounts", "Accounts, filtered, sorted, in pages", "AccountPage", AccountParameters(), ListAccounts},
      {"/v1/accounts/{id}", "An account, now or as of another date", "AccountAtDate", {kKpis, kAsOf}, ShowAccount},
      {"/v1/accounts/{id}/series", "KPIs of an account over time", "Series", StepParameters() + Parameters{kKpis},
       ShowAccountSeries},
      {"/v1/accounts/{id}/explain/{kpi}", "Why a number of an account is what it is", "Explanation",
       ExplainParameters(), ExplainAccountKpi},
  };
}

std::vector<ApiRoute> RoutesOfGroups() {
  return {
      {"/v1/groups", "Groups, filtered, sorted, in pages", "GroupPage",
       RowParameters() + Parameters{{"prefix", "of the id, such as manager:"}}, ListGroups},
      {"/v1/groups/{id}", "A group with its members, ranked; as of another date without them", "GroupWithMembers",
       AccountParameters() + Parameters{kAsOf}, ShowGroup},
      {"/v1/groups/{id}/series", "KPIs of a group over time, with the members of each date", "Series",
       StepParameters() + Parameters{kKpis}, ShowGroupSeries},
      {"/v1/groups/{id}/explain/{kpi}", "Why a number of a group is what it is", "Explanation", ExplainParameters(),
       ExplainGroupKpi},
  };
}

std::vector<ApiRoute> OtherRoutes() {
  return {
      {"/v1/alerts",
       "Alerts of accounts and groups, the newest first, in pages",
       "AlertPage",
       {{"state", "raised, or all: also those that were lately cleared (raised)"},
        {"alert", "one of these ids"},
        {"severity", "one of these: LOW, MEDIUM, HIGH, CRITICAL"},
        {"id", "of one of these accounts and groups"},
        {"group", "of accounts that belong to this group; of several, to all"},
        {"limit", "alerts of a page, from 1 to 1000 (50)"},
        {"cursor", "next_cursor of the page before"}},
       ListAlerts},
      {"/v1/formula", "The value of any formula of the catalogue's language", "FormulaValues", FormulaParameters(),
       ShowFormula},
      {"/v1/catalog", "What each KPI is: label, unit, digits, thresholds, formula", "Catalog", {}, ShowCatalog},
      {"/v1/status", "What is served, and how fresh it is", "Status", {}, ShowStatus},
      {"/v1/stream",
       "Server-sent events: the present values, then changes",
       "",
       {{"accounts", "ids, or * for all"},
        {"groups", "ids, or * for all"},
        {"members_of", "groups whose accounts are wanted"},
        kKpis,
        {"alerts", "true: which alerts of these accounts and groups are raised, too (false)"},
        {"last_event_id", "go on from there, as with the header Last-Event-ID"}},
       OpenStream},
      {"/v1/openapi.json", "This description", "OpenApi", {}, ShowOpenApi, /*is_public=*/true},
      {"/health/live", "Whether the process answers", "Liveness", {}, ShowLiveness, /*is_public=*/true},
      {"/health/ready",
       "Whether it may be sent questions; 503 while not",
       "Readiness",
       {},
       ShowReadiness,
       /*is_public=*/true},
  };
}

}  // namespace

std::span<const ApiRoute> ApiRoutes() {
  static const auto* const routes = [] {
    auto* const all = new std::vector<ApiRoute>();
    for (const std::vector<ApiRoute>& some : {RoutesOfAccounts(), RoutesOfGroups(), OtherRoutes()}) {
      all->insert(all->end(), some.begin(), some.end());
    }
    return all;
  }();
  return *routes;
}

}  // namespace keyfold
