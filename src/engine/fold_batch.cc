#include "engine/fold_batch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/entity_page.h"
#include "engine/store_keys.h"
#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {
namespace {

std::set<std::string> StakeholdersOf(const v1::AccountEvent* event) {
  if (event == nullptr || event->retracted() || !event->has_meeting_held()) return {};
  const auto& ids = event->meeting_held().stakeholder_ids();
  return {ids.begin(), ids.end()};
}

EntityRef Stakeholder(std::string id) { return {EntityKind::kStakeholder, std::move(id)}; }

// Everything but the correlation_id.
bool SameContent(const v1::AccountEvent& a, const v1::AccountEvent& b) {
  if (a.correlation_id() == b.correlation_id()) return a.SerializeAsString() == b.SerializeAsString();
  v1::AccountEvent a_bare = a;
  v1::AccountEvent b_bare = b;
  a_bare.clear_correlation_id();
  b_bare.clear_correlation_id();
  return a_bare.SerializeAsString() == b_bare.SerializeAsString();
}

// Where a mention is, or belongs.
auto FindMention(const std::vector<MentionEntry>& mentions, std::string_view meeting_id, std::string_view event_id) {
  return std::lower_bound(mentions.begin(), mentions.end(), std::pair(meeting_id, event_id),
                          [](const MentionEntry& mention, const auto& key) {
                            return std::pair(mention.meeting_id, mention.event_id) < key;
                          });
}

Rejection TooManyEvents(const EntityRef& entity) {
  return {RejectionCode::kTooLarge,
          absl::StrCat("entity '", entity.id, "' already has ", kEventsPerEntityMax, " events")};
}

template <typename Entity>
size_t EventsIn(const Entity& entity) {
  return entity.events.size() + entity.mentions.size();
}

}  // namespace

void SetRate(const EntityHistory& history, std::string_view entity_id, RateTable& rates) {
  const Currency currency = *Currency::Parse(entity_id.substr(0, 3));
  const Month month = *ParseMonth(entity_id.substr(4));
  if (history.events.empty()) {
    rates.Clear(currency, month);
  } else {
    rates.Set(currency, month, history.events.back()->fx_rate_set().rate());
  }
}

// --- entities --------------------------------------------------------------------------------------------------------

FoldBatch::Account& FoldBatch::AccountOf(std::string_view account_id) {
  const auto known = account_by_id_.find(account_id);
  if (known != account_by_id_.end()) return *known->second;
  Account& account = accounts_.emplace_back();
  account.id = std::string(account_id);
  account_by_id_.emplace(account.id, &account);
  return account;
}

FoldBatch::Entity& FoldBatch::Find(std::string_view account_id, const EntityRef& ref, bool& is_new) {
  std::string key = EntityKey(account_id, ref);
  const auto known = entity_by_key_.find(key);
  is_new = known == entity_by_key_.end();
  if (!is_new) return *known->second;
  Entity& entity = entities_.emplace_back();
  entity.key = std::move(key);
  entity.ref = ref;
  entity.hash = EntityHash(ref);
  entity.account = &AccountOf(account_id);
  entity.account->entities.push_back(&entity);
  entity_by_key_.emplace(entity.key, &entity);
  return entity;
}

absl::Status FoldBatch::Prefetch(const std::vector<const v1::AccountEvent*>& events) {
  std::vector<Entity*> added;
  added.reserve(events.size());
  prefetched_.reserve(events.size());
  const auto add = [&](const v1::AccountEvent& event, const EntityRef& ref) {
    bool is_new = false;
    Entity& entity = Find(event.account_id(), ref, is_new);
    if (is_new && !entity.account->change.erased) added.push_back(&entity);
    return &entity;
  };
  for (const v1::AccountEvent* event : events) {
    prefetched_.emplace_back(event, add(*event, PrimaryEntity(*event)));
    for (const std::string& id : StakeholdersOf(event)) add(*event, Stakeholder(id));
  }
  return ReadEntities(added);
}

// Takes back what it has contributed so far.
absl::Status FoldBatch::MarkChanged(Entity& entity) {
  if (entity.changed) return absl::OkStatus();
  entity.changed = true;
  if (LiesInPages(entity.ref.kind) && !entity.number.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(entity.number, index_.Add(PlaceInIndex(entity)));
  }
  if (EventsIn(entity) == 0) return absl::OkStatus();
  history_.Load(entity.events, entity.mentions);
  Contributions& delta = entity.account->delta;
  const size_t from = delta.size();
  Contribute(entity.ref.kind, history_.view(), calendar_, delta);
  delta.Negate(from);
  if (entity.ref.kind == EntityKind::kAccount) {
    entity.attributes_before = AttributesOverTime(history_.view(), calendar_);
  }
  return absl::OkStatus();
}

