// The fold: a batch of events applied to the entities of a shard.
//
// Entities are read once, edited in memory, and written once. What an entity contributed before and what it
// contributes after differ by the batch's delta; the ledger adds deltas and is never read here.
#ifndef KEYFOLD_FOLD_FOLD_BATCH_H_
#define KEYFOLD_FOLD_FOLD_BATCH_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/contribution.h"
#include "account/entity.h"
#include "base/calendar.h"
#include "event/decoder.h"
#include "fold/account_table.h"
#include "fold/cause.h"
#include "google/protobuf/arena.h"
#include "keyfold/shard_store.h"
#include "kpi/evaluation.h"
#include "kpi/rates.h"
#include "state/stored_entity.h"

namespace keyfold {

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
  HeldAccount* account = nullptr;
  bool erased = false;                        // before whatever else is here
  bool edited = false;                        // entities of it changed
  int64_t live_events = 0;                    // change in the number of events that are not retracted
  std::vector<Contribution> delta;            // not summed; the account's ledger has it
  Cause cause;                                // the last record that changed something
  std::string correlation_id;                 // of that record
  std::string traceparent;                    // of that record; empty: it has none
  std::optional<AttributeChange> attributes;  // where its kAccount entity was edited
};

// Not thread-safe. The store must not change while a batch is made, and events that were applied live until its end,
// with their records if they lie on an arena.
// `accounts` has seen all batches before; what a batch that is given up did to it is wrong.
class FoldBatch {
 public:
  explicit FoldBatch(AccountTable& accounts)
      : accounts_(accounts), store_(accounts.store()), calendar_(accounts.catalog().calendar()) {}

  // Tells of an event that Apply() will get, in the order in which it will get them. ReadAnnounced() reads at once what
  // all of them name: a batch is faster after it, and the same.
  void Announce(const v1::AccountEvent& event);
  absl::Status ReadAnnounced();

  // Applies one event. A Rejection (conflict, too_large) leaves everything as it was. The status is an operating error.
  absl::StatusOr<std::variant<FoldOutcome, Rejection>> Apply(const ValidEvent& event, int64_t recorded_at_ms,
                                                             int64_t offset);

  // Forgets an account.
  absl::Status Erase(std::string_view account_id, int64_t recorded_at_ms, int64_t offset);

  // Ends the batch: gives its changes to the accounts, adds to the writes what these do not keep, and returns what
  // changed, in the order of the accounts' keys. Rates that changed go into `rates`.
  absl::StatusOr<std::vector<AccountChange>> Finish(StoreBatch& writes, RateTable& rates);

 private:
  struct Entity;
  struct Account {
    explicit Account(std::string_view account_id) : id(account_id) {}

    const std::string id;
    HeldAccount* held = nullptr;                   // once it is needed; never of rates
    AccountChange change;                          // without the delta and the correlation_id
    const v1::AccountEvent* last_event = nullptr;  // that changed something
    Contributions delta;
    std::vector<Entity*> entities;
  };
  struct Entity {
    EntityRef ref;
    uint32_t hash = 0;
    Account* account = nullptr;
    std::optional<uint32_t> number;  // of one that lies in a page, once it exists
    bool loaded = false;
    bool changed = false;
    std::optional<std::string_view> bytes;  // as stored, or as the account keeps it
    EventEntries events;
    std::vector<MentionEntry> mentions;
    std::vector<AttributeSpan> attributes_before;  // of the kAccount entity
  };
  // By which an entity is found.
  struct EntityName {
    const Account* account;
    EntityKind kind;
    std::string_view id;
    uint32_t hash;

    friend bool operator==(const EntityName&, const EntityName&) = default;
    template <typename H>
    friend H AbslHashValue(H state, const EntityName& name) {
      return H::combine(std::move(state), name.account, name.hash);
    }
  };
  // An event's place in its entity.
  struct Place {
    size_t index = 0;  // where it is, or belongs
    bool found = false;
  };

  Account& AccountOf(std::string_view account_id);
  static AccountTable::Place PlaceOf(const Entity& entity) { return {entity.account->held, entity.hash}; }
  Entity& Find(std::string_view account_id, EntityRef ref, bool& is_new);
  absl::StatusOr<Entity*> Load(std::string_view account_id, EntityRef ref);
  Entity& Announce(std::string_view account_id, EntityRef ref);
  absl::StatusOr<Entity*> LoadPrimary(const v1::AccountEvent& event);
  absl::Status Load(Entity& entity, bool is_new);
  absl::Status ReadEntities(const std::vector<Entity*>& entities);
  absl::Status OpenAccounts(const std::vector<Entity*>& entities);
  absl::Status TakeFromPage(Entity& entity, uint32_t number, std::string_view page);
  absl::Status Parse(Entity& entity);
  absl::Status MarkChanged(Entity& entity);
  void FinishEntity(Entity& entity, StoreBatch& writes, RateTable& rates);
  void FinishPages(Account& account);
  std::string_view Serialize(const Entity& entity);

  static Place Find(const Entity& entity, std::string_view event_id);
  absl::StatusOr<std::optional<Rejection>> CheckMentions(const v1::AccountEvent& event);
  absl::Status MoveMentions(const v1::AccountEvent* old_event, const v1::AccountEvent& new_event);

  AccountTable& accounts_;
  const ShardStore& store_;
  const Calendar& calendar_;
  google::protobuf::Arena arena_;                                       // of what was stored
  std::deque<std::vector<std::optional<std::string>>> read_;            // from the store: entities point to it
  std::vector<std::pair<const v1::AccountEvent*, Entity*>> announced_;  // with their primary entities
  size_t next_announced_ = 0;
  std::vector<Entity*> to_read_;
  std::deque<Account> batch_accounts_;
  std::deque<Entity> entities_;
  absl::flat_hash_map<std::string_view, Account*> account_by_id_;  // into batch_accounts_
  absl::flat_hash_map<EntityName, Entity*> entity_by_name_;        // into entities_
  LoadedHistory history_;                                          // of the entity at hand
  std::string serialized_;                                         // the entity at hand
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_FOLD_BATCH_H_
