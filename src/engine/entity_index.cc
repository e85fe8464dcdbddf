#include "engine/entity_index.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
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

absl::Status Damaged(std::string_view account_id) {
  return absl::DataLossError(
      absl::StrCat("account '", std::string(account_id), "': the index of its entities is damaged in the shard's store"));
}

}  // namespace

uint32_t EntityHash(const EntityRef& entity) {
  return static_cast<uint32_t>(
      XXH3_64bits_withSeed(entity.id.data(), entity.id.size(), static_cast<uint64_t>(entity.kind)));
}

// --- what is stored --------------------------------------------------------------------------------------------------

bool EntityIndex::Account::Parse(std::string_view bytes) {
  if (bytes.size() < kNumberBytes) return false;
  count = NumberAt(bytes, 0);
  buckets.resize(BucketsFor(count));
  if (count > kIndexedInside) {
    for (Bucket& bucket : buckets) bucket.loaded = false;
    return bytes.size() == kNumberBytes;
  }
  if (bytes.size() != (1 + count) * kNumberBytes) return false;
  for (uint32_t number = 0; number < count; ++number) buckets[0].Add(NumberAt(bytes, 1 + number), number);
  return true;
}

std::string EntityIndex::Account::Serialize() const {
  std::string bytes;
  AppendNumber(bytes, count);
  if (count > kIndexedInside) return bytes;
  for (uint32_t hash : buckets[0].hashes) AppendNumber(bytes, hash);
  return bytes;
}

int64_t EntityIndex::Account::Bytes() const {
  constexpr int64_t kOverhead = 200;
  int64_t entities = 0;
  for (const Bucket& bucket : buckets) entities += static_cast<int64_t>(bucket.hashes.capacity());
  return kOverhead + static_cast<int64_t>(buckets.size() * sizeof(Bucket)) + 8 * entities;
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

absl::StatusOr<EntityIndex::Account*> EntityIndex::Keep(std::string_view account_id,
                                                        const std::optional<std::string>& bytes) {
  auto account = std::make_unique<Account>();
  if (bytes.has_value() && !account->Parse(*bytes)) return Damaged(account_id);
  const int64_t size = account->Bytes();
  return &accounts_.Insert(account_id, std::move(account), size);
}

absl::StatusOr<EntityIndex::Account*> EntityIndex::Load(std::string_view account_id) {
  if (Account* const account = accounts_.Find(account_id); account != nullptr) return account;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(EntityIndexKey(account_id)));
  return Keep(account_id, bytes);
}

absl::StatusOr<EntityIndex::Bucket*> EntityIndex::LoadBucket(std::string_view account_id, Account& account,
                                                             uint32_t number) {
  Bucket& bucket = account.buckets[number];
  if (bucket.loaded) return &bucket;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(EntityBucketKey(account_id, number)));
  if (!bucket.Parse(bytes.value_or(""))) return Damaged(account_id);
  return &bucket;
}

absl::Status EntityIndex::Prefetch(const std::vector<Question>& questions) {
  KEYFOLD_RETURN_IF_ERROR(PrefetchAccounts(questions));
  return PrefetchBuckets(questions);
}

absl::Status EntityIndex::PrefetchAccounts(const std::vector<Question>& questions) {
  std::vector<std::string> keys;
  for (const Question& question : questions) {
    if (accounts_.Find(question.account_id) == nullptr) keys.push_back(EntityIndexKey(question.account_id));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_.MultiGet(keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    KEYFOLD_RETURN_IF_ERROR(Keep(AccountIdOf(keys[i]), values[i]).status());
  }
  return absl::OkStatus();
}

absl::Status EntityIndex::PrefetchBuckets(const std::vector<Question>& questions) {
  std::vector<std::pair<std::string, std::pair<std::string_view, Bucket*>>> wanted;
  for (const Question& question : questions) {
    Account& account = *accounts_.Find(question.account_id);
    const uint32_t number = account.BucketOf(question.hash);
    if (account.buckets[number].loaded) continue;
    wanted.push_back({EntityBucketKey(question.account_id, number), {question.account_id, &account.buckets[number]}});
  }
  std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  wanted.erase(std::unique(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first == b.first; }),
               wanted.end());
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const auto& [key, bucket] : wanted) keys.push_back(key);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_.MultiGet(keys));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto& [account_id, bucket] = wanted[i].second;
    if (!bucket->Parse(values[i].value_or(""))) return Damaged(account_id);
  }
  return absl::OkStatus();
}

