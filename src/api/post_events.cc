// Events that come in over HTTP: judged here, and answered when Kafka has them.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/routes.h"
#include "intake/event_sink.h"
#include "intake/posted_events.h"

namespace keyfold {
namespace {

constexpr std::string_view kRetryRoomSeconds = "1";
constexpr std::string_view kRetryKafkaSeconds = "5";

HttpResponse RetryLater(HttpResponse response, std::string_view seconds) {
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

HttpResponse RefusalOf(const absl::Status& status) {
  const int code = absl::IsUnimplemented(status) ? 415 : absl::IsOutOfRange(status) ? 413 : 400;
  return ErrorResponse(code, std::string(status.message()));
}

Json ToJson(const PostedEvent& event) {
  Json json{{"line", event.line}, {"status", NameOf(event.status)}};
  PutText(json, "event_id", event.event_id);
  PutText(json, "reason", event.reason);
  return json;
}

// 503 where something has to be sent again, which is harmless for the rest; else 200, 207 or 422 where all, some or
// none was accepted: who looks at the status alone notices an event that was rejected.
HttpResponse ResponseOf(const std::vector<PostedEvent>& events) {
  std::array<int64_t, 4> counts{};
  Json list = Json::array();
  for (const PostedEvent& event : events) {
    ++counts[static_cast<size_t>(event.status)];
    list.push_back(ToJson(event));
  }
  const int64_t accepted = counts[static_cast<size_t>(PostedStatus::kAccepted)];
  const int64_t rejected = counts[static_cast<size_t>(PostedStatus::kRejected)];
  const int64_t unacknowledged = counts[static_cast<size_t>(PostedStatus::kUnacknowledged)];
  HttpResponse response = JsonResponse(Json{
      {"accepted", accepted}, {"rejected", rejected}, {"unacknowledged", unacknowledged}, {"events", std::move(list)}});
  response.audit_note =
      absl::StrCat("events: ", accepted, " accepted, ", rejected, " rejected, ", unacknowledged, " unacknowledged");
  if (rejected > 0) response.status = accepted > 0 ? 207 : 422;
  if (unacknowledged == 0) return response;
  response.status = 503;
  return RetryLater(std::move(response), kRetryKafkaSeconds);
}

}  // namespace

absl::StatusOr<HttpResponse> PostEvents(const ApiQuestion& question) {
  EventSink* const sink = question.sources().events;
  if (sink == nullptr) return absl::FailedPreconditionError("no events are taken here");
  const HttpRequest& request = question.request();
  std::shared_ptr<void> room = sink->Claim(request.body.size());
  if (room == nullptr) {
    return RetryLater(ErrorResponse(429, "too many posted events wait for Kafka: gateway.posts_kib_max"),
                      kRetryRoomSeconds);
  }
  absl::StatusOr<std::vector<PostedEvent>> read =
      ReadPosted({request.headers, request.body}, question.catalog().reporting_currency());
  if (!read.ok()) return RefusalOf(read.status());
  HttpResponse response;
  response.later = [sink, events = std::make_shared<std::vector<PostedEvent>>(*std::move(read)),
                    room = std::move(room)](std::function<void(HttpResponse)> send) {
    sink->Send(std::move(*events), [send = std::move(send), room](const std::vector<PostedEvent>& answered) {
      send(ResponseOf(answered));
    });
  };
  return response;
}

}  // namespace keyfold
