// The least that a store of entities and a ledger has to do per event: for keyfold_limit.
#ifndef KEYFOLD_TESTS_BENCH_BROKER_LIMIT_STORE_H_
#define KEYFOLD_TESTS_BENCH_BROKER_LIMIT_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_store.h"
#include "keyfold/v1/account_event.pb.h"
#include "rocksdb/db.h"
#include "store/rocks_store.h"

namespace keyfold {

// One RocksDB per partition, opened as keyfold opens its shards, in a directory that goes with it. Per event one entity
// is read and written, and one operand merged into the account's ledger. Not thread-safe. A failure ends the process.
class LimitStore {
 public:
  LimitStore();
  ~LimitStore();

  // Queues an event. `value`: its bytes, which must live until the next Write().
  void Add(int32_t partition, const v1::AccountEvent& event, std::string_view value);

  // Reads the entities of everything queued (sorted), and writes each partition's changes in one batch.
  void Write();

 private:
  struct Change {
    std::string entity_key;
    std::string ledger_key;
    std::string_view value;
  };

  rocksdb::DB* Open(int32_t partition);
  void WritePartition(rocksdb::DB* database, std::vector<Change>& changes);

  BenchDirectory directory_;
  RocksEnvironment environment_;
  std::string ledger_operand_;  // of an invoice: three amounts of a day
  std::map<int32_t, std::unique_ptr<rocksdb::DB>> databases_;
  std::map<int32_t, std::vector<Change>> changes_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BROKER_LIMIT_STORE_H_
