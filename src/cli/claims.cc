#include "cli/claims.h"

#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/json_report.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

constexpr char kKey[] = "outputs";  // of the record; the catalogue's own are keyed by hashes

// The latest claim of each catalogue topic that has one.
absl::StatusOr<std::map<std::string, Claim>> ReadClaims(const KafkaConnection& connection, const std::string& own) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> topics, ListTopics(connection));
  std::map<std::string, Claim> claims;
  for (const std::string& topic : topics) {
    if (topic != own && !(absl::StartsWith(topic, "keyfold.") && absl::EndsWith(topic, ".catalog"))) continue;
    const absl::Status status = ReadTopic(connection, topic, [&](const Record& record) {
      if (record.key != kKey || !record.value.has_value()) return;
      std::optional<Claim> claim = ParseClaim(std::string(*record.value));
      if (claim.has_value()) claims[topic] = *std::move(claim);
    });
    // Deleted since: a projection that was given up. Denied: one that is none of ours.
    const bool unseen = absl::IsNotFound(status) || absl::IsPermissionDenied(status);
    if (!status.ok() && (topic == own || !unseen)) return status;
  }
  return claims;
}

}  // namespace

Claim ClaimOf(const Config& config) {
  return {config.projection,
          config.events_topic,
          {config.kpis_topic, config.rollup_kpis_topic, config.partials_topic, config.dead_letters_topic,
           config.catalog_topic}};
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

absl::Status ClaimOutputs(const KafkaConnection& connection, const Config& config) {
  const Claim claim = ClaimOf(config);
  using Claims = std::map<std::string, Claim>;
  KEYFOLD_ASSIGN_OR_RETURN(const Claims claims, ReadClaims(connection, config.catalog_topic));
  KEYFOLD_RETURN_IF_ERROR(CheckClaim(claim, claims));
  const auto own = claims.find(config.catalog_topic);
  if (own != claims.end() && own->second == claim) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  const std::string text = FormatClaim(claim);
  ProducerRecord record;
  record.key = kKey;
  record.value = text;
  KEYFOLD_RETURN_IF_ERROR(producer->Produce(config.catalog_topic, record));
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(absl::Seconds(30)));
  return producer->failures().first;
}

}  // namespace keyfold
