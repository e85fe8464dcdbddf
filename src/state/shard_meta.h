// The record that says what a shard stands for, as every reader of it begins.
#ifndef KEYFOLD_STATE_SHARD_META_H_
#define KEYFOLD_STATE_SHARD_META_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/catalog.h"

namespace keyfold {

// nullopt: nothing has been written to the store yet. DataLoss: the record is damaged.
absl::StatusOr<std::optional<v1::ShardMeta>> ReadShardMeta(const ShardStore& store);

// FailedPrecondition: another version has written the shard; the message says what to do.
absl::Status CheckFormat(const v1::ShardMeta& meta);

// From now on the shard is one of these definitions.
void SetDefinitions(const Catalog& catalog, v1::ShardMeta& meta);

// "built with catalogue X, this one is Y (what differs)", of a shard of other definitions than the catalogue's;
// nullopt: they are the same.
std::optional<std::string> DescribeDifference(const v1::ShardMeta& meta, const Catalog& catalog);

// FailedPrecondition: the topic, which has `now` partitions, had another number when what folds it began (`before`; 0:
// nobody knows). By the number Kafka decides where an account's or a group's records go: with another one two shards
// would each have a part of them.
absl::Status CheckTopicPartitions(const std::string& topic, int32_t before, int32_t now);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_SHARD_META_H_
