// keyfold feed: topics of other programs, by mappings, into the event topic.
#include "feed/feed.h"

#include <atomic>
#include <memory>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "run/stop_signal.h"

namespace keyfold {
namespace {

constexpr const char* kFeedFooter =
    "The key `inputs` of the configuration file lists topics, each with its mapping (docs/mappings.md, \"From "
    "topics\"):\n"
    "  inputs: [{topic: crm.deals, mapping: deals.yaml}, {topic: erp.events}]\n"
    "Records, events and offsets go in one transaction: killed and started again it loses and doubles nothing. "
    "Several\n"
    "processes share the partitions; each has a name of its own (`instance`).";

struct FeedVerb {
  ConfigFlags config;
  FeedOptions options;
};

absl::StatusOr<int> FeedUntilStopped(const FeedVerb& verb) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, verb.config.Load());
  KEYFOLD_RETURN_IF_ERROR(Feed(config, verb.options, StopOnSignals()));
  return kExitOk;
}

}  // namespace

void AddFeed(CLI::App& app, int& exit_status) {
  auto given = std::make_shared<FeedVerb>();
  CLI::App* verb =
      app.add_subcommand("feed", "Read topics of other programs through mappings into the event topic, until stopped");
  verb->footer(kFeedFooter);
  verb->add_flag("--until-end", given->options.until_end,
                 "Stop when everything that is in the inputs has been committed");
  given->config.AddTo(*verb, {"instance", "projection", "kafka", "topics.events", "topics.dead_letters", "batch",
                              "memory.fetch_queue_mib", "metrics", "watchdog", "reporting_currency"});
  verb->callback([given, &exit_status] { exit_status = ExitStatus(FeedUntilStopped(*given)); });
}

}  // namespace keyfold
