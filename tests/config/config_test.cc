#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "run/from_config.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

// An environment variable while it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, /*overwrite=*/1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

absl::StatusOr<Config> Load(std::vector<std::string> arguments) {
  CLI::App verb("verb", "verb");
  ConfigFlags flags;
  flags.AddTo(verb);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  verb.parse(std::move(arguments));
  return flags.Load();
}

Config LoadFile(const std::string& yaml, std::vector<std::string> arguments = {}) {
  const TestFile file(yaml);
  arguments.insert(arguments.end(), {"--config", file.path()});
  const absl::StatusOr<Config> config = Load(arguments);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.value_or(Config());
}

// Why a file is refused, without its name.
std::string Complaint(const std::string& yaml) {
  const TestFile file(yaml);
  const absl::Status status = Load({"--config", file.path()}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  const std::string message(status.message());
  EXPECT_THAT(message, StartsWith(file.path() + ":"));
  return message.substr(std::min(file.path().size() + 1, message.size()));
}

std::string ComplaintAbout(const std::vector<std::string>& arguments) {
  const absl::Status status = Load(arguments).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

// --- precedence ------------------------------------------------------------------------------------------------------

TEST(ConfigTest, FlagsWinOverTheEnvironmentOverTheFileOverDefaults) {
  const std::string yaml = "topics:\n  events: from-file\n  kpis: kpis-from-file\n  dead_letters: letters-from-file\n";
  const Variable events("KEYFOLD_TOPICS_EVENTS", "from-environment");
  const Variable kpis("KEYFOLD_TOPICS_KPIS", "from-environment");
  const Config config = LoadFile(yaml, {"--topics.events", "from-flag"});
  EXPECT_EQ(config.events_topic, "from-flag");
  EXPECT_EQ(config.kpis_topic, "from-environment");
  EXPECT_EQ(config.dead_letters_topic, "letters-from-file");
  EXPECT_EQ(config.projection, "live");
}

TEST(ConfigTest, AnEmptyFileLeavesTheDefaults) {
  const Config config = LoadFile("# nothing\n");
  EXPECT_EQ(config.workers, 1);
  EXPECT_EQ(config.publish_format, "protobuf");
  EXPECT_EQ(config.publish_guarantee, "exactly_once");
  EXPECT_EQ(config.kpi.time_zone, "Europe/Berlin");
  EXPECT_EQ(config.kpi.reporting_currency, "EUR");
}

TEST(ConfigTest, EveryKindOfKeyCanStandInTheFile) {
  const Config config = LoadFile(
      "time_zone: UTC\nfiscal_year_start_month: 4\nworkers: 8\nbatch: {kib_max: 16, wait_ms_max: 5}\n"
      "publish: {format: confluent, schema_id: 7, alert_schema_id: 8}\nmemory: {block_cache_mib: 512}\n");
  EXPECT_EQ(config.kpi.time_zone, "UTC");
  EXPECT_EQ(config.kpi.fiscal_year_start_month, 4);
  EXPECT_EQ(config.workers, 8);
  EXPECT_EQ(config.batch_bytes_max, 16 * 1024);
  EXPECT_EQ(config.batch_wait_ms_max, 5);
  EXPECT_EQ(config.publish_format, "confluent");
  EXPECT_EQ(config.publish_schema_id, 7);
  EXPECT_EQ(config.publish_alert_schema_id, 8);
  EXPECT_EQ(config.block_cache_bytes, int64_t{512} << 20);
}

std::vector<std::string> OutputTopics(const Config& config) {
  return {config.kpis_topic,     config.rollup_kpis_topic, config.alerts_topic, config.dead_letters_topic,
          config.partials_topic, config.catalog_topic,     config.members_topic};
}

TEST(ConfigTest, OutputTopicsAreNamedAfterTheProjection) {
  EXPECT_THAT(OutputTopics(LoadFile("# nothing\n")),
              ElementsAre("account-kpis", "rollup-kpis", "account-alerts", "account-events.dead-letters",
                          "keyfold.live.partials", "keyfold.live.catalog", "keyfold.live.members"));
  const Config v2 = LoadFile("projection: v2\n");
  EXPECT_EQ(v2.events_topic, "account-events");
  EXPECT_THAT(OutputTopics(v2),
              ElementsAre("account-kpis.v2", "rollup-kpis.v2", "account-alerts.v2", "account-events.dead-letters.v2",
                          "keyfold.v2.partials", "keyfold.v2.catalog", "keyfold.v2.members"));
  const Config named = LoadFile(
      "projection: v2\ntopics: {kpis: k, rollup_kpis: r, alerts: a, dead_letters: d, partials: p, catalog: c, members: "
      "m}\n");
  EXPECT_THAT(OutputTopics(named), ElementsAre("k", "r", "a", "d", "p", "c", "m"));
}

// Else its topics would be those of every projection.
TEST(ConfigTest, TheFileThatIsDeployedLeavesTheNamesOfOutputTopicsToTheProjection) {
  const Config config = *Load({"--config", KEYFOLD_SOURCE_DIR "/deploy/keyfold.yaml", "--projection", "v2"});
  EXPECT_THAT(OutputTopics(config),
              ElementsAre("account-kpis.v2", "rollup-kpis.v2", "account-alerts.v2", "account-events.dead-letters.v2",
                          "keyfold.v2.partials", "keyfold.v2.catalog", "keyfold.v2.members"));
}

TEST(ConfigTest, AProjectionsNameFitsIntoOtherNames) {
  EXPECT_EQ(Load({"--projection", "a-0"})->projection, "a-0");
  EXPECT_TRUE(Load({"--projection", std::string(40, 'a')}).ok());
  for (const std::string& name : {std::string(41, 'a'), std::string(""), std::string("V2"), std::string("v.2"),
                                  std::string("a/b"), std::string("a b"), std::string("\xc3\xa4")}) {
    EXPECT_THAT(ComplaintAbout({"--projection", name}),
                AllOf(StartsWith("--projection: '" + name + "'"), HasSubstr("1 to 40 of a-z, 0-9 and -")));
  }
}

TEST(ConfigTest, TheTickerAndTheBoundOfTimeCanBeTurnedOff) {
  const Config defaults = LoadFile("# nothing\n");
  EXPECT_TRUE(defaults.clock_ticker);
  EXPECT_EQ(defaults.ahead_days_max, 2);
  const Config off = LoadFile("clock: {ticker: false}\ntime: {ahead_days_max: 0}\n");
  EXPECT_FALSE(off.clock_ticker);
  EXPECT_EQ(off.ahead_days_max, 0);
  EXPECT_TRUE(LoadFile("clock: {ticker: false}\n", {"--clock.ticker", "true"}).clock_ticker);
}

TEST(ConfigTest, TheGatewayHasItsSection) {
  const Config config = LoadFile(
      "gateway: {listen: '[::1]:443', tokens_file: t, cors_origins: 'https://a, https://b', body_kib_max: 2}\n",
      {"--gateway.tls_key", "k"});
  EXPECT_EQ(config.gateway.listen, "[::1]:443");
  EXPECT_EQ(config.gateway.tokens_file, "t");
  EXPECT_EQ(config.gateway.tls_key, "k");
  EXPECT_EQ(config.gateway.cors_origins, "https://a, https://b");
  EXPECT_EQ(config.gateway.body_bytes_max, 2'048);
  EXPECT_EQ(config.gateway.connections_max, 12'000);
}

TEST(ConfigTest, WebhooksStandInTheFile) {
  const Config config = LoadFile(R"(webhooks:
  - {name: sales, url: "https://hooks.example/x", secret: s, alerts: [at_risk], severities: [HIGH, LOW],
     groups: ["manager:M7"], timeout_ms: 500, attempts_max: 2, pause_s_max: 3}
  - {name: b-2, url: "http://localhost:1/", secret_file: /etc/secret, ca_file: /etc/ca.pem})");
  ASSERT_EQ(config.webhooks.size(), 2);
  const WebhookConfig& sales = config.webhooks[0];
  EXPECT_EQ(sales.name, "sales");
  EXPECT_EQ(sales.url, "https://hooks.example/x");
  EXPECT_EQ(sales.secret, "s");
  EXPECT_THAT(sales.alerts, ElementsAre("at_risk"));
  EXPECT_THAT(sales.severities, ElementsAre("HIGH", "LOW"));
  EXPECT_THAT(sales.groups, ElementsAre("manager:M7"));
  EXPECT_EQ(sales.timeout_ms, 500);
  EXPECT_EQ(sales.attempts_max, 2);
  EXPECT_EQ(sales.pause_s_max, 3);
  EXPECT_EQ(config.webhooks[1].secret_file, "/etc/secret");
  EXPECT_EQ(config.webhooks[1].ca_file, "/etc/ca.pem");
  EXPECT_TRUE(LoadFile("webhooks: []").webhooks.empty());
  const Config in = LoadFile("hooks: [{name: a, mapping: m}]\ninputs: [{topic: t}]");
  ASSERT_EQ(in.hooks.size(), 1);
  EXPECT_EQ(in.hooks[0].name, "a");
  ASSERT_EQ(in.inputs.size(), 1);
  EXPECT_EQ(in.inputs[0].topic, "t");
}

TEST(ConfigTest, WrongWebhooksAreNamedWithTheirLine) {
  const std::string good = "name: a, url: \"https://a.example/\", secret: s";
  EXPECT_EQ(Complaint("webhooks: 1"), "1: webhooks: a list is expected");
  EXPECT_EQ(Complaint("webhooks: [1]"), "1: webhooks: a map is expected");
  EXPECT_THAT(Complaint("webhooks:\n- {" + good + ", secrets: t}"),
              AllOf(StartsWith("2: webhooks.secrets: there is no such key"), HasSubstr("secret")));
  EXPECT_THAT(Complaint("webhooks:\n- {name: A, url: u, secret: s}"), StartsWith("2: webhooks: name: 'A' is not"));
  EXPECT_EQ(Complaint("webhooks: [{name: a, secret: s}]"), "1: webhooks: url: it is missing");
  EXPECT_THAT(Complaint("webhooks: [{name: a, url: u}]"), HasSubstr("either secret or secret_file"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", secret_file: f}]"), HasSubstr("either secret or secret_file"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", severities: [SEVERE]}]"), HasSubstr("'SEVERE' is none of"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", severities: HIGH}]"), HasSubstr("a list is expected"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", groups: [M7]}]"), HasSubstr("webhooks: groups: "));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", timeout_ms: 1}]"), HasSubstr("webhooks.timeout_ms: '1' is not"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + ", url: [u]}]"), HasSubstr("a single value is expected"));
  EXPECT_THAT(Complaint("webhooks: [{" + good + "}, {" + good + "}]"), HasSubstr("two of the name a"));
}

TEST(ConfigTest, JsonIsYaml) {
  EXPECT_EQ(LoadFile(R"({"reporting_currency": "USD", "topics": {"events": "e"}})").events_topic, "e");
}

TEST(ConfigTest, KafkaPropertiesAddUp) {
  const std::string yaml = "kafka:\n  bootstrap.servers: file:1\n  security.protocol: SSL\n  linger.ms: 5\n";
  EXPECT_THAT(LoadFile(yaml, {"--kafka", "linger.ms=7", "--kafka", "sasl.password=a=b"}).kafka,
              ElementsAre(Pair("bootstrap.servers", "file:1"), Pair("linger.ms", "7"), Pair("sasl.password", "a=b"),
                          Pair("security.protocol", "SSL")));
  const Variable brokers("KEYFOLD_KAFKA_BOOTSTRAP_SERVERS", "environment:1");
  EXPECT_EQ(LoadFile(yaml).kafka.at("bootstrap.servers"), "environment:1");
  EXPECT_EQ(LoadFile(yaml, {"--kafka", "bootstrap.servers=flag:1"}).kafka.at("bootstrap.servers"), "flag:1");
}

TEST(ConfigTest, ParametersAddUpAndReachTheCatalogue) {
  const Config config =
      LoadFile("parameters: {clv.retention: 0.8, clv.discount: 0.2}\n", {"--parameter", "clv.discount=3e-1"});
  EXPECT_THAT(config.kpi.parameters, ElementsAre(Pair("clv.discount", 0.3), Pair("clv.retention", 0.8)));
  const absl::StatusOr<Catalog> changed = LoadCatalog(config);
  const absl::StatusOr<Catalog> shipped = LoadCatalog(Config());
  ASSERT_TRUE(changed.ok() && shipped.ok());
  EXPECT_NE(changed->hash(), shipped->hash());
}

TEST(ConfigTest, ConnectionsNeedBrokers) {
  Config config;
  EXPECT_THAT(
      std::string(ConnectionOf(config).status().message()),
      AllOf(HasSubstr("kafka.bootstrap.servers"), HasSubstr("--kafka"), HasSubstr("KEYFOLD_KAFKA_BOOTSTRAP_SERVERS")));
  config.kafka = {{"bootstrap.servers", "b:1"}, {"linger.ms", "5"}};
  const auto connection = ConnectionOf(config);
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(connection->bootstrap, "b:1");
  EXPECT_THAT(connection->properties, ElementsAre(Pair("linger.ms", "5")));
}

// --- what is wrong, and where ----------------------------------------------------------------------------------------

TEST(ConfigTest, UnknownKeysAreNamedWithTheirLine) {
  EXPECT_EQ(Complaint("workers: 2\n\nworker: 3\n"), "3: worker: there is no such key, did you mean workers?");
  EXPECT_EQ(Complaint("topics:\n  events: e\n  event: e\n"),
            "3: topics.event: there is no such key, did you mean topics.events?");
  EXPECT_EQ(Complaint("topics: e\n"), "1: topics: a map is expected");
  EXPECT_EQ(Complaint("topic:\n  events: e\n"), "2: topic.events: there is no such key, did you mean topics.events?");
  EXPECT_EQ(Complaint("colour: red\n"), "1: colour: there is no such key");
  EXPECT_EQ(Complaint("workers: {count: 2}\n"), "1: workers: a single value is expected");
}

TEST(ConfigTest, WrongValuesAreNamedWithTheirLine) {
  EXPECT_EQ(Complaint("topics:\n  events: e\nworkers: two\n"), "3: workers: 'two' is not an integer from 1 to 256");
  EXPECT_EQ(Complaint("workers: 1.5\n"), "1: workers: '1.5' is not an integer from 1 to 256");
  EXPECT_EQ(Complaint("publish:\n  format: xml\n"), "2: publish.format: 'xml' is none of protobuf, json, confluent");
  EXPECT_EQ(Complaint("clock:\n  ticker: 1\n"), "2: clock.ticker: '1' is neither true nor false");
  EXPECT_EQ(Complaint("parameters:\n  clv.retention: most\n"),
            "1: parameters: parameter clv.retention: 'most' is not a number");
}

TEST(ConfigTest, WrongTypesAreNamedWithTheirLine) {
  EXPECT_EQ(Complaint("time_zone: UTC\nworkers: [2]\n"), "2: workers: a single value is expected");
  EXPECT_EQ(Complaint("topics:\n  events:\n"), "2: topics.events: a single value is expected");
  EXPECT_EQ(Complaint("kafka: b:1\n"), "1: kafka: a map is expected");
  EXPECT_EQ(Complaint("\nparameters: 3\n"), "2: parameters: a map is expected");
  EXPECT_THAT(Complaint("- workers\n"), HasSubstr("a map of keys is expected"));
  EXPECT_THAT(Complaint("kafka:\n  linger.ms: [5]\n"), StartsWith("2: "));
}

TEST(ConfigTest, SyntaxErrorsAreNamedWithTheirLine) {
  EXPECT_THAT(Complaint("workers: 2\nkafka: {\n"), StartsWith("3: "));
}

TEST(ConfigTest, VariablesAndFlagsAreNamed) {
  EXPECT_EQ(ComplaintAbout({"--workers", "0"}), "--workers: '0' is not an integer from 1 to 256");
  EXPECT_EQ(ComplaintAbout({"--kafka", "linger.ms"}), "--kafka: 'linger.ms' is not KEY=VALUE");
  EXPECT_EQ(ComplaintAbout({"--kafka", "=5"}), "--kafka: '=5' is not KEY=VALUE");
  EXPECT_EQ(ComplaintAbout({"--parameter", "a=b"}), "--parameter: parameter a: 'b' is not a number");
  EXPECT_EQ(ComplaintAbout({"--publish.format", "jsno"}),
            "--publish.format: 'jsno' is none of protobuf, json, confluent, did you mean json?");
  const Variable guarantee("KEYFOLD_PUBLISH_GUARANTEE", "perhaps");
  EXPECT_EQ(ComplaintAbout({}), "KEYFOLD_PUBLISH_GUARANTEE: 'perhaps' is none of exactly_once, at_least_once");
}

TEST(ConfigTest, AFileThatIsNotThereIsNamed) {
  const absl::Status status = Load({"--config", "/nowhere/keyfold.yaml"}).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), EndsWith("/nowhere/keyfold.yaml: No such file or directory"));
  Config config;
  config.catalog_file = "/nowhere/catalog.yaml";
  EXPECT_TRUE(absl::IsNotFound(LoadCatalog(config).status()));
}

