// Shards on disk as a worker leaves them, for verbs that ask them.
#ifndef KEYFOLD_TESTS_CLI_LOCAL_SHARDS_H_
#define KEYFOLD_TESTS_CLI_LOCAL_SHARDS_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/account_shard.h"
#include "keyfold/v1/account_event.pb.h"
#include "run/from_config.h"
#include "state/store_keys.h"
#include "store/rocks_store.h"
#include "support/gathering.h"
#include "support/run_verb.h"

namespace keyfold {

// A state directory of the running test, gone with it.
class LocalShards {
 public:
  LocalShards()
      : directory_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".state") {
    std::filesystem::remove_all(directory_);
    config_.state_directory = directory_;
  }
  ~LocalShards() { std::filesystem::remove_all(directory_); }
  LocalShards(const LocalShards&) = delete;
  LocalShards& operator=(const LocalShards&) = delete;

  // Makes a partition's shard of these events, each recorded when it occurred.
  void Make(int32_t partition, const std::vector<v1::AccountEvent>& events) const {
    const Catalog catalog = *LoadCatalog(config_);
    const UpdateFormat format{UpdateFormat::Encoding::kProtobuf};
    RocksEnvironment environment({});
    auto store = OpenRocksStore(environment, ShardDirectory(config_, partition), MergeStored);
    ASSERT_TRUE(store.ok()) << store.status();
    auto shard = AccountShard::Open(Gathering(*std::move(store)), catalog, format, {"cluster", "events", partition});
    ASSERT_TRUE(shard.ok()) << shard.status();
    for (const v1::AccountEvent& event : events) {
      Record record;
      record.partition = partition;
      record.offset = (*shard)->next_offset();
      record.timestamp_ms = event.occurred_at().seconds() * 1000;
      record.key = event.account_id();
      const std::string value = event.SerializeAsString();
      record.value = value;
      ASSERT_TRUE((*shard)->Fold(std::span(&record, 1)).ok());
      ASSERT_TRUE((*shard)->PrepareCommit().ok());
      ASSERT_TRUE((*shard)->PostCommit().ok());
    }
  }

  // `keyfold ARGUMENTS... --state_directory ...`
  VerbResult Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--state_directory", directory_});
    return RunVerb(std::move(arguments));
  }

  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  Config config_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CLI_LOCAL_SHARDS_H_
