// The part of FoldBatch that reads entities: what has no number is new and need not be read.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "fold/fold_batch.h"
#include "state/entity_page.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

template <typename Entity>
absl::Status Damaged(const Entity& entity) {
  return absl::DataLossError(
      absl::StrCat("account '", entity.account->id, "': entity '", entity.ref.id, "' is damaged in the shard's store"));
}

}  // namespace

// Those that are asked for the first time. Rates belong to none.
absl::Status FoldBatch::OpenAccounts(const std::vector<Entity*>& entities) {
  std::vector<Account*> accounts;
  std::vector<std::string_view> ids;
  for (const Entity* entity : entities) {
    Account* const account = entity->account;
    if (account->held != nullptr || account->id.empty() || account->entities.front() != entity) continue;
    accounts.push_back(account);
    ids.push_back(account->id);
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<HeldAccount*> opened, accounts_.Open(ids));
  for (size_t i = 0; i < accounts.size(); ++i) accounts[i]->held = opened[i];
  return absl::OkStatus();
}

absl::Status FoldBatch::ReadEntities(const std::vector<Entity*>& entities) {
  KEYFOLD_RETURN_IF_ERROR(OpenAccounts(entities));
  std::vector<AccountTable::Place> places;
  places.reserve(entities.size());
  for (const Entity* entity : entities) {
    if (LiesInPages(entity->ref.kind)) places.push_back(PlaceOf(*entity));
  }
  KEYFOLD_RETURN_IF_ERROR(accounts_.PrefetchEntities(places));

  struct Wanted {
    std::string key;
    Entity* entity;
    std::optional<uint32_t> number;
  };
  std::vector<Wanted> wanted;
  for (Entity* entity : entities) {
    if (!LiesInPages(entity->ref.kind)) {
      wanted.push_back({EntityKey(entity->account->id, entity->ref), entity, std::nullopt});
      continue;
    }
    KEYFOLD_ASSIGN_OR_RETURN(const EntityNumbers::Numbers numbers, accounts_.FindEntity(PlaceOf(*entity)));
    for (uint32_t number : numbers) {
      if (const std::string* const unwritten = entity->account->held->FindUnwritten(number)) {
        if (unwritten->empty()) continue;  // another one, with the same hash, that this batch has made
        KEYFOLD_RETURN_IF_ERROR(TakeFromPage(*entity, number, *unwritten));
      } else {
        wanted.push_back({EntityPageKey(entity->account->id, number / kEntitiesPerPage), entity, number});
      }
    }
  }
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.key < b.key; });
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const Wanted& one : wanted) {
    if (keys.empty() || keys.back() != one.key) keys.push_back(one.key);
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> read, store_.MultiGet(keys));
  const std::vector<std::optional<std::string>>& values = read_.emplace_back(std::move(read));
  size_t at = 0;
  for (const Wanted& one : wanted) {
    if (keys[at] != one.key) ++at;
    const std::optional<std::string_view> value = values[at];
    if (!one.number.has_value()) {
      one.entity->bytes = value;
    } else {
      KEYFOLD_RETURN_IF_ERROR(TakeFromPage(*one.entity, *one.number, value.value_or("")));
    }
  }
  for (Entity* entity : entities) entity->loaded = !entity->bytes.has_value();
  return absl::OkStatus();
}

absl::StatusOr<FoldBatch::Entity*> FoldBatch::Load(std::string_view account_id, EntityRef ref) {
  bool is_new = false;
  Entity& entity = Find(account_id, std::move(ref), is_new);
  KEYFOLD_RETURN_IF_ERROR(Load(entity, is_new));
  return &entity;
}

// Events come in the order in which they were announced, if they were.
absl::StatusOr<FoldBatch::Entity*> FoldBatch::LoadPrimary(const v1::AccountEvent& event) {
  if (next_announced_ == announced_.size() || announced_[next_announced_].first != &event) {
    return Load(event.account_id(), PrimaryEntity(event));
  }
  Entity* const entity = announced_[next_announced_++].second;
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
    entity.bytes = paged->bytes;
    return absl::OkStatus();
  }
  return Damaged(entity);
}

absl::Status FoldBatch::Parse(Entity& entity) {
  return ParseEntity(*entity.bytes, arena_, entity.events, entity.mentions) ? absl::OkStatus() : Damaged(entity);
}

}  // namespace keyfold
