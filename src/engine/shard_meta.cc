#include "engine/shard_meta.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/store_keys.h"

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

}  // namespace keyfold
