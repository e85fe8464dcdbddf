#include "run/claims.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "ask/json.h"

namespace keyfold {
Claim ClaimOf(const Config& config) {
  return {config.projection,
          config.events_topic,
          {config.kpis_topic, config.rollup_kpis_topic, config.alerts_topic, config.partials_topic,
           config.dead_letters_topic, config.catalog_topic, config.members_topic}};
}

std::string FormatClaim(const Claim& claim) {
  return Json({{"projection", claim.projection}, {"events", claim.events}, {"outputs", claim.outputs}}).dump();
}

std::optional<Claim> ParseClaim(const std::string& text) {
  const Json json = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  const auto is_text = [&json](const char* member) { return json.contains(member) && json[member].is_string(); };
  if (!json.is_object() || !is_text("projection") || !is_text("events")) return std::nullopt;
  if (!json.contains("outputs") || !json["outputs"].is_array()) return std::nullopt;
  Claim claim = {json["projection"].get<std::string>(), json["events"].get<std::string>(), {}};
  for (const Json& output : json["outputs"]) {
    if (!output.is_string()) return std::nullopt;
    claim.outputs.push_back(output.get<std::string>());
  }
  return claim;
}

absl::Status CheckClaim(const Claim& claim, const std::map<std::string, Claim>& others) {
  for (const auto& [topic, other] : others) {
    const std::string release = absl::StrCat("; if that one was given up, delete its topic ", topic);
    if (other.projection == claim.projection) {
      if (other.events == claim.events) continue;
      return absl::FailedPreconditionError(absl::StrCat("the projection ", claim.projection, " folds the topic ",
                                                        other.events, ", not ", claim.events,
                                                        ": use another name, --projection NEW_NAME", release));
    }
    for (const std::string& output : claim.outputs) {
      if (other.events != output && !absl::c_linear_search(other.outputs, output)) continue;
      return absl::FailedPreconditionError(absl::StrCat(
          "the topic ", output, " belongs to the projection ", other.projection, ", and ", claim.projection,
          " would write to it: leave its name in topics.* to the projection, or choose another one", release));
    }
  }
  return absl::OkStatus();
}

}  // namespace keyfold
