#include "live/latest_meta.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "live/latest_keys.h"
#include "xxhash.h"

namespace keyfold {

v1::LatestPartition& PartitionOf(v1::LatestMeta& meta, LatestTopic topic, int32_t partition) {
  v1::LatestTopic& stored = *meta.mutable_topics(static_cast<int>(topic));
  while (stored.partitions_size() <= partition) stored.add_partitions();
  return *stored.mutable_partitions(partition);
}

TopicEnds EndsOf(const v1::LatestMeta& meta) {
  TopicEnds ends;
  for (LatestTopic topic : kLatestTopics) {
    const v1::LatestTopic& stored = meta.topics(static_cast<int>(topic));
    for (int partition = 0; partition < stored.partitions_size(); ++partition) {
      MutableOffset(ends.next, topic, partition) = stored.partitions(partition).next_offset();
      MutableOffset(ends.known_from, topic, partition) = stored.partitions(partition).known_from();
    }
  }
  return ends;
}

std::string EpochOf(const v1::LatestMeta& meta) {
  std::string text;
  const auto append = [&text](const std::string& part) { absl::StrAppend(&text, part.size(), ":", part); };
  append(meta.cluster_id());
  for (const v1::LatestTopic& topic : meta.topics()) append(topic.identity());
  append(meta.catalog_hash());
  append(absl::StrCat(meta.emptied()));
  return absl::StrCat(absl::Hex(XXH3_64bits(text.data(), text.size()), absl::kZeroPad16));
}

v1::LatestMeta NewMeta(const LatestSource& source) {
  v1::LatestMeta meta;
  meta.set_format_version(kLatestFormatVersion);
  meta.set_cluster_id(source.cluster_id);
  for (const std::string& topic : source.topics) meta.add_topics()->set_identity(topic);
  return meta;
}

std::string Misfit(const v1::LatestMeta& stored, const LatestSource& source) {
  if (stored.format_version() != kLatestFormatVersion) return "it is of another version of keyfold";
  if (stored.cluster_id() != source.cluster_id) {
    return absl::StrCat("it is of cluster ", stored.cluster_id(), ", and this one is ", source.cluster_id);
  }
  for (size_t topic = 0; topic < kLatestTopics.size(); ++topic) {
    if (static_cast<int>(topic) >= stored.topics_size()) return "it has fewer topics";
    const std::string& identity = stored.topics(static_cast<int>(topic)).identity();
    if (identity != source.topics[topic]) {
      return absl::StrCat("it is of topic ", identity, ", and this one is ", source.topics[topic]);
    }
  }
  return "";
}

void NoteCatalog(LatestTopic topic, int32_t partition, const v1::KpiUpdate& update, v1::LatestMeta& meta) {
  if (update.catalog_hash().empty()) return;
  auto& hashes = *PartitionOf(meta, topic, partition).mutable_catalog_hashes();
  std::string& hash = hashes[update.source_partition()];
  if (hash == update.catalog_hash()) return;
  if (!hash.empty() || meta.catalog_hash().empty()) meta.set_catalog_hash(update.catalog_hash());
  hash = update.catalog_hash();
}

}  // namespace keyfold
