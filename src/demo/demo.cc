#include "demo/demo.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "company/company.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "rights/tokens.h"
#include "run/from_config.h"
#include "run/projection.h"
#include "run/topics.h"
#include "sample/history.h"
#include "serve/serve.h"

namespace keyfold {
namespace {

constexpr int32_t kPartitions = 4;
constexpr char kManagerShown[] = "manager:M. Keller";

// Topics, group and directory that no other run uses.
Config DemoConfig(Config config, const std::string& name) {
  config.projection = name;
  config.events_topic = name + "-events";
  config.kpis_topic.clear();
  config.rollup_kpis_topic.clear();
  config.alerts_topic.clear();
  config.partials_topic.clear();
  config.catalog_topic.clear();
  config.members_topic.clear();
  config.dead_letters_topic.clear();
  NameTopics(config);
  config.gateway.public_url.clear();  // all of it is here
  config.publish_format = "protobuf";
  config.state_directory = (std::filesystem::temp_directory_path() / name).string();
  return config;
}

// Removes a directory at the end.
class Directory {
 public:
  explicit Directory(std::string path) : path_(std::move(path)) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  const std::string path_;
};

absl::Status Create(const KafkaConnection& connection, const Config& config) {
  TopicSpecification events = SpecificationOf(TopicRole::kEvents, config.events_topic, kPartitions, -1);
  events.config[kTimestampType] = kStampedByProducers;  // the history is to take place in its own time
  return CreateTopics(connection, {events, SpecificationOf(TopicRole::kKpis, config.kpis_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kRollupKpis, config.rollup_kpis_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kAlerts, config.alerts_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kPartials, config.partials_topic, kPartitions, -1),
                                   SpecificationOf(TopicRole::kCatalog, config.catalog_topic, 1, -1),
                                   SpecificationOf(TopicRole::kMembers, config.members_topic, 1, -1),
                                   SpecificationOf(TopicRole::kDeadLetters, config.dead_letters_topic, 1, -1)});
}

int64_t MillisecondsOf(const v1::AccountEvent& event) {
  return event.occurred_at().seconds() * 1000 + event.occurred_at().nanos() / 1'000'000;
}

// Control events go to every partition.
absl::Status Send(KafkaProducer& producer, const std::string& topic, const v1::AccountEvent& event,
                  int64_t timestamp_ms) {
  const std::string value = event.SerializeAsString();
  ProducerRecord record;
  record.value = value;
  record.timestamp_ms = timestamp_ms;
  if (!event.account_id().empty()) {
    record.key = event.account_id();
    return producer.Produce(topic, record);
  }
  for (int32_t partition = 0; partition < kPartitions; ++partition) {
    record.partition = partition;
    KEYFOLD_RETURN_IF_ERROR(producer.Produce(topic, record));
  }
  return absl::OkStatus();
}

absl::Status Deliver(KafkaProducer& producer) {
  KEYFOLD_RETURN_IF_ERROR(producer.Flush(absl::Seconds(30)));
  return producer.failures().first;
}

// What is older than a quarter comes as of one day, as if brought in from another system then: every account would be
// evaluated on each of its nine hundred days. The rest takes place in its own time, so that an alert is as old as it
// is.
absl::Status PlayHistory(Company& company, KafkaProducer& producer, const Config& config, const DemoOptions& options,
                         const std::atomic<bool>& stop) {
  constexpr absl::Duration kInItsOwnTime = absl::Hours(24 * 92);
  const absl::Time now = absl::Now();
  const int64_t brought_in_ms = absl::ToUnixMillis(now - kInItsOwnTime);
  v1::AccountEvent event;
  int64_t sent = 0;
  for (; !stop && company.NextBefore(absl::ToUnixMillis(now), event); ++sent) {
    const int64_t timestamp_ms = std::max(MillisecondsOf(event), brought_in_ms);
    KEYFOLD_RETURN_IF_ERROR(Send(producer, config.events_topic, event, timestamp_ms));
  }
  KEYFOLD_RETURN_IF_ERROR(Deliver(producer));
  options.played(sent);
  return absl::OkStatus();
}

absl::StatusOr<std::string> AddToken(const std::string& file, TokenRecord record) {
  record.created = absl::Now();
  std::string token = MakeToken(record);
  KEYFOLD_RETURN_IF_ERROR(EditTokens(file, [&record](std::vector<TokenRecord>& records) {
    records.push_back(record);
    return absl::OkStatus();
  }));
  return token;
}

// Somebody who may do everything, and somebody who sees his own accounts only.
absl::Status MakeTokens(Config& config, DemoPlace& place) {
  config.gateway.tokens_file = (std::filesystem::path(config.state_directory) / "tokens.json").string();
  KEYFOLD_ASSIGN_OR_RETURN(place.admin_token,
                           AddToken(config.gateway.tokens_file, {.name = "Administrator", .roles = {Role::kAdmin}}));
  place.manager_group = kManagerShown;
  KEYFOLD_ASSIGN_OR_RETURN(
      place.manager_token,
      AddToken(config.gateway.tokens_file,
               {.name = "Key account manager", .roles = {Role::kReader}, .groups = {place.manager_group}}));
  return absl::OkStatus();
}

// At so many events per second, from when it can be looked at.
absl::Status LiveOn(Company& company, KafkaProducer& producer, const Config& config, const DemoOptions& options,
                    const std::atomic<bool>& ready, const std::atomic<bool>& stop) {
  constexpr absl::Duration kLook = absl::Milliseconds(20);
  while (!ready && !stop) absl::SleepFor(kLook);
  const absl::Time began = absl::Now();
  const absl::Time end = options.seconds > 0 ? began + absl::Seconds(options.seconds) : absl::InfiniteFuture();
  v1::AccountEvent event;
  for (int64_t sent = 0; !stop && absl::Now() < end; absl::SleepFor(kLook)) {
    const auto due =
        static_cast<int64_t>(absl::ToDoubleSeconds(absl::Now() - began) * static_cast<double>(options.rate));
    if (sent >= due) continue;
    for (; sent < due; ++sent) {
      company.NextNow(absl::ToUnixMillis(absl::Now()), event);
      KEYFOLD_RETURN_IF_ERROR(Send(producer, config.events_topic, event, MillisecondsOf(event)));
      options.lived(company.NameOf(event.account_id()), event);
    }
    KEYFOLD_RETURN_IF_ERROR(Deliver(producer));
  }
  return absl::OkStatus();
}

std::string HostOf(const std::string& listen) { return listen.substr(0, listen.rfind(':')); }

}  // namespace

absl::Status RunDemo(const Config& base, const DemoOptions& options, std::atomic<bool>& stop) {
  Config config = DemoConfig(base, absl::StrCat("keyfold-demo-", absl::ToUnixSeconds(absl::Now()), "-", getpid()));
  const Directory directory(config.state_directory);
  CompanyOptions what;
  what.accounts = options.accounts;
  what.seed = options.seed;
  what.to = SampleEndByDefault();
  what.from = CompanyBegin(what.to);
  what.reporting_currency = config.kpi.reporting_currency;
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<Company> company, Company::Create(what));
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  KEYFOLD_RETURN_IF_ERROR(Create(connection, config));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  KEYFOLD_RETURN_IF_ERROR(PlayHistory(*company, *producer, config, options, stop));
  // Who looks at it before it has been folded would see a company grow up in seconds.
  KEYFOLD_RETURN_IF_ERROR(RunProjection(config, {.until_end = true}, stop));
  DemoPlace place;
  if (options.tokens) KEYFOLD_RETURN_IF_ERROR(MakeTokens(config, place));
  std::atomic<bool> ready = false;
  absl::Status ran;
  std::thread runner([&] {
    ran = RunAndServe(config, {}, stop, [&](uint16_t port) {
      place.address = absl::StrCat("http://", HostOf(config.gateway.listen), ":", port, "/");
      options.ready(place);
      ready = true;
    });
  });
  const absl::Status lived = LiveOn(*company, *producer, config, options, ready, stop);
  stop = true;
  runner.join();
  return ran.ok() ? lived : ran;
}

}  // namespace keyfold
