// Which entities in pages an account has, and under which numbers: tells a new entity without looking for it.
//
//   numbers := count(4 bytes) hash*       hashes of entities 0, 1 ... while there are at most kHashesInside of them
//   bucket  := (hash number)*             the others lie in 2^n buckets by the lower bits of their hashes
//   hash, number := 4 bytes, little-endian
//
// Numbers are given in the order of the log, so that what is stored is a function of the log. Two entities may have the
// same hash: whoever asks looks at the entities under all numbers that are given.
#ifndef KEYFOLD_STATE_ENTITY_NUMBERS_H_
#define KEYFOLD_STATE_ENTITY_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "account/entity.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// By which an entity is known among those of its account.
uint32_t EntityHash(const EntityRef& entity);

// Not thread-safe.
class EntityNumbers {
 public:
  // Begins anew with what Serialize() has made; empty: without entities. Buckets are still to be loaded then. False: it
  // is damaged.
  [[nodiscard]] bool Parse(std::string_view bytes);
  std::string Serialize() const;

  uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  // The bucket of a hash, and whether it is in memory. What lies inside is one bucket.
  uint32_t BucketOf(uint32_t hash) const { return buckets_.empty() ? 0 : hash & (BucketCount() - 1); }
  bool IsLoaded(uint32_t bucket) const { return buckets_.empty() || buckets_[bucket].loaded; }

  // Takes in what is stored of a bucket, nothing where nothing is. False: it is damaged.
  [[nodiscard]] bool Load(uint32_t bucket, std::string_view bytes);

  // The buckets that the next Add() of this hash still lacks: its own, or some of all.
  absl::InlinedVector<uint32_t, 1> BucketsToAdd(uint32_t hash) const;

  // The numbers of the entities with this hash; none: there is no such entity. REQUIRES: its bucket is loaded.
  using Numbers = absl::InlinedVector<uint32_t, 4>;
  Numbers Find(uint32_t hash) const;

  // A new entity: its number. REQUIRES: BucketsToAdd() are loaded.
  uint32_t Add(uint32_t hash);

  // Adds what has changed in the buckets since the last call to the writes.
  void WriteBuckets(std::string_view account_id, StoreBatch& writes);

  // What it takes in memory, about.
  int64_t Bytes() const;

 private:
  struct Bucket {
    void Add(uint32_t hash, uint32_t number) {
      hashes.push_back(hash);
      numbers.push_back(number);
    }
    std::string SerializeNew();

    bool loaded = true;
    bool rewrite = false;  // what is stored under its key is another bucket
    size_t stored = 0;     // how many of its entities are stored
    std::vector<uint32_t> hashes;
    std::vector<uint32_t> numbers;
  };

  uint32_t BucketCount() const { return static_cast<uint32_t>(buckets_.size()); }
  void MoveOut();
  bool Grows() const;
  void Grow();

  uint32_t count_ = 0;
  std::vector<uint32_t> inside_;   // hashes by number, while they are few
  std::vector<Bucket> buckets_;    // afterwards
  std::vector<uint32_t> changed_;  // buckets since the last WriteBuckets(), some more than once
};

}  // namespace keyfold

#endif  // KEYFOLD_STATE_ENTITY_NUMBERS_H_
