// Which entities of the accounts there are, and under which numbers: tells a new entity without looking for it.
//
//   index  := count(4 bytes) hash*        hashes of entities 0, 1 ... while there are at most kIndexedInside of them
//   bucket := (hash number)*              the others lie in 2^n buckets by the lower bits of their hashes
//   hash, number := 4 bytes, little-endian
//
// Numbers are given in the order of the log, so that what is stored is a function of the log. Two entities may have the
// same hash: whoever asks looks at the entities under all numbers that the index gives.
#ifndef KEYFOLD_ENGINE_ENTITY_INDEX_H_
#define KEYFOLD_ENGINE_ENTITY_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/entity.h"
#include "engine/generation_cache.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// By which the index knows an entity among those of its account.
uint32_t EntityHash(const EntityRef& entity);

// Not thread-safe. Errors are those of the store, and DataLoss where it is damaged.
class EntityIndex {
 public:
  // What the index holds of an account. Pointers to it hold until Finish().
  class Account;

  // Which entity of which account.
  struct Place {
    Account* account;
    uint32_t hash;
  };
  using Numbers = std::vector<uint32_t>;

  // `store` and `budget` outlive the index.
  EntityIndex(const ShardStore& store, MemoryBudget& budget) : store_(store), accounts_(budget) {}

  // The accounts with these ids, no two of which are the same.
  absl::StatusOr<std::vector<Account*>> Open(const std::vector<std::string_view>& account_ids);

  // Reads at once what answers about these places take: Find() and Add() are faster after it, and the same.
  absl::Status Prefetch(const std::vector<Place>& places);

  // The numbers of the account's entities with this hash; none: there is no such entity.
  absl::StatusOr<Numbers> Find(const Place& place);

  // A new entity: its number.
  absl::StatusOr<uint32_t> Add(const Place& place);

  // Forgets the account; it has no entities from now on.
  void Erase(Account& account);

  // Adds what has changed since the last call to the writes. REQUIRED before the next question: it is in the store.
  void Finish(StoreBatch& writes);

 private:
  struct Bucket {
    void Add(uint32_t hash, uint32_t number) {
      hashes.push_back(hash);
      numbers.push_back(number);
    }
    bool Parse(std::string_view bytes);
    std::string SerializeNew();

    bool loaded = true;
    bool rewrite = false;  // what is stored under its key is another bucket
    size_t stored = 0;     // how many of its entities are stored
    std::vector<uint32_t> hashes;
    std::vector<uint32_t> numbers;
  };

  absl::StatusOr<Bucket*> LoadBucket(const Place& place);
  absl::Status Grow(Account& account);

  const ShardStore& store_;
  GenerationCache<Account> accounts_;
  std::vector<Account*> changed_;
};

class EntityIndex::Account {
 public:
  explicit Account(std::string_view id) : id_(id) {}

 private:
  friend class EntityIndex;

  bool Parse(std::string_view bytes);
  std::string Serialize() const;
  int64_t Bytes() const;
  uint32_t BucketOf(uint32_t hash) const { return hash & static_cast<uint32_t>(buckets_.size() - 1); }

  const std::string id_;
  uint32_t count_ = 0;
  std::vector<Bucket> buckets_ = std::vector<Bucket>(1);
  std::vector<uint32_t> changed_buckets_;  // empty: nothing has changed
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_ENTITY_INDEX_H_
