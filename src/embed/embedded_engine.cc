// The engine within another program: both stages in one thread, partials handed over in memory.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "config/default_catalog.h"
#include "engine/account_shard.h"
#include "engine/group_shard.h"
#include "fold/update_format.h"
#include "keyfold/engine.h"
#include "keyfold/memory_budget.h"
#include "kpi/catalog.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "store/rocks_store.h"
#include "store/write_behind_store.h"

namespace keyfold {
namespace {

class EmbeddedEngine final : public Engine {
 public:
  EmbeddedEngine(Catalog catalog, const EngineOptions& options)
      : options_(options),
        catalog_(std::move(catalog)),
        format_(options.json ? UpdateFormat::Encoding::kJson : UpdateFormat::Encoding::kProtobuf),
        memory_(std::make_shared<MemoryBudget>(options.memory_bytes_max)) {}

  absl::Status OpenShards() {
    KEYFOLD_RETURN_IF_ERROR(environment_.ExpectShards(2));
    KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store, OpenStore("accounts"));
    const ShardIdentity identity{"embedded", options_.log_name, 0, 1, "embedded"};
    AccountShardOptions options;
    options.memory = memory_;
    KEYFOLD_ASSIGN_OR_RETURN(
        accounts_, AccountShard::Open(std::make_unique<WriteBehindStore>(std::move(store), MergeStored, memory_),
                                      catalog_, format_, identity, options));
    if (!catalog_.has_rollups()) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> group_store, OpenStore("groups"));
    KEYFOLD_ASSIGN_OR_RETURN(groups_, GroupShard::Open(std::move(group_store), catalog_, format_, identity));
    return absl::OkStatus();
  }

  int64_t next_offset() const override { return accounts_->next_offset(); }

  absl::Status Fold(std::span<const Record> records, const Publish& publish) override {
    while (!records.empty()) {
      KEYFOLD_ASSIGN_OR_RETURN(const size_t folded, accounts_->Fold(records));
      records = records.subspan(folded);
      do {
        KEYFOLD_RETURN_IF_ERROR(accounts_->Sweep(kVisitsMax, [] { return false; }).status());
        KEYFOLD_RETURN_IF_ERROR(Conclude(publish));
      } while (accounts_->sweeping());
      if (accounts_->crowded()) KEYFOLD_RETURN_IF_ERROR(accounts_->MakeRoom());
    }
    return absl::OkStatus();
  }

  absl::Status Flush() override { return accounts_->Flush(); }

 private:
  static constexpr int64_t kVisitsMax = 10'000;

  absl::StatusOr<std::unique_ptr<ShardStore>> OpenStore(const std::string& name) {
    if (options_.state_directory.empty()) return std::make_unique<MemoryStore>(MergeStored);
    return OpenRocksStore(environment_, absl::StrCat(options_.state_directory, "/", name), MergeStored);
  }

  // What a batch and a slice have made: published, then kept. Groups come first: folded again, an account's partials
  // are the same, so to have them twice is nothing, and to miss one would be.
  absl::Status Conclude(const Publish& publish) {
    KEYFOLD_ASSIGN_OR_RETURN(std::vector<OutputRecord> outputs, accounts_->PrepareCommit());
    std::vector<Record> partials;
    for (const OutputRecord& output : outputs) {
      if (output.topic != OutputTopic::kPartials) {
        KEYFOLD_RETURN_IF_ERROR(publish(output));
        continue;
      }
      Record& partial = partials.emplace_back();
      partial.offset = groups_->next_offset() + static_cast<int64_t>(partials.size()) - 1;
      partial.timestamp_ms = output.timestamp_ms;
      partial.key = output.key;
      partial.value = output.value;
    }
    if (!partials.empty()) KEYFOLD_RETURN_IF_ERROR(FoldGroups(partials, publish));
    return accounts_->PostCommit();
  }

  absl::Status FoldGroups(std::span<const Record> partials, const Publish& publish) {
    while (!partials.empty()) {
      KEYFOLD_ASSIGN_OR_RETURN(const size_t folded, groups_->Fold(partials));
      partials = partials.subspan(folded);
      KEYFOLD_ASSIGN_OR_RETURN(const std::vector<OutputRecord> outputs, groups_->PrepareCommit());
      for (const OutputRecord& output : outputs) KEYFOLD_RETURN_IF_ERROR(publish(output));
      KEYFOLD_RETURN_IF_ERROR(groups_->PostCommit());
    }
    return groups_->Flush();
  }

  const EngineOptions options_;
  const Catalog catalog_;
  const UpdateFormat format_;
  const std::shared_ptr<MemoryBudget> memory_;
  RocksEnvironment environment_{RocksMemory()};
  std::unique_ptr<AccountShard> accounts_;
  std::unique_ptr<GroupShard> groups_;  // null: the catalogue has none
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  KpiSettings settings;
  settings.time_zone = options.time_zone;
  settings.reporting_currency = options.reporting_currency;
  settings.fiscal_year_start_month = options.fiscal_year_start_month;
  settings.parameters = options.parameters;
  KEYFOLD_ASSIGN_OR_RETURN(Catalog catalog, options.catalog_yaml.empty()
                                                ? Catalog::Parse(kDefaultCatalog, "the default catalogue", settings)
                                                : Catalog::Parse(options.catalog_yaml, "the catalogue", settings));
  auto engine = std::make_unique<EmbeddedEngine>(std::move(catalog), options);
  KEYFOLD_RETURN_IF_ERROR(engine->OpenShards());
  return engine;
}

}  // namespace keyfold
