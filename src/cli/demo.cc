// keyfold demo: a generated history goes in, its KPI updates come out, on topics and in a directory of its own.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "cli/produce.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "kafka/event_log.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "run/from_config.h"
#include "run/projection.h"
#include "run/stop_signal.h"
#include "run/topics.h"
#include "sample/history.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

struct DemoOptions {
  ConfigFlags config;
  int64_t accounts = 50;
  int64_t events = 20'000;
  int64_t rate = 2'000;
};

constexpr int32_t kPartitions = 4;

// Prints what changes, at a pace that a person can follow, and counts the rest.
class Screen {
 public:
  explicit Screen(std::ostream& out) : out_(out) {}

  void Show(const Record& record) {
    ++updates_;
    v1::KpiUpdate update;
    if (!record.value.has_value() || absl::Now() < next_line_) return;
    if (!update.ParseFromArray(record.value->data(), static_cast<int>(record.value->size()))) return;
    next_line_ = absl::Now() + kPause;
    std::string line = absl::StrCat(update.as_of(), "  ", update.account_id());
    int shown = 0;
    for (const v1::KpiChange& change : update.changed()) {
      const auto value = update.kpis().find(change.id());
      if (shown == kChangesShown || value == update.kpis().end()) continue;
      ++shown;
      absl::StrAppendFormat(&line, "  %s %s -> %.10g", change.id(),
                            change.has_from() ? absl::StrFormat("%.10g", change.from()) : "-", value->second);
    }
    if (update.changed_size() > shown) absl::StrAppend(&line, "  and ", update.changed_size() - shown, " more");
    out_ << line << '\n' << std::flush;
  }

  int64_t updates() const { return updates_; }

 private:
  static constexpr absl::Duration kPause = absl::Milliseconds(150);
  static constexpr int kChangesShown = 3;

  std::ostream& out_;
  absl::Time next_line_ = absl::InfinitePast();
  int64_t updates_ = 0;
};

// Topics, group and directory that no other run uses.
Config DemoConfig(Config config, const std::string& name) {
  config.projection = name;
  config.events_topic = name + "-events";
  config.kpis_topic.clear();
  config.rollup_kpis_topic.clear();
  config.alerts_topic.clear();
  config.partials_topic.clear();
  config.catalog_topic.clear();
  config.dead_letters_topic.clear();
  NameTopics(config);
  config.clock_ticker = false;  // the sample brings what moves time
  config.ahead_days_max = 0;    // and may end on any day
  config.publish_format = "protobuf";
  config.state_directory = (std::filesystem::temp_directory_path() / name).string();
  return config;
}

absl::Status Create(const Config& config) {
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  TopicSpecification events = SpecificationOf(TopicRole::kEvents, config.events_topic, kPartitions, -1);
  events.config[kTimestampType] = kStampedByProducers;  // the history is to take place in its own time
  return CreateTopics(connection, {events, SpecificationOf(TopicRole::kKpis, config.kpis_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kRollupKpis, config.rollup_kpis_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kAlerts, config.alerts_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kPartials, config.partials_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kCatalog, config.catalog_topic, 1, -1),
                                   SpecificationOf(TopicRole::kDeadLetters, config.dead_letters_topic, 1, -1)});
}

absl::Status Play(const Config& config, const DemoOptions& options, const std::atomic<bool>& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  SampleOptions sample;
  sample.accounts = options.accounts;
  sample.events = options.events;
  sample.to = SampleEndByDefault();  // so that windows up to today hold something
  sample.from = sample.to - kSampleDays;
  sample.reporting_currency = config.kpi.reporting_currency;
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<SampleHistory> history, SampleHistory::Create(sample));
  const absl::Time began = absl::Now();
  v1::AccountEvent event;
  for (int64_t sent = 0; !stop && history->Next(event) == SampleStep::kEvent; ++sent) {
    absl::SleepFor(began + absl::Seconds(1) * (static_cast<double>(sent) / options.rate) - absl::Now());
    const std::string value = event.SerializeAsString();
    ProducerRecord record;
    record.value = value;
    const bool control = event.account_id().empty();
    if (!control) record.key = event.account_id();
    for (int32_t partition = 0; partition < (control ? kPartitions : 1); ++partition) {
      if (control) record.partition = partition;
      KEYFOLD_RETURN_IF_ERROR(producer->Produce(config.events_topic, record));
    }
  }
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(absl::Seconds(30)));
  return producer->failures().first;
}

