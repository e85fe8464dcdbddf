// Events that come in over HTTP, as such or as a webhook: judged here, and answered when Kafka has them.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/routes.h"
#include "hooks/hooks.h"
#include "intake/event_sink.h"
#include "intake/posted_events.h"
#include "spdlog/spdlog.h"

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
HttpResponse ResponseOf(const std::vector<PostedEvent>& events, const std::optional<int64_t>& left_out,
                        const std::string& noted) {
  std::array<int64_t, 4> counts{};
  Json list = Json::array();
  for (const PostedEvent& event : events) {
    ++counts[static_cast<size_t>(event.status)];
    list.push_back(ToJson(event));
  }
  const int64_t accepted = counts[static_cast<size_t>(PostedStatus::kAccepted)];
  const int64_t rejected = counts[static_cast<size_t>(PostedStatus::kRejected)];
  const int64_t unacknowledged = counts[static_cast<size_t>(PostedStatus::kUnacknowledged)];
  Json json{{"accepted", accepted}, {"rejected", rejected}, {"unacknowledged", unacknowledged}};
  if (left_out.has_value()) json["left_out"] = *left_out;
  json["events"] = std::move(list);
  HttpResponse response = JsonResponse(json);
  response.audit_note =
      absl::StrCat(noted, accepted, " accepted, ", rejected, " rejected, ", unacknowledged, " unacknowledged");
  if (left_out.has_value()) absl::StrAppend(&response.audit_note, ", ", *left_out, " left out");
  if (rejected > 0) response.status = accepted > 0 ? 207 : 422;
  if (unacknowledged == 0) return response;
  response.status = 503;
  return RetryLater(std::move(response), kRetryKafkaSeconds);
}

HttpResponse NoRoom() {
  return RetryLater(ErrorResponse(429, "too many posted events wait for Kafka: gateway.posts_kib_max"),
                    kRetryRoomSeconds);
}

// The answer comes when Kafka has them, and no thread waits for that.
HttpResponse SendAll(EventSink* sink, std::shared_ptr<void> room, std::vector<PostedEvent> events,
                     std::optional<int64_t> left_out, std::string noted) {
  HttpResponse response;
  response.later = [sink, events = std::make_shared<std::vector<PostedEvent>>(std::move(events)),
                    room = std::move(room), left_out,
                    noted = std::move(noted)](std::function<void(HttpResponse)> send) {
    sink->Send(std::move(*events),
               [send = std::move(send), room, left_out, noted](const std::vector<PostedEvent>& answered) {
                 send(ResponseOf(answered, left_out, noted));
               });
  };
  return response;
}

HttpResponse Noted(HttpResponse response, std::string note) {
  response.audit_note = std::move(note);
  return response;
}

// Why the request is not let in: as little as possible to who asks, all of it to the audit log.
std::optional<HttpResponse> RefuseSender(const Hook& hook, const HttpRequest& request) {
  if (!hook.is_signed()) {
    if (request.who.Is(Role::kProducer) || request.who.Is(Role::kAdmin)) return std::nullopt;
    if (!request.who.roles.empty()) {
      return ErrorResponse(403, "this token may not send events: it has not the role producer");
    }
    HttpResponse response = ErrorResponse(401, "a token is needed: Authorization: Bearer ...");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  const absl::Status status = hook.Check({request.method, request.headers, request.body}, absl::Now());
  if (status.ok()) return std::nullopt;
  std::string note = absl::StrCat("hook ", hook.name(), ": ", status.message());
  if (absl::IsUnauthenticated(status)) return Noted(ErrorResponse(401, "the signature is not right"), std::move(note));
  spdlog::error("gateway: {}", note);
  return RetryLater(Noted(ErrorResponse(503, "the signature cannot be checked"), std::move(note)), kRetryKafkaSeconds);
}

}  // namespace

absl::StatusOr<HttpResponse> PostEvents(const ApiQuestion& question) {
  EventSink* const sink = question.sources().events;
  if (sink == nullptr) return absl::FailedPreconditionError("no events are taken here");
  const HttpRequest& request = question.request();
  std::shared_ptr<void> room = sink->Claim(request.body.size());
  if (room == nullptr) return NoRoom();
  absl::StatusOr<std::vector<PostedEvent>> read =
      ReadPosted({request.headers, request.body}, question.catalog().reporting_currency());
  if (!read.ok()) return RefusalOf(read.status());
  return SendAll(sink, std::move(room), *std::move(read), std::nullopt, "events: ");
}

absl::StatusOr<HttpResponse> PostToHook(const ApiQuestion& question) {
  const ApiSources& sources = question.sources();
  const Hook* const hook = sources.hooks == nullptr ? nullptr : sources.hooks->Find(question.Argument(0));
  if (hook == nullptr) return absl::NotFoundError("there is no such hook");
  if (sources.events == nullptr) return absl::FailedPreconditionError("no events are taken here");
  const HttpRequest& request = question.request();
  if (std::optional<HttpResponse> refused = RefuseSender(*hook, request)) return *std::move(refused);
  std::shared_ptr<void> room = sources.events->Claim(request.body.size());
  if (room == nullptr) return NoRoom();
  const std::string* const trace = request.Header("traceparent");
  absl::StatusOr<Hook::Mapped> mapped = hook->Map(request.body, trace == nullptr ? "" : std::string_view(*trace));
  if (!mapped.ok()) return RefusalOf(mapped.status());
  return SendAll(sources.events, std::move(room), std::move(mapped->events), mapped->left_out,
                 absl::StrCat("hook ", hook->name(), ": "));
}

}  // namespace keyfold
