// A batch as a RocksDB table file. Private to store/.
#ifndef KEYFOLD_STORE_TABLE_FILE_H_
#define KEYFOLD_STORE_TABLE_FILE_H_

#include <string>

#include "keyfold/shard_store.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/status.h"

namespace keyfold {

// Adds an operation on one key to a rocksdb::WriteBatch or SstFileWriter. REQUIRES: it is no DeletePrefix().
template <typename Writes>
rocksdb::Status AddOperation(const StoreBatch::Operation& operation, Writes& writes) {
  switch (operation.kind) {
    case StoreBatch::Kind::kPut:
      return writes.Put(operation.key, operation.value);
    case StoreBatch::Kind::kMerge:
      return writes.Merge(operation.key, operation.value);
    case StoreBatch::Kind::kDelete:
      return writes.Delete(operation.key);
    case StoreBatch::Kind::kDeletePrefix:
      break;
  }
  return rocksdb::Status::NotSupported("a deleted prefix is more than one key");
}

// Whether a file can hold the batch: its keys come in their order, each once, and it deletes no prefixes.
bool FitsTableFile(const StoreBatch& batch);

// Makes the batch visible in `database`, opened with `options`, as a table file of its own, which is quicker than a
// write of many operations: they pass neither the log nor a write buffer. What was written before is on the disk when
// it returns OK, and so is the batch; otherwise nothing of it is there. `path`, on the database's file system, is used
// meanwhile. REQUIRES: FitsTableFile(batch).
rocksdb::Status AddTableFile(const StoreBatch& batch, const rocksdb::Options& options, const std::string& path,
                             rocksdb::DB& database);

}  // namespace keyfold

#endif  // KEYFOLD_STORE_TABLE_FILE_H_