absl::StatusOr<EntityIndex::Numbers> EntityIndex::Find(const Question& question) {
  KEYFOLD_ASSIGN_OR_RETURN(Account* const account, Load(question.account_id));
  KEYFOLD_ASSIGN_OR_RETURN(const Bucket* const bucket,
                           LoadBucket(question.account_id, *account, account->BucketOf(question.hash)));
  Numbers numbers;
  for (size_t i = 0; i < bucket->hashes.size(); ++i) {
    if (bucket->hashes[i] == question.hash) numbers.push_back(bucket->numbers[i]);
  }
  return numbers;
}

// --- changing --------------------------------------------------------------------------------------------------------

absl::StatusOr<uint32_t> EntityIndex::Add(const Question& question) {
  KEYFOLD_ASSIGN_OR_RETURN(Account* const account, Load(question.account_id));
  if (BucketsFor(account->count + 1) > account->buckets.size()) {
    KEYFOLD_RETURN_IF_ERROR(Grow(question.account_id, *account));
  }
  const uint32_t place = account->BucketOf(question.hash);
  KEYFOLD_ASSIGN_OR_RETURN(Bucket* const bucket, LoadBucket(question.account_id, *account, place));
  bucket->Add(question.hash, account->count);
  if (!account->changed) {
    account->changed = true;
    changed_.emplace_back(question.account_id, account);
  }
  account->changed_buckets.push_back(place);
  return account->count++;
}

// Twice as many buckets.
absl::Status EntityIndex::Grow(std::string_view account_id, Account& account) {
  std::vector<Bucket> grown(account.buckets.size() * 2);
  for (uint32_t number = 0; number < account.buckets.size(); ++number) {
    KEYFOLD_ASSIGN_OR_RETURN(const Bucket* const bucket, LoadBucket(account_id, account, number));
    for (size_t i = 0; i < bucket->hashes.size(); ++i) {
      grown[bucket->hashes[i] & (grown.size() - 1)].Add(bucket->hashes[i], bucket->numbers[i]);
    }
  }
  account.buckets = std::move(grown);
  account.changed_buckets.clear();
  for (uint32_t number = 0; number < account.buckets.size(); ++number) {
    account.buckets[number].rewrite = true;
    account.changed_buckets.push_back(number);
  }
  return absl::OkStatus();
}

void EntityIndex::Erase(std::string_view account_id) {
  std::erase_if(changed_, [account_id](const auto& entry) { return entry.first == account_id; });
  auto empty = std::make_unique<Account>();
  const int64_t size = empty->Bytes();
  accounts_.Insert(account_id, std::move(empty), size);
}

void EntityIndex::Finish(StoreBatch& writes) {
  for (auto& [account_id, account] : changed_) {
    account->changed = false;
    writes.Put(EntityIndexKey(account_id), account->Serialize());
    std::vector<uint32_t> places = std::exchange(account->changed_buckets, {});
    accounts_.Resize(account_id, account->Bytes());
    if (account->count <= kIndexedInside) continue;
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    for (uint32_t place : places) {
      Bucket& bucket = account->buckets[place];
      if (std::exchange(bucket.rewrite, false)) {
        bucket.stored = 0;
        writes.Put(EntityBucketKey(account_id, place), bucket.SerializeNew());
      } else if (bucket.stored < bucket.hashes.size()) {
        writes.Merge(EntityBucketKey(account_id, place), bucket.SerializeNew());
      }
    }
  }
  changed_.clear();
  accounts_.Trim();
}

}  // namespace keyfold
