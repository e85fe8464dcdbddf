// To whom alerts are sent, for administrators: what waits shows accounts whatever their groups.
#include <string>

#include "absl/strings/str_cat.h"
#include "api/routes.h"
#include "base/status_macros.h"

namespace keyfold {

absl::StatusOr<HttpResponse> ListWebhooks(const ApiQuestion& question) {
  Json json{{"webhooks", Json::array()}};
  if (question.sources().webhooks != nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(json["webhooks"], question.sources().webhooks());
  }
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> RetryWebhook(const ApiQuestion& question) {
  const std::string& name = question.Argument(0);
  if (question.sources().retry_webhook == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no webhook ", name));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t count, question.sources().retry_webhook(name));
  return JsonResponse(Json{{"sent_again", count}});
}

}  // namespace keyfold
