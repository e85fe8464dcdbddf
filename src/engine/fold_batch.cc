#include "engine/fold_batch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/store_keys.h"

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
  std::string a_bytes;
  std::string b_bytes;
  if (a.correlation_id() == b.correlation_id()) {
    a.SerializeToString(&a_bytes);
    b.SerializeToString(&b_bytes);
    return a_bytes == b_bytes;
  }
  v1::AccountEvent a_bare = a;
  v1::AccountEvent b_bare = b;
  a_bare.clear_correlation_id();
  b_bare.clear_correlation_id();
  return SameContent(a_bare, b_bare);
}

// Where a mention is, or belongs.
auto FindMention(v1::StoredEntity& stakeholder, std::string_view meeting_id, std::string_view event_id) {
  return std::lower_bound(stakeholder.mentions().begin(), stakeholder.mentions().end(), std::pair(meeting_id, event_id),
                          [](const v1::MeetingMention& mention, const auto& key) {
                            return std::pair<std::string_view, std::string_view>(mention.meeting_id(),
                                                                                 mention.event_id()) < key;
                          });
}

bool IsMention(const v1::StoredEntity& stakeholder, int index, std::string_view meeting_id, std::string_view event_id) {
  return index < stakeholder.mentions_size() && stakeholder.mentions(index).meeting_id() == meeting_id &&
         stakeholder.mentions(index).event_id() == event_id;
}

// Moves the last element of a repeated field to `index`.
template <typename Field>
void MoveLastTo(Field* field, int index) {
  for (int i = field->size() - 1; i > index; --i) field->SwapElements(i, i - 1);
}

int EventsIn(const v1::StoredEntity& stored) { return stored.events_size() + stored.mentions_size(); }

Rejection TooManyEvents(const EntityRef& entity) {
  return {RejectionCode::kTooLarge,
          absl::StrCat("entity '", entity.id, "' already has ", kEventsPerEntityMax, " events")};
}

}  // namespace

LoadedHistory::LoadedHistory(const v1::StoredEntity& stored) {
  events.reserve(stored.events_size());
  for (const v1::StoredEvent& event : stored.events()) {
    if (!event.event().retracted()) events.push_back(&event.event());
  }
  std::sort(events.begin(), events.end(),
            [](const v1::AccountEvent* a, const v1::AccountEvent* b) { return SortsBefore(*a, *b); });
  mentions.reserve(stored.mentions_size());
  for (const v1::MeetingMention& mention : stored.mentions()) {
    mentions.push_back({mention.meeting_id(), mention.event_id(), mention.seconds()});
  }
}

void SetRate(const v1::StoredEntity& stored, std::string_view entity_id, RateTable& rates) {
  const Currency currency = *Currency::Parse(entity_id.substr(0, 3));
  const Month month = *ParseMonth(entity_id.substr(4));
  const LoadedHistory history(stored);
  if (history.events.empty()) {
    rates.Clear(currency, month);
  } else {
    rates.Set(currency, month, history.events.back()->fx_rate_set().rate());
  }
}

absl::Status FoldBatch::Prefetch(const std::vector<const v1::AccountEvent*>& events) {
  std::vector<std::string> keys;
  keys.reserve(events.size());
  for (const v1::AccountEvent* event : events) {
    keys.push_back(EntityKey(event->account_id(), PrimaryEntity(*event)));
    for (const std::string& id : StakeholdersOf(event)) {
      keys.push_back(EntityKey(event->account_id(), Stakeholder(id)));
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> values, store_.MultiGet(keys));
  prefetched_.reserve(prefetched_.size() + keys.size());
  for (size_t i = 0; i < keys.size(); ++i) prefetched_.emplace(std::move(keys[i]), std::move(values[i]));
  return absl::OkStatus();
}

FoldBatch::AccountWork& FoldBatch::Account(std::string_view account_id) {
  const auto at = accounts_.lower_bound(account_id);
  if (at != accounts_.end() && at->first == account_id) return at->second;
  return accounts_.emplace_hint(at, account_id, AccountWork())->second;
}

absl::StatusOr<std::optional<std::string>> FoldBatch::Read(const std::string& key) {
  const auto known = prefetched_.find(key);
  if (known == prefetched_.end()) return store_.Get(key);
  std::optional<std::string> value = std::move(known->second);
  prefetched_.erase(known);  // read once: afterwards the entity is in accounts_
  return value;
}

absl::StatusOr<FoldBatch::EntityWork*> FoldBatch::Load(std::string_view account_id, const EntityRef& entity) {
  AccountWork& account = Account(account_id);
  const auto known = account.entities.find(entity);
  if (known != account.entities.end()) return &known->second;
  EntityWork work;
  if (!account.change.erased) {
    const std::string key = EntityKey(account_id, entity);
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, Read(key));
    if (bytes.has_value() && !work.stored.ParseFromString(*bytes)) {
      return absl::DataLossError(absl::StrCat("account '", std::string(account_id), "': entity '", entity.id,
                                              "' is damaged in the shard's store"));
    }
  }
  return &account.entities.emplace(entity, std::move(work)).first->second;
}

