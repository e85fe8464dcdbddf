// The fold: a batch of events applied to the entities of a shard.
//
// Entities are read once, edited in memory, and written once. What an entity contributed before and what it
// contributes after differ by the batch's delta; the ledger adds deltas and is never read here.
#ifndef KEYFOLD_ENGINE_FOLD_BATCH_H_
#define KEYFOLD_ENGINE_FOLD_BATCH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/entity.h"
#include "base/calendar.h"
#include "event/decoder.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// The largest number of distinct event ids that an entity takes.
inline constexpr int kEventsPerEntityMax = 10'000;

// What became of an event.
enum class FoldOutcome {
  kApplied,
  kDuplicate,   // the same event_id and revision, the same content
  kSuperseded,  // a higher revision is there
};

// An account's attributes over time, before a batch and after it.
struct AttributeChange {
  std::vector<AttributeSpan> before;
  std::vector<AttributeSpan> after;
};

// What a batch did to an account.
struct AccountChange {
  bool erased = false;                        // before whatever else is here
  bool edited = false;                        // entities of it changed
  int64_t live_events = 0;                    // change in the number of events that are not retracted
  std::vector<Contribution> delta;            // sorted, summed
  int64_t last_offset = 0;                    // the last record that changed something
  std::string correlation_id;                 // of that record
  std::optional<AttributeChange> attributes;  // where its kAccount entity was edited
};

// Not thread-safe. The store must not change while a batch is made.
class FoldBatch {
 public:
  FoldBatch(const ShardStore& store, const Calendar& calendar) : store_(store), calendar_(calendar) {}

  // Reads the entities that these events name at once: a batch is faster after it, and the same.
  absl::Status Prefetch(const std::vector<const v1::AccountEvent*>& events);

  // Applies one event. A Rejection (conflict, too_large) leaves everything as it was. The status is an operating error.
  absl::StatusOr<std::variant<FoldOutcome, Rejection>> Apply(ValidEvent event, int64_t recorded_at_ms, int64_t offset);

  // Forgets an account.
  void Erase(std::string_view account_id, int64_t offset);

  // Ends the batch: adds its writes, and returns what changed by account. Rates that changed go into `rates`.
  absl::StatusOr<std::map<std::string, AccountChange>> Finish(StoreBatch& writes, RateTable& rates);

 private:
  struct EntityWork {
    v1::StoredEntity stored;
    std::vector<Contribution> before;
    std::vector<AttributeSpan> attributes_before;  // of the kAccount entity
    bool changed = false;
  };
  struct AccountWork {
    AccountChange change;
    std::map<EntityRef, EntityWork> entities;
  };
  // An event's place in its entity.
  struct Place {
    int index = 0;  // where it is, or belongs
    bool found = false;
  };

  AccountWork& Account(std::string_view account_id);
  absl::StatusOr<EntityWork*> Load(std::string_view account_id, const EntityRef& entity);
  absl::StatusOr<std::optional<std::string>> Read(const std::string& key);
  void MarkChanged(const EntityRef& entity, EntityWork& work);

  static Place Find(const v1::StoredEntity& stored, std::string_view event_id);
  absl::StatusOr<std::optional<Rejection>> CheckMentions(const v1::AccountEvent& event);
  absl::Status MoveMentions(const v1::AccountEvent* old_event, const v1::AccountEvent& new_event);

  const ShardStore& store_;
  const Calendar& calendar_;
  std::unordered_map<std::string, std::optional<std::string>> prefetched_;
  std::map<std::string, AccountWork, std::less<>> accounts_;
};

// The history that contributions are made from: live events in sort order, and mentions. The pointers live as long as
// `stored`.
struct LoadedHistory {
  explicit LoadedHistory(const v1::StoredEntity& stored);
  EntityHistory view() const { return {events, mentions}; }

  std::vector<const v1::AccountEvent*> events;
  std::vector<Mention> mentions;
};

// Applies a rate entity's history: its last live event decides, none clears the rate.
void SetRate(const v1::StoredEntity& stored, std::string_view entity_id, RateTable& rates);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_FOLD_BATCH_H_
