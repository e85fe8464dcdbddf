// The record that says what a shard stands for, as every reader of it begins.
#ifndef KEYFOLD_ENGINE_SHARD_META_H_
#define KEYFOLD_ENGINE_SHARD_META_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {

// nullopt: nothing has been written to the store yet. DataLoss: the record is damaged.
absl::StatusOr<std::optional<v1::ShardMeta>> ReadShardMeta(const ShardStore& store);

// FailedPrecondition: another version has written the shard; the message says what to do.
absl::Status CheckFormat(const v1::ShardMeta& meta);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_SHARD_META_H_
