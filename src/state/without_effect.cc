#include "state/without_effect.h"

#include "state/entity_reader.h"

namespace keyfold {

absl::Status VisitWithoutEffect(const ShardStore& store, const Calendar& calendar, std::string_view account_id,
                                const std::function<void(const EntityRef&, const WithoutEffect&)>& visit) {
  const auto every_kind = [](EntityKind) { return true; };
  return VisitEntities(store, account_id, every_kind, [&](const EntityRecord& entity) {
    for (const WithoutEffect& found : EventsWithoutEffect(entity.ref.kind, entity.history, calendar)) {
      visit(entity.ref, found);
    }
  });
}

}  // namespace keyfold
