#include "fold/fold_batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "event/limits.h"
#include "keyfold/v1/stored_state.pb.h"
#include "state/entity_page.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

// Each once.
std::vector<std::string_view> StakeholdersOf(const v1::AccountEvent* event) {
  if (event == nullptr || event->retracted() || !event->has_meeting_held()) return {};
  const auto& named = event->meeting_held().stakeholder_ids();
  std::vector<std::string_view> ids(named.begin(), named.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

EntityRef Stakeholder(std::string_view id) { return {EntityKind::kStakeholder, std::string(id)}; }

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

void DeleteStored(const std::string& account_id, StoreBatch& writes) {
  writes.DeletePrefix(EntitiesPrefix(account_id));
  writes.DeletePrefix(EntityPagesPrefix(account_id));
  writes.DeletePrefix(EntityBucketsPrefix(account_id));
  writes.DeletePrefix(LedgerPrefix(account_id));
  writes.Delete(AccountKey(account_id));
}

template <typename Entity>
size_t EventsIn(const Entity& entity) {
  return entity.events.size() + entity.mentions.size();
}

}  // namespace

// --- entities --------------------------------------------------------------------------------------------------------

FoldBatch::Account& FoldBatch::AccountOf(std::string_view account_id) {
  const auto known = account_by_id_.find(account_id);
  if (known != account_by_id_.end()) return *known->second;
  Account& account = batch_accounts_.emplace_back(account_id);
  account_by_id_.emplace(account.id, &account);
  return account;
}

FoldBatch::Entity& FoldBatch::Find(std::string_view account_id, EntityRef ref, bool& is_new) {
  Account& account = AccountOf(account_id);
  const uint32_t hash = EntityHash(ref);
  const auto known = entity_by_name_.find(EntityName{&account, ref.kind, ref.id, hash});
  is_new = known == entity_by_name_.end();
  if (!is_new) return *known->second;
  Entity& entity = entities_.emplace_back();
  entity.ref = std::move(ref);
  entity.hash = hash;
  entity.account = &account;
  account.entities.push_back(&entity);
  entity_by_name_.emplace(EntityName{&account, entity.ref.kind, entity.ref.id, hash}, &entity);
  return entity;
}

FoldBatch::Entity& FoldBatch::Announce(std::string_view account_id, EntityRef ref) {
  bool is_new = false;
  Entity& entity = Find(account_id, std::move(ref), is_new);
  if (is_new && !entity.account->change.erased) to_read_.push_back(&entity);
  return entity;
}

void FoldBatch::Announce(const v1::AccountEvent& event) {
  if (event.has_clock_advanced()) return;
  announced_.emplace_back(&event, &Announce(event.account_id(), PrimaryEntity(event)));
  for (std::string_view id : StakeholdersOf(&event)) Announce(event.account_id(), Stakeholder(id));
}

absl::Status FoldBatch::ReadAnnounced() { return ReadEntities(std::exchange(to_read_, {})); }

// Takes back what it has contributed so far.
absl::Status FoldBatch::MarkChanged(Entity& entity) {
  if (entity.changed) return absl::OkStatus();
  entity.changed = true;
  if (LiesInPages(entity.ref.kind) && !entity.number.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(entity.number, accounts_.AddEntity(PlaceOf(entity)));
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
  for (std::string_view id : StakeholdersOf(&event)) {
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
  for (std::string_view id : StakeholdersOf(old_event)) {
    KEYFOLD_ASSIGN_OR_RETURN(Entity* const entity, Load(new_event.account_id(), Stakeholder(id)));
    KEYFOLD_RETURN_IF_ERROR(MarkChanged(*entity));
    entity->mentions.erase(
        FindMention(entity->mentions, old_event->meeting_held().meeting_id(), old_event->event_id()));
  }
  for (std::string_view id : StakeholdersOf(&new_event)) {
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
  change.cause = {v1::KpiUpdate::EVENT, offset, recorded_at_ms, event->payload_case()};
  change.traceparent = event.traceparent();
  entity->account->last_event = &*event;
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

absl::Status FoldBatch::Erase(std::string_view account_id, int64_t recorded_at_ms, int64_t offset) {
  Account& account = AccountOf(account_id);
  if (account.held == nullptr) {
    const std::string_view id = account.id;
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<HeldAccount*> opened, accounts_.Open({&id, 1}));
    account.held = opened[0];
  }
  accounts_.EraseEntities(*account.held);
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
  account.last_event = nullptr;
  account.change = AccountChange();
  account.change.erased = true;
  account.change.cause = {v1::KpiUpdate::EVENT, offset, recorded_at_ms};
  return absl::OkStatus();
}

void FoldBatch::FinishEntity(Entity& entity, StoreBatch& writes, RateTable& rates) {
  Account& account = *entity.account;
  account.change.edited = true;
  if (EventsIn(entity) == 0) {
    writes.Delete(EntityKey(account.id, entity.ref));  // a stakeholder whose only mention has left
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
  // In a page it stays where it is: FinishPages() sees to that.
  if (!entity.number.has_value()) {
    writes.Put(EntityKey(account.id, entity.ref), std::string(Serialize(entity)));
  }
}

// The view holds until the next call.
std::string_view FoldBatch::Serialize(const Entity& entity) {
  serialized_.clear();
  AppendEntity(entity.events, entity.mentions, serialized_);
  return serialized_;
}

void FoldBatch::FinishPages(Account& account) {
  std::vector<std::pair<uint32_t, std::string>> paged;
  for (const Entity* entity : account.entities) {
    if (!entity->changed || !entity->number.has_value()) continue;
    std::string bytes;
    AppendToPage(entity->ref, *entity->number % kEntitiesPerPage, Serialize(*entity), bytes);
    paged.emplace_back(*entity->number, std::move(bytes));
  }
  // Only now: what entities were read from may be what is replaced here.
  for (auto& [number, bytes] : paged) account.held->SetEntity(number, std::move(bytes));
}

absl::StatusOr<std::vector<AccountChange>> FoldBatch::Finish(StoreBatch& writes, RateTable& rates) {
  std::vector<Account*> sorted;
  sorted.reserve(batch_accounts_.size());
  for (Account& account : batch_accounts_) {  // as the log names them: so they lie in memory, with their events
    if (account.change.erased) DeleteStored(account.id, writes);
    for (Entity* entity : account.entities) {
      if (entity->changed) FinishEntity(*entity, writes, rates);
    }
    const bool changed = account.change.erased || account.change.edited;
    if (!changed || account.held == nullptr) continue;
    FinishPages(account);
    sorted.push_back(&account);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Account* a, const Account* b) { return NameLess(a->id, b->id); });
  std::vector<AccountChange> changes;
  changes.reserve(sorted.size());
  for (Account* account : sorted) {
    AccountChange& change = account->change;
    change.account = account->held;
    change.delta = std::move(account->delta).Take();
    if (account->last_event != nullptr) change.correlation_id = account->last_event->correlation_id();
    account->held->AddToLedger(change.delta);
    accounts_.MarkChanged(*account->held);
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace keyfold
