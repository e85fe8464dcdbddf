#include "store/rocks_environment.h"

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <limits>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/status.h"
#include "rocksdb/table.h"
#include "store/merge_operator.h"
#include "store/open_files.h"

namespace keyfold {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

constexpr size_t kWriteBufferBytesMin = kMebibyte;

// One shard's buffer bounds its write-ahead log, and so what opening after a crash must replay.
constexpr size_t kShardBufferBytesMax = 16 * kMebibyte;
constexpr size_t kShardBufferBytesMin = kMebibyte / 4;

// Two being written out and one being filled: a burst does not wait for the disk.
constexpr int kShardBuffers = 3;

// Below it flushing a shard's buffer would free little: an empty one takes memory, too.
constexpr size_t kShardFlushBytesMin = kMebibyte / 8;

// Of RocksDB's own manager, which only counts: KeepBudget() does what it would do.
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max() / 2;

// A shard takes memory in steps of this size: an idle one costs little, hundreds of them fit a small budget.
constexpr size_t kArenaBlockBytes = 32 * 1024;

constexpr double kFilterBitsPerKey = 10;  // one read in a hundred of an absent key goes to the disk

// How long a write waits for flushes that lag behind. Longer would not help: the disk is full, or broken.
constexpr absl::Duration kFlushPatience = absl::Seconds(1);

// RocksDB's log of its doings goes nowhere. What goes wrong is in the statuses; and its own logger writes a file beside
// the data, which on a full disk fails an assertion (in a RocksDB built with them) and takes the process along.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// Leaves it to the store to go on after the disk was full: RocksDB's own recovery resumes behind its back.
class NoRecoveryByItself final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* recovers) override {
    *recovers = false;
  }
};

rocksdb::BlockBasedTableOptions TableOptions(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.block_size = 8 * 1024;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  table.whole_key_filtering = true;
  table.optimize_filters_for_memory = true;
  // Indexes and filters live in the cache, else they would grow with the state and beyond any budget. In parts, so that
  // a lookup brings in some kilobytes and not the filter of a whole file.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 8 * 1024;
  table.pin_top_level_index_and_filter = true;
  return table;
}

void SetWriting(size_t write_buffer_bytes, rocksdb::Options& options) {
  options.write_buffer_size = std::clamp(write_buffer_bytes / 4, kShardBufferBytesMin, kShardBufferBytesMax);
  options.max_write_buffer_number = kShardBuffers;
  options.arena_block_size = kArenaBlockBytes;
  options.max_write_buffer_size_to_maintain = 0;
  options.allow_concurrent_memtable_write = false;  // a shard has one writer
  // memtable_insert_with_hint_prefix_extractor would save half of an insertion, as batches come in the order of keys.
  // But keys and deleted ranges, which lie in two lists, share its hints (7.8): it writes where it must not.
  // Most lookups are of keys that are not there: a filter answers them, and not a search through the buffer. At most
  // 80 KiB of it: the buffer of an idle shard has it, too.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.005;

  // Replay ends at the first record that is incomplete or damaged, and nothing after it is applied: a prefix of what
  // was written. kTolerateCorruptedTailRecords would go on with the next log file although the tail of this one is
  // missing, as after a power cut that wrote the newer file back first. kAbsoluteConsistency would refuse to open after
  // every crash in the middle of a record. What is lost at the end is folded again from the log of events.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.bytes_per_sync = kMebibyte;
  // RocksDB would reserve more disk than a small shard ever fills: a write buffer's worth for each log.
  options.allow_fallocate = false;
  options.avoid_flush_during_shutdown = true;  // the log has it
  options.listeners.push_back(std::make_shared<NoRecoveryByItself>());
}

void SetLevels(rocksdb::Options& options) {
  options.compression = rocksdb::kLZ4Compression;
  // What has just come is soon written again: compressing it only then takes less CPU.
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  options.compaction_style = rocksdb::kCompactionStyleLevel;
  options.level_compaction_dynamic_level_bytes = true;
  options.level0_file_num_compaction_trigger = 8;  // with 4 a replay takes 4 % more CPU
  options.max_bytes_for_level_base = 128 * kMebibyte;
  options.target_file_size_base = 32 * kMebibyte;
  options.target_file_size_multiplier = 2;
  options.max_background_jobs = 4;
  options.compaction_readahead_size = kMebibyte / 2;
}

void SetOpening(rocksdb::Options& options) {
  options.create_if_missing = true;
  options.max_file_opening_threads = 2;
  options.skip_stats_update_on_db_open = true;
  options.max_manifest_file_size = 4 * kMebibyte;  // replayed whole by opening

  options.info_log = std::make_shared<SilentLogger>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
}

}  // namespace

