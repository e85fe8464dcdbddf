#include "fold/account_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "state/account_reader.h"
#include "state/entity_page.h"
#include "state/multi_get.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

absl::Status Damaged(const std::string& account_id) {
  return absl::DataLossError(
      absl::StrCat("account '", account_id, "': the numbers of its entities are damaged in the shard's store"));
}

}  // namespace

// --- one account -----------------------------------------------------------------------------------------------------

const std::string* HeldAccount::FindUnwritten(uint32_t number) const {
  if (IsAdded(number)) return &added_[number - added_from()];
  const auto at = edited_.find(number);
  return at == edited_.end() ? nullptr : &at->second;
}

void HeldAccount::SetEntity(uint32_t number, std::string paged) {
  constexpr int64_t kOverhead = 100;
  std::string& entity = IsAdded(number) ? added_[number - added_from()] : edited_.try_emplace(number).first->second;
  entities_bytes_ += static_cast<int64_t>(paged.size()) + (entity.empty() ? kOverhead : 0);
  entities_bytes_ -= static_cast<int64_t>(entity.size());
  entity = std::move(paged);
}

void HeldAccount::AddToLedger(std::span<const Contribution> contributions) {
  ledger_.insert(ledger_.end(), contributions.begin(), contributions.end());
}

int64_t HeldAccount::Bytes() const {
  constexpr int64_t kOverhead = sizeof(HeldAccount) + 100;
  constexpr int64_t kComponentBytes = sizeof(int64_t) + 2;
  int64_t bytes = kOverhead + static_cast<int64_t>(id_.size()) + numbers_.Bytes();
  if (state != nullptr) {
    bytes += static_cast<int64_t>(sizeof(AccountState)) +
             static_cast<int64_t>(state->components.base.size()) * kComponentBytes +
             static_cast<int64_t>(state->values.size() * sizeof(double));
  }
  return bytes + entities_bytes_ + static_cast<int64_t>(ledger_.capacity() * sizeof(Contribution));
}

void HeldAccount::TakePages(StoreBatch& writes) {
  std::string page;
  uint32_t page_number = 0;
  const auto end_page = [&] {
    if (!page.empty()) writes.Merge(EntityPageKey(id_, page_number), std::move(page));
  };
  const auto take = [&](uint32_t number, std::string& paged) {
    if (!page.empty() && number / kEntitiesPerPage == page_number) {
      page.append(paged);
      return;
    }
    end_page();
    page = std::move(paged);
    page_number = number / kEntitiesPerPage;
  };
  for (auto& [number, paged] : edited_) take(number, paged);
  for (size_t i = 0; i < added_.size(); ++i) take(added_from() + static_cast<uint32_t>(i), added_[i]);
  end_page();
  EraseEntities();
}

void HeldAccount::EraseEntities() {
  edited_.clear();
  added_ = std::vector<std::string>();
  entities_bytes_ = 0;
}

void HeldAccount::TakeLedger(StoreBatch& writes) {
  for (auto& [block, cells] : PackLedger(Summed(std::exchange(ledger_, {})))) {
    writes.Merge(LedgerBlockKey(id_, block), std::move(cells));
  }
}

// --- reading ---------------------------------------------------------------------------------------------------------

AccountTable::~AccountTable() { AddBytes(-bytes_); }

void AccountTable::AddBytes(int64_t bytes) {
  bytes_ += bytes;
  budget_.Add(bytes);
}

HeldAccount* AccountTable::Find(std::string_view account_id) {
  if (const auto at = young_.find(account_id); at != young_.end()) return at->second.get();
  const auto at = old_.find(account_id);
  if (at == old_.end()) return nullptr;
  HeldAccount* const account = at->second.get();
  young_.insert(old_.extract(at));
  return account;
}

absl::Status AccountTable::Read(HeldAccount& account, std::string_view stored) const {
  KEYFOLD_ASSIGN_OR_RETURN(const v1::StoredAccount parsed, ParseStoredAccount(account.id(), stored));
  KEYFOLD_ASSIGN_OR_RETURN(AccountState state, FromStored(catalog_, account.id(), parsed));
  account.state = std::make_unique<AccountState>(std::move(state));
  return account.numbers_.Parse(parsed.entities()) ? absl::OkStatus() : Damaged(account.id());
}

absl::StatusOr<std::vector<HeldAccount*>> AccountTable::Open(std::span<const std::string_view> account_ids) {
  std::vector<HeldAccount*> accounts(account_ids.size());
  std::vector<std::pair<std::string, size_t>> unknown;  // keys and whose they are
  for (size_t i = 0; i < account_ids.size(); ++i) {
    accounts[i] = Find(account_ids[i]);
    if (accounts[i] == nullptr) unknown.emplace_back(AccountKey(account_ids[i]), i);
  }
  found_ += static_cast<int64_t>(accounts.size() - unknown.size());
  looked_up_ += static_cast<int64_t>(unknown.size());
  std::sort(unknown.begin(), unknown.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, MultiGet(store_, unknown));
  for (size_t k = 0; k < unknown.size(); ++k) {
    const size_t i = unknown[k].second;
    auto account = std::make_unique<HeldAccount>(account_ids[i]);
    if (values[k].has_value()) KEYFOLD_RETURN_IF_ERROR(Read(*account, *values[k]));
    accounts[i] = account.get();
    young_.emplace(account->id(), std::move(account));
  }
  opened_.insert(opened_.end(), accounts.begin(), accounts.end());
  return accounts;
}

