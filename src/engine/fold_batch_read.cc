// The part of FoldBatch that reads entities: what the index does not know is new and need not be read.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/entity_page.h"
#include "engine/fold_batch.h"
#include "engine/store_keys.h"

namespace keyfold {
namespace {

template <typename Entity>
absl::Status Damaged(const Entity& entity) {
  return absl::DataLossError(
      absl::StrCat("account '", entity.account->id, "': entity '", entity.ref.id, "' is damaged in the shard's store"));
}

}  // namespace

// Of the accounts whose index is asked for the first time.
absl::Status FoldBatch::OpenIndex(const std::vector<Entity*>& entities) {
  absl::flat_hash_set<Account*> seen;
  std::vector<Account*> accounts;
  std::vector<std::string_view> ids;
  for (const Entity* entity : entities) {
    Account* const account = entity->account;
    if (!LiesInPages(entity->ref.kind) || account->index != nullptr || !seen.insert(account).second) continue;
    accounts.push_back(account);
    ids.push_back(account->id);
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<EntityIndex::Account*> opened, index_.Open(ids));
  for (size_t i = 0; i < accounts.size(); ++i) accounts[i]->index = opened[i];
  return absl::OkStatus();
}

absl::Status FoldBatch::ReadEntities(const std::vector<Entity*>& entities) {
  KEYFOLD_RETURN_IF_ERROR(OpenIndex(entities));
  std::vector<EntityIndex::Place> places;
  places.reserve(entities.size());
  for (const Entity* entity : entities) {
    if (LiesInPages(entity->ref.kind)) places.push_back(PlaceInIndex(*entity));
  }
  KEYFOLD_RETURN_IF_ERROR(index_.Prefetch(places));

  struct Wanted {
    std::string key;
    Entity* entity;
    std::optional<uint32_t> number;
  };
  std::vector<Wanted> wanted;
  for (Entity* entity : entities) {
    if (!LiesInPages(entity->ref.kind)) {
      wanted.push_back({entity->key, entity, std::nullopt});
      continue;
    }
    KEYFOLD_ASSIGN_OR_RETURN(const EntityIndex::Numbers numbers, index_.Find(PlaceInIndex(*entity)));
    for (uint32_t number : numbers) {
      wanted.push_back({EntityPageKey(entity->account->id, number / kEntitiesPerPage), entity, number});
    }
  }
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.key < b.key; });
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const Wanted& one : wanted) {
    if (keys.empty() || keys.back() != one.key) keys.push_back(one.key);
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> values, store_.MultiGet(keys));
  size_t at = 0;
  for (const Wanted& one : wanted) {
    if (keys[at] != one.key) ++at;
    if (!one.number.has_value()) {
      one.entity->bytes = std::move(values[at]);
    } else {
      KEYFOLD_RETURN_IF_ERROR(TakeFromPage(*one.entity, *one.number, values[at].value_or("")));
    }
  }
  for (Entity* entity : entities) entity->loaded = !entity->bytes.has_value();
  return absl::OkStatus();
}

absl::StatusOr<FoldBatch::Entity*> FoldBatch::Load(std::string_view account_id, const EntityRef& ref) {
  bool is_new = false;
  Entity& entity = Find(account_id, ref, is_new);
  KEYFOLD_RETURN_IF_ERROR(Load(entity, is_new));
  return &entity;
}

// Events come in the order in which they were prefetched, if they were.
absl::StatusOr<FoldBatch::Entity*> FoldBatch::LoadPrimary(const v1::AccountEvent& event) {
  if (next_prefetched_ == prefetched_.size() || prefetched_[next_prefetched_].first != &event) {
    return Load(event.account_id(), PrimaryEntity(event));
  }
  Entity* const entity = prefetched_[next_prefetched_++].second;
  KEYFOLD_RETURN_IF_ERROR(Load(*entity, /*is_new=*/false));
  return entity;
}

absl::Status FoldBatch::Load(Entity& entity, bool is_new) {
  if (entity.loaded) return absl::OkStatus();
  if (is_new && !entity.account->change.erased) KEYFOLD_RETURN_IF_ERROR(ReadEntities({&entity}));
  entity.loaded = true;
  return entity.bytes.has_value() ? Parse(entity) : absl::OkStatus();
}

// Unless what lies there is another entity with the same hash.
absl::Status FoldBatch::TakeFromPage(Entity& entity, uint32_t number, std::string_view page) {
  PageReader reader(page);
  while (const std::optional<PagedEntity> paged = reader.Next()) {
    if (paged->slot != number % kEntitiesPerPage) continue;
    if (paged->kind != entity.ref.kind || paged->id != entity.ref.id) return absl::OkStatus();
    entity.number = number;
    entity.bytes = std::string(paged->bytes);
    return absl::OkStatus();
  }
  return Damaged(entity);
}

absl::Status FoldBatch::Parse(Entity& entity) {
  return ParseEntity(*entity.bytes, arena_, entity.events, entity.mentions) ? absl::OkStatus() : Damaged(entity);
}

}  // namespace keyfold
