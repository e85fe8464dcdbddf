// An account's events: a list, and single ones.
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "api/elsewhere.h"
#include "api/page.h"
#include "api/routes.h"
#include "ask/moments.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "explain/account_events.h"

namespace keyfold {
namespace {

// A place in the list -> a cursor that fits into an address.
std::string CursorOf(const EventPlace& place) {
  const Json json =
      Json::array({place.seconds, place.nanos, static_cast<int>(place.entity.kind), place.entity.id, place.event_id});
  return absl::WebSafeBase64Escape(json.dump());
}

std::optional<EventPlace> EventPlaceOf(const std::string& cursor) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(cursor, &text)) return std::nullopt;
  const Json json = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  constexpr size_t kParts = 5;
  if (!json.is_array() || json.size() != kParts || !json[3].is_string() || !json[4].is_string()) return std::nullopt;
  for (const size_t number : {0, 1, 2}) {
    if (!json[number].is_number_integer()) return std::nullopt;
  }
  return EventPlace{json[0].get<int64_t>(),
                    json[1].get<int32_t>(),
                    {static_cast<EntityKind>(json[2].get<uint8_t>()), json[3].get<std::string>()},
                    json[4].get<std::string>()};
}

absl::Status ReadTypes(const ApiQuestion& question, EventQuery& query) {
  for (const std::string& name : question.Texts("type")) {
    const auto type = EventTypeOf(name);
    if (!type.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("type: there is no event of type '", name, "'", DidYouMean(name, EventTypeNames())));
    }
    query.types.insert(*type);
  }
  return absl::OkStatus();
}

// "invoice", "invoice/I1"
absl::Status ReadEntity(const ApiQuestion& question, EventQuery& query) {
  const std::string entity = question.Text("entity");
  if (entity.empty()) return absl::OkStatus();
  const size_t slash = entity.find('/');
  query.kind = EntityKindOf(entity.substr(0, slash));
  if (!query.kind.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("entity: '", entity, "' is not like invoice, or invoice/I1 with the id of one"));
  }
  if (slash != std::string::npos) query.entity_id = entity.substr(slash + 1);
  return absl::OkStatus();
}

absl::StatusOr<EventQuery> ReadQuery(const ApiQuestion& question) {
  EventQuery query;
  query.account_id = question.Argument(0);
  KEYFOLD_RETURN_IF_ERROR(ReadTypes(question, query));
  KEYFOLD_RETURN_IF_ERROR(ReadEntity(question, query));
  KEYFOLD_ASSIGN_OR_RETURN(query.from, question.Date("from"));
  KEYFOLD_ASSIGN_OR_RETURN(query.to, question.Date("to"));
  KEYFOLD_ASSIGN_OR_RETURN(query.limit, PageLimit(question));
  const std::string cursor = question.Text("cursor");
  if (cursor.empty()) return query;
  query.before = EventPlaceOf(cursor);
  if (!query.before.has_value()) return absl::InvalidArgumentError("cursor: it is none of a page of this list");
  return query;
}

}  // namespace

absl::StatusOr<HttpResponse> ListEvents(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, question.Argument(0)));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<HttpResponse> answer, AnswerElsewhere(question, question.Argument(0)));
  if (answer.has_value()) return *std::move(answer);
  KEYFOLD_ASSIGN_OR_RETURN(const EventQuery query, ReadQuery(question));
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const ProjectionReader> reader, question.sources().shards());
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<FoundEvents> found, FindEvents(*reader, query));
  if (!found.has_value()) return NotThere(*reader, query.account_id);
  Json json{{"account_id", query.account_id}, {"events", Json::array()}, {"total", found->total}};
  for (const FoundEvent& event : found->events) json["events"].push_back(SummaryOf(event));
  if (found->more) json["next_cursor"] = CursorOf(PlaceOf(found->events.back()));
  json["shards"] = MomentsToJson(*reader);
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> ShowEvent(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, question.Argument(0)));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<HttpResponse> answer, AnswerElsewhere(question, question.Argument(0)));
  if (answer.has_value()) return *std::move(answer);
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const ProjectionReader> reader, question.sources().shards());
  EventQuery query;
  query.account_id = question.Argument(0);
  query.event_id = question.Argument(1);
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<FoundEvents> found, FindEvents(*reader, query));
  if (!found.has_value()) return NotThere(*reader, query.account_id);
  if (found->events.empty()) {
    return absl::NotFoundError(absl::StrCat("account ", query.account_id, " has no event ", *query.event_id));
  }
  Json json{{"account_id", query.account_id}, {"event_id", *query.event_id}, {"events", Json::array()}};
  for (const FoundEvent& event : found->events) json["events"].push_back(ToJson(event));
  json["shards"] = MomentsToJson(*reader);
  return JsonResponse(json);
}

}  // namespace keyfold
