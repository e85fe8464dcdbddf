// keyfold query: an account's KPIs from its shard, now or at any date.
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/config.h"
#include "cli/json_lines.h"
#include "cli/kafka_config.h"
#include "cli/verbs.h"
#include "engine/shard_query.h"
#include "engine/store_keys.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

struct QueryOptions {
  ConfigFlags config;
  std::vector<std::string> account_ids;
  std::string as_of;
  bool measures = false;
};

// The shards of the projection that are on this machine.
absl::StatusOr<std::vector<std::unique_ptr<ShardStore>>> OpenShards(const Config& config,
                                                                    RocksEnvironment& environment) {
  const std::filesystem::path directory = std::filesystem::path(config.state_directory) / config.projection;
  std::vector<std::unique_ptr<ShardStore>> shards;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (!entry.is_directory()) continue;
    KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store,
                             OpenRocksStoreForReading(environment, entry.path().string(), MergeLedgerBlocks));
    shards.push_back(std::move(store));
  }
  if (shards.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no shards in ", directory.string(), ": check --state_directory and --projection"));
  }
  return shards;
}

absl::StatusOr<int> Query(const QueryOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, options.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> day, ParseDateFlag("--as-of", options.as_of));
  RocksEnvironment environment({.block_cache_bytes = static_cast<size_t>(config.block_cache_bytes),
                                .write_buffer_bytes = static_cast<size_t>(config.write_buffer_bytes)});
  KEYFOLD_ASSIGN_OR_RETURN(const auto shards, OpenShards(config, environment));
  int exit_status = kExitOk;
  for (const std::string& account_id : options.account_ids) {
    std::optional<AccountAtDay> found;
    for (const std::unique_ptr<ShardStore>& shard : shards) {
      if (found.has_value()) break;
      KEYFOLD_ASSIGN_OR_RETURN(found, QueryAccount(*shard, catalog, account_id, day));
    }
    if (found.has_value()) {
      WriteAccount(std::cout, found->values, found->day, options.measures);
    } else {
      std::cerr << "keyfold: account '" << account_id << "' is in none of the " << shards.size() << " shards\n";
      exit_status = kExitFailed;
    }
  }
  return exit_status;
}

}  // namespace

void AddQuery(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* verb = app.add_subcommand("query", "Print an account's KPIs from the shards on this machine");
  verb->add_option("ACCOUNT", options->account_ids, "Account ids")->required();
  verb->add_option("--as-of", options->as_of, "Evaluation date (default: the day that the shard has reached)");
  verb->add_flag("--measures", options->measures, "Also print each measure's sum in its own currency");
  options->config.AddTo(*verb);
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Query(*options)); });
}

}  // namespace keyfold
