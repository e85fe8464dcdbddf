// The paths of the API: what answers them, and how they are described.
#ifndef KEYFOLD_API_ROUTES_H_
#define KEYFOLD_API_ROUTES_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/question.h"

namespace keyfold {

struct ApiParameter {
  std::string_view name;
  std::string_view description;
};

// Whose token may ask.
enum class Access {
  kReaders,    // readers and administrators
  kProducers,  // producers and administrators
  kSignedIn,
  kAdmins,
  kEverybody,  // also who has none
};

struct ApiRoute {
  std::string_view path;  // "/v1/accounts/{id}"
  std::string_view summary;
  std::string_view schema;  // of the answer, in schemas.cc; empty: a stream of events
  std::vector<ApiParameter> parameters;
  absl::StatusOr<HttpResponse> (*answer)(const ApiQuestion& question);
  Access access = Access::kReaders;
  std::string_view method = "GET";
  std::string_view body_schema = {};  // of what is sent; empty: nothing
  std::vector<std::string_view> body_types = {"application/json"};
  std::vector<int> other_statuses = {};  // that have the same document as 200
};

std::span<const ApiRoute> ApiRoutes();

// --- what answers; errors become statuses: NotFound 404, InvalidArgument 400, FailedPrecondition and Unavailable 503

// lists.cc: the latest values
absl::StatusOr<HttpResponse> ListAccounts(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ListGroups(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowAccount(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowGroup(const ApiQuestion& question);

// alerts.cc
absl::StatusOr<HttpResponse> ListAlerts(const ApiQuestion& question);

// history.cc: the shards
absl::StatusOr<HttpResponse> ShowAccountSeries(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowGroupSeries(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ExplainAccountKpi(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ExplainGroupKpi(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowFormula(const ApiQuestion& question);

// An account or a group as of another date: `id` has been found visible.
absl::StatusOr<HttpResponse> ShowAsOf(const ApiQuestion& question, const std::string& id);

// status.cc
absl::StatusOr<HttpResponse> ShowCatalog(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowStatus(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowLiveness(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowReadiness(const ApiQuestion& question);

// events.cc
absl::StatusOr<HttpResponse> ListEvents(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ShowEvent(const ApiQuestion& question);

// open.cc
absl::StatusOr<HttpResponse> ListOpen(const ApiQuestion& question);
absl::StatusOr<HttpResponse> ListDue(const ApiQuestion& question);

// session.cc
absl::StatusOr<HttpResponse> ShowSession(const ApiQuestion& question);
absl::StatusOr<HttpResponse> BeginSession(const ApiQuestion& question);
absl::StatusOr<HttpResponse> EndSession(const ApiQuestion& question);

// webhooks.cc
absl::StatusOr<HttpResponse> ListWebhooks(const ApiQuestion& question);
absl::StatusOr<HttpResponse> RetryWebhook(const ApiQuestion& question);

// tokens.cc
absl::StatusOr<HttpResponse> ListTokens(const ApiQuestion& question);
absl::StatusOr<HttpResponse> CreateToken(const ApiQuestion& question);
absl::StatusOr<HttpResponse> EndToken(const ApiQuestion& question);

// post_events.cc
absl::StatusOr<HttpResponse> PostEvents(const ApiQuestion& question);
absl::StatusOr<HttpResponse> PostToHook(const ApiQuestion& question);

// stream.cc
absl::StatusOr<HttpResponse> OpenStream(const ApiQuestion& question);

// schemas.cc: the documents, as JSON Schema; "$ref" is a name among them
const char* ApiSchemas();

// openapi.cc
absl::StatusOr<HttpResponse> ShowOpenApi(const ApiQuestion& question);

}  // namespace keyfold

#endif  // KEYFOLD_API_ROUTES_H_
