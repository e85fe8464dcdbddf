#include "state/shard_meta.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "state/store_keys.h"

namespace keyfold {

absl::StatusOr<std::optional<v1::ShardMeta>> ReadShardMeta(const ShardStore& store) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store.Get(MetaKey()));
  std::optional<v1::ShardMeta> meta;
  if (bytes.has_value() && !meta.emplace().ParseFromString(*bytes)) {
    return absl::DataLossError("the shard's meta record is damaged");
  }
  return meta;
}

absl::Status CheckFormat(const v1::ShardMeta& meta) {
  if (meta.format_version() == kFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the shard of ", meta.topic(), "/", meta.partition(), " has format ", meta.format_version(),
      ", this version of keyfold writes ", kFormatVersion, ": fold the log anew with --projection NEW_NAME"));
}

void SetDefinitions(const Catalog& catalog, v1::ShardMeta& meta) {
  meta.set_catalog_hash(catalog.hash());
  meta.clear_definitions();
  for (const DefinitionPart& part : catalog.parts()) {
    v1::DefinitionPart& stored = *meta.add_definitions();
    stored.set_name(part.name);
    stored.set_value(part.value);
  }
}

std::optional<std::string> DescribeDifference(const v1::ShardMeta& meta, const Catalog& catalog) {
  if (meta.catalog_hash() == catalog.hash()) return std::nullopt;
  const std::string hashes =
      absl::StrCat("built with catalogue ", meta.catalog_hash(), ", this one is ", catalog.hash());
  if (meta.definitions().empty())
    return absl::StrCat(hashes, " (an earlier version built it, and did not keep of what)");
  std::map<std::string, std::string> then;
  for (const v1::DefinitionPart& part : meta.definitions()) then[part.name()] = part.value();
  std::vector<std::string> differences;
  for (const DefinitionPart& part : catalog.parts()) {
    const std::string& before = then[part.name];
    if (before != part.value)
      differences.push_back(absl::StrCat(part.name, ": ", before, " then, ", part.value, " now"));
  }
  return absl::StrCat(hashes, " (", absl::StrJoin(differences, "; "), ")");
}

absl::Status CheckTopicPartitions(const std::string& topic, int32_t before, int32_t now) {
  if (before == 0 || before == now) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the topic ", topic, " had ", before, " partitions when this projection began to fold it, and has ", now,
      " now: Kafka sends an account's (of partials: a group's) new records to another partition than the old ones, and "
      "two shards would each have a part of them. Nothing of the added partitions has been folded. Partitions cannot "
      "be taken away again: fold the log anew with --projection NEW_NAME; but where the event topic has got them, copy "
      "all of its records by key into a new topic first, and fold that: --topics.events NEW_TOPIC"));
}

}  // namespace keyfold
