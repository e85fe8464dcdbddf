#include "state/entity_numbers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "state/store_keys.h"
#include "xxhash.h"

namespace keyfold {
namespace {

// So many hashes are read with the account itself; most accounts have no more entities.
constexpr uint32_t kHashesInside = 64;

// Of a bucket, on average, when the buckets are doubled. A bucket is read to find one entity.
constexpr uint32_t kEntitiesPerBucket = 256;

// No account gets there: where a disk says so, it is damaged. The buckets of so many would take 20 MB.
constexpr uint32_t kEntitiesMax = uint32_t{1} << 26;

constexpr size_t kNumberBytes = 4;

uint32_t BucketsFor(uint32_t count) {
  uint32_t buckets = 1;
  while (buckets * kEntitiesPerBucket < count) buckets *= 2;
  return buckets;
}

void AppendNumber(std::string& out, uint32_t number) {
  char bytes[kNumberBytes];
  for (size_t i = 0; i < kNumberBytes; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  out.append(bytes, kNumberBytes);
}

uint32_t NumberAt(std::string_view bytes, size_t index) {
  uint32_t number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    number |= uint32_t{static_cast<uint8_t>(bytes[index * kNumberBytes + i])} << (8 * i);
  }
  return number;
}

}  // namespace

uint32_t EntityHash(const EntityRef& entity) {
  return static_cast<uint32_t>(
      XXH3_64bits_withSeed(entity.id.data(), entity.id.size(), static_cast<uint64_t>(entity.kind)));
}

// --- what is stored --------------------------------------------------------------------------------------------------

bool EntityNumbers::Parse(std::string_view bytes) {
  *this = EntityNumbers();
  if (bytes.empty()) return true;
  if (bytes.size() < kNumberBytes) return false;
  count_ = NumberAt(bytes, 0);
  if (count_ > kEntitiesMax) return false;
  if (count_ > kHashesInside) {
    buckets_.resize(BucketsFor(count_));
    for (Bucket& bucket : buckets_) bucket.loaded = false;
    return bytes.size() == kNumberBytes;
  }
  if (bytes.size() != (1 + size_t{count_}) * kNumberBytes) return false;
  for (uint32_t number = 0; number < count_; ++number) inside_.push_back(NumberAt(bytes, 1 + number));
  return true;
}

std::string EntityNumbers::Serialize() const {
  std::string bytes;
  if (empty()) return bytes;
  bytes.reserve((1 + inside_.size()) * kNumberBytes);
  AppendNumber(bytes, count_);
  for (uint32_t hash : inside_) AppendNumber(bytes, hash);
  return bytes;
}

bool EntityNumbers::Load(uint32_t bucket, std::string_view bytes) {
  if (bytes.size() % (2 * kNumberBytes) != 0) return false;
  Bucket& loaded = buckets_[bucket];
  for (size_t i = 0; i < bytes.size() / kNumberBytes; i += 2) loaded.Add(NumberAt(bytes, i), NumberAt(bytes, i + 1));
  loaded.stored = loaded.hashes.size();
  loaded.loaded = true;
  return true;
}

// What of it is not stored yet.
std::string EntityNumbers::Bucket::SerializeNew() {
  std::string bytes;
  bytes.reserve((hashes.size() - stored) * 2 * kNumberBytes);
  for (size_t i = stored; i < hashes.size(); ++i) {
    AppendNumber(bytes, hashes[i]);
    AppendNumber(bytes, numbers[i]);
  }
  stored = hashes.size();
  return bytes;
}

void EntityNumbers::WriteBuckets(std::string_view account_id, StoreBatch& writes) {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  for (uint32_t number : std::exchange(changed_, {})) {
    Bucket& bucket = buckets_[number];
    std::string key = EntityBucketKey(account_id, number);
    if (std::exchange(bucket.rewrite, false)) {
      writes.Put(std::move(key), bucket.SerializeNew());
    } else {
      writes.Merge(std::move(key), bucket.SerializeNew());
    }
  }
}

int64_t EntityNumbers::Bytes() const {
  const size_t outside = buckets_.size() * sizeof(Bucket) + (count_ - inside_.size()) * 2 * kNumberBytes;
  return static_cast<int64_t>(inside_.capacity() * kNumberBytes + outside);
}

// --- finding and adding ----------------------------------------------------------------------------------------------

EntityNumbers::Numbers EntityNumbers::Find(uint32_t hash) const {
  Numbers numbers;
  for (uint32_t number = 0; number < inside_.size(); ++number) {
    if (inside_[number] == hash) numbers.push_back(number);
  }
  if (buckets_.empty()) return numbers;
  const Bucket& bucket = buckets_[BucketOf(hash)];
  for (size_t i = 0; i < bucket.hashes.size(); ++i) {
    if (bucket.hashes[i] == hash) numbers.push_back(bucket.numbers[i]);
  }
  return numbers;
}

bool EntityNumbers::Grows() const { return !buckets_.empty() && count_ >= BucketCount() * kEntitiesPerBucket; }

absl::InlinedVector<uint32_t, 1> EntityNumbers::BucketsToAdd(uint32_t hash) const {
  absl::InlinedVector<uint32_t, 1> missing;
  const uint32_t from = Grows() ? 0 : BucketOf(hash);
  const uint32_t to = Grows() ? BucketCount() : from + 1;
  for (uint32_t bucket = from; bucket < to; ++bucket) {
    if (!IsLoaded(bucket)) missing.push_back(bucket);
  }
  return missing;
}

uint32_t EntityNumbers::Add(uint32_t hash) {
  if (buckets_.empty() && count_ < kHashesInside) {
    inside_.push_back(hash);
    return count_++;
  }
  if (buckets_.empty()) MoveOut();
  if (Grows()) Grow();
  const uint32_t bucket = BucketOf(hash);
  buckets_[bucket].Add(hash, count_);
  changed_.push_back(bucket);
  return count_++;
}

// What lies inside becomes a bucket.
void EntityNumbers::MoveOut() {
  Bucket& bucket = buckets_.emplace_back();
  for (uint32_t number = 0; number < inside_.size(); ++number) bucket.Add(inside_[number], number);
  inside_ = std::vector<uint32_t>();
}

// Twice as many buckets.
void EntityNumbers::Grow() {
  std::vector<Bucket> grown(buckets_.size() * 2);
  for (const Bucket& bucket : buckets_) {
    for (size_t i = 0; i < bucket.hashes.size(); ++i) {
      grown[bucket.hashes[i] & (grown.size() - 1)].Add(bucket.hashes[i], bucket.numbers[i]);
    }
  }
  buckets_ = std::move(grown);
  changed_.resize(buckets_.size());
  std::iota(changed_.begin(), changed_.end(), 0);
  for (Bucket& bucket : buckets_) bucket.rewrite = true;
}

}  // namespace keyfold
