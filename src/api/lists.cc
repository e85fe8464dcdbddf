// Accounts and groups as they are now: lists and single rows.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/status_macros.h"
#include "rows/row_query.h"

namespace keyfold {
namespace {

constexpr const char* kAttributes[] = {"segment", "region", "industry", "manager_id", "parent_id", "tier"};

// "nps<0", "revenue_t12m>=100000"
absl::StatusOr<KpiCondition> ParseCondition(const ApiQuestion& question, const std::string& text) {
  using Comparison = KpiCondition::Comparison;
  static constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
      {"<=", Comparison::kAtMost}, {">=", Comparison::kAtLeast}, {"<", Comparison::kLess},
      {">", Comparison::kGreater}, {"=", Comparison::kEqual},
  };
  for (const auto& [sign, comparison] : kComparisons) {
    const size_t at = text.find(sign);
    if (at == std::string::npos) continue;
    KpiCondition condition{text.substr(0, at), comparison, 0};
    KEYFOLD_RETURN_IF_ERROR(question.Kpi("where", condition.kpi).status());
    if (absl::SimpleAtod(text.substr(at + sign.size()), &condition.value)) return condition;
  }
  return absl::InvalidArgumentError(absl::StrCat("where: '", text, "' is not like nps<0 or revenue_t12m>=100000"));
}

// "health_score", "-revenue_t12m": the greatest first, "id", "name"
absl::Status ReadSort(const ApiQuestion& question, LatestTopic topic, const std::string& otherwise, RowQuery& query) {
  std::string sort = question.Text("sort");
  if (sort.empty()) sort = otherwise;
  query.descending = sort.starts_with('-');
  if (query.descending) sort.erase(0, 1);
  query.sort.topic = topic;
  if (sort == "id" || sort == "name") {
    query.sort.kind = sort == "id" ? SortBy::Kind::kId : SortBy::Kind::kName;
    return absl::OkStatus();
  }
  query.sort.kind = SortBy::Kind::kKpi;
  KEYFOLD_ASSIGN_OR_RETURN(const uint16_t kpi, question.Kpi("sort", sort));
  const Definition& definition = question.catalog().definitions()[kpi];
  query.sort.kpi = topic == LatestTopic::kAccounts ? definition.id : definition.group_id;
  return absl::OkStatus();
}

absl::StatusOr<RowQuery> ReadQuery(const ApiQuestion& question, LatestTopic topic, const std::string& sort) {
  RowQuery query;
  KEYFOLD_RETURN_IF_ERROR(ReadSort(question, topic, sort, query));
  KEYFOLD_ASSIGN_OR_RETURN(query.limit, PageLimit(question));
  query.cursor = question.Text("cursor");
  query.filter.name_contains = question.Text("q");
  if (std::vector<std::string> ids = question.Texts("id"); !ids.empty()) query.filter.ids = std::move(ids);
  for (const std::string& text : question.Texts("where")) {
    KEYFOLD_ASSIGN_OR_RETURN(query.filter.kpis.emplace_back(), ParseCondition(question, text));
  }
  return query;
}

absl::StatusOr<RowQuery> ReadAccountQuery(const ApiQuestion& question, const std::string& sort) {
  KEYFOLD_ASSIGN_OR_RETURN(RowQuery query, ReadQuery(question, LatestTopic::kAccounts, sort));
  for (const char* attribute : kAttributes) {
    if (std::string value = question.Text(attribute); !value.empty()) {
      query.filter.attributes[attribute] = std::move(value);
    }
  }
  query.filter.groups = question.Texts("group");
  KEYFOLD_ASSIGN_OR_RETURN(query.filter.customer, question.Flag("customer"));
  KEYFOLD_ASSIGN_OR_RETURN(query.filter.key_account, question.Flag("key_account"));
  return query;
}

// Best first, as the catalogue says of the KPI that is most like health.
std::string RankingSort(const ApiQuestion& question) {
  return question.catalog().FindKpi("health_score").has_value() ? "-health_score" : "id";
}

}  // namespace

absl::StatusOr<HttpResponse> ListAccounts(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const RowQuery query, ReadAccountQuery(question, "id"));
  KEYFOLD_ASSIGN_OR_RETURN(const KpiSelection kpis, question.Kpis("kpis"));
  KEYFOLD_ASSIGN_OR_RETURN(const LatestPage page, question.sources().live->List(query, question.visibility(), kpis));
  return PageResponse(page, "accounts");
}

absl::StatusOr<HttpResponse> ListGroups(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(RowQuery query, ReadQuery(question, LatestTopic::kGroups, "id"));
  query.filter.id_prefix = question.Text("prefix");
  KEYFOLD_ASSIGN_OR_RETURN(const KpiSelection kpis, question.Kpis("kpis"));
  KEYFOLD_ASSIGN_OR_RETURN(const LatestPage page, question.sources().live->List(query, question.visibility(), kpis));
  return PageResponse(page, "groups");
}

absl::StatusOr<HttpResponse> ShowAccount(const ApiQuestion& question) {
  const std::string& id = question.Argument(0);
  KEYFOLD_ASSIGN_OR_RETURN(const KpiSelection kpis, question.Kpis("kpis"));
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> row,
                           question.sources().live->Row(LatestTopic::kAccounts, id, question.visibility(), kpis));
  if (!question.Text("as_of").empty()) return ShowAsOf(question, id);
  HttpResponse response;
  response.body = row;
  return response;
}

absl::StatusOr<HttpResponse> ShowGroup(const ApiQuestion& question) {
  const std::string& id = question.Argument(0);
  KEYFOLD_ASSIGN_OR_RETURN(const KpiSelection kpis, question.Kpis("kpis"));
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> row,
                           question.sources().live->Row(LatestTopic::kGroups, id, question.visibility(), kpis));
  if (!question.Text("as_of").empty()) return ShowAsOf(question, id);
  KEYFOLD_ASSIGN_OR_RETURN(RowQuery query, ReadAccountQuery(question, RankingSort(question)));
  query.filter.groups.push_back(id);
  // Who sees the group's row sees its members.
  KEYFOLD_ASSIGN_OR_RETURN(const LatestPage members, question.sources().live->List(query, question.visibility(), kpis));
  std::string body = absl::StrCat("{\"group\":", *row, ",\"members\":{");
  AppendPage(members, "accounts", body);
  body += "}}";
  return BodyResponse(std::move(body));
}

}  // namespace keyfold
