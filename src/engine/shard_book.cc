#include "engine/shard_book.h"

#include <iterator>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/dead_letter.h"
#include "state/commit_metadata.h"
#include "state/shard_meta.h"
#include "state/store_keys.h"
#include "xxhash.h"

namespace keyfold {

namespace {

constexpr int64_t ShardCounts::*kCounts[] = {
    &ShardCounts::records,  &ShardCounts::applied,  &ShardCounts::duplicates,     &ShardCounts::superseded,
    &ShardCounts::erasures, &ShardCounts::rejected, &ShardCounts::updates,        &ShardCounts::alerts,
    &ShardCounts::swept,    &ShardCounts::partials, &ShardCounts::accounts_found, &ShardCounts::accounts_looked_up};
static_assert(sizeof(ShardCounts) == (std::size(kCounts) + kRejectionCodes) * sizeof(int64_t), "a count is missing");

}  // namespace

ShardCounts& ShardCounts::operator+=(const ShardCounts& other) {
  for (const auto count : kCounts) this->*count += other.*count;
  for (size_t code = 0; code < kRejectionCodes; ++code) rejected_for[code] += other.rejected_for[code];
  return *this;
}

ShardCounts& ShardCounts::operator-=(const ShardCounts& other) {
  for (const auto count : kCounts) this->*count -= other.*count;
  for (size_t code = 0; code < kRejectionCodes; ++code) rejected_for[code] -= other.rejected_for[code];
  return *this;
}

absl::StatusOr<bool> ShardBook::Load(const Catalog& catalog) {
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<v1::ShardMeta> stored, ReadShardMeta(*store));
  if (stored.has_value()) {
    meta = *std::move(stored);
    KEYFOLD_RETURN_IF_ERROR(CheckIdentity(catalog));
    // Shards of a time when these were not kept take what they find.
    if (meta.topic_partitions() == 0) meta.set_topic_partitions(identity.topic_partitions);
    if (meta.projection().empty()) meta.set_projection(identity.projection);
    batch_from_ = meta.next_offset();
    return true;
  }
  meta.set_format_version(kFormatVersion);
  SetDefinitions(catalog, meta);
  meta.set_cluster_id(identity.cluster_id);
  meta.set_topic(identity.topic);
  meta.set_partition(identity.partition);
  meta.set_topic_partitions(identity.topic_partitions);
  meta.set_projection(identity.projection);
  meta.set_stream_time_ms(-1);
  meta.set_last_record_offset(-1);
  return false;
}

absl::Status ShardBook::CheckIdentity(const Catalog& catalog) const {
  KEYFOLD_RETURN_IF_ERROR(CheckFormat(meta));
  const std::string shard = absl::StrCat("the shard of ", meta.topic(), "/", meta.partition());
  if (meta.rebuilding()) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, ": a rebuild of it was interrupted: run keyfold rebuild again"));
  }
  if (const std::optional<std::string> difference = DescribeDifference(meta, catalog)) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " was ", *difference,
                                                      ": go back to what it was built with, bring this one in (keyfold "
                                                      "rebuild), or fold the log anew with --projection NEW_NAME"));
  }
  if (meta.topic() != identity.topic || meta.partition() != identity.partition) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " was found where that of ", identity.topic, "/",
                                                      identity.partition, " belongs: check state_directory"));
  }
  if (!meta.projection().empty() && meta.projection() != identity.projection) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " is that of the projection ", meta.projection(), ", and was found where that of ",
                     identity.projection, " belongs: shards of a projection cannot become another's; give this one ",
                     "a directory of its own, and it folds the log from its beginning"));
  }
  if (meta.cluster_id() != identity.cluster_id) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " belongs to Kafka cluster '", meta.cluster_id(), "', this one is '", identity.cluster_id,
                     "': check kafka.bootstrap.servers, or fold this cluster's log with "
                     "--projection NEW_NAME"));
  }
  return CheckTopicPartitions(identity.topic, meta.topic_partitions(), identity.topic_partitions);
}

void ShardBook::Begin() {
  batch_from_ = meta.next_offset();
  pending_ = true;
}

void ShardBook::End(const Record& last) {
  meta.set_next_offset(last.offset + 1);
  meta.set_last_record_offset(last.offset);
  meta.set_last_record_hash(Fingerprint(last));
  meta.set_last_record_ms(last.timestamp_ms);
}

OffsetCommit ShardBook::OffsetToCommit() const {
  v1::CommitMetadata metadata;
  metadata.set_from_offset(batch_from_);
  metadata.set_rebuilds(meta.rebuilds());
  metadata.set_topic_partitions(meta.topic_partitions());
  *metadata.mutable_sweep() = meta.sweep();
  *metadata.mutable_time_decisions() = meta.time_decisions();
  return {identity.partition, meta.next_offset(), FormatCommitMetadata(metadata)};
}

absl::Status ShardBook::Keep() {
  writes.Put(MetaKey(), meta.SerializeAsString());
  KEYFOLD_RETURN_IF_ERROR(store->Write(std::exchange(writes, StoreBatch())));
  batch_from_ = meta.next_offset();
  pending_ = false;
  return absl::OkStatus();
}

void ShardBook::Reject(const Record& record, const Rejection& rejection) {
  ++counts.rejected;
  ++counts.rejected_for[static_cast<size_t>(rejection.code)];
  results.push_back(DeadLetterOf(record, rejection, identity.topic));
}

uint64_t ShardBook::Fingerprint(const Record& record) {
  uint64_t hash = XXH3_64bits_withSeed(&record.timestamp_ms, sizeof(record.timestamp_ms), 0);
  for (const auto& part : {record.key, record.value}) {
    const std::string_view bytes = part.value_or(std::string_view());
    hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash + (part.has_value() ? 1 : 0));
  }
  return hash;
}

}  // namespace keyfold
