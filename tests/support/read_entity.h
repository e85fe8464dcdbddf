// An entity as a shard's store has it.
#ifndef KEYFOLD_TESTS_SUPPORT_READ_ENTITY_H_
#define KEYFOLD_TESTS_SUPPORT_READ_ENTITY_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "account/entity.h"
#include "base/status_macros.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/stored_state.pb.h"
#include "state/entity_numbers.h"
#include "state/entity_page.h"
#include "state/store_keys.h"

namespace keyfold {

// Without events where there is none.
inline absl::StatusOr<v1::StoredEntity> ReadEntity(const ShardStore& store, std::string_view account_id,
                                                   const EntityRef& entity) {
  const absl::Status damaged = absl::DataLossError(absl::StrCat("account '", std::string(account_id), "': entity '",
                                                                entity.id, "' is damaged in the shard's store"));
  v1::StoredEntity stored;
  if (!LiesInPages(entity.kind)) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store.Get(EntityKey(account_id, entity)));
    if (bytes.has_value() && !stored.ParseFromString(*bytes)) return damaged;
    return stored;
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store.Get(AccountKey(account_id)));
  v1::StoredAccount account;
  EntityNumbers numbers;
  if (!account.ParseFromString(bytes.value_or("")) || !numbers.Parse(account.entities())) return damaged;
  const uint32_t bucket = numbers.BucketOf(EntityHash(entity));
  if (!numbers.IsLoaded(bucket)) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> hashes, store.Get(EntityBucketKey(account_id, bucket)));
    if (!numbers.Load(bucket, hashes.value_or(""))) return damaged;
  }
  for (uint32_t number : numbers.Find(EntityHash(entity))) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> page,
                             store.Get(EntityPageKey(account_id, number / kEntitiesPerPage)));
    if (!page.has_value()) return damaged;
    PageReader reader(*page);
    while (const std::optional<PagedEntity> paged = reader.Next()) {
      if (paged->kind != entity.kind || paged->id != entity.id) continue;
      if (!stored.ParseFromArray(paged->bytes.data(), static_cast<int>(paged->bytes.size()))) return damaged;
      return stored;
    }
    if (reader.damaged()) return damaged;
  }
  return stored;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_READ_ENTITY_H_
