#include "state/without_effect.h"

#include <google/protobuf/arena.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "state/entity_page.h"
#include "state/store_keys.h"
#include "state/stored_entity.h"

namespace keyfold {
namespace {

using Visit = std::function<void(const EntityRef&, const WithoutEffect&)>;

// False: the bytes are damaged.
bool VisitEntity(const EntityRef& entity, std::string_view bytes, const Calendar& calendar, const Visit& visit) {
  google::protobuf::Arena arena;
  EventEntries events;
  std::vector<MentionEntry> mentions;
  if (!ParseEntity(bytes, arena, events, mentions)) return false;
  LoadedHistory history;
  history.Load(events, mentions);
  for (const WithoutEffect& found : EventsWithoutEffect(entity.kind, history.view(), calendar)) visit(entity, found);
  return true;
}

bool VisitPage(std::string_view page, const Calendar& calendar, const Visit& visit) {
  PageReader reader(page);
  while (const std::optional<PagedEntity> paged = reader.Next()) {
    if (!VisitEntity({paged->kind, std::string(paged->id)}, paged->bytes, calendar, visit)) return false;
  }
  return !reader.damaged();
}

}  // namespace

absl::Status VisitWithoutEffect(const ShardStore& store, const Calendar& calendar, std::string_view account_id,
                                const Visit& visit) {
  bool intact = true;
  const std::string keyed = EntitiesPrefix(account_id);
  KEYFOLD_RETURN_IF_ERROR(store.Scan(keyed, keyed, [&](std::string_view key, std::string_view bytes) {
    return intact = VisitEntity(EntityOf(key), bytes, calendar, visit);
  }));
  const std::string pages = EntityPagesPrefix(account_id);
  if (intact) {
    KEYFOLD_RETURN_IF_ERROR(store.Scan(pages, pages, [&](std::string_view, std::string_view page) {
      return intact = VisitPage(page, calendar, visit);
    }));
  }
  if (intact) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("account '", std::string(account_id), "': its entities are damaged in the shard's store"));
}

}  // namespace keyfold
