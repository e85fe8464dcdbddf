#include "engine/entity_index.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/multi_get.h"
#include "engine/store_keys.h"
#include "xxhash.h"

namespace keyfold {
namespace {

// So many hashes are read with the index itself; most accounts have no more entities.
constexpr uint32_t kIndexedInside = 64;

// Of a bucket, on average, when the buckets are doubled. A bucket is read to find one entity.
constexpr uint32_t kEntitiesPerBucket = 256;

constexpr size_t kNumberBytes = 4;

uint32_t BucketsFor(uint32_t count) {
  uint32_t buckets = 1;
  while (buckets * kEntitiesPerBucket < count) buckets *= 2;
  return buckets;
}

void AppendNumber(std::string& out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

uint32_t NumberAt(std::string_view bytes, size_t index) {
  uint32_t number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    number |= uint32_t{static_cast<uint8_t>(bytes[index * kNumberBytes + i])} << (8 * i);
  }
  return number;
}

absl::Status Damaged(const std::string& account_id) {
  return absl::DataLossError(
      absl::StrCat("account '", account_id, "': the index of its entities is damaged in the shard's store"));
}

}  // namespace

uint32_t EntityHash(const EntityRef& entity) {
  return static_cast<uint32_t>(
      XXH3_64bits_withSeed(entity.id.data(), entity.id.size(), static_cast<uint64_t>(entity.kind)));
}

// --- what is stored --------------------------------------------------------------------------------------------------

bool EntityIndex::Account::Parse(std::string_view bytes) {
  if (bytes.size() < kNumberBytes) return false;
  count_ = NumberAt(bytes, 0);
  buckets_.resize(BucketsFor(count_));
  if (count_ > kIndexedInside) {
    for (Bucket& bucket : buckets_) bucket.loaded = false;
    return bytes.size() == kNumberBytes;
  }
  if (bytes.size() != (1 + count_) * kNumberBytes) return false;
  for (uint32_t number = 0; number < count_; ++number) buckets_[0].Add(NumberAt(bytes, 1 + number), number);
  return true;
}

std::string EntityIndex::Account::Serialize() const {
  std::string bytes;
  AppendNumber(bytes, count_);
  if (count_ > kIndexedInside) return bytes;
  for (uint32_t hash : buckets_[0].hashes) AppendNumber(bytes, hash);
  return bytes;
}

int64_t EntityIndex::Account::Bytes() const {
  constexpr int64_t kOverhead = 200;
  int64_t entities = 0;
  for (const Bucket& bucket : buckets_) entities += static_cast<int64_t>(bucket.hashes.capacity());
  return kOverhead + static_cast<int64_t>(buckets_.size() * sizeof(Bucket)) + 8 * entities;
}

bool EntityIndex::Bucket::Parse(std::string_view bytes) {
  if (bytes.size() % (2 * kNumberBytes) != 0) return false;
  for (size_t i = 0; i < bytes.size() / kNumberBytes; i += 2) Add(NumberAt(bytes, i), NumberAt(bytes, i + 1));
  stored = hashes.size();
  loaded = true;
  return true;
}

// What of it is not stored yet.
std::string EntityIndex::Bucket::SerializeNew() {
  std::string bytes;
  for (size_t i = stored; i < hashes.size(); ++i) {
    AppendNumber(bytes, hashes[i]);
    AppendNumber(bytes, numbers[i]);
  }
  stored = hashes.size();
  return bytes;
}

// --- reading ---------------------------------------------------------------------------------------------------------

absl::StatusOr<std::vector<EntityIndex::Account*>> EntityIndex::Open(const std::vector<std::string_view>& account_ids) {
  std::vector<Account*> accounts(account_ids.size());
  std::vector<std::pair<std::string, size_t>> unknown;  // keys and whose they are
  for (size_t i = 0; i < account_ids.size(); ++i) {
    accounts[i] = accounts_.Find(account_ids[i]);
    if (accounts[i] == nullptr) unknown.emplace_back(EntityIndexKey(account_ids[i]), i);
  }
  std::sort(unknown.begin(), unknown.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, MultiGet(store_, unknown));
  for (size_t k = 0; k < unknown.size(); ++k) {
    const size_t i = unknown[k].second;
    auto account = std::make_unique<Account>(account_ids[i]);
    if (values[k].has_value() && !account->Parse(*values[k])) return Damaged(account->id_);
    const int64_t bytes = account->Bytes();
    accounts[i] = &accounts_.Insert(account_ids[i], std::move(account), bytes);
  }
  return accounts;
}

absl::StatusOr<EntityIndex::Bucket*> EntityIndex::LoadBucket(const Place& place) {
  Account& account = *place.account;
  const uint32_t number = account.BucketOf(place.hash);
  Bucket& bucket = account.buckets_[number];
  if (bucket.loaded) return &bucket;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(EntityBucketKey(account.id_, number)));
  if (!bucket.Parse(bytes.value_or(""))) return Damaged(account.id_);
  return &bucket;
}

