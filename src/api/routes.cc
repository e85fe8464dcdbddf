#include "api/routes.h"

namespace keyfold {
namespace {

std::vector<ApiParameter> operator+(std::vector<ApiParameter> a, const std::vector<ApiParameter>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<ApiRoute> MakeRoutes() {
  const ApiParameter kpis{"kpis", "ids of KPIs, separated by commas; all where none is named"};
  const ApiParameter as_of{"as_of", "evaluation date, YYYY-MM-DD; the present day where it is not given"};
  const std::vector<ApiParameter> page = {
      {"sort", "id, name, or a KPI; with - in front the greatest first; undefined values come last"},
      {"limit", "rows of a page, from 1 to 1000 (50)"},
      {"cursor", "next_cursor of the page before"}};
  const std::vector<ApiParameter> rows = page + std::vector<ApiParameter>{
      {"q", "in the name or the id, whatever the case"},
      {"id", "one of these ids"},
      {"where", "a condition, such as nps<0 or revenue_t12m>=100000; all of them hold"},
      kpis};
  const std::vector<ApiParameter> accounts = rows + std::vector<ApiParameter>{
      {"segment", "with this segment"},
      {"region", "with this region"},
      {"industry", "with this industry"},
      {"manager_id", "of this manager"},
      {"parent_id", "of this corporate group"},
      {"tier", "STRATEGIC, KEY or GROWTH"},
      {"group", "members of this group, such as portfolio:key; of several, of all of them"},
      {"customer", "true or false"},
      {"key_account", "true or false"}};
  const std::vector<ApiParameter> series = {
      {"from", "first date"}, {"to", "last date (the present day)"},
      {"step", "day, week, month, quarter or year (month)"}};
  const std::vector<ApiParameter> explain = {
      as_of, {"since", "explain the change since this date"}, {"limit", "lines of a component, from 1 to 10000 (50)"}};
  return {
      {"/v1/accounts", "Accounts, filtered, sorted, in pages", "AccountPage", accounts, ListAccounts},
      {"/v1/accounts/{id}", "An account, now or as of another date", "AccountAtDate", {kpis, as_of}, ShowAccount},
      {"/v1/accounts/{id}/series", "KPIs of an account over time", "Series", series + std::vector{kpis},
       ShowAccountSeries},
      {"/v1/accounts/{id}/explain/{kpi}", "Why a number of an account is what it is", "Explanation", explain,
       ExplainAccountKpi},
      {"/v1/groups", "Groups, filtered, sorted, in pages", "GroupPage",
       rows + std::vector<ApiParameter>{{"prefix", "of the id, such as manager:"}}, ListGroups},
      {"/v1/groups/{id}", "A group with its members, ranked; as of another date without them", "GroupWithMembers",
       accounts + std::vector{as_of}, ShowGroup},
      {"/v1/groups/{id}/series", "KPIs of a group over time, with the members of each date", "Series",
       series + std::vector{kpis}, ShowGroupSeries},
      {"/v1/groups/{id}/explain/{kpi}", "Why a number of a group is what it is", "Explanation", explain,
       ExplainGroupKpi},
      {"/v1/formula", "The value of any formula of the catalogue's language", "FormulaValues",
       series + std::vector<ApiParameter>{{"formula", "the formula"},
                                          {"unit", "number, money or money/day (number)"},
                                          {"id", "accounts and groups, separated by commas; up to 100"},
                                          as_of},
       ShowFormula},
      {"/v1/catalog", "What each KPI is: label, unit, digits, thresholds, formula", "Catalog", {}, ShowCatalog},
      {"/v1/status", "What is served, and how fresh it is", "Status", {}, ShowStatus},
      {"/v1/stream", "Server-sent events: the present values, then changes", "",
       {{"accounts", "ids, or * for all"},
        {"groups", "ids, or * for all"},
        {"members_of", "groups whose accounts are wanted"},
        kpis,
        {"last_event_id", "go on from there, as with the header Last-Event-ID"}},
       OpenStream},
      {"/v1/openapi.json", "This description", "OpenApi", {}, ShowOpenApi, /*is_public=*/true},
      {"/health/live", "Whether the process answers", "Liveness", {}, ShowLiveness, /*is_public=*/true},
      {"/health/ready", "Whether it may be sent questions; 503 while not", "Readiness", {}, ShowReadiness,
       /*is_public=*/true},
  };
}

}  // namespace

std::span<const ApiRoute> ApiRoutes() {
  static const auto* const routes = new std::vector<ApiRoute>(MakeRoutes());
  return *routes;
}

}  // namespace keyfold
