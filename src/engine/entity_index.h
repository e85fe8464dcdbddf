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
  struct Question {
    std::string_view account_id;
    uint32_t hash;
  };
  using Numbers = std::vector<uint32_t>;

  // `store` and `budget` outlive the index.
  EntityIndex(const ShardStore& store, MemoryBudget& budget) : store_(store), accounts_(budget) {}

  // Reads at once what answering takes: Find() and Add() are faster after it, and the same.
  absl::Status Prefetch(const std::vector<Question>& questions);

  // The numbers of the account's entities with this hash; none: there is no such entity.
  absl::StatusOr<Numbers> Find(const Question& question);

  // A new entity: its number.
  absl::StatusOr<uint32_t> Add(const Question& question);

  // Forgets an account.
  void Erase(std::string_view account_id);

  // Adds what has changed since the last call. REQUIRED before the next question: it is in the store.
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
  struct Account {
    bool Parse(std::string_view bytes);
    std::string Serialize() const;
    int64_t Bytes() const;
    uint32_t BucketOf(uint32_t hash) const { return hash & static_cast<uint32_t>(buckets.size() - 1); }

    uint32_t count = 0;
    bool changed = false;
    std::vector<Bucket> buckets = std::vector<Bucket>(1);
    std::vector<uint32_t> changed_buckets;
  };

  absl::StatusOr<Account*> Load(std::string_view account_id);
  absl::StatusOr<Bucket*> LoadBucket(std::string_view account_id, Account& account, uint32_t number);
  absl::StatusOr<Account*> Keep(std::string_view account_id, const std::optional<std::string>& bytes);
  absl::Status Grow(std::string_view account_id, Account& account);
  absl::Status PrefetchAccounts(const std::vector<Question>& questions);
  absl::Status PrefetchBuckets(const std::vector<Question>& questions);

  const ShardStore& store_;
  GenerationCache<Account> accounts_;
  std::vector<std::pair<std::string, Account*>> changed_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_ENTITY_INDEX_H_