RocksEnvironment::Shared::Shared(const RocksMemory& memory)
    : write_buffer_bytes_(std::max(memory.write_buffer_bytes, kWriteBufferBytesMin)),
      open_files_max_(LiftOpenFilesLimit()),
      // Where not even one shard has enough, it will tell.
      shard_table_files_(TableFilesPerShard(open_files_max_, 1).value_or(0)) {
  rocksdb::LRUCacheOptions cache_options;
  cache_options.capacity = memory.block_cache_bytes;
  cache_options.high_pri_pool_ratio = 0.5;  // for indexes and filters
  cache_ = rocksdb::NewLRUCache(cache_options);
  // Not charged to the cache: a burst of writes shall not empty it.
  write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(kNoLimit);

  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  rocksdb::Env* env = rocksdb::Env::Default();
  env->SetBackgroundThreads(std::clamp(processors / 4, 1, 2), rocksdb::Env::Priority::HIGH);  // flushes
  env->SetBackgroundThreads(std::clamp(processors / 2, 1, 4), rocksdb::Env::Priority::LOW);   // compactions
}

rocksdb::Options RocksEnvironment::Shared::ShardOptions(MergeFunction merge) const {
  rocksdb::Options options;
  SetOpening(options);
  options.max_open_files = shard_table_files_;
  SetWriting(write_buffer_bytes_, options);
  SetLevels(options);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(cache_)));
  options.write_buffer_manager = write_buffers_;
  options.merge_operator = std::make_shared<MergeFunctionOperator>(merge);
  adjust_(options);
  return options;
}

absl::Status RocksEnvironment::Shared::ExpectShards(int64_t shards) {
  const absl::StatusOr<int> files = TableFilesPerShard(open_files_max_, shards);
  if (files.ok()) shard_table_files_ = *files;
  return files.status();
}

void RocksEnvironment::Shared::Add(rocksdb::DB* database) {
  absl::MutexLock lock(&mutex_);
  databases_.insert(database);
}

void RocksEnvironment::Shared::Remove(rocksdb::DB* database) {
  absl::MutexLock lock(&mutex_);
  databases_.erase(database);
}

void RocksEnvironment::Shared::KeepBudget() {
  // What is being filled; the rest is on its way to disk.
  const size_t filling_bytes_max = write_buffer_bytes_ / 4 * 3;
  if (write_buffers_->mutable_memtable_memory_usage() >= filling_bytes_max) {
    absl::MutexLock lock(&mutex_);
    while (write_buffers_->mutable_memtable_memory_usage() >= filling_bytes_max && FlushLargest()) {
    }
  }
  const absl::Time deadline = absl::Now() + kFlushPatience;
  const auto flushing = [this] {
    return write_buffers_->memory_usage() > write_buffers_->mutable_memtable_memory_usage();
  };
  while (write_buffers_->memory_usage() >= write_buffer_bytes_ && flushing() && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(1));
  }
}

StoreUsage RocksEnvironment::Shared::usage() {
  StoreUsage usage;
  absl::MutexLock lock(&mutex_);
  for (rocksdb::DB* database : databases_) {
    uint64_t bytes = 0;
    uint64_t keys = 0;
    database->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
    database->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &keys);
    ++usage.stores;
    usage.table_file_bytes += static_cast<int64_t>(bytes);
    usage.keys += static_cast<int64_t>(keys);
  }
  return usage;
}

bool RocksEnvironment::Shared::FlushLargest() {
  rocksdb::DB* largest = nullptr;
  uint64_t largest_bytes = kShardFlushBytesMin;
  for (rocksdb::DB* database : databases_) {
    uint64_t bytes = 0;
    if (!database->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes)) continue;
    if (bytes > largest_bytes) {
      largest = database;
      largest_bytes = bytes;
    }
  }
  if (largest == nullptr) return false;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  // Why it failed is that shard's affair: its own next write reports it.
  return largest->Flush(options).ok();
}

RocksEnvironment::RocksEnvironment(const RocksMemory& memory) : shared_(std::make_shared<Shared>(memory)) {}

absl::Status RocksEnvironment::ExpectShards(int64_t shards) { return shared_->ExpectShards(shards); }

size_t RocksEnvironment::block_cache_used_bytes() const { return shared_->cache().GetUsage(); }

size_t RocksEnvironment::write_buffer_used_bytes() const { return shared_->write_buffers().memory_usage(); }

StoreUsage RocksEnvironment::usage() const { return shared_->usage(); }

// RocksDB counts these for each thread, whoever looks.
BlockReads BlockReadsOfThisThread() {
  const rocksdb::PerfContext& counts = *rocksdb::get_perf_context();
  return {.cached = static_cast<int64_t>(counts.block_cache_hit_count),
          .from_disk = static_cast<int64_t>(counts.block_read_count)};
}

}  // namespace keyfold
