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
      {"/v1/accounts/{id}/events",
       "The events of an account, the latest first, in pages",
       "EventPage",
       {{"type", "one of these types, such as invoice_issued"},
        {"entity", "of this kind, such as invoice, or of one of it: invoice/I1"},
        {"from", "first day on which they occurred"},
        {"to", "last day on which they occurred"},
        {"limit", "events of a page, from 1 to 1000 (50)"},
        {"cursor", "next_cursor of the page before"}},
       ListEvents},
      {"/v1/accounts/{id}/events/{event_id}", "An event, whole, in its highest revision", "WholeEvents", {}, ShowEvent},
      {"/v1/accounts/{id}/open", "What is open of an account, now or at another date", "OpenList", {kAsOf}, ListOpen},
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
      {"/v1/due",
       "What of accounts falls due in a period, the next first, in pages",
       "DueList",
       {{"from", "first day (the present day); none before that"},
        {"to", "last day, up to 400 days later (30)"},
        {"kind", "one of these: contract, quote, opportunity, order, meeting"},
        {"group", "of accounts that belong to this group; of several, to all"},
        {"manager_id", "of this manager's accounts"},
        {"limit", "days of an account in a page, from 1 to 1000 (50)"},
        {"cursor", "next_cursor of the page before"}},
       ListDue},
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
      {"/v1/openapi.json", "This description", "OpenApi", {}, ShowOpenApi, Access::kEverybody},
      {"/health/live", "Whether the process answers", "Liveness", {}, ShowLiveness, Access::kEverybody},
      {"/health/ready",
       "Whether it may be sent questions; 503 while not",
       "Readiness",
       {},
       ShowReadiness,
       Access::kEverybody},
  };
}

std::vector<ApiRoute> RoutesOfPosts() {
  return {
      {.path = "/v1/events",
       .summary = "Takes events: answered when Kafka has them, each with its outcome",
       .schema = "PostedEvents",
       .parameters = {},
       .answer = PostEvents,
       .access = Access::kProducers,
       .method = "POST",
       .body_schema = "EventsToPost",
       .body_types = {"application/json", "application/x-ndjson", "application/cloudevents+json",
                      "application/cloudevents-batch+json", "application/protobuf"},
       .other_statuses = {207, 422, 503}},
      {.path = "/v1/hooks/{name}",
       .summary = "Takes a webhook through its mapping: answered when Kafka has the events, each row with its outcome",
       .schema = "PostedEvents",
       .parameters = {},
       .answer = PostToHook,
       .access = Access::kEverybody,  // whose request it is, its signature says
       .method = "POST",
       .body_schema = "HookDocument",
       .other_statuses = {207, 422, 503}},
  };
}

std::vector<ApiRoute> RoutesOfSessions() {
  return {
      {"/v1/session", "Who asks, what he may see, and what is served", "Session", {}, ShowSession, Access::kSignedIn},
      {"/v1/session",
       "Signs a browser in: the token that the request has in its header is from then on in a cookie",
       "Session",
       {},
       BeginSession,
       Access::kSignedIn,
       "POST"},
      {"/v1/session", "Signs a browser out", "Session", {}, EndSession, Access::kSignedIn, "DELETE"},
  };
}

std::vector<ApiRoute> RoutesOfTokens() {
  return {
      {"/v1/tokens", "All tokens, without their secrets", "TokenList", {}, ListTokens, Access::kAdmins},
      {"/v1/tokens",
       "Makes a token: the answer is the only one that shows it",
       "MadeToken",
       {},
       CreateToken,
       Access::kAdmins,
       "POST",
       "NewToken"},
      {"/v1/tokens/{id}", "Ends a token", "Token", {}, EndToken, Access::kAdmins, "DELETE"},
  };
}

std::vector<ApiRoute> RoutesOfWebhooks() {
  return {
      {"/v1/webhooks",
       "To whom alerts are sent, and what could not be delivered",
       "WebhookList",
       {},
       ListWebhooks,
       Access::kAdmins},
      {"/v1/webhooks/{name}/retry",
       "Sends again what could not be delivered to one",
       "WebhookRetry",
       {},
       RetryWebhook,
       Access::kAdmins,
       "POST"},
  };
}

}  // namespace

std::span<const ApiRoute> ApiRoutes() {
  static const auto* const routes = [] {
    auto* const all = new std::vector<ApiRoute>();
    for (const std::vector<ApiRoute>& some : {RoutesOfAccounts(), RoutesOfGroups(), OtherRoutes(), RoutesOfPosts(),
                                              RoutesOfSessions(), RoutesOfTokens(), RoutesOfWebhooks()}) {
      all->insert(all->end(), some.begin(), some.end());
    }
    return all;
  }();
  return *routes;
}

}  // namespace keyfold