// Reads the updates as any client would.
absl::Status Watch(const Config& config, Screen& screen, const std::atomic<bool>& stop) {
  KafkaEventLogOptions options;
  KEYFOLD_ASSIGN_OR_RETURN(options.connection, ConnectionOf(config));
  options.topic = config.kpis_topic;
  options.group_id = config.projection + "-watch";
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaEventLog> log, KafkaEventLog::Create(options));
  while (!stop) {
    KEYFOLD_ASSIGN_OR_RETURN(const PollResult polled, log->Poll({}));
    for (int32_t partition : polled.assigned) KEYFOLD_RETURN_IF_ERROR(log->Fetch(partition, 0));
    for (const Record& record : polled.records) screen.Show(record);
  }
  return absl::OkStatus();
}

// Where the whole portfolio stands, as a dashboard would show it.
absl::Status PrintPortfolio(const Config& config) {
  constexpr const char* kShown[] = {"revenue_t12m", "revenue_growth",           "contribution_margin_ratio",
                                    "nps",          "time_to_resolution_hours", "win_rate",
                                    "health_score"};
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  v1::KpiUpdate latest;
  KEYFOLD_RETURN_IF_ERROR(ReadTopic(connection, config.rollup_kpis_topic, [&latest](const Record& record) {
    if (record.key != "portfolio:all" || !record.value.has_value()) return;
    latest.ParseFromArray(record.value->data(), static_cast<int>(record.value->size()));
  }));
  std::cout << "all " << latest.accounts() << " accounts as of " << latest.as_of() << ':';
  for (const char* const id : kShown) {
    const auto value = latest.kpis().find(id);
    if (value != latest.kpis().end()) std::cout << absl::StrFormat("  %s %.10g", id, value->second);
  }
  std::cout << '\n';
  return absl::OkStatus();
}

absl::StatusOr<int> Demo(const DemoOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config base, options.config.Load());
  const Config config =
      DemoConfig(base, absl::StrCat("keyfold-demo-", absl::ToUnixSeconds(absl::Now()), "-", getpid()));
  std::atomic<bool>& interrupted = StopOnSignals();
  KEYFOLD_RETURN_IF_ERROR(Create(config));
  std::cout << options.events << " events of " << options.accounts << " accounts go to " << config.events_topic
            << "; updates from " << config.kpis_topic << ":\n";
  spdlog::set_level(spdlog::level::warn);

  Screen screen(std::cout);
  std::atomic<bool> watched_enough = false;
  absl::Status watched;
  std::thread watcher([&] { watched = Watch(config, screen, watched_enough); });
  absl::Status ran;
  std::atomic<bool> folded_enough = false;
  std::thread folder([&] { ran = RunProjection(config, {}, folded_enough); });
  const absl::Status played = Play(config, options, interrupted);
  folded_enough = true;
  folder.join();
  if (ran.ok() && played.ok() && !interrupted) ran = RunProjection(config, {.until_end = true}, interrupted);
  absl::SleepFor(absl::Seconds(1));  // the last updates are on their way to the watcher
  watched_enough = true;
  watcher.join();
  std::error_code ignored;
  std::filesystem::remove_all(config.state_directory, ignored);
  for (const absl::Status& status : {played, ran, watched}) KEYFOLD_RETURN_IF_ERROR(status);
  if (!interrupted) KEYFOLD_RETURN_IF_ERROR(PrintPortfolio(config));
  std::cout << "done: " << screen.updates() << " updates were published, exactly once; the topics are still there\n";
  return kExitOk;
}

}  // namespace

void AddDemo(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* verb = app.add_subcommand(
      "demo",
      "Play a generated history through topics of its own and show KPI updates arriving (tools/demo brings "
      "a broker along)");
  verb->add_option("--accounts", options->accounts, "How many accounts")->check(CLI::Range(1, 1'000'000));
  verb->add_option("--events", options->events, "How many events")->check(CLI::Range(1, 100'000'000));
  verb->add_option("--rate", options->rate, "Events sent per second")->check(CLI::Range(1, 1'000'000));
  options->config.AddTo(*verb);
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Demo(*options)); });
}

}  // namespace keyfold