FoldBatch::Place FoldBatch::Find(const Entity& entity, std::string_view event_id) {
  const auto at =
      std::lower_bound(entity.events.begin(), entity.events.end(), event_id,
                       [](const EventEntry& entry, std::string_view id) { return entry.event->event_id() < id; });
  return {static_cast<size_t>(at - entity.events.begin()),
          at != entity.events.end() && at->event->event_id() == event_id};
}

// --- meetings in stakeholders ----------------------------------------------------------------------------------------

// Whether the stakeholders that the event names have room for it.
absl::StatusOr<std::optional<Rejection>> FoldBatch::CheckMentions(const v1::AccountEvent& event) {
  for (const std::string& id : StakeholdersOf(&event)) {
    KEYFOLD_ASSIGN_OR_RETURN(const Entity* entity, Load(event.account_id(), Stakeholder(id)));
    const std::string_view meeting_id = event.meeting_held().meeting_id();
    const auto at = FindMention(entity->mentions, meeting_id, event.event_id());
    const bool known = at != entity->mentions.end() && at->meeting_id == meeting_id && at->event_id == event.event_id();
    if (!known && EventsIn(*entity) >= kEventsPerEntityMax) return TooManyEvents(entity->ref);
  }
  return std::nullopt;
}

// The old revision leaves the stakeholders that it named; the new one joins those that it names.
absl::Status FoldBatch::MoveMentions(const v1::AccountEvent* old_event, const v1::AccountEvent& new_event) {
  for (const std::string& id : StakeholdersOf(old_event)) {
    KEYFOLD_ASSIGN_OR_RETURN(Entity* const entity, Load(new_event.account_id(), Stakeholder(id)));
    KEYFOLD_RETURN_IF_ERROR(MarkChanged(*entity));
    entity->mentions.erase(
        FindMention(entity->mentions, old_event->meeting_held().meeting_id(), old_event->event_id()));
  }
  for (const std::string& id : StakeholdersOf(&new_event)) {
    KEYFOLD_ASSIGN_OR_RETURN(Entity* const entity, Load(new_event.account_id(), Stakeholder(id)));
    KEYFOLD_RETURN_IF_ERROR(MarkChanged(*entity));
    const MentionEntry mention{new_event.meeting_held().meeting_id(), new_event.event_id(),
                               new_event.occurred_at().seconds()};
    entity->mentions.insert(FindMention(entity->mentions, mention.meeting_id, mention.event_id), mention);
  }
  return absl::OkStatus();
}

// --- the batch -------------------------------------------------------------------------------------------------------

absl::StatusOr<std::variant<FoldOutcome, Rejection>> FoldBatch::Apply(const ValidEvent& event, int64_t recorded_at_ms,
                                                                      int64_t offset) {
  using Result = std::variant<FoldOutcome, Rejection>;
  if (event->has_clock_advanced()) return Result(FoldOutcome::kApplied);
  KEYFOLD_ASSIGN_OR_RETURN(Entity* const entity, LoadPrimary(*event));
  const Place place = Find(*entity, event->event_id());
  const v1::AccountEvent* old_event = place.found ? entity->events[place.index].event : nullptr;
  if (old_event != nullptr && event->revision() < old_event->revision()) return Result(FoldOutcome::kSuperseded);
  if (old_event != nullptr && event->revision() == old_event->revision()) {
    if (SameContent(*event, *old_event)) return Result(FoldOutcome::kDuplicate);
    return Result(Rejection{RejectionCode::kConflict, absl::StrCat("event_id '", event->event_id(), "' revision ",
                                                                   event->revision(), " was seen with other content")});
  }
  if (old_event == nullptr && EventsIn(*entity) >= kEventsPerEntityMax) return Result(TooManyEvents(entity->ref));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Rejection> no_room, CheckMentions(*event));
  if (no_room.has_value()) return Result(*no_room);

  AccountChange& change = entity->account->change;
  change.live_events += (event->retracted() ? 0 : 1) - (old_event == nullptr || old_event->retracted() ? 0 : 1);
  change.last_offset = offset;
  change.correlation_id = event->correlation_id();
  KEYFOLD_RETURN_IF_ERROR(MoveMentions(old_event, *event));
  KEYFOLD_RETURN_IF_ERROR(MarkChanged(*entity));
  const EventEntry entry{&*event, recorded_at_ms, offset, event.protobuf()};
  if (old_event == nullptr) {
    entity->events.insert(entity->events.begin() + static_cast<int64_t>(place.index), entry);
  } else {
    entity->events[place.index] = entry;
  }
  return Result(FoldOutcome::kApplied);
}

