#include "store/table_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/sst_file_writer.h"

namespace keyfold {
namespace {

rocksdb::Status WriteTableFile(const StoreBatch& batch, rocksdb::Options options, const std::string& path) {
  // As one that RocksDB writes itself from a buffer: a level's compression is that of the last one otherwise.
  options.compression = options.compression_per_level.front();
  options.compression_per_level.clear();
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(options), options);
  rocksdb::Status status = file.Open(path);
  for (auto at = batch.operations().begin(); status.ok() && at != batch.operations().end(); ++at) {
    status = AddOperation(*at, file);
  }
  return status.ok() ? file.Finish() : status;
}

}  // namespace

bool FitsTableFile(const StoreBatch& batch) {
  const std::vector<StoreBatch::Operation>& operations = batch.operations();
  const auto deletes_prefix = [](const auto& operation) { return operation.kind == StoreBatch::Kind::kDeletePrefix; };
  const auto misplaced = [](const auto& a, const auto& b) { return a.key >= b.key; };
  return !operations.empty() && std::none_of(operations.begin(), operations.end(), deletes_prefix) &&
         std::adjacent_find(operations.begin(), operations.end(), misplaced) == operations.end();
}

rocksdb::Status AddTableFile(const StoreBatch& batch, const rocksdb::Options& options, const std::string& path,
                             rocksdb::DB& database) {
  rocksdb::Status status = WriteTableFile(batch, options, path);
  // The file will outlive a power cut: so must what was written before it.
  if (status.ok()) status = database.SyncWAL();
  if (status.ok()) {
    rocksdb::IngestExternalFileOptions ingestion;
    ingestion.move_files = true;
    ingestion.write_global_seqno = false;
    status = database.IngestExternalFile({path}, ingestion);
  }
  std::error_code ignored;  // it was moved, or failed for a reason that tells more
  std::filesystem::remove(path, ignored);
  return status;
}

}  // namespace keyfold
