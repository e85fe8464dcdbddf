// What the numbers are, and how the process does.
#include <string>

#include "absl/strings/str_cat.h"
#include "api/routes.h"
#include "ask/catalog_document.h"
#include "ask/moments.h"
#include "live/stream_position.h"

namespace keyfold {

absl::StatusOr<HttpResponse> ShowCatalog(const ApiQuestion& question) {
  return BodyResponse(CatalogDocument(question.catalog()));
}

absl::StatusOr<HttpResponse> ShowStatus(const ApiQuestion& question) {
  Json json = question.sources().status();
  json["catalog_hash"] = question.catalog().hash();
  const LatestValues& live = *question.sources().live;
  json["epoch"] = live.epoch();
  // Whoever reads a list after this, and then the stream from this id on, has missed nothing.
  json["stream_id"] = PrintPosition(live.epoch(), {live.next_offsets(), {}});
  const absl::StatusOr<std::shared_ptr<const ProjectionReader>> reader = question.sources().shards();
  if (!reader.ok()) {
    json["shards_error"] = std::string(reader.status().message());
    return JsonResponse(json);
  }
  if (const absl::StatusOr<Day> day = (*reader)->LatestDay(); day.ok()) json["as_of"] = FormatDay(*day);
  json["shards"] = MomentsToJson(**reader);
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> ShowLiveness(const ApiQuestion& /*question*/) { return JsonResponse({{"live", true}}); }

absl::StatusOr<HttpResponse> ShowReadiness(const ApiQuestion& question) {
  const absl::Status ready = question.sources().ready();
  if (ready.ok()) return JsonResponse({{"ready", true}});
  HttpResponse response = JsonResponse({{"ready", false}, {"reason", std::string(ready.message())}});
  response.status = 503;
  return response;
}

}  // namespace keyfold