void FoldBatch::MarkChanged(const EntityRef& entity, EntityWork& work) {
  if (work.changed) return;
  work.changed = true;
  if (EventsIn(work.stored) == 0) return;
  const LoadedHistory history(work.stored);
  work.before = Contribute(entity.kind, history.view(), calendar_);
  if (entity.kind == EntityKind::kAccount) work.attributes_before = AttributesOverTime(history.view(), calendar_);
}

FoldBatch::Place FoldBatch::Find(const v1::StoredEntity& stored, std::string_view event_id) {
  const auto at =
      std::lower_bound(stored.events().begin(), stored.events().end(), event_id,
                       [](const v1::StoredEvent& event, std::string_view id) { return event.event().event_id() < id; });
  return {static_cast<int>(at - stored.events().begin()),
          at != stored.events().end() && at->event().event_id() == event_id};
}

// Whether the stakeholders that the event names have room for it.
absl::StatusOr<std::optional<Rejection>> FoldBatch::CheckMentions(const v1::AccountEvent& event) {
  for (const std::string& id : StakeholdersOf(&event)) {
    KEYFOLD_ASSIGN_OR_RETURN(EntityWork * work, Load(event.account_id(), Stakeholder(id)));
    const std::string& meeting_id = event.meeting_held().meeting_id();
    const auto at = FindMention(work->stored, meeting_id, event.event_id());
    const int index = static_cast<int>(at - work->stored.mentions().begin());
    const bool known = IsMention(work->stored, index, meeting_id, event.event_id());
    if (!known && EventsIn(work->stored) >= kEventsPerEntityMax) return TooManyEvents(Stakeholder(id));
  }
  return std::nullopt;
}

