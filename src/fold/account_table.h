// The accounts of a shard that were used lately, in memory, with whatever of them the store does not have yet.
//
// What batches change stays here as it is: values, entities, contributions. Keys and bytes are made of it when the
// shard flushes, so an account that a hundred batches have changed is written once.
#ifndef KEYFOLD_FOLD_ACCOUNT_TABLE_H_
#define KEYFOLD_FOLD_ACCOUNT_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/contribution.h"
#include "keyfold/memory_budget.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"
#include "state/entity_numbers.h"
#include "state/stored_account.h"

namespace keyfold {

class HeldAccount {
 public:
  explicit HeldAccount(std::string_view id) : id_(id) {}

  const std::string& id() const { return id_; }

  // As it was last evaluated; null: there is no such account, or it was never evaluated.
  std::unique_ptr<AccountState> state;

  // An entity in a page that the store does not have yet, as AppendToPage() has it; nullptr: the store has it; empty:
  // it is new, and SetEntity() is still to come.
  const std::string* FindUnwritten(uint32_t number) const;

  // What has become of an entity, and what that adds to the account's days.
  void SetEntity(uint32_t number, std::string paged);
  void AddToLedger(std::span<const Contribution> contributions);

 private:
  friend class AccountTable;

  int64_t Bytes() const;
  bool exists() const { return state != nullptr || !numbers_.empty(); }
  uint32_t added_from() const { return numbers_.size() - static_cast<uint32_t>(added_.size()); }
  bool IsAdded(uint32_t number) const { return number >= added_from() && number < numbers_.size(); }
  void EraseEntities();
  void TakePages(StoreBatch& writes);
  void TakeLedger(StoreBatch& writes);

  const std::string id_;
  EntityNumbers numbers_;
  int64_t counted_bytes_ = 0;

  // What the store does not have yet.
  bool changed_ = false;
  absl::btree_map<uint32_t, std::string> edited_;  // entities that it has in another form, by number
  std::vector<std::string> added_;                 // those that it does not have: the last ones
  int64_t entities_bytes_ = 0;
  std::vector<Contribution> ledger_;  // not summed
};

// Not thread-safe. Errors are those of the store, and DataLoss where it is damaged.
class AccountTable {
 public:
  // An entity of an account, by its hash.
  struct Place {
    HeldAccount* account;
    uint32_t hash;
  };

  // `store`, `catalog` and `budget` outlive the table.
  AccountTable(const ShardStore& store, const Catalog& catalog, MemoryBudget& budget)
      : store_(store), catalog_(catalog), budget_(budget) {}
  ~AccountTable();
  AccountTable(const AccountTable&) = delete;
  AccountTable& operator=(const AccountTable&) = delete;

  const ShardStore& store() const { return store_; }
  const Catalog& catalog() const { return catalog_; }

  // What it takes in memory, about, as it counts in the budget.
  int64_t bytes() const { return bytes_; }

  // The accounts with these ids, no two of which are the same, whether they exist or not. They stay until Trim().
  absl::StatusOr<std::vector<HeldAccount*>> Open(std::span<const std::string_view> account_ids);

  // Reads at once what FindEntity() of these places takes: it is faster after it, and the same.
  absl::Status PrefetchEntities(std::span<const Place> places);

  // The numbers of the account's entities in pages with this hash; none: there is no such entity.
  absl::StatusOr<EntityNumbers::Numbers> FindEntity(const Place& place);

  // A new entity in a page: its number.
  absl::StatusOr<uint32_t> AddEntity(const Place& place);

  // The account's entities and contributions are gone; what the store has of them is for the caller to delete.
  void EraseEntities(HeldAccount& account);

  // The account's ledger, with what is not written yet: summed by cell.
  absl::StatusOr<std::vector<Contribution>> ReadLedger(const HeldAccount& account) const;

  // The account was changed: TakeChanges() is to write it.
  void MarkChanged(HeldAccount& account);
  bool IsUnwritten(std::string_view account_id) const;

  // Counts what the accounts that were opened since the last call take. REQUIRED after each batch.
  void EndBatch();

  // Adds what the store does not have yet to the writes, which it has from then on, in the order of its keys.
  void TakeChanges(StoreBatch& writes);

  // Lets go of the accounts that were not opened since the last time, but for those that the store does not have yet.
  void Trim();

  // Lets go of an account that was changed in the store. REQUIRES: nothing of it is unwritten.
  void Forget(std::string_view account_id);

  // Of the accounts that batches have opened, how many were held, and how many had to be asked of the store.
  int64_t found() const { return found_; }
  int64_t looked_up() const { return looked_up_; }

 private:
  // By id. What is asked for moves to the younger ones.
  using Generation = absl::flat_hash_map<std::string_view, std::unique_ptr<HeldAccount>>;

  HeldAccount* Find(std::string_view account_id);
  absl::Status Read(HeldAccount& account, std::string_view stored) const;
  absl::Status LoadBucket(HeldAccount& account, uint32_t bucket) const;
  void AddBytes(int64_t bytes);

  const ShardStore& store_;
  const Catalog& catalog_;
  MemoryBudget& budget_;
  int64_t bytes_ = 0;
  int64_t found_ = 0;
  int64_t looked_up_ = 0;
  Generation young_;
  Generation old_;
  std::vector<HeldAccount*> opened_;   // since the last EndBatch(), some more than once
  std::vector<HeldAccount*> changed_;  // since the last TakeChanges()
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_ACCOUNT_TABLE_H_
