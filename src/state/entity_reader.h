// The entities of an account, read from a shard's store.
#ifndef KEYFOLD_STATE_ENTITY_READER_H_
#define KEYFOLD_STATE_ENTITY_READER_H_

#include <functional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "account/entity.h"
#include "keyfold/shard_store.h"
#include "state/stored_entity.h"

namespace keyfold {

// An entity as it is stored; lives until the visitor returns.
struct EntityRecord {
  EntityRef ref;
  std::span<const EventEntry> events;  // by event_id bytewise, retracted ones included
  EntityHistory history;               // what contributions are made of
};

// Visits the entities of an account whose kind `wants` says yes to. The visitor must not use the store. DataLoss: the
// account's entities are damaged.
absl::Status VisitEntities(const ShardStore& store, std::string_view account_id,
                           const std::function<bool(EntityKind)>& wants,
                           const std::function<void(const EntityRecord&)>& visit);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_ENTITY_READER_H_