// The old revision leaves the stakeholders that it named; the new one joins those that it names.
absl::Status FoldBatch::MoveMentions(const v1::AccountEvent* old_event, const v1::AccountEvent& new_event) {
  const std::set<std::string> joined = StakeholdersOf(&new_event);
  for (const std::string& id : StakeholdersOf(old_event)) {
    if (joined.contains(id)) continue;
    KEYFOLD_ASSIGN_OR_RETURN(EntityWork * work, Load(new_event.account_id(), Stakeholder(id)));
    MarkChanged(Stakeholder(id), *work);
    const auto at = FindMention(work->stored, old_event->meeting_held().meeting_id(), old_event->event_id());
    work->stored.mutable_mentions()->DeleteSubrange(static_cast<int>(at - work->stored.mentions().begin()), 1);
  }
  for (const std::string& id : joined) {
    KEYFOLD_ASSIGN_OR_RETURN(EntityWork * work, Load(new_event.account_id(), Stakeholder(id)));
    MarkChanged(Stakeholder(id), *work);
    const std::string& meeting_id = new_event.meeting_held().meeting_id();
    const auto at = FindMention(work->stored, meeting_id, new_event.event_id());
    const int index = static_cast<int>(at - work->stored.mentions().begin());
    if (!IsMention(work->stored, index, meeting_id, new_event.event_id())) {
      work->stored.add_mentions();
      MoveLastTo(work->stored.mutable_mentions(), index);
    }
    v1::MeetingMention* mention = work->stored.mutable_mentions(index);
    mention->set_meeting_id(meeting_id);
    mention->set_event_id(new_event.event_id());
    mention->set_seconds(new_event.occurred_at().seconds());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::variant<FoldOutcome, Rejection>> FoldBatch::Apply(ValidEvent event, int64_t recorded_at_ms,
                                                                      int64_t offset) {
  using Result = std::variant<FoldOutcome, Rejection>;
  if (event->has_clock_advanced()) return Result(FoldOutcome::kApplied);
  const EntityRef entity = PrimaryEntity(*event);
  KEYFOLD_ASSIGN_OR_RETURN(EntityWork * work, Load(event->account_id(), entity));
  const Place place = Find(work->stored, event->event_id());
  const v1::AccountEvent* old_event = place.found ? &work->stored.events(place.index).event() : nullptr;
  if (old_event != nullptr && event->revision() < old_event->revision()) return Result(FoldOutcome::kSuperseded);
  if (old_event != nullptr && event->revision() == old_event->revision()) {
    if (SameContent(*event, *old_event)) return Result(FoldOutcome::kDuplicate);
    return Result(Rejection{RejectionCode::kConflict, absl::StrCat("event_id '", event->event_id(), "' revision ",
                                                                   event->revision(), " was seen with other content")});
  }
  if (old_event == nullptr && EventsIn(work->stored) >= kEventsPerEntityMax) return Result(TooManyEvents(entity));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Rejection> no_room, CheckMentions(*event));
  if (no_room.has_value()) return Result(*no_room);

  AccountChange& change = Account(event->account_id()).change;
  change.live_events += (event->retracted() ? 0 : 1) - (old_event == nullptr || old_event->retracted() ? 0 : 1);
  change.last_offset = offset;
  change.correlation_id = event->correlation_id();
  KEYFOLD_RETURN_IF_ERROR(MoveMentions(old_event, *event));
  MarkChanged(entity, *work);
  if (old_event == nullptr) {
    work->stored.add_events();
    MoveLastTo(work->stored.mutable_events(), place.index);
  }
  v1::StoredEvent* stored = work->stored.mutable_events(place.index);
  stored->set_allocated_event(std::move(event).Release().release());
  stored->set_recorded_at_ms(recorded_at_ms);
  stored->set_offset(offset);
  return Result(FoldOutcome::kApplied);
}

void FoldBatch::Erase(std::string_view account_id, int64_t offset) {
  AccountWork& account = Account(account_id);
  account.entities.clear();
  account.change = AccountChange();
  account.change.erased = true;
  account.change.last_offset = offset;
}

absl::StatusOr<std::map<std::string, AccountChange>> FoldBatch::Finish(StoreBatch& writes, RateTable& rates) {
  std::map<std::string, AccountChange> changes;
  for (auto& [account_id, account] : accounts_) {
    if (account.change.erased) {
      writes.DeletePrefix(EntitiesPrefix(account_id));
      writes.DeletePrefix(LedgerPrefix(account_id));
      writes.Delete(AccountKey(account_id));
    }
    for (auto& [entity, work] : account.entities) {
      if (!work.changed) continue;
      account.change.edited = true;
      if (entity.kind == EntityKind::kFxRate) {
        SetRate(work.stored, entity.id, rates);
      } else {
        const LoadedHistory history(work.stored);
        const std::vector<Contribution> after = Contribute(entity.kind, history.view(), calendar_);
        account.change.delta = AddContributions(account.change.delta, SubtractContributions(after, work.before));
        if (entity.kind == EntityKind::kAccount) {
          account.change.attributes = {std::move(work.attributes_before),
                                       AttributesOverTime(history.view(), calendar_)};
        }
      }
      if (EventsIn(work.stored) == 0) {
        writes.Delete(EntityKey(account_id, entity));  // a stakeholder whose only mention has left
      } else {
        writes.Put(EntityKey(account_id, entity), work.stored.SerializeAsString());
      }
    }
    for (auto& [block, cells] : PackLedger(account.change.delta)) {
      writes.Merge(LedgerBlockKey(account_id, block), std::move(cells));
    }
    const bool changed = account.change.erased || account.change.edited;
    if (changed && !account_id.empty()) changes.emplace(account_id, std::move(account.change));
  }
  accounts_.clear();
  return changes;
}

}  // namespace keyfold
