#include "cli/catalog_topic.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/claims.h"
#include "cli/json_report.h"
#include "engine/groups.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

const char* NameOf(Better better) {
  switch (better) {
    case Better::kHigher:
      return "higher";
    case Better::kLower:
      return "lower";
    case Better::kNeither:
      return "neither";
  }
  return "";  // not reached: the cases are all there are
}

void Put(const Presentation& presentation, Json& json) {
  json["unit"] = presentation.unit;
  json["better"] = NameOf(presentation.better);
  json["digits"] = presentation.digits;
  if (!presentation.label.empty()) json["label"] = presentation.label;
  if (!presentation.description.empty()) json["description"] = presentation.description;
  if (presentation.good.has_value()) json["thresholds"]["good"] = *presentation.good;
  if (presentation.bad.has_value()) json["thresholds"]["bad"] = *presentation.bad;
  if (!presentation.alert_severity.empty()) json["alert"]["severity"] = presentation.alert_severity;
}

Json KpiOf(const Definition& kpi, const DefinitionText& text) {
  Json json = {{"id", kpi.id}};
  Put(text.presentation, json);
  json["formula"] = text.formula;
  if (kpi.rollup == Definition::Rollup::kNone) return json;
  Json group = {{"id", kpi.group_id}};
  Put(text.group_presentation, group);
  group["formula"] = text.group_formula.empty() ? text.formula : text.group_formula;
  json["group"] = std::move(group);
  return json;
}

Json Named(const char* member, std::string_view value, const char* german, const char* english) {
  return {{member, value}, {"label", {{"de", german}, {"en", english}}}};
}

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

Json Groups() {
  return {Named("id", kAllAccountsGroup, "Alle Kunden", "All accounts"),
          Named("id", kKeyAccountsGroup, "Key Accounts", "Key accounts"),
          Named("prefix", "manager:", "Key Account Manager", "Key account manager"),
          Named("prefix", "segment:", "Segment", "Segment"),
          Named("prefix", "region:", "Region", "Region"),
          Named("prefix", "industry:", "Branche", "Industry"),
          Named("prefix", "tier:", "Stufe", "Tier"),
          Named("prefix", "parent:", "Konzern", "Corporate group")};
}

}  // namespace

std::string CatalogDocument(const Catalog& catalog) {
  Json json = {{"catalog_hash", catalog.hash()},
               {"time_zone", catalog.settings().time_zone},
               {"fiscal_year_start_month", catalog.settings().fiscal_year_start_month},
               {"reporting_currency", catalog.reporting_currency().code()},
               {"parameters", catalog.parameters()},
               {"windows", catalog.windows()},
               {"components", Json::array()},
               {"kpis", Json::array()},
               {"groups", catalog.has_rollups() ? Groups() : Json::array()}};
  for (uint16_t index : catalog.derived_components()) {
    json["components"].push_back({{"id", catalog.definitions()[index].id}, {"formula", catalog.TextOf(index).formula}});
  }
  for (uint16_t index : catalog.kpis()) {
    json["kpis"].push_back(KpiOf(catalog.definitions()[index], catalog.TextOf(index)));
  }
  return json.dump();
}

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

  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  const std::pair<std::string, std::string> records[] = {{kClaimKey, FormatClaim(claim)},
                                                         {catalog.hash(), CatalogDocument(catalog)}};
  for (const auto& [key, value] : records) {
    const auto latest = announced.find(key);
    if (latest != announced.end() && latest->second == value) continue;
    ProducerRecord record;
    record.key = key;
    record.value = value;
    KEYFOLD_RETURN_IF_ERROR(producer->Produce(config.catalog_topic, record));
  }
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(absl::Seconds(30)));
  return producer->failures().first;
}

}  // namespace keyfold
