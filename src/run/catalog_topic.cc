#include "run/catalog_topic.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "ask/catalog_document.h"
#include "base/status_macros.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "run/claims.h"

namespace keyfold {
namespace {

constexpr char kClaimKey[] = "outputs";  // catalogues are keyed by hashes

// The latest value of each key.
using Announced = std::map<std::string, std::string>;

absl::StatusOr<Announced> ReadLatest(const KafkaConnection& connection, const std::string& topic) {
  Announced latest;
  KEYFOLD_RETURN_IF_ERROR(ReadTopic(connection, topic, [&latest](const Record& record) {
    if (record.key.has_value() && record.value.has_value()) latest[std::string(*record.key)] = *record.value;
  }));
  return latest;
}

void PutClaim(const std::string& topic, const Announced& announced, std::map<std::string, Claim>& claims) {
  const auto found = announced.find(kClaimKey);
  if (found == announced.end()) return;
  std::optional<Claim> claim = ParseClaim(found->second);
  if (claim.has_value()) claims[topic] = *std::move(claim);
}

}  // namespace

absl::Status Announce(const KafkaConnection& connection, const Config& config, const Catalog& catalog) {
  KEYFOLD_ASSIGN_OR_RETURN(const auto announced, ReadLatest(connection, config.catalog_topic));
  std::map<std::string, Claim> claims;
  PutClaim(config.catalog_topic, announced, claims);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> topics, ListTopics(connection));
  for (const std::string& topic : topics) {
    const bool announces = absl::StartsWith(topic, "keyfold.") && absl::EndsWith(topic, ".catalog");
    if (topic == config.catalog_topic || !announces) continue;
    const auto others = ReadLatest(connection, topic);
    // Deleted since: a projection that was given up. Denied: one that is none of ours.
    if (absl::IsNotFound(others.status()) || absl::IsPermissionDenied(others.status())) continue;
    KEYFOLD_RETURN_IF_ERROR(others.status());
    PutClaim(topic, *others, claims);
  }
  const Claim claim = ClaimOf(config);
  KEYFOLD_RETURN_IF_ERROR(CheckClaim(claim, claims));

  Announced missing = {{kClaimKey, FormatClaim(claim)}, {catalog.hash(), CatalogDocument(catalog)}};
  std::erase_if(missing, [&announced](const auto& record) {
    const auto latest = announced.find(record.first);
    return latest != announced.end() && latest->second == record.second;
  });
  if (missing.empty()) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  for (const auto& [key, value] : missing) {
    ProducerRecord record;
    record.key = key;
    record.value = value;
    KEYFOLD_RETURN_IF_ERROR(producer->Produce(config.catalog_topic, record));
  }
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(absl::Seconds(30)));
  return producer->failures().first;
}

}  // namespace keyfold
