// Which alerts there are.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/alert_ids.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "rows/alert_query.h"

namespace keyfold {

std::vector<std::string_view> AlertIdsOf(const Catalog& catalog) {
  std::vector<std::string_view> ids;
  for (const Alert& alert : catalog.alerts()) {
    const Definition& definition = catalog.definitions()[alert.definition];
    ids.push_back(definition.id);
    if (alert.of_groups && definition.group_id != definition.id) ids.push_back(definition.group_id);
  }
  return ids;
}

namespace {

absl::Status ReadAlerts(const ApiQuestion& question, AlertQuery& query) {
  const std::vector<std::string_view> known = AlertIdsOf(question.catalog());
  for (std::string& id : question.Texts("alert")) {
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("alert: the catalogue has no alert '", id, "'", DidYouMean(id, known)));
    }
    query.alerts.insert(std::move(id));
  }
  return absl::OkStatus();
}

absl::Status ReadSeverities(const ApiQuestion& question, AlertQuery& query) {
  for (const std::string& text : question.Texts("severity")) {
    v1::KpiAlert::Severity severity = v1::KpiAlert::SEVERITY_UNSPECIFIED;
    if (!v1::KpiAlert::Severity_Parse(text, &severity) || severity == v1::KpiAlert::SEVERITY_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          absl::StrCat("severity: '", text, "' is none of LOW, MEDIUM, HIGH and CRITICAL"));
    }
    query.severities.insert(severity);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HttpResponse> ListAlerts(const ApiQuestion& question) {
  AlertQuery query;
  const std::string state = question.Text("state");
  if (!state.empty() && state != "raised" && state != "all") {
    return absl::InvalidArgumentError(absl::StrCat("state: '", state, "' is neither raised nor all"));
  }
  query.cleared_too = state == "all";
  query.cleared_from_ms = question.sources().alerts_from_ms();
  KEYFOLD_RETURN_IF_ERROR(ReadAlerts(question, query));
  KEYFOLD_RETURN_IF_ERROR(ReadSeverities(question, query));
  query.owners = question.Texts("id");
  query.groups = question.Texts("group");
  KEYFOLD_ASSIGN_OR_RETURN(query.limit, PageLimit(question));
  query.cursor = question.Text("cursor");
  KEYFOLD_ASSIGN_OR_RETURN(const LatestPage page, question.sources().live->ListAlerts(query, question.visibility()));
  return PageResponse(page, "alerts");
}

}  // namespace keyfold