TEST(ConfigTest, WrongSettingsOfTheCatalogueAreRefused) {
  for (const auto& [key, value] : {std::pair("time_zone", "Europe/Nowhere"), std::pair("reporting_currency", "XXY"),
                                   std::pair("parameters", "{clv.nothing: 1}")}) {
    const Config config = LoadFile(absl::StrCat(key, ": ", value, "\n"));
    EXPECT_TRUE(absl::IsInvalidArgument(LoadCatalog(config).status())) << key;
  }
}

// --- bounds ----------------------------------------------------------------------------------------------------------

struct Bound {
  const char* key;
  int64_t min;
  int64_t max;
};

class ConfigBoundTest : public ::testing::TestWithParam<Bound> {};

TEST_P(ConfigBoundTest, AreTheFirstAndLastValuesTaken) {
  const auto& [key, min, max] = GetParam();
  const std::string flag = absl::StrCat("--", key, "=");
  EXPECT_TRUE(Load({absl::StrCat(flag, min)}).ok());
  EXPECT_TRUE(Load({absl::StrCat(flag, max)}).ok());
  for (const int64_t beyond : {min - 1, max + 1}) {
    EXPECT_EQ(ComplaintAbout({absl::StrCat(flag, beyond)}),
              absl::StrCat("--", key, ": '", beyond, "' is not an integer from ", min, " to ", max));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Keys, ConfigBoundTest,
    ::testing::Values(Bound{"workers", 1, 256}, Bound{"fiscal_year_start_month", 1, 12},
                      Bound{"publish.schema_id", 0, 2'147'483'647}, Bound{"batch.records_max", 1, 1'000'000},
                      Bound{"batch.kib_max", 16, 1'048'576}, Bound{"batch.wait_ms_max", 1, 10'000},
                      Bound{"sweep.time_ms_max", 1, 10'000}, Bound{"time.ahead_days_max", 0, 100'000},
                      Bound{"memory.block_cache_mib", 8, 1'048'576}, Bound{"memory.accounts_mib", 1, 1'048'576},
                      Bound{"memory.write_buffer_mib", 4, 1'048'576}, Bound{"memory.fetch_queue_mib", 1, 1'048'576},
                      Bound{"gateway.threads", 1, 64}, Bound{"gateway.header_kib_max", 1, 1'024},
                      Bound{"gateway.comment_ms", 10, 3'600'000}, Bound{"gateway.posts_kib_max", 1, 1'048'576},
                      Bound{"gateway.produce_ms_max", 100, 3'600'000}, Bound{"gateway.session_days", 0, 400},
                      Bound{"alerts.age_hours_max", 0, 1'000'000}));

TEST(ConfigFlagsTest, AVerbListsTheKeysThatItUsesAndTakesAll) {
  CLI::App verb("verb", "verb");
  ConfigFlags flags;
  flags.AddTo(verb, {"topics.", "kafka"});
  const std::string help = verb.help();
  for (const char* used : {"--config", "--topics.events", "--topics.catalog", "--kafka"}) {
    EXPECT_THAT(help, HasSubstr(used));
  }
  for (const char* other : {"--time_zone", "--publish.format", "--parameter"}) {
    EXPECT_THAT(help, Not(HasSubstr(other)));
  }
  verb.parse(std::vector<std::string>{"json", "--publish.format"});
  EXPECT_EQ(flags.Load()->publish_format, "json");
}

}  // namespace
}  // namespace keyfold