absl::Status EntityIndex::Prefetch(const std::vector<Place>& places) {
  std::vector<std::pair<std::string, Place>> wanted;
  for (const Place& place : places) {
    const uint32_t number = place.account->BucketOf(place.hash);
    if (!place.account->buckets_[number].loaded)
      wanted.emplace_back(EntityBucketKey(place.account->id_, number), place);
  }
  std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, MultiGet(store_, wanted));
  for (size_t i = 0; i < wanted.size(); ++i) {
    Account& account = *wanted[i].second.account;
    if (!account.buckets_[account.BucketOf(wanted[i].second.hash)].Parse(values[i].value_or(""))) {
      return Damaged(account.id_);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<EntityIndex::Numbers> EntityIndex::Find(const Place& place) {
  KEYFOLD_ASSIGN_OR_RETURN(const Bucket* const bucket, LoadBucket(place));
  Numbers numbers;
  for (size_t i = 0; i < bucket->hashes.size(); ++i) {
    if (bucket->hashes[i] == place.hash) numbers.push_back(bucket->numbers[i]);
  }
  return numbers;
}

// --- changing --------------------------------------------------------------------------------------------------------

absl::StatusOr<uint32_t> EntityIndex::Add(const Place& place) {
  Account& account = *place.account;
  if (account.changed_buckets_.empty()) changed_.push_back(&account);
  if (BucketsFor(account.count_ + 1) > account.buckets_.size()) KEYFOLD_RETURN_IF_ERROR(Grow(account));
  KEYFOLD_ASSIGN_OR_RETURN(Bucket* const bucket, LoadBucket(place));
  bucket->Add(place.hash, account.count_);
  account.changed_buckets_.push_back(account.BucketOf(place.hash));
  return account.count_++;
}

// Twice as many buckets.
absl::Status EntityIndex::Grow(Account& account) {
  std::vector<Bucket> grown(account.buckets_.size() * 2);
  for (uint32_t number = 0; number < account.buckets_.size(); ++number) {
    KEYFOLD_ASSIGN_OR_RETURN(const Bucket* const bucket, LoadBucket({&account, number}));
    for (size_t i = 0; i < bucket->hashes.size(); ++i) {
      grown[bucket->hashes[i] & (grown.size() - 1)].Add(bucket->hashes[i], bucket->numbers[i]);
    }
  }
  account.buckets_ = std::move(grown);
  account.changed_buckets_.clear();
  for (uint32_t number = 0; number < account.buckets_.size(); ++number) {
    account.buckets_[number].rewrite = true;
    account.changed_buckets_.push_back(number);
  }
  return absl::OkStatus();
}

void EntityIndex::Erase(Account& account) {
  account.count_ = 0;
  account.buckets_.assign(1, Bucket());
  if (!account.changed_buckets_.empty()) std::erase(changed_, &account);
  account.changed_buckets_.clear();
}

void EntityIndex::Finish(StoreBatch& writes) {
  for (Account* account : changed_) {
    writes.Put(EntityIndexKey(account->id_), account->Serialize());
    std::vector<uint32_t> changed_buckets = std::exchange(account->changed_buckets_, {});
    accounts_.Resize(account->id_, account->Bytes());
    if (account->count_ <= kIndexedInside) continue;
    std::sort(changed_buckets.begin(), changed_buckets.end());
    changed_buckets.erase(std::unique(changed_buckets.begin(), changed_buckets.end()), changed_buckets.end());
    for (uint32_t number : changed_buckets) {
      Bucket& bucket = account->buckets_[number];
      std::string key = EntityBucketKey(account->id_, number);
      if (std::exchange(bucket.rewrite, false)) {
        writes.Put(std::move(key), bucket.SerializeNew());
      } else {
        writes.Merge(std::move(key), bucket.SerializeNew());
      }
    }
  }
  changed_.clear();
  accounts_.Trim();
}

}  // namespace keyfold
