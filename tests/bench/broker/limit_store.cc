#include "bench/broker/limit_store.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "account/contribution.h"
#include "account/entity.h"
#include "bench/workload.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"
#include "state/store_keys.h"
#include "store/rocks_environment.h"

namespace keyfold {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr size_t kReadAtOnce = 128;  // as rocks_store.cc

void RequireRocks(const rocksdb::Status& status) {
  if (!status.ok()) Require(absl::InternalError(status.ToString()));
}

std::vector<Contribution> ContributionsAt(Day day) {
  const Currency euro = *Currency::Parse("EUR");
  Contributions contributions;
  contributions.Add(Measure::kRevenue, euro, day, 123'456);
  contributions.Add(Measure::kVariableCost, euro, day, 65'432);
  contributions.Add(Measure::kInvoices, day, 1);
  return std::move(contributions).Summed();
}

}  // namespace

LimitStore::LimitStore() : environment_(RocksMemory()) {
  constexpr Day kSomeDay = 20'000;
  ledger_operand_ = PackLedger(ContributionsAt(kSomeDay)).at(0).second;
}

LimitStore::~LimitStore() {
  for (const auto& [partition, database] : databases_) environment_.shared()->Remove(database.get());
}

rocksdb::DB* LimitStore::Open(int32_t partition) {
  std::unique_ptr<rocksdb::DB>& database = databases_[partition];
  if (database == nullptr) {
    rocksdb::DB* opened = nullptr;
    RequireRocks(rocksdb::DB::Open(environment_.shared()->ShardOptions(MergeStored),
                                   absl::StrCat(directory_.path(), "/", partition), &opened));
    database.reset(opened);
    environment_.shared()->Add(opened);
  }
  return database.get();
}

void LimitStore::Add(int32_t partition, const v1::AccountEvent& event, std::string_view value) {
  const auto day = static_cast<Day>(event.occurred_at().seconds() / kDaySeconds);
  const int block = static_cast<int>((day + kLedgerDayBias) / kLedgerBlockDays);
  changes_[partition].push_back({.entity_key = EntityKey(event.account_id(), PrimaryEntity(event)),
                                 .ledger_key = LedgerBlockKey(event.account_id(), block),
                                 .value = value});
}

void LimitStore::Write() {
  for (auto& [partition, changes] : changes_) {
    WritePartition(Open(partition), changes);
    changes.clear();
  }
}

void LimitStore::WritePartition(rocksdb::DB* database, std::vector<Change>& changes) {
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.entity_key < b.entity_key; });
  rocksdb::WriteBatch writes;
  std::string entity;
  for (size_t begin = 0; begin < changes.size(); begin += kReadAtOnce) {
    const size_t count = std::min(kReadAtOnce, changes.size() - begin);
    std::vector<rocksdb::Slice> keys(count);
    for (size_t i = 0; i < count; ++i) keys[i] = changes[begin + i].entity_key;
    std::vector<rocksdb::PinnableSlice> found(count);
    std::vector<rocksdb::Status> statuses(count);
    database->MultiGet(rocksdb::ReadOptions(), database->DefaultColumnFamily(), count, keys.data(), found.data(),
                       statuses.data(), /*sorted_input=*/true);
    for (size_t i = 0; i < count; ++i) {
      const Change& change = changes[begin + i];
      entity.clear();
      if (!statuses[i].IsNotFound()) {
        RequireRocks(statuses[i]);
        entity.assign(found[i].data(), found[i].size());
      }
      entity.append(change.value);
      RequireRocks(writes.Put(change.entity_key, entity));
      RequireRocks(writes.Merge(change.ledger_key, ledger_operand_));
    }
  }
  RequireRocks(database->Write(rocksdb::WriteOptions(), &writes));
  environment_.shared()->KeepBudget();
}

}  // namespace keyfold
