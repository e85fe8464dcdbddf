#include "state/entity_reader.h"

#include <google/protobuf/arena.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "state/entity_page.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

using Wants = std::function<bool(EntityKind)>;
using Visit = std::function<void(const EntityRecord&)>;

// False: the bytes are damaged.
bool VisitEntity(EntityRef ref, std::string_view bytes, const Wants& wants, const Visit& visit) {
  if (!wants(ref.kind)) return true;
  google::protobuf::Arena arena;
  EventEntries events;
  std::vector<MentionEntry> mentions;
  if (!ParseEntity(bytes, arena, events, mentions)) return false;
  LoadedHistory history;
  history.Load(events, mentions);
  visit({std::move(ref), events, history.view()});
  return true;
}

bool VisitPage(std::string_view page, const Wants& wants, const Visit& visit) {
  PageReader reader(page);
  while (const std::optional<PagedEntity> paged = reader.Next()) {
    if (!VisitEntity({paged->kind, std::string(paged->id)}, paged->bytes, wants, visit)) return false;
  }
  return !reader.damaged();
}

}  // namespace

absl::Status VisitEntities(const ShardStore& store, std::string_view account_id, const Wants& wants,
                           const Visit& visit) {
  bool intact = true;
  const std::string keyed = EntitiesPrefix(account_id);
  KEYFOLD_RETURN_IF_ERROR(store.Scan(keyed, keyed, [&](std::string_view key, std::string_view bytes) {
    return intact = VisitEntity(EntityOf(key), bytes, wants, visit);
  }));
  const std::string pages = EntityPagesPrefix(account_id);
  if (intact) {
    KEYFOLD_RETURN_IF_ERROR(store.Scan(
        pages, pages, [&](std::string_view, std::string_view page) { return intact = VisitPage(page, wants, visit); }));
  }
  if (intact) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("account '", std::string(account_id), "': its entities are damaged in the shard's store"));
}

}  // namespace keyfold
