// The stream: the present values, then changes, as server-sent events (live/subscription.h).
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/routes.h"
#include "base/status_macros.h"
#include "live/subscription.h"

namespace keyfold {
namespace {

constexpr std::string_view kAll = "*";

class SubscriptionSource : public EventSource {
 public:
  SubscriptionSource(LatestValues& live, Visibility visibility, SubscriptionRequest request)
      : live_(live), visibility_(std::move(visibility)), request_(std::move(request)) {}

  void OnWake(std::function<void()> wake) override {
    subscription_ = live_.Subscribe(visibility_, std::move(request_), std::move(wake));
  }

  // An error of the store ends the stream: its reader comes again, and goes on from its last id.
  bool Next(std::string& out, size_t bytes_max) override { return subscription_->Next(out, bytes_max).ok(); }

 private:
  LatestValues& live_;
  const Visibility visibility_;
  SubscriptionRequest request_;
  std::unique_ptr<Subscription> subscription_;
};

void ReadIds(std::vector<std::string> given, bool& all, std::vector<std::string>& ids) {
  all = given.size() == 1 && given.front() == kAll;
  if (!all) ids = std::move(given);
}

}  // namespace

absl::StatusOr<HttpResponse> OpenStream(const ApiQuestion& question) {
  SubscriptionRequest request;
  ReadIds(question.Texts("accounts"), request.interest.all_accounts, request.interest.accounts);
  ReadIds(question.Texts("groups"), request.interest.all_groups, request.interest.groups);
  request.interest.members_of = question.Texts("members_of");
  const bool nothing = !request.interest.all_accounts && !request.interest.all_groups &&
                       request.interest.accounts.empty() && request.interest.groups.empty() &&
                       request.interest.members_of.empty();
  if (nothing) return absl::InvalidArgumentError("accounts, groups or members_of: ids, or * for all, are needed");
  KEYFOLD_ASSIGN_OR_RETURN(request.kpis, question.Kpis("kpis"));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<bool> alerts, question.Flag("alerts"));
  request.interest.alerts = alerts.value_or(false);
  // A browser repeats the header; whoever cannot set one says it in the query.
  const std::string* const last_id = question.request().Header("Last-Event-ID");
  request.resume_id = last_id != nullptr ? *last_id : question.Text("last_event_id");
  return StreamResponse(
      std::make_unique<SubscriptionSource>(*question.sources().live, question.visibility(), std::move(request)));
}

}  // namespace keyfold