absl::Status FoldBatch::Erase(std::string_view account_id, int64_t offset) {
  Account& account = AccountOf(account_id);
  if (account.index == nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<EntityIndex::Account*> opened, index_.Open({account.id}));
    account.index = opened[0];
  }
  index_.Erase(*account.index);
  for (Entity* entity : account.entities) {
    entity->loaded = true;
    entity->number.reset();
    entity->changed = false;
    entity->bytes.reset();
    entity->events.clear();
    entity->mentions.clear();
    entity->attributes_before.clear();
  }
  account.delta = Contributions();
  account.change = AccountChange();
  account.change.erased = true;
  account.change.last_offset = offset;
  return absl::OkStatus();
}

void FoldBatch::FinishEntity(Entity& entity, StoreBatch& writes, RateTable& rates) {
  Account& account = *entity.account;
  account.change.edited = true;
  if (EventsIn(entity) == 0) {
    writes.Delete(std::move(entity.key));  // a stakeholder whose only mention has left
    return;
  }
  history_.Load(entity.events, entity.mentions);
  if (entity.ref.kind == EntityKind::kFxRate) {
    SetRate(history_.view(), entity.ref.id, rates);
  } else {
    Contribute(entity.ref.kind, history_.view(), calendar_, account.delta);
    if (entity.ref.kind == EntityKind::kAccount) {
      account.change.attributes = {std::move(entity.attributes_before), AttributesOverTime(history_.view(), calendar_)};
    }
  }
  // In a page it stays where it is: FinishPages() writes it.
  if (!entity.number.has_value()) writes.Put(std::move(entity.key), SerializeEntity(entity.events, entity.mentions));
}

void FoldBatch::FinishPages(Account& account, StoreBatch& writes) {
  std::vector<Entity*> numbered;
  for (Entity* entity : account.entities) {
    if (entity->changed && entity->number.has_value()) numbered.push_back(entity);
  }
  std::sort(numbered.begin(), numbered.end(), [](const Entity* a, const Entity* b) { return *a->number < *b->number; });
  for (auto at = numbered.begin(); at != numbered.end();) {
    const uint32_t number = *(*at)->number / kEntitiesPerPage;
    std::string page;
    for (; at != numbered.end() && *(*at)->number / kEntitiesPerPage == number; ++at) {
      AppendToPage((*at)->ref, *(*at)->number % kEntitiesPerPage, SerializeEntity((*at)->events, (*at)->mentions),
                   page);
    }
    writes.Merge(EntityPageKey(account.id, number), std::move(page));
  }
}

absl::StatusOr<std::vector<AccountChange>> FoldBatch::Finish(StoreBatch& writes, RateTable& rates) {
  entity_by_key_.clear();  // its keys are given away
  std::vector<std::pair<std::string, Account*>> sorted;
  sorted.reserve(accounts_.size());
  for (Account& account : accounts_) sorted.emplace_back(AccountKey(account.id), &account);
  std::sort(sorted.begin(), sorted.end());
  std::vector<AccountChange> changes;
  changes.reserve(sorted.size());
  for (auto& [key, account] : sorted) {
    if (account->change.erased) {
      writes.DeletePrefix(EntitiesPrefix(account->id));
      writes.DeletePrefix(EntityPagesPrefix(account->id));
      writes.DeletePrefix(EntityIndexKey(account->id));
      writes.DeletePrefix(LedgerPrefix(account->id));
      writes.Delete(std::move(key));
    }
    for (Entity* entity : account->entities) {
      if (entity->changed) FinishEntity(*entity, writes, rates);
    }
    FinishPages(*account, writes);
    account->change.delta = std::move(account->delta).Summed();
    for (auto& [block, cells] : PackLedger(account->change.delta)) {
      writes.Merge(LedgerBlockKey(account->id, block), std::move(cells));
    }
    const bool changed = account->change.erased || account->change.edited;
    if (!changed || account->id.empty()) continue;
    account->change.account_id = account->id;
    changes.push_back(std::move(account->change));
  }
  index_.Finish(writes);
  return changes;
}

}  // namespace keyfold
