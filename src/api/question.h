// A request to one of the API's paths, read and checked.
#ifndef KEYFOLD_API_QUESTION_H_
#define KEYFOLD_API_QUESTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/api.h"
#include "base/calendar.h"
#include "gateway/http.h"
#include "live/published_update.h"
#include "rows/audience.h"

namespace keyfold {

// Not thread-safe.
class ApiQuestion {
 public:
  // `sources` and `request` outlive this. `arguments` are what the path's {…} stand for.
  ApiQuestion(const ApiSources& sources, const HttpRequest& request, std::vector<std::string> arguments)
      : sources_(sources),
        request_(request),
        arguments_(std::move(arguments)),
        visibility_{request.who.sees_all || request.who.Is(Role::kAdmin), request.who.groups} {}

  const ApiSources& sources() const { return sources_; }
  const Catalog& catalog() const { return *sources_.catalog; }
  const HttpRequest& request() const { return request_; }
  const std::string& Argument(size_t index) const { return arguments_[index]; }
  const Visibility& visibility() const { return visibility_; }

  // --- parameters; InvalidArgument names the one that is wrong

  std::string Text(std::string_view name) const;
  std::vector<std::string> Texts(std::string_view name) const;  // given several times, or separated by commas
  absl::StatusOr<std::optional<bool>> Flag(std::string_view name) const;
  absl::StatusOr<int64_t> Number(std::string_view name, int64_t otherwise, int64_t max) const;
  absl::StatusOr<std::optional<Day>> Date(std::string_view name) const;
  absl::StatusOr<KpiSelection> Kpis(std::string_view name) const;  // ids that the catalogue has
  absl::StatusOr<uint16_t> Kpi(std::string_view name, const std::string& id) const;

  // What was sent: an object. InvalidArgument: it is none, or is not said to be JSON.
  absl::StatusOr<Json> Body() const;

  // --- who asks: another gateway, for somebody who has asked it (peers/peers.h), gets what the shards here say

  struct Asker {
    bool is_gateway = false;
    bool wants_share = false;  // kWantsShare
    std::optional<Day> day;    // of which the share is to be; nullopt: as anybody else is answered
  };
  // InvalidArgument: it wants what there is not.
  absl::StatusOr<Asker> WhoAsks() const;

  // --- what is asked about

  // NotFound: it is not there for this token.
  absl::Status CheckVisible(LatestTopic topic, std::string_view id) const;

  // The shards, and the date that `as_of` names or that they have reached.
  struct AtDate {
    std::shared_ptr<const ProjectionReader> reader;
    Day day = 0;
  };
  absl::StatusOr<AtDate> Shards() const;

  // The shards here: the same ones whenever this is called. Errors are those of ApiSources::shards.
  absl::StatusOr<std::shared_ptr<const ProjectionReader>> Reader() const;

 private:
  const ApiSources& sources_;
  const HttpRequest& request_;
  const std::vector<std::string> arguments_;
  const Visibility visibility_;
  mutable std::shared_ptr<const ProjectionReader> reader_;  // null: not opened yet
};

// Why the shards do not have what is among the latest values: an account is elsewhere, or its worker has not stored it
// yet.
absl::Status NotThere(const ProjectionReader& reader, const std::string& id);

// The answer with a document.
HttpResponse JsonResponse(const Json& json);

}  // namespace keyfold

#endif  // KEYFOLD_API_QUESTION_H_
