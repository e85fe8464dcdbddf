#include "engine/shard.h"

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

absl::StatusOr<bool> Shard::LoadMeta(const Catalog& catalog) {
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<v1::ShardMeta> stored, ReadShardMeta(*store_));
  if (stored.has_value()) {
    meta_ = *std::move(stored);
    KEYFOLD_RETURN_IF_ERROR(CheckIdentity(catalog));
    // Shards of a time when these were not kept take what they find.
    if (meta_.topic_partitions() == 0) meta_.set_topic_partitions(identity_.topic_partitions);
    if (meta_.projection().empty()) meta_.set_projection(identity_.projection);
    batch_from_ = meta_.next_offset();
    return true;
  }
  meta_.set_format_version(kFormatVersion);
  SetDefinitions(catalog, meta_);
  meta_.set_cluster_id(identity_.cluster_id);
  meta_.set_topic(identity_.topic);
  meta_.set_partition(identity_.partition);
  meta_.set_topic_partitions(identity_.topic_partitions);
  meta_.set_projection(identity_.projection);
  meta_.set_stream_time_ms(-1);
  meta_.set_last_record_offset(-1);
  return false;
}

absl::Status Shard::CheckIdentity(const Catalog& catalog) const {
  KEYFOLD_RETURN_IF_ERROR(CheckFormat(meta_));
  const std::string shard = absl::StrCat("the shard of ", meta_.topic(), "/", meta_.partition());
  if (meta_.rebuilding()) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, ": a rebuild of it was interrupted: run keyfold rebuild again"));
  }
  if (const std::optional<std::string> difference = DescribeDifference(meta_, catalog)) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " was ", *difference,
                                                      ": go back to what it was built with, bring this one in (keyfold "
                                                      "rebuild), or fold the log anew with --projection NEW_NAME"));
  }
  if (meta_.topic() != identity_.topic || meta_.partition() != identity_.partition) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " was found where that of ", identity_.topic, "/",
                                                      identity_.partition, " belongs: check state_directory"));
  }
  if (!meta_.projection().empty() && meta_.projection() != identity_.projection) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " is that of the projection ", meta_.projection(), ", and was found where that of ",
                     identity_.projection, " belongs: shards of a projection cannot become another's; give this one ",
                     "a directory of its own, and it folds the log from its beginning"));
  }
  if (meta_.cluster_id() != identity_.cluster_id) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " belongs to Kafka cluster '", meta_.cluster_id(), "', this one is '", identity_.cluster_id,
                     "': check kafka.bootstrap.servers, or fold this cluster's log with "
                     "--projection NEW_NAME"));
  }
  return CheckTopicPartitions(identity_.topic, meta_.topic_partitions(), identity_.topic_partitions);
}

absl::StatusOr<std::vector<OutputRecord>> Shard::PrepareCommit() {
  KEYFOLD_RETURN_IF_ERROR(Complete());
  return std::exchange(results_, {});
}

void Shard::BeginBatch() {
  batch_from_ = meta_.next_offset();
  pending_ = true;
}

void Shard::EndBatch(const Record& last) {
  meta_.set_next_offset(last.offset + 1);
  meta_.set_last_record_offset(last.offset);
  meta_.set_last_record_hash(Fingerprint(last));
  meta_.set_last_record_ms(last.timestamp_ms);
}

OffsetCommit Shard::OffsetToCommit() const {
  v1::CommitMetadata metadata;
  metadata.set_from_offset(batch_from_);
  metadata.set_rebuilds(meta_.rebuilds());
  metadata.set_topic_partitions(meta_.topic_partitions());
  *metadata.mutable_sweep() = meta_.sweep();
  *metadata.mutable_time_decisions() = meta_.time_decisions();
  return {identity_.partition, meta_.next_offset(), FormatCommitMetadata(metadata)};
}

absl::Status Shard::PostCommit() {
  writes_.Put(MetaKey(), meta_.SerializeAsString());
  KEYFOLD_RETURN_IF_ERROR(store_->Write(std::exchange(writes_, StoreBatch())));
  batch_from_ = meta_.next_offset();
  pending_ = false;
  return absl::OkStatus();
}

void Shard::Reject(const Record& record, const Rejection& rejection) {
  ++counts_.rejected;
  ++counts_.rejected_for[static_cast<size_t>(rejection.code)];
  results_.push_back(DeadLetterOf(record, rejection, identity_.topic));
}

uint64_t Shard::Fingerprint(const Record& record) {
  uint64_t hash = XXH3_64bits_withSeed(&record.timestamp_ms, sizeof(record.timestamp_ms), 0);
  for (const auto& part : {record.key, record.value}) {
    const std::string_view bytes = part.value_or(std::string_view());
    hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash + (part.has_value() ? 1 : 0));
  }
  return hash;
}

}  // namespace keyfold
