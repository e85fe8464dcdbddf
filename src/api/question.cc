#include "api/question.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "peers/peers.h"

namespace keyfold {

std::string ApiQuestion::Text(std::string_view name) const {
  const std::string* const text = request_.target.Query(name);
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> ApiQuestion::Texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (const auto& [given, text] : request_.target.query) {
    if (given != name) continue;
    for (std::string& part : std::vector<std::string>(absl::StrSplit(text, ',', absl::SkipEmpty()))) {
      texts.push_back(std::move(part));
    }
  }
  return texts;
}

absl::StatusOr<std::optional<bool>> ApiQuestion::Flag(std::string_view name) const {
  const std::string text = Text(name);
  if (text.empty()) return std::optional<bool>();
  if (text == "true" || text == "1") return std::optional(true);
  if (text == "false" || text == "0") return std::optional(false);
  return absl::InvalidArgumentError(absl::StrCat(std::string(name), ": '", text, "' is neither true nor false"));
}

absl::StatusOr<int64_t> ApiQuestion::Number(std::string_view name, int64_t otherwise, int64_t max) const {
  const std::string text = Text(name);
  if (text.empty()) return otherwise;
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 1 || number > max) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(name), ": '", text, "' is no number from 1 to ", max));
  }
  return number;
}

absl::StatusOr<std::optional<Day>> ApiQuestion::Date(std::string_view name) const {
  const std::string text = Text(name);
  if (text.empty()) return std::optional<Day>();
  const std::optional<Day> day = ParseDay(text);
  if (day.has_value()) return day;
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(name), ": '", text, "' is no date (YYYY-MM-DD) of the years 1970 to 2200"));
}

absl::StatusOr<uint16_t> ApiQuestion::Kpi(std::string_view name, const std::string& id) const {
  if (const std::optional<uint16_t> kpi = catalog().FindKpi(id)) return *kpi;
  std::vector<std::string_view> known;
  for (uint16_t index : catalog().kpis()) known.push_back(catalog().definitions()[index].id);
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(name), ": the catalogue has no KPI '", id, "'", DidYouMean(id, known)));
}

absl::StatusOr<KpiSelection> ApiQuestion::Kpis(std::string_view name) const {
  KpiSelection kpis;
  for (const std::string& id : Texts(name)) {
    KEYFOLD_RETURN_IF_ERROR(Kpi(name, id).status());
    kpis.insert(id);
  }
  return kpis;
}

absl::StatusOr<Json> ApiQuestion::Body() const {
  const std::string* const type = request_.Header("Content-Type");
  if (type == nullptr || !SameName(type->substr(0, type->find(';')), "application/json")) {
    return absl::InvalidArgumentError("a body with Content-Type: application/json is expected");
  }
  Json json = Json::parse(request_.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the body is no JSON object");
  return json;
}

absl::Status ApiQuestion::CheckVisible(LatestTopic topic, std::string_view id) const {
  return sources_.live->Row(topic, id, visibility_, {}).status();
}

absl::StatusOr<ApiQuestion::Asker> ApiQuestion::WhoAsks() const {
  Asker asker;
  const std::string* const wanted = request_.Header(kAskedByGateway);
  if (wanted == nullptr) return asker;
  asker.is_gateway = true;
  const std::pair<std::string, std::string> parts = absl::StrSplit(*wanted, absl::MaxSplits(' ', 1));
  asker.wants_share = parts.first == kWantsShare;
  if (!parts.second.empty()) asker.day = ParseDay(parts.second);
  const bool is_known = asker.wants_share ? parts.second.empty() || asker.day.has_value() : *wanted == kWantsAnswer;
  if (is_known) return asker;
  return absl::InvalidArgumentError(absl::StrCat(std::string(kAskedByGateway), ": there is no '", *wanted, "'"));
}

absl::StatusOr<std::shared_ptr<const ProjectionReader>> ApiQuestion::Reader() const {
  if (reader_ == nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(reader_, sources_.shards());
  }
  return reader_;
}

absl::StatusOr<ApiQuestion::AtDate> ApiQuestion::Shards() const {
  AtDate at;
  absl::StatusOr<std::shared_ptr<const ProjectionReader>> reader = Reader();
  if (absl::IsNotFound(reader.status())) return absl::UnavailableError(reader.status().message());
  KEYFOLD_ASSIGN_OR_RETURN(at.reader, std::move(reader));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, Date("as_of"));
  if (!day.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(day, at.reader->LatestDay());
  }
  at.day = *day;
  return at;
}

absl::Status NotThere(const ProjectionReader& reader, const std::string& id) {
  return absl::UnavailableError(absl::StrCat("account ", id, " is in none of the shards that this gateway can ask (",
                                             reader.Describe(), ")", reader.WhyNotFound()));
}

HttpResponse JsonResponse(const Json& json) {
  return BodyResponse(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace keyfold