absl::Status AccountTable::LoadBucket(HeldAccount& account, uint32_t bucket) const {
  if (account.numbers_.IsLoaded(bucket)) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(EntityBucketKey(account.id(), bucket)));
  return account.numbers_.Load(bucket, bytes.value_or("")) ? absl::OkStatus() : Damaged(account.id());
}

absl::Status AccountTable::PrefetchEntities(std::span<const Place> places) {
  std::vector<std::pair<std::string, Place>> wanted;
  for (const auto& [account, hash] : places) {
    const uint32_t bucket = account->numbers_.BucketOf(hash);
    if (!account->numbers_.IsLoaded(bucket)) {
      wanted.emplace_back(EntityBucketKey(account->id(), bucket), Place{account, hash});
    }
  }
  std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, MultiGet(store_, wanted));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto& [account, hash] = wanted[i].second;
    if (!account->numbers_.Load(account->numbers_.BucketOf(hash), values[i].value_or(""))) {
      return Damaged(account->id());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<EntityNumbers::Numbers> AccountTable::FindEntity(const Place& place) {
  EntityNumbers& numbers = place.account->numbers_;
  KEYFOLD_RETURN_IF_ERROR(LoadBucket(*place.account, numbers.BucketOf(place.hash)));
  return numbers.Find(place.hash);
}

absl::StatusOr<std::vector<Contribution>> AccountTable::ReadLedger(const HeldAccount& account) const {
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<Contribution> ledger, keyfold::ReadLedger(store_, account.id()));
  ledger.insert(ledger.end(), account.ledger_.begin(), account.ledger_.end());
  return Summed(std::move(ledger));
}

// --- changing --------------------------------------------------------------------------------------------------------

absl::StatusOr<uint32_t> AccountTable::AddEntity(const Place& place) {
  for (uint32_t bucket : place.account->numbers_.BucketsToAdd(place.hash)) {
    KEYFOLD_RETURN_IF_ERROR(LoadBucket(*place.account, bucket));
  }
  place.account->added_.emplace_back();
  return place.account->numbers_.Add(place.hash);
}

void AccountTable::EraseEntities(HeldAccount& account) {
  account.numbers_ = EntityNumbers();
  account.EraseEntities();
  account.ledger_.clear();
}

void AccountTable::MarkChanged(HeldAccount& account) {
  if (!std::exchange(account.changed_, true)) changed_.push_back(&account);
}

bool AccountTable::IsUnwritten(std::string_view account_id) const {
  for (const Generation* generation : {&young_, &old_}) {
    const auto at = generation->find(account_id);
    if (at != generation->end()) return at->second->changed_;
  }
  return false;
}

void AccountTable::EndBatch() {
  int64_t growth = 0;
  for (HeldAccount* account : opened_) {
    const int64_t bytes = account->Bytes();
    growth += bytes - std::exchange(account->counted_bytes_, bytes);
  }
  opened_.clear();
  AddBytes(growth);
}

void AccountTable::TakeChanges(StoreBatch& writes) {
  std::vector<HeldAccount*> accounts = std::exchange(changed_, {});
  std::sort(accounts.begin(), accounts.end(),
            [](const HeldAccount* a, const HeldAccount* b) { return NameLess(a->id(), b->id()); });
  for (const HeldAccount* account : accounts) {
    if (!account->exists()) continue;
    writes.Put(AccountKey(account->id()), SerializeAccount(account->state.get(), account->numbers_.Serialize()));
  }
  for (HeldAccount* account : accounts) account->TakePages(writes);
  for (HeldAccount* account : accounts) account->TakeLedger(writes);
  for (HeldAccount* account : accounts) {
    account->numbers_.WriteBuckets(account->id(), writes);
    account->changed_ = false;
  }
  opened_.insert(opened_.end(), accounts.begin(), accounts.end());
  EndBatch();
}

void AccountTable::Trim() {
  absl::erase_if(old_, [this](const auto& entry) {
    const HeldAccount& account = *entry.second;
    if (!account.changed_) AddBytes(-account.counted_bytes_);
    return !account.changed_;
  });
  for (auto& [id, account] : young_) old_.emplace(id, std::move(account));
  young_.clear();
}

void AccountTable::Forget(std::string_view account_id) {
  for (Generation* generation : {&young_, &old_}) {
    const auto at = generation->find(account_id);
    if (at == generation->end()) continue;
    AddBytes(-at->second->counted_bytes_);
    generation->erase(at);
  }
}

}  // namespace keyfold
